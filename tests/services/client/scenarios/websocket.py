"""WebSocket handshakes: no browser checks them, so the adapter does, before they are accepted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from client.expected import ALLOWED, DENIED, TENANT, failed, grants
from client.http1 import Connection, Request
from client.scenario import scenario, told
from client.scenarios.paths import DISGUISED, ask
from client.service import Service

KEY = "dGhlIHNhbXBsZSBub25jZQ=="
ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="  # the answer to this key, from RFC 6455 1.3
# One masked text frame "hello", and the frame that echoes it.
SENT = b"\x81\x85\x01\x02\x03\x04" + bytes(
    c ^ mask for c, mask in zip(b"hello", b"\x01\x02\x03\x04\x01", strict=True)
)
ECHO = b"\x81\x05hello"


# Dot segments that lead to what is open to every origin, once a server has removed them by itself.
RESOLVED_OPEN: tuple[str, ...] = ("/app/../open/ws", "/app/%2e%2e/open/ws")

# Each is, in one of its readings, a path that the rule of /app/* governs, or one under /open that can be
# read in another way. None is without a rule in all of them.
SPELLED: tuple[str, ...] = (
    "/%61pp/ws",
    "/app/%77s",
    "//app/ws",
    "/app//ws",
    "/open/../app/ws",
    "/open/%2e%2e/app/ws",
    "/open/x/../../app/ws",
    "/open%2F..%2Fapp%2Fws",
    "/open/..%2fapp%2fws",
    "/open/..\\app\\ws",
    "/open/..%5Capp%5Cws",
    "/plain/../app/ws",
    "/plain%2F..%2Fapp%2Fws",
    "/app/./ws",
    "/app/x/../ws",
    *RESOLVED_OPEN,
    "/app%2Fws",
    "/app/a%2Fb",
    "/app\\ws",
    "/app;x=1/ws",
    "/app/ws;x=1",
    "/APP/ws",
    "/App/WS",
)


def handshake(
    *lines: tuple[str, str | bytes], upgrade: str = "websocket", connection: str = "Upgrade"
) -> Request:
    """A handshake with these lines beside its own."""
    own = (
        ("Upgrade", upgrade),
        ("Connection", connection),
        ("Sec-WebSocket-Key", KEY),
        ("Sec-WebSocket-Version", "13"),
    )
    return Request("GET", "/app/ws", (*lines, *own))


def opens(service: Service, request: Request) -> Iterable[str]:
    """The handshake is accepted, and what is sent comes back."""
    with Connection(service.address) as connection:
        connection.send(request.raw(service.host))
        answer = connection.answer()
        if answer.status != 101 or answer.joined("sec-websocket-accept") != ACCEPT:
            yield told(request, answer, "the handshake is not accepted")
            return
        connection.send(SENT)
        frame = connection.exactly(len(ECHO))
        if frame != ECHO:
            yield told(request, answer, f"the echo is {frame!r}")


def is_refused(service: Service, request: Request, status: tuple[int, ...] = (403,)) -> Iterable[str]:
    """The handshake is refused before it is accepted."""
    with Connection(service.address) as connection:
        connection.send(request.raw(service.host))
        answer = connection.answer()
        if answer.status not in status or grants(answer):
            yield told(request, answer, f"the handshake is not refused with {status}")


@scenario("/app/ws", needs=["websocket"])
def websocket_allowed(service: Service) -> Iterable[str]:
    """A handshake from an allowed origin passes."""
    for origin in (ALLOWED, TENANT):
        yield from opens(service, handshake(("Origin", origin)))


@scenario("/app/ws", needs=["websocket"])
def websocket_denied(service: Service) -> Iterable[str]:
    """A handshake from any other origin is refused, 403 (awslabs/cli-agent-orchestrator#533)."""
    for origin in (
        DENIED,
        "null",
        "http://app.example.com",
        "https://tenant.example.org",
        "http://127.0.0.1:1",
    ):
        yield from is_refused(service, handshake(("Origin", origin)))
    for upgrade, connection in (("WebSocket", "Upgrade"), ("WEBSOCKET", "keep-alive, upgrade")):
        yield from is_refused(service, handshake(("Origin", DENIED), upgrade=upgrade, connection=connection))


@scenario("/app/ws", needs=["websocket"])
def websocket_malformed(service: Service) -> Iterable[str]:
    """A handshake whose Origin is none is refused, never taken for one without Origin."""
    for origin in (
        "https://app.example.com/",
        "https://app.example.com, https://app.example.com",
        "app.example.com",
    ):
        yield from is_refused(service, handshake(("Origin", origin)))
    # A server may refuse such bytes, or two lines, itself.
    refused = (400, 403)
    for origin_bytes in (b" https://app.example.com\xa0", b" \xff", b" https://app.example.com\x01"):
        yield from is_refused(service, handshake(("Origin", origin_bytes)), refused)
    yield from is_refused(service, handshake(("Origin", ALLOWED), ("Origin", ALLOWED)), refused)
    yield from is_refused(service, handshake(("Origin", DENIED), ("Origin", ALLOWED)), refused)


@scenario("/app/ws", needs=["websocket"])
def websocket_disguised(service: Service) -> Iterable[str]:
    """No spelling of its path opens a WebSocket to an origin that is denied it (flask-cors#383)."""
    for target in DISGUISED:
        spelled = (
            target.replace(b"item", b"ws") if isinstance(target, bytes) else target.replace("item", "ws")
        )
        request = replace(handshake(("Origin", DENIED)), target=spelled)
        answer = ask(service, request)
        if answer and (answer.status == 101 or failed(answer)):
            yield told(request, answer, "the handshake is accepted, or failed")


@scenario()
def websocket_spelled(service: Service) -> Iterable[str]:
    """A stranger's handshake is refused with 403 however its path is spelled, whatever is behind it.

    A server may refuse a target to everybody by itself, with 400, before anything of ours sees it.
    """
    for target in SPELLED:
        plain = ask(service, Request("GET", target, (("Origin", DENIED),)))
        if target in RESOLVED_OPEN and plain is not None and grants(plain) == ["*"]:
            continue
        status = (400, 403) if plain is None or plain.status == 400 else (403,)
        for origin in (DENIED, "null"):
            request = replace(handshake(("Origin", origin)), target=target)
            yield from is_refused(service, request, status)


@scenario("/app/ws", needs=["websocket"])
def websocket_same_origin(service: Service) -> Iterable[str]:
    """A page of the service itself may open a WebSocket, behind a proxy with TLS too (spring-boot#10965)."""
    yield from opens(service, handshake(("Origin", f"http://{service.host}")))
    yield from opens(service, handshake(("Origin", f"https://{service.host}")))
    port = service.address[1]
    yield from opens(
        service, handshake(("Host", f"LOCALHOST:{port}"), ("Origin", f"http://localhost:{port}"))
    )
    yield from opens(service, handshake(("Host", "localhost:443"), ("Origin", "https://localhost")))
    yield from is_refused(service, handshake(("Host", "localhost:81"), ("Origin", "http://localhost")))


@scenario("/app/ws", needs=["websocket"])
def websocket_without_origin(service: Service) -> Iterable[str]:
    """A handshake without Origin comes from no browser, and passes."""
    yield from opens(service, handshake())
