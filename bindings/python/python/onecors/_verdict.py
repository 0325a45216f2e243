"""Verdicts: the results of decisions."""

from dataclasses import dataclass

from onecors._code import Code
from onecors._plan import Plan


class Outcome(Code):
    """The kind of response that a request gets."""

    UNGOVERNED = "ungoverned"
    """No rule governs the path: leave the response unchanged."""
    NOT_CORS = "not_cors"
    """The request has no ``Origin``, so it is not a CORS request."""
    ACTUAL_ALLOWED = "actual_allowed"
    """An actual request from an allowed origin."""
    ACTUAL_DENIED = "actual_denied"
    """An actual request whose response the page may not read."""
    PREFLIGHT_ALLOWED = "preflight_allowed"
    """A CORS-preflight request: respond with the plan's status, without a body."""
    PREFLIGHT_DENIED = "preflight_denied"
    """A CORS-preflight request to refuse: respond with the plan's status, without a body."""


class Reason(Code):
    """Why a request was refused."""

    MALFORMED_ORIGIN = "malformed_origin"
    """``Origin`` is not a serialised origin."""
    ORIGIN_NOT_ALLOWED = "origin_not_allowed"
    """No origin pattern of the rule covers the origin."""
    MALFORMED_REQUEST_METHOD = "malformed_request_method"
    """``Access-Control-Request-Method`` is not a single token."""
    METHOD_NOT_ALLOWED = "method_not_allowed"
    """The method is neither CORS-safelisted nor listed, or is a forbidden method."""
    TOO_MANY_HEADERS = "too_many_headers"
    """``Access-Control-Request-Headers`` has more than 8,192 bytes or 64 names."""
    MALFORMED_REQUEST_HEADERS = "malformed_request_headers"
    """``Access-Control-Request-Headers`` is not a list of tokens."""
    HEADER_NOT_ALLOWED = "header_not_allowed"
    """A requested header name is not listed."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result of a decision: an outcome, a reason if it is a refusal, and a plan."""

    outcome: Outcome
    """The kind of response that the request gets."""
    reason: Reason | None
    """Why the request was refused; None if it was not."""
    plan: Plan
    """The status and the header lines of the response."""


def verdict(outcome: str, reason: str | None, plan: Plan) -> Verdict:
    """Make a verdict from the engine's codes. The native library calls this once per verdict."""
    return Verdict(Outcome(outcome), None if reason is None else Reason(reason), plan)
