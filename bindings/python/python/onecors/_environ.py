"""Reads WSGI environs, which Django has under ASGI, too."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from onecors._request import Request

if TYPE_CHECKING:
    from onecors._live import InForce


def admits(in_force: "InForce", environ: Mapping[str, Any], path: str) -> bool:
    """Whether a request is no WebSocket handshake, or one that may go on."""
    upgrade = environ.get("HTTP_UPGRADE")
    if upgrade is None or environ["REQUEST_METHOD"] != "GET":
        return True
    if "websocket" not in (token.strip(" \t").lower() for token in upgrade.split(",")):
        return True
    origin, host = text(environ.get("HTTP_ORIGIN")), text(environ.get("HTTP_HOST"))
    return in_force.admits(Request("GET", path, origin, None, None, host))


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
