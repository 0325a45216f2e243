"""Tells the log about denials: each once, and a bounded number."""

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
"""How many strangers are logged, and how many other origins are remembered."""

MAX_ORIGIN: Final = 512
"""How much of an origin tells it apart from others: a client chooses its length."""


@final
class DenialLog:
    """What has been logged of one policy's denials. Any number of threads may use it at once.

    A denial whose origin a pattern covers, or nearly covers, is logged once for each verdict,
    pattern and difference: the document bounds their number, so that nobody can use them up. Any
    other is a stranger's. It is logged once for each verdict and origin, up to 1,000 of them.
    """

    __slots__ = ("_lock", "_near", "_policy", "_strangers", "keys")

    def __init__(self, policy: Policy) -> None:
        """Begin anew, for a policy that has just come into force."""
        self._policy = policy
        self._lock = Lock()
        self._strangers = 0
        self._near: set[tuple[int, int]] = set()
        # The denials that need no second look. Adapters look for a denial here first.
        self.keys: set[tuple[int, str | bytes | None]] = set()

    def note(self, verdict: Verdict, parts: Iterable[Any]) -> None:
        """Log a denial, unless it is known.

        A request to the server's own origin is denied nothing: its page reads the answer anyway.
        """
        request = Request(*parts)
        # A policy gives the same object for the same verdict.
        key = (id(verdict), request.origin and request.origin[:MAX_ORIGIN])
        if key in self.keys:
            return
        # The log of the host may fail, and the engine may; the request must not.
        with suppress(Exception):
            near = self._policy.nearest_pattern(request.path, request.origin)
            if near == 0 and self._strangers == MAX_KEYS:
                return
            if verdict.reason is Reason.ORIGIN_NOT_ALLOWED and self._policy.check_origin(
                request.path, request.origin, request.host
            ):
                return
            with self._lock:
                is_new = self._remember(key, near)
                is_last = is_new and near == 0 and self._strangers == MAX_KEYS
            if is_new:
                self._log(request)
            if is_last:
                logger.warning(
                    "onecors: %d denials of unknown origins were logged, and no more are until the "
                    "policy is replaced; near misses are",
                    MAX_KEYS,
                )

    def _remember(self, key: tuple[int, str | bytes | None], near: int) -> bool:
        """Remember a denial; whether it is to be logged. ``near`` is 0 for a stranger's."""
        if key in self.keys:
            return False
        if near == 0:
            if self._strangers == MAX_KEYS:
                return False
            self._strangers += 1
            self.keys.add(key)
            return True
        if len(self.keys) < 2 * MAX_KEYS:
            self.keys.add(key)
        count = len(self._near)
        self._near.add((key[0], near))
        return len(self._near) > count

    def _log(self, request: Request) -> None:
        story = self._policy.explain(
            request.method,
            request.path,
            request.origin,
            request.access_control_request_method,
            request.access_control_request_headers,
        )
        text = story["summary"] if story["reason"] else _divided(request, story)
        logger.warning("onecors: %s", text, extra=_fields(story))


def _divided(request: Request, story: Explanation) -> str:
    """Tell of a handshake that is refused though the rule of its path, if any, allows it."""
    origin = (request.origin or "")[:MAX_ORIGIN]
    if isinstance(origin, bytes):
        origin = origin.decode("utf-8", "surrogateescape")
    path = _received(story, "path")
    return (
        f'denied the handshake of {printable(origin)} to "{path}", which can be read in several '
        "ways, with different rules"
    )


def _fields(story: Explanation) -> dict[str, str | None]:
    """Pick what structured logs want, as attributes of the log record."""
    rule = story["rule"]
    return {
        "reason": story["reason"],
        "rule": rule and (rule["name"] or rule["pointer"]),
        "origin": _received(story, "origin"),
        "nearest_miss": _near(story["nearest_miss"]),
    }


def _received(story: Explanation, name: str) -> str | None:
    """Give what came with the request for a check, escaped and cut."""
    received = (check["received"] for check in story["checks"] if check["check"] == name)
    return next(received, None)


def _near(miss: NearestMiss | None) -> str | None:
    return miss and f"{printable(miss['pattern'])} ({miss['difference']})"
