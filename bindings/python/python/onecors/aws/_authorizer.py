"""The decorator of Lambda authorizers."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from onecors._setting import Source, live_of
from onecors.aws._event import normalised, read_authorizer
from onecors.aws._handler import Function, Handler, check, decide

CONTEXT = {
    "corsAllowOrigin": "Access-Control-Allow-Origin",
    "corsAllowCredentials": "Access-Control-Allow-Credentials",
    "corsExposeHeaders": "Access-Control-Expose-Headers",
}
"""The keys of the context, and the headers whose values they hold."""


def authorizer(policy: Source, *, base_path: str | None = None) -> Callable[[Function], Handler]:
    """Add the CORS headers to the context that a Lambda authorizer returns.

    A gateway response that maps ``context.authorizer.corsAllowOrigin`` to the header lets a page
    read the 403 of API Gateway itself. The result may allow or deny. The arguments and errors are
    those of ``lambda_handler``. The authorizer must be of type REQUEST: an event of type TOKEN has
    no headers, and raises ``ValueError``.
    """
    holder, base = live_of(policy), normalised(base_path)

    def decorate(function: Function) -> Handler:
        check(function)

        @wraps(function)
        def with_policy(event: Any, context: Any = None) -> Any:  # noqa: ANN401 - any JSON
            _refuse_token(event)
            request = read_authorizer(event, base)
            decided = request and decide(holder.active, request)
            result = function(event, context)
            return _with_context(result, dict(decided[1])) if decided else result

        return with_policy

    return decorate


def _refuse_token(event: object) -> None:
    if isinstance(event, dict) and event.get("type") == "TOKEN":
        raise ValueError(
            "onecors: a TOKEN authorizer does not see the Origin header: make it a REQUEST "
            "authorizer, with method.request.header.Authorization as an identity source"
        )


def _with_context(result: object, lines: dict[str, str]) -> object:
    if not isinstance(result, dict):
        return result
    context = result.get("context")
    if context is not None and not isinstance(context, dict):
        return result
    added = {name: lines.get(header, "") for name, header in CONTEXT.items()}
    return result | {"context": (context or {}) | added}
