"""Checks where an ASGI middleware stands among others, and says what to move."""

import logging
from typing import TYPE_CHECKING, Final, TypeGuard

if TYPE_CHECKING:
    from starlette.applications import Starlette

logger = logging.getLogger("onecors")

NEVER_ANSWER: Final = frozenset(
    (
        "starlette.middleware.gzip.GZipMiddleware",
        "starlette.middleware.sessions.SessionMiddleware",
        "uvicorn.middleware.proxy_headers.ProxyHeadersMiddleware",
    )
)
"""Middleware that answers no request itself, and so may stand outside."""


def check(middleware: object, policy: object, inner: object, host: object) -> bool:
    """Warn of what is misplaced, and tell whether nothing of the application stands outside.

    ``inner`` is what the middleware wraps, and ``host`` the Starlette application that it is called
    by, if it is. Other frameworks do not let it see their order.
    """
    listed = getattr(host, "user_middleware", None)
    if not isinstance(listed, list) or not is_within(host, middleware):
        _warn_of_others(getattr(inner, "user_middleware", None) or listed)
        return True
    _warn_of_others(listed)
    outside: list[str] = []
    for entry in listed:
        if _is(entry, middleware, policy):
            _warn_of_place([name for name in outside if name not in NEVER_ANSWER])
            return False
        outside.append(_name(entry))
    return True


def is_within(host: object, middleware: object) -> TypeGuard["Starlette"]:
    """Whether a middleware stands somewhere in a Starlette application, and not around it."""
    stack = getattr(host, "middleware_stack", None)
    return stack is not None and stack is not middleware


def _is(entry: object, middleware: object, policy: object) -> bool:
    # Starlette before 0.35 calls them options.
    named = getattr(entry, "kwargs", None) or getattr(entry, "options", {})
    given = (*getattr(entry, "args", ()), *named.values())
    return getattr(entry, "cls", None) is type(middleware) and policy in given


def _name(entry: object) -> str:
    cls = getattr(entry, "cls", entry)
    return f"{getattr(cls, '__module__', '')}.{getattr(cls, '__qualname__', repr(cls))}"


def _warn_of_place(outside: list[str]) -> None:
    logger.warning(
        "onecors: CORSMiddleware was added with add_middleware, and the 500 of an unhandled "
        "exception is made outside of that, without CORS headers: call "
        "onecors.fastapi.install(app, policy) or onecors.starlette.install(app, policy) instead"
    )
    if outside:
        logger.warning(
            "onecors: %s sits outside of CORSMiddleware and can answer without CORS headers, "
            "preflights too: add CORSMiddleware after it, since what is added last is outermost",
            ", ".join(outside),
        )


def _warn_of_others(listed: object) -> None:
    for entry in listed if isinstance(listed, list) else ():
        name = _name(entry)
        if "cors" in name.rpartition(".")[2].lower() and not name.startswith("onecors."):
            logger.warning(
                "onecors: a second CORS middleware is present, %s: remove it, since the policy "
                "alone decides",
                name,
            )
