"""Decides on the requests of WSGI environs, which Django has under ASGI, too."""

from collections.abc import Mapping
from typing import Any

from onecors._answer import Answer, Parts
from onecors._live import InForce
from onecors._path import is_ambiguous
from onecors._request import Request
from onecors._verdict import Outcome

UNGOVERNED = Outcome.UNGOVERNED


def decide(
    in_force: InForce, environ: Mapping[str, Any], path: str
) -> tuple[Answer[str] | None, Parts[str]]:
    """Decide on a request: the answer to apply, or None where nothing is to be done."""
    method = environ["REQUEST_METHOD"]
    parts: Parts[str] = (_text(environ.get("HTTP_ORIGIN")), None, None)
    if method == "OPTIONS":
        parts = (
            parts[0],
            _text(environ.get("HTTP_ACCESS_CONTROL_REQUEST_METHOD")),
            _text(environ.get("HTTP_ACCESS_CONTROL_REQUEST_HEADERS")),
        )
    verdict = in_force.decide(method, path, *parts)
    if verdict.outcome is UNGOVERNED or ("//" in path and is_ambiguous(in_force, path)):
        return None, parts
    if verdict.reason is not None:
        request = Request(method, path, *parts, _text(environ.get("HTTP_HOST")))
        in_force.denials.note(verdict, request)
    return in_force.wsgi[id(verdict.plan)], parts


def admits(in_force: InForce, environ: Mapping[str, Any], path: str) -> bool:
    """Whether a request is no WebSocket handshake, or one that may go on."""
    upgrade = environ.get("HTTP_UPGRADE")
    if upgrade is None or environ["REQUEST_METHOD"] != "GET":
        return True
    if "websocket" not in (token.strip(" \t").lower() for token in upgrade.split(",")):
        return True
    origin, host = _text(environ.get("HTTP_ORIGIN")), _text(environ.get("HTTP_HOST"))
    return in_force.admits(Request("GET", path, origin, None, None, host))


def path_text(path: str) -> str:
    """Give the text of a path, of which an environ has each byte as a character."""
    return path if path.isascii() else _decoded(path)


def _text(value: str | None) -> str | None:
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
