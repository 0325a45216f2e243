"""The adapter of Lambda handlers."""

import logging
from collections.abc import Callable
from functools import wraps
from inspect import iscoroutinefunction
from typing import Any, Literal, Protocol, TypeAlias

from onecors._live import InForce
from onecors._setting import Source, live_of
from onecors._verdict import Outcome, Verdict
from onecors.aws._event import Event, is_ambiguous, normalised, read
from onecors.aws._response import Lines, answer, apply, failed

Function: TypeAlias = Callable[[Any, Any], Any]


class Handler(Protocol):
    """What Lambda calls."""

    def __call__(self, event: Any, context: Any = None) -> Any:  # noqa: ANN401 - any JSON
        """Answer an event."""


logger = logging.getLogger("onecors")


def lambda_handler(
    policy: Source, *, on_error: Literal["raise", "respond"] = "raise", base_path: str | None = None
) -> Callable[[Function], Handler]:
    """Put a policy in front of a handler: as a decorator, or ``lambda_handler(policy)(handler)``.

    The policy is one, or a live one, or the path of its document, or the document as a dict. What
    becomes of the handler's exception is ``on_error``: it is raised, and AWS makes the answer,
    without CORS headers, or it is logged and answered with a plain 500 that has them. ``base_path``
    is the key of a custom domain's mapping, which is taken off the path.

    Raises what loading the policy raises, ``TypeError`` and ``ValueError`` for options that are
    none, and ``TypeError`` for a coroutine function, which Lambda does not call. Any number of
    threads may call the handler at once.
    """
    if on_error not in ("raise", "respond"):
        raise ValueError(f'on_error must be "raise" or "respond", not {on_error!r}')
    holder, base = live_of(policy), normalised(base_path)

    def decorate(handler: Function) -> Handler:
        check(handler)

        @wraps(handler)
        def with_policy(event: Any, context: Any = None) -> Any:  # noqa: ANN401 - any JSON
            request = read(event, base)
            decided = request and decide(holder.in_force, request)
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
                logger.exception("onecors: the handler has failed, and the answer is a plain 500")
                return failed(request, lines)
            return apply(request, response, lines)

        return with_policy

    return decorate


def check(handler: object) -> None:
    """Refuse what Lambda cannot call."""
    if not callable(handler):
        raise TypeError(f"a handler must be a function, not {type(handler).__name__}")
    if iscoroutinefunction(handler):
        raise TypeError(
            "a handler must be no coroutine function: Lambda's runtime for Python does not await "
            "one; call asyncio.run in a plain function"
        )


def decide(in_force: InForce, event: Event) -> tuple[Verdict, Lines] | None:
    """Decide on the request of an event and note a denial; None on a path that is not governed."""
    request = event.request()
    method, path, *parts, _ = request
    if is_ambiguous(in_force.policy, path):
        return None
    verdict = in_force.policy.decide(method, path, *parts)
    if verdict.outcome is Outcome.UNGOVERNED:
        return None
    if verdict.reason is not None:
        in_force.denials.note(verdict, request)
    return verdict, verdict.plan.lines(*parts)
