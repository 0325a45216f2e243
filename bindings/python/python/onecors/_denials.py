"""Tells the log about denials: each once, and a bounded number."""

import logging
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, Final, final

from onecors._explanation import Explanation, NearestMiss
from onecors._native import printable
from onecors._policy import Policy
from onecors._request import Request
from onecors._verdict import Reason, Verdict

logger = logging.getLogger("onecors")

MAX_KEYS: Final = 1000
MAX_ORIGIN: Final = 512
"""How much of an origin tells it apart from others: a client chooses its length."""


@final
class DenialLog:
    """What has been logged of one policy's denials.

    A denial is logged once for each verdict and origin. Any number of threads may use it at once.
    """

    __slots__ = ("_policy", "keys")

    max_keys: Final = MAX_KEYS

    def __init__(self, policy: Policy) -> None:
        """Begin anew, for a policy that has just come into force."""
        self._policy = policy
        # Adapters look for a denial here first.
        self.keys: set[tuple[int, str | bytes | None]] = set()

    def note(self, verdict: Verdict, parts: Iterable[Any]) -> None:
        """Log a denial, unless it is known.

        A request to the server's own origin is denied nothing: its page reads the answer anyway.
        """
        request = Request(*parts)
        # A policy gives the same object for the same verdict.
        key = (id(verdict), request.origin and request.origin[:MAX_ORIGIN])
        if key in self.keys or len(self.keys) >= MAX_KEYS:
            return
        if verdict.reason is Reason.ORIGIN_NOT_ALLOWED and self._policy.check_origin(
            request.path, request.origin, request.host
        ):
            return
        self.keys.add(key)
        # The log of the host may fail, the request must not.
        with suppress(Exception):
            self._log(request)

    def _log(self, request: Request) -> None:
        story = self._policy.explain(
            request.method,
            request.path,
            request.origin,
            request.access_control_request_method,
            request.access_control_request_headers,
        )
        logger.warning("onecors: %s", story["summary"], extra=_fields(story))
        if len(self.keys) >= MAX_KEYS:
            logger.warning(
                "onecors: %d distinct denials have been logged; no more are until the policy is "
                "replaced",
                MAX_KEYS,
            )


def _fields(story: Explanation) -> dict[str, str | None]:
    """Pick what structured logs want, as attributes of the log record."""
    rule = story["rule"]
    origins = [check["received"] for check in story["checks"] if check["check"] == "origin"]
    return {
        "reason": story["reason"],
        "rule": rule and (rule["name"] or rule["pointer"]),
        "origin": origins[0] if origins else None,
        "nearest_miss": _near(story["nearest_miss"]),
    }


def _near(miss: NearestMiss | None) -> str | None:
    return miss and f"{printable(miss['pattern'])} ({miss['difference']})"
