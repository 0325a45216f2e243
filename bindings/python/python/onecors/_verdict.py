"""What a decision says."""

from dataclasses import dataclass

from onecors._code import Code
from onecors._plan import Plan


class Outcome(Code):
    """What kind of answer a request gets."""

    UNGOVERNED = "ungoverned"
    """No rule governs the path: leave the response alone."""
    NOT_CORS = "not_cors"
    """The request has no ``Origin``, so it is not a CORS request."""
    ACTUAL_ALLOWED = "actual_allowed"
    """An actual request from an allowed origin."""
    ACTUAL_DENIED = "actual_denied"
    """An actual request whose answer the page will not get to read."""
    PREFLIGHT_ALLOWED = "preflight_allowed"
    """A CORS-preflight request to be answered with the plan's status."""
    PREFLIGHT_DENIED = "preflight_denied"
    """A CORS-preflight request to be refused with the plan's status."""


class Reason(Code):
    """Why a request was refused."""

    MALFORMED_ORIGIN = "malformed_origin"
    """``Origin`` is nothing that a browser sends."""
    ORIGIN_NOT_ALLOWED = "origin_not_allowed"
    """No origin pattern of the rule covers the origin."""
    MALFORMED_REQUEST_METHOD = "malformed_request_method"
    """``Access-Control-Request-Method`` is not one token."""
    METHOD_NOT_ALLOWED = "method_not_allowed"
    """The method is neither safelisted nor listed, or browsers forbid it."""
    TOO_MANY_HEADERS = "too_many_headers"
    """``Access-Control-Request-Headers`` has more than 8,192 bytes or 64 names."""
    MALFORMED_REQUEST_HEADERS = "malformed_request_headers"
    """``Access-Control-Request-Headers`` is not a list of tokens."""
    HEADER_NOT_ALLOWED = "header_not_allowed"
    """A requested header name is not listed."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a decision says: an outcome, a reason when it is a refusal, and a plan."""

    outcome: Outcome
    """What kind of answer the request gets."""
    reason: Reason | None
    """Why the request was refused; None for every other outcome."""
    plan: Plan
    """What to do to the response."""


def verdict(outcome: str, reason: str | None, plan: Plan) -> Verdict:
    """Make a verdict of the engine's codes. The native half calls this once for each verdict."""
    return Verdict(Outcome(outcome), None if reason is None else Reason(reason), plan)
