"""What the adapters of WSGI and Django have in common: Django has environs under ASGI, too."""

import logging
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from onecors._answer import SERVER_ERROR
from onecors._native import WsgiExchange
from onecors._request import Request

if TYPE_CHECKING:
    from onecors._live import InForce

logger = logging.getLogger("onecors")

FAILED = "onecors.failed"
"""In an environ, what gives the error page of a debugger its header fields."""
DEBUGGER = "werkzeug.debug.preserve_context"
"""In an environ, the sign of a debugger further out, which answers exceptions with its own page."""


def admits(in_force: "InForce", environ: Mapping[str, Any], path: str) -> bool:
    """Whether a request is no WebSocket handshake, or one that may go on."""
    upgrade = environ.get("HTTP_UPGRADE")
    if upgrade is None or environ["REQUEST_METHOD"] != "GET":
        return True
    if "websocket" not in (token.strip(" \t").lower() for token in upgrade.split(",")):
        return True
    origin, host = text(environ.get("HTTP_ORIGIN")), text(environ.get("HTTP_HOST"))
    return in_force.admits(Request("GET", path, origin, None, None, host))


def fail(environ: dict[str, Any], exchange: WsgiExchange, exc_info: Any) -> list[bytes] | None:  # noqa: ANN401
    """Answer in the place of an application that has failed, where that is still possible.

    Gives the body where the server takes it so, and None where the exception is to be raised.
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
    told = exchange.told
    # It is for an answer that replaces another. uWSGI fails when it is given one in any case.
    replacing = (exc_info,) if told else ()
    # When it is too late, start_response raises, as PEP 3333 says. Whatever happens to the answer,
    # the application's exception is the one to log.
    with suppress(Exception):
        write = exchange.start_response("500 Internal Server Error", fields, *replacing)
        if not told and not callable(write):
            # PEP 3333 wants one. Granian, Hypercorn and asgiref have none, and take a body alone.
            # To raise after it would end the other streams of HTTP/2 on Hypercorn.
            logger.error("onecors: the application has failed", exc_info=exc_info)
            return [body]
        write(body)
    return None


def path_text(path: str) -> str:
    """Give the text of a path, of which an environ has each byte as a character."""
    return path if path.isascii() else _decoded(path)


def text(value: str | None) -> str | None:
    """Give the text of a header field's value."""
    if value is None:
        return None
    # Not every server takes off the white space, which is no part of a value (RFC 9110, 5.5).
    value = value.strip(" \t")
    return value if value.isascii() else _decoded(value)


def _decoded(value: str) -> str:
    try:
        return value.encode("latin-1").decode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return value
