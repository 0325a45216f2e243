"""A policy in front of an ASGI application: Starlette, FastAPI, Litestar, Quart, Django.

>>> from onecors import Policy
>>> from onecors.asgi import CORSMiddleware
>>> async def app(scope, receive, send): ...
>>> app = CORSMiddleware(app, Policy(allow_origins=["https://app.example.com"]))
"""

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from contextlib import suppress
from typing import Any, TypeAlias

from onecors._answer import SERVER_ERROR
from onecors._framework import advice
from onecors._handlers import answer_as
from onecors._live import InForce
from onecors._native import AsgiExchange
from onecors._path import client_path, is_ambiguous
from onecors._placement import check, is_within
from onecors._request import Request
from onecors._setting import Source, live_of

__all__ = ["CORSMiddleware"]

Scope: TypeAlias = MutableMapping[str, Any]
Send: TypeAlias = Callable[[Any], Awaitable[None]]
Receive: TypeAlias = Callable[[], Awaitable[Any]]
# Frameworks and servers type the interface in different ways, and this one fits all of them.
ASGIApp: TypeAlias = Callable[[Any, Receive, Send], Awaitable[None]]


class CORSMiddleware:
    """Puts a policy in front of an ASGI application.

    It belongs outside of everything that can answer, so wrap the whole application in it.
    Preflights are answered here, and each response gets its header fields as it starts, whoever
    made it. A WebSocket handshake of an origin that the policy does not allow is refused with 403.
    Where the application raises before it has answered, the answer is a plain 500 with the header
    fields, and the exception goes on to the server, which logs it.
    """

    def __init__(self, app: ASGIApp, policy: Source, *, root_path: str | None = None) -> None:
        """Wrap an application.

        ``policy`` is one, or a live one, or the path of its document, or the document as a dict.
        ``root_path`` is the prefix that it is mounted under, where the server does not know that.
        """
        if hasattr(app, "wsgi_app"):
            raise TypeError(f"this middleware is for ASGI applications, not for {advice(app)}")
        if root_path is None and hasattr(app, "build_middleware_stack"):
            # FastAPI's own, which it tells its routes alone. Quart calls a folder so.
            root_path = getattr(app, "root_path", None)
        self.app = app
        self._root_path = root_path
        self._live = live_of(policy)
        self._policy = policy
        self._outermost: bool | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if self._outermost is None:
            self._outermost = check(self, self._policy, self.app, scope.get("app"))
        if scope["type"] != "http":
            await self._serve_other(scope, receive, send)
            return
        in_force = self._live.in_force
        if in_force.has_paths:
            exchange = self._begin(in_force, scope, send)
        else:
            exchange = in_force.asgi.begin(scope, None, send)
        if exchange is None:
            await self.app(scope, receive, send)
            return
        status = exchange.status
        if status is not None:
            await send(
                {"type": "http.response.start", "status": status, "headers": exchange.own_fields}
            )
            await send({"type": "http.response.body", "body": b""})
            return
        try:
            await self.app(scope, receive, exchange.send)
        except Exception as error:
            if exchange.started or not self._outermost:
                raise
            host = scope.get("app")
            if is_within(host, self):
                await answer_as(host, error, scope, receive, exchange.send)
            else:
                await _fail(exchange, send)
                raise

    def _begin(self, in_force: InForce, scope: Scope, send: Send) -> AsgiExchange | None:
        """Decide on a request whose path matters."""
        path = self._path(scope)
        if "//" in path and is_ambiguous(in_force.policy, path):
            return None
        return in_force.asgi.begin(scope, path, send)

    async def _serve_other(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a WebSocket, or the application's start and end."""
        if scope["type"] == "websocket" and not self._live.in_force.admits(
            _request(scope, self._path(scope))
        ):
            await _refuse(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    def _path(self, scope: Scope) -> str:
        return client_path(self._root_path or scope.get("root_path"), scope["path"])


def _request(scope: Scope, path: str) -> Request:
    headers = scope["headers"]
    return Request("GET", path, _field(headers, b"origin"), None, None, _field(headers, b"host"))


def _field(headers: Iterable[tuple[bytes, bytes]], wanted: bytes) -> bytes | None:
    """Give the value of a request's header field, its lines joined.

    Not every server takes off the white space around it, which is no part of it (RFC 9110, 5.5).
    """
    values = [value.strip(b" \t") for name, value in headers if name == wanted]
    return b", ".join(values) if values else None


async def _fail(exchange: AsgiExchange, send: Send) -> None:
    """Answer in the place of an application that has failed."""
    fields = exchange.apply(
        [
            (b"content-type", b"text/plain; charset=utf-8"),
            (b"content-length", str(len(SERVER_ERROR)).encode()),
        ]
    )
    # Whatever happens to the answer, the application's exception is the one to log.
    with suppress(Exception):
        await send({"type": "http.response.start", "status": 500, "headers": fields})
        await send({"type": "http.response.body", "body": SERVER_ERROR})


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    """Refuse a WebSocket handshake with 403."""
    await receive()
    if "websocket.http.response" in scope.get("extensions", {}):
        fields = [(b"content-length", b"0")]
        await send({"type": "websocket.http.response.start", "status": 403, "headers": fields})
        await send({"type": "websocket.http.response.body", "body": b""})
    else:
        # To close before accepting is to answer with 403.
        await send({"type": "websocket.close", "code": 1008})
