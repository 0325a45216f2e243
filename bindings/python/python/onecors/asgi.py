"""CORS for an ASGI application: Litestar, Quart, or any other.

For Starlette, FastAPI and Django use `onecors.starlette`, `onecors.fastapi` and `onecors.django`.

>>> from onecors import Policy
>>> from onecors.asgi import CORSMiddleware
>>> async def app(scope, receive, send): ...
>>> app = CORSMiddleware(app, Policy(allow_origins=["https://app.example.com"]))
"""

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from contextlib import suppress
from typing import Any, TypeAlias

from onecors._active import ActivePolicy
from onecors._framework import advice
from onecors._handlers import answer_as
from onecors._native import AsgiExchange
from onecors._path import client_path, is_ambiguous
from onecors._placement import check, is_within
from onecors._request import Request
from onecors._response import SERVER_ERROR
from onecors._setting import Source, live_of

__all__ = ["CORSMiddleware"]

Scope: TypeAlias = MutableMapping[str, Any]
Send: TypeAlias = Callable[[Any], Awaitable[None]]
Receive: TypeAlias = Callable[[], Awaitable[Any]]
# Frameworks and servers type the interface differently; this fits all of them.
ASGIApp: TypeAlias = Callable[[Any, Receive, Send], Awaitable[None]]


class CORSMiddleware:
    """ASGI middleware that applies a policy.

    Wrap the whole application in it, so that it is outside of everything that can respond. It
    answers preflights, and adds the CORS headers to every other response when that starts. It
    refuses a WebSocket handshake with 403 if the policy does not allow its origin. If the
    application raises an exception before its response starts, the response is a plain 500 with the
    CORS headers, and the exception is passed on to the server, which logs it.
    """

    app: ASGIApp
    """The wrapped application."""

    def __init__(self, app: ASGIApp, policy: Source, *, root_path: str | None = None) -> None:
        """Wrap an application.

        ``policy`` is a ``Policy``, a ``LivePolicy``, the path of the document, or the document as a
        dict. ``root_path`` is the prefix that the application is mounted under, if the server does
        not pass it. Raises what loading the policy raises, and ``TypeError`` for an application
        that is not ASGI.
        """
        if hasattr(app, "wsgi_app"):
            raise TypeError(f"this middleware is for ASGI applications, not for {advice(app)}")
        if root_path is None and hasattr(app, "build_middleware_stack"):
            # FastAPI passes its own to its routes only. Quart's attribute of this name is a folder.
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
        active = self._live.active
        if active.has_paths:
            exchange = self._begin(active, scope, send)
        else:
            exchange = active.asgi.begin(scope, None, send)
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

    def _begin(self, active: ActivePolicy, scope: Scope, send: Send) -> AsgiExchange | None:
        """Begin an exchange under a policy that has paths."""
        path = self._path(scope)
        if "//" in path and is_ambiguous(active.policy, path):
            return None
        return active.asgi.begin(scope, path, send)

    async def _serve_other(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a WebSocket, or a lifespan."""
        if scope["type"] == "websocket" and not self._live.active.admits(
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
    """Return the value of a request's header field, its lines joined.

    Not every server strips the white space around a value (RFC 9110, section 5.5).
    """
    values = [value.strip(b" \t") for name, value in headers if name == wanted]
    return b", ".join(values) if values else None


async def _fail(exchange: AsgiExchange, send: Send) -> None:
    """Answer for a failed application."""
    fields = exchange.apply(
        [
            (b"content-type", b"text/plain; charset=utf-8"),
            (b"content-length", str(len(SERVER_ERROR)).encode()),
        ]
    )
    # Whatever happens here, the application's exception is the one to log.
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
        # Servers answer 403 if the application closes before it accepts.
        await send({"type": "websocket.close", "code": 1008})
