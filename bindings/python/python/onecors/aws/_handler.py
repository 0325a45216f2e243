"""The decorator of Lambda handlers."""

import logging
from collections.abc import Callable
from functools import wraps
from inspect import iscoroutinefunction
from typing import Any, Literal, Protocol, TypeAlias

from onecors._active import ActivePolicy
from onecors._setting import Source, live_of
from onecors._verdict import Outcome, Verdict
from onecors.aws._event import Event, is_ambiguous, normalised, read
from onecors.aws._response import Lines, answer, apply, failed

Function: TypeAlias = Callable[[Any, Any], Any]


class Handler(Protocol):
    """A Lambda handler."""

    def __call__(self, event: Any, context: Any = None) -> Any:  # noqa: ANN401 - any JSON
        """Answer an event."""


logger = logging.getLogger("onecors")


def lambda_handler(
    policy: Source, *, on_error: Literal["raise", "respond"] = "raise", base_path: str | None = None
) -> Callable[[Function], Handler]:
    """Apply a policy to a handler: as a decorator, or ``lambda_handler(policy)(handler)``.

    ``policy`` is a ``Policy``, a ``LivePolicy``, the path of the document, or the document as a
    dict. With ``on_error="raise"`` the handler's exceptions propagate, and AWS responds without
    CORS headers; with ``"respond"`` they are logged, and the response is a plain 500 with the
    headers. ``base_path`` is the mapping key of a custom domain, which is removed from the path.

    Raises what loading the policy raises, ``ValueError`` and ``TypeError`` for invalid options, and
    ``TypeError`` for a coroutine function, which Lambda does not await. The handler is thread-safe.
    """
    if on_error not in ("raise", "respond"):
        raise ValueError(f'on_error must be "raise" or "respond", not {on_error!r}')
    holder, base = live_of(policy), normalised(base_path)

    def decorate(handler: Function) -> Handler:
        check(handler)

        @wraps(handler)
        def with_policy(event: Any, context: Any = None) -> Any:  # noqa: ANN401 - any JSON
            request = read(event, base)
            decided = request and decide(holder.active, request)
            if not request or not decided:
                return handler(event, context)
            verdict, lines = decided
            if verdict.plan.status is not None:
                return answer(request, verdict.plan.status, lines)
            try:
                response = handler(event, context)
            except Exception:
                if on_error == "raise":
                    raise
                logger.exception(
                    "onecors: the handler raised an exception, answered with a plain 500"
                )
                return failed(request, lines)
            return apply(request, response, lines)

        return with_policy

    return decorate


def check(handler: object) -> None:
    """Raise ``TypeError`` for a handler that Lambda cannot call."""
    if not callable(handler):
        raise TypeError(f"a handler must be a function, not {type(handler).__name__}")
    if iscoroutinefunction(handler):
        raise TypeError(
            "a handler must not be a coroutine function, because Lambda's runtime for Python does "
            "not await it: write a plain function that calls asyncio.run"
        )


def decide(active: ActivePolicy, event: Event) -> tuple[Verdict, Lines] | None:
    """Decide on the request of an event, and log a denial. None if no rule governs the path."""
    request = event.request()
    method, path, *parts, _ = request
    if is_ambiguous(active.policy, path):
        return None
    verdict = active.policy.decide(method, path, *parts)
    if verdict.outcome is Outcome.UNGOVERNED:
        return None
    if verdict.reason is not None:
        active.denials.note(verdict, request)
    return verdict, verdict.plan.lines(*parts)
