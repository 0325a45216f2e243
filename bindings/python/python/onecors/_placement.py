"""Checks the position of an ASGI middleware among others, and says what to move."""

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
"""Middleware that never responds itself, and so may be further out."""


def check(middleware: object, policy: object, inner: object, host: object) -> bool:
    """Warn of misplaced middleware. Returns whether this middleware is the outermost layer.

    ``inner`` is the application that the middleware wraps. ``host`` is the Starlette application
    that calls it, if there is one; other frameworks do not expose their order.
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
    """Whether a middleware is inside a Starlette application, rather than around it."""
    stack = getattr(host, "middleware_stack", None)
    return stack is not None and stack is not middleware


def _is(entry: object, middleware: object, policy: object) -> bool:
    # Named `options` before Starlette 0.35.
    named = getattr(entry, "kwargs", None) or getattr(entry, "options", {})
    given = (*getattr(entry, "args", ()), *named.values())
    return getattr(entry, "cls", None) is type(middleware) and policy in given


def _name(entry: object) -> str:
    cls = getattr(entry, "cls", entry)
    return f"{getattr(cls, '__module__', '')}.{getattr(cls, '__qualname__', repr(cls))}"


def _warn_of_place(outside: list[str]) -> None:
    logger.warning(
        "onecors: CORSMiddleware was added with add_middleware, so the 500 after an unhandled "
        "exception has no CORS headers: call onecors.fastapi.install(app, policy) or "
        "onecors.starlette.install(app, policy) instead"
    )
    if outside:
        logger.warning(
            "onecors: %s is outside of CORSMiddleware and can answer without CORS headers, even "
            "to preflights: add CORSMiddleware after it (the middleware added last is outermost)",
            ", ".join(outside),
        )


def _warn_of_others(listed: object) -> None:
    for entry in listed if isinstance(listed, list) else ():
        name = _name(entry)
        if "cors" in name.rpartition(".")[2].lower() and not name.startswith("onecors."):
            logger.warning(
                "onecors: there is a second CORS middleware, %s: remove it, because onecors "
                "replaces the CORS headers that it sets",
                name,
            )
