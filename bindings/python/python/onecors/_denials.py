"""Logs denials: each once, and a bounded number."""

import logging
from collections.abc import Iterable
from contextlib import suppress
from threading import Lock
from typing import Any, Final, final

from onecors._explanation import Explanation, NearestMiss
from onecors._native import printable
from onecors._policy import Policy
from onecors._request import Request
from onecors._verdict import Reason, Verdict

logger = logging.getLogger("onecors")

MAX_KEYS: Final = 1000
"""How many unknown origins are logged, and how many others are remembered."""

MAX_ORIGIN: Final = 512
"""How much of an origin is compared: a client chooses its length."""


@final
class DenialLog:
    """Logs the denials of one policy, each once. Thread-safe.

    If a pattern covers the origin, or almost covers it, the denial is logged once per verdict,
    pattern and difference. The document bounds their number, so no client can use them up. Any
    other origin is unknown, and is logged once per verdict and origin, up to 1,000 in total.
    """

    __slots__ = ("_lock", "_near", "_policy", "_unknown", "keys")

    def __init__(self, policy: Policy) -> None:
        """Start empty, for a new policy."""
        self._policy = policy
        self._lock = Lock()
        self._unknown = 0
        self._near: set[tuple[int, int]] = set()
        # The denials that were handled before. Adapters check here first.
        self.keys: set[tuple[int, str | bytes | None]] = set()

    def note(self, verdict: Verdict, parts: Iterable[Any]) -> None:
        """Log a denial, unless it was logged before.

        A request from the server's own origin is not logged: its page may read the response anyway.
        """
        request = Request(*parts)
        # A policy returns the same object for the same verdict.
        key = (id(verdict), request.origin and request.origin[:MAX_ORIGIN])
        if key in self.keys:
            return
        # If the host's logger or the engine fails, the request must not.
        with suppress(Exception):
            near = self._policy.nearest_pattern(request.path, request.origin)
            if near == 0 and self._unknown == MAX_KEYS:
                return
            if verdict.reason is Reason.ORIGIN_NOT_ALLOWED and self._policy.check_origin(
                request.path, request.origin, request.host
            ):
                return
            with self._lock:
                is_new = self._remember(key, near)
                is_last = is_new and near == 0 and self._unknown == MAX_KEYS
            if is_new:
                self._log(request)
            if is_last:
                logger.warning(
                    "onecors: %d denials of unknown origins were logged, and no more are until the "
                    "policy is replaced; near misses are",
                    MAX_KEYS,
                )

    def _remember(self, key: tuple[int, str | bytes | None], near: int) -> bool:
        """Remember a denial, and return whether to log it. ``near`` is 0 for unknown origins."""
        if key in self.keys:
            return False
        if near == 0:
            if self._unknown == MAX_KEYS:
                return False
            self._unknown += 1
            self.keys.add(key)
            return True
        if len(self.keys) < 2 * MAX_KEYS:
            self.keys.add(key)
        count = len(self._near)
        self._near.add((key[0], near))
        return len(self._near) > count

    def _log(self, request: Request) -> None:
        explanation = self._policy.explain(
            request.method,
            request.path,
            request.origin,
            request.access_control_request_method,
            request.access_control_request_headers,
        )
        text = explanation["summary"]
        if explanation["reason"] is None:
            text = _ambiguous_handshake(request, explanation)
        logger.warning("onecors: %s", text, extra=_fields(explanation))


def _ambiguous_handshake(request: Request, explanation: Explanation) -> str:
    """Describe a handshake that only another reading of its path denies."""
    origin = (request.origin or "")[:MAX_ORIGIN]
    if isinstance(origin, bytes):
        origin = origin.decode("utf-8", "surrogateescape")
    path = _received(explanation, "path")
    return (
        f'denied the handshake of {printable(origin)} to "{path}", which can be read in several '
        "ways, with different rules"
    )


def _fields(explanation: Explanation) -> dict[str, str | None]:
    """Return the attributes of the log record, for structured logs."""
    rule = explanation["rule"]
    return {
        "reason": explanation["reason"],
        "rule": rule and (rule["name"] or rule["pointer"]),
        "origin": _received(explanation, "origin"),
        "nearest_miss": _near(explanation["nearest_miss"]),
    }


def _received(explanation: Explanation, name: str) -> str | None:
    """Return the received value of a check, escaped and shortened."""
    received = (check["received"] for check in explanation["checks"] if check["check"] == name)
    return next(received, None)


def _near(miss: NearestMiss | None) -> str | None:
    return miss and f"{printable(miss['pattern'])} ({miss['difference']})"
