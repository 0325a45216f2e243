"""Environs, for the adapters of WSGI and Django. Django has them under ASGI, too."""

import logging
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from onecors._active import ActivePolicy
from onecors._native import WsgiExchange
from onecors._request import Request
from onecors._response import SERVER_ERROR

logger = logging.getLogger("onecors")

FAILED = "onecors.failed"
"""In an environ, the function that gives the error page of a debugger its header fields."""
DEBUGGER = "werkzeug.debug.preserve_context"
"""In an environ, the sign of an outer debugger, which answers exceptions with its own page."""


def admits(active: ActivePolicy, environ: Mapping[str, Any], path: str) -> bool:
    """Whether a request is not a WebSocket handshake, or is an allowed one."""
    upgrade = environ.get("HTTP_UPGRADE")
    if upgrade is None or environ["REQUEST_METHOD"] != "GET":
        return True
    if "websocket" not in (token.strip(" \t").lower() for token in upgrade.split(",")):
        return True
    origin, host = text(environ.get("HTTP_ORIGIN")), text(environ.get("HTTP_HOST"))
    return active.admits(Request("GET", path, origin, None, None, host))


def fail(environ: dict[str, Any], exchange: WsgiExchange, exc_info: Any) -> list[bytes] | None:  # noqa: ANN401
    """Answer for a failed application, if that is still possible.

    Returns the body if the server accepts one, and None if the exception is to be raised.
    """
    if DEBUGGER in environ:
        environ[FAILED] = exchange.apply
        return None
    fields = exchange.apply(
        [
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Length", str(len(SERVER_ERROR))),
        ]
    )
    body = b"" if environ["REQUEST_METHOD"] == "HEAD" else SERVER_ERROR
    started = exchange.started
    # exc_info is for a response that replaces another. uWSGI fails when it is passed needlessly.
    replacing = (exc_info,) if started else ()
    # start_response raises if it is too late for another response (PEP 3333). Whatever happens
    # here, the application's exception is the one to log.
    with suppress(Exception):
        write = exchange.start_response("500 Internal Server Error", fields, *replacing)
        if not started and not callable(write):
            # PEP 3333 requires write(). Granian, Hypercorn and asgiref do not have it, so the body
            # is returned. Raising as well would end the other HTTP/2 streams on Hypercorn.
            logger.error(
                "onecors: the application raised an exception, answered with a plain 500",
                exc_info=exc_info,
            )
            return [body]
        write(body)
    return None


def path_text(path: str) -> str:
    """Return the text of a path, which an environ holds with one character per byte."""
    return path if path.isascii() else _decoded(path)


def text(value: str | None) -> str | None:
    """Return the text of a header field's value."""
    if value is None:
        return None
    # Not every server strips the white space around a value (RFC 9110, section 5.5).
    value = value.strip(" \t")
    return value if value.isascii() else _decoded(value)


def _decoded(value: str) -> str:
    try:
        return value.encode("latin-1").decode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return value
