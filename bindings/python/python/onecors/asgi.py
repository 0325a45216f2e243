"""A policy in front of an ASGI application: Starlette, FastAPI, Litestar, Quart, Django.

>>> from onecors import Policy
>>> from onecors.asgi import CORSMiddleware
>>> async def app(scope, receive, send): ...
>>> app = CORSMiddleware(app, Policy(allow_origins=["https://app.example.com"]))
"""

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from contextlib import suppress
from typing import Any, TypeAlias

from onecors._answer import SERVER_ERROR, Answer, Parts
from onecors._live import InForce, LivePolicy, live
from onecors._path import client_path, is_ambiguous
from onecors._placement import check
from onecors._policy import Policy
from onecors._request import Request
from onecors._verdict import Outcome

__all__ = ["CORSMiddleware"]

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Send: TypeAlias = Callable[[Any], Awaitable[None]]
Receive: TypeAlias = Callable[[], Awaitable[Any]]
# Frameworks and servers type the interface in different ways, and this one fits all of them.
ASGIApp: TypeAlias = Callable[[Any, Receive, Send], Awaitable[None]]

UNGOVERNED = Outcome.UNGOVERNED
POLICY = "onecors.policy"
"""In a scope, the policy that an adapter further out applies."""


class CORSMiddleware:
    """Puts a policy in front of an ASGI application.

    It belongs outside of everything that can answer, so wrap the whole application in it.
    Preflights are answered here, and each response gets its header fields as it starts, whoever
    made it. A WebSocket handshake of an origin that the policy does not allow is refused with 403.
    Where the application raises before it has answered, the answer is a plain 500 with the header
    fields, and the exception goes on to the server, which logs it.
    """

    def __init__(
        self, app: ASGIApp, policy: Policy | LivePolicy, *, root_path: str | None = None
    ) -> None:
        """Wrap an application.

        ``root_path`` is the prefix that it is mounted under, where the server does not know that.
        """
        self.app = app
        self._root_path = root_path
        self._live = live(policy)
        self._policy = policy
        self._outermost: bool | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if self._outermost is None:
            self._outermost = check(self, self._policy, self.app, scope.get("app"))
        kind = scope["type"]
        if kind == "http":
            await self._serve(scope, receive, send)
        elif kind == "websocket" and not self._live.in_force.admits(
            _request(scope, self._path(scope))
        ):
            await _refuse(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        in_force = self._live.in_force
        if scope.get(POLICY) is in_force.policy:
            await self.app(scope, receive, send)
            return
        answer, parts = _decide(in_force, scope, self._path(scope))
        if answer is None:
            await self.app(scope, receive, send)
        elif answer.status is not None:
            await _respond(send, answer.status, answer.apply(parts, answer.content_length))
        else:
            scope[POLICY] = in_force.policy
            await self._pass_on(answer, parts, scope, receive, send)

    async def _pass_on(
        self, answer: Answer[bytes], parts: Parts[bytes], scope: Scope, receive: Receive, send: Send
    ) -> None:
        started = False

        def send_applied(message: Message) -> Awaitable[None]:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                # An application may send the same message again, and to another origin.
                message = {**message, "headers": answer.apply(parts, message.get("headers", ()))}
            return send(message)

        try:
            await self.app(scope, receive, send_applied)
        except Exception:
            if not started and self._outermost:
                # Whatever happens to the answer, the application's exception is the one to log.
                with suppress(Exception):
                    fields = answer.apply(parts, answer.server_error)
                    await _respond(send, 500, fields, SERVER_ERROR)
            raise

    def _path(self, scope: Scope) -> str:
        return client_path(self._root_path or scope.get("root_path"), scope["path"])


def _decide(
    in_force: InForce, scope: Scope, path: str
) -> tuple[Answer[bytes] | None, Parts[bytes]]:
    """Decide on a request: the answer to apply, or None where nothing is to be done."""
    headers = scope["headers"]
    method = scope["method"]
    parts: Parts[bytes] = (_field(headers, b"origin"), None, None)
    if method == "OPTIONS":
        parts = (
            parts[0],
            _field(headers, b"access-control-request-method"),
            _field(headers, b"access-control-request-headers"),
        )
    verdict = in_force.decide(method, path, *parts)
    if verdict.outcome is UNGOVERNED or ("//" in path and is_ambiguous(in_force, path)):
        return None, parts
    if verdict.reason is not None:
        request = Request(method, path, *parts, _field(headers, b"host"))
        in_force.denials.note(verdict, request)
    return in_force.asgi[id(verdict.plan)], parts


def _request(scope: Scope, path: str) -> Request:
    headers = scope["headers"]
    return Request("GET", path, _field(headers, b"origin"), None, None, _field(headers, b"host"))


def _field(headers: Iterable[tuple[bytes, bytes]], wanted: bytes) -> bytes | None:
    """Give the value of a request's header field, its lines joined.

    Not every server takes off the white space around it, which is no part of it (RFC 9110, 5.5).
    """
    values = [value.strip(b" \t") for name, value in headers if name == wanted]
    return b", ".join(values) if values else None


async def _respond(
    send: Send, status: int, fields: list[tuple[bytes, bytes]], body: bytes = b""
) -> None:
    await send({"type": "http.response.start", "status": status, "headers": fields})
    await send({"type": "http.response.body", "body": body})


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
