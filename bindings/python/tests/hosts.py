"""Plays the server: calls applications as ASGI and WSGI servers do."""

import asyncio
import io
import sys
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import onecors

APP = "https://app.example.com"
EVIL = "https://evil.example"
POLICY = onecors.Policy(
    rules=[
        onecors.Rule(
            name="app",
            paths=["/app/*"],
            allow_origins=[APP],
            allow_credentials=True,
            allow_methods=["PUT"],
            expose_headers=["etag"],
        ),
        onecors.Rule(name="open", paths=["/open/*"], allow_origins=["*"]),
    ]
)
GRANTED = [
    ("access-control-allow-origin", APP),
    ("access-control-allow-credentials", "true"),
    ("access-control-expose-headers", "etag"),
    ("vary", "Origin"),
]
PREFLIGHT = (("Origin", APP), ("Access-Control-Request-Method", "PUT"))
DENIED = [("vary", "Origin")]
Headers = Iterable[tuple[str, str]]


@dataclass
class Answer:
    """What reached the server."""

    status: int = 0
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""
    error: BaseException | None = None
    messages: list[Any] = field(default_factory=list)

    @property
    def cors(self) -> list[tuple[str, str]]:
        """The lines that CORS is about."""
        return [
            (name.lower(), value)
            for name, value in self.headers
            if name.lower() == "vary" or name.lower().startswith("access-control-")
        ]


def asgi(
    app: Callable[..., Awaitable[None]],
    path: str = "/app/item",
    headers: Headers = (("Origin", APP),),
    method: str = "GET",
    *,
    received: Sequence[dict[str, Any]] = ({"type": "http.request"},),
    **scope: Any,
) -> Answer:
    """Call an ASGI application, and collect what it sends and raises."""
    answer = Answer()
    incoming = list(received)

    async def receive() -> Any:
        if incoming:
            return incoming.pop(0)
        return await asyncio.Event().wait()

    async def send(message: Any) -> None:
        answer.messages.append(message)
        if message["type"].endswith(".response.start"):
            answer.status = message["status"]
            answer.headers = [
                (name.decode(), value.decode()) for name, value in message.get("headers", ())
            ]
        answer.body += message.get("body", b"")

    connection = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in headers],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    } | scope
    try:
        asyncio.run(app(connection, receive, send))  # type: ignore[arg-type]
    except Exception as error:  # noqa: BLE001 - a server catches all
        answer.error = error
    return answer


def environ(
    path: str = "/app/item", headers: Headers = (("Origin", APP),), method: str = "GET"
) -> dict[str, Any]:
    """Make the environ of a request."""
    fields = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers}
    return {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path.encode().decode("latin-1"),
        "QUERY_STRING": "",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    } | fields


def wsgi(
    app: Callable[..., Iterable[bytes]],
    path: str = "/app/item",
    headers: Headers = (("Origin", APP),),
    method: str = "GET",
    more: Mapping[str, Any] | None = None,
) -> Answer:
    """Call a WSGI application as a server does that keeps to PEP 3333 and no more.

    Like gunicorn, it adds up the header fields of several calls of start_response.
    """
    answer = Answer()
    sent = False

    def start_response(status: str, fields: Any, exc_info: Any = None) -> Any:
        if exc_info is not None and sent:
            raise exc_info[1]
        assert exc_info is not None or not answer.status, "start_response was called twice"
        answer.status = int(status.split(maxsplit=1)[0])
        answer.headers += fields
        return write

    def write(data: bytes) -> None:
        nonlocal sent
        assert answer.status, "the body comes before the head"
        sent = True
        answer.body += data

    try:
        body = app(environ(path, headers, method) | dict(more or {}), start_response)
        answer.messages.append(body)
        try:
            for piece in body:
                write(piece)
        finally:
            if hasattr(body, "close"):
                body.close()
    except Exception as error:  # noqa: BLE001 - a server catches all
        answer.error = error
    return answer
