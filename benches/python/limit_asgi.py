"""The least that a CORS middleware for ASGI can do in Python, for one policy."""

from collections.abc import Awaitable
from typing import Any

from scenarios import METHODS, POLICY

Lines = list[tuple[bytes, bytes]]


def encoded(words: list[str]) -> bytes:
    return ", ".join(words).encode()


ALLOW_ORIGIN = b"access-control-allow-origin"
ACTUAL = [
    (b"access-control-allow-credentials", b"true"),
    (b"access-control-expose-headers", encoded(POLICY["expose_headers"])),
    (b"vary", b"Origin"),
]
DENIED = [(b"vary", b"Origin")]
VARY_OF_PREFLIGHTS = (
    b"vary",
    b"Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
)
PREFLIGHT = [
    (b"access-control-allow-credentials", b"true"),
    (b"access-control-allow-methods", encoded(POLICY["allow_methods"])),
    (b"access-control-allow-headers", encoded(POLICY["allow_headers"])),
    (b"access-control-max-age", str(POLICY["max_age"]).encode()),
    VARY_OF_PREFLIGHTS,
]
PREFLIGHT_DENIED = [(b"content-length", b"0"), VARY_OF_PREFLIGHTS]
OWNED = frozenset((ALLOW_ORIGIN, *(name for name, _ in ACTUAL + PREFLIGHT)))
ALLOWED_METHODS = frozenset(method.encode() for method in METHODS)
ALLOWED_HEADERS = frozenset(name.encode() for name in POLICY["allow_headers"])
SERVER_ERROR = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"21")]


class LimitMiddleware:
    def __init__(self, app: Any, origins: list[str]) -> None:
        self.app = app
        self.origins = frozenset(origin.encode() for origin in origins)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        origin = None
        if scope["method"] == "OPTIONS":
            method = headers = None
            for name, value in scope["headers"]:
                if name == b"origin":
                    origin = value
                elif name == b"access-control-request-method":
                    method = value
                elif name == b"access-control-request-headers":
                    headers = value
            if origin is not None and method is not None:
                await self.preflight(send, origin, method, headers)
                return
        else:
            for name, value in scope["headers"]:
                if name == b"origin":
                    origin = value
        if origin in self.origins:
            lines = [(ALLOW_ORIGIN, origin), *ACTUAL]
        else:
            lines = DENIED
        started = False

        def send_applied(message: Any) -> Awaitable[None]:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                message = {**message, "headers": applied(lines, message["headers"])}
            return send(message)  # type: ignore[no-any-return]

        try:
            await self.app(scope, receive, send_applied)
        except Exception:
            if not started:
                fields = [*SERVER_ERROR, *lines]
                await send({"type": "http.response.start", "status": 500, "headers": fields})
                await send({"type": "http.response.body", "body": b"Internal Server Error"})
            raise

    async def preflight(
        self, send: Any, origin: bytes, method: bytes, headers: bytes | None
    ) -> None:
        if (
            origin in self.origins
            and method in ALLOWED_METHODS
            and (headers is None or ALLOWED_HEADERS.issuperset(headers.split(b",")))
        ):
            status, fields = 204, [(ALLOW_ORIGIN, origin), *PREFLIGHT]
        else:
            status, fields = 403, PREFLIGHT_DENIED
        await send({"type": "http.response.start", "status": status, "headers": fields})
        await send({"type": "http.response.body", "body": b""})


def applied(lines: Lines, fields: Lines) -> Lines:
    for name, _ in fields:
        if name in OWNED:
            return merged(lines, fields)
    return [*fields, *lines]


def merged(lines: Lines, fields: Lines) -> Lines:
    """Where the application has written fields of CORS or ``Vary`` itself."""
    vary = [value for name, value in fields if name == b"vary"]
    kept = [(name, value) for name, value in fields if name not in OWNED]
    if b"origin" not in b",".join(vary).lower():
        vary.append(b"Origin")
    return [*kept, *lines[:-1], (b"vary", b", ".join(vary))]
