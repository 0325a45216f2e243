"""Denials in the service's log: once, with the reason, escaped, bounded; and never in a response."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress

from client.expected import ALLOWED, DENIED
from client.http1 import Answer, Connection, NoAnswerError, Request
from client.scenario import scenario, told
from client.scenarios.reload import OTHER_POLICY
from client.scenarios.websocket import handshake
from client.service import Service, wait_for

PATIENCE_S = 10.0
KEYS = 1000
REASONS = (
    "malformed_origin",
    "origin_not_allowed",
    "malformed_request_method",
    "method_not_allowed",
    "too_many_headers",
    "malformed_request_headers",
    "header_not_allowed",
    "nearest miss",
    "onecors",
)


def logged(service: Service, after: int, *words: str) -> list[str]:
    """The lines of adapters in the output after this place that hold all of the words."""
    lines = service.output()[after:].decode(errors="replace").splitlines()
    return [line for line in lines if "onecors: " in line and all(word in line for word in words)]


def in_turn(service: Service, requests: Iterable[Request]) -> Iterator[Answer]:
    """The answers to many requests, on as few connections as the server allows."""
    connection: Connection | None = None
    for request in requests:
        if connection is None:
            connection = Connection(service.address)
        connection.send(request.raw(service.host))
        answer = connection.answer(request.method)
        yield answer
        if answer.until_close or "close" in (answer.joined("connection") or "").lower():
            connection.close()
            connection = None
    if connection is not None:
        connection.close()


def anew(service: Service) -> int:
    """Another policy and back, so that nothing counts as logged before; the output's length then."""
    service.replace(OTHER_POLICY)
    service.restore()
    return len(service.output())


def once(service: Service, after: int, *words: str) -> Iterable[str]:
    """A line with all of the words is there once."""
    if wait_for(lambda: bool(logged(service, after, *words)), PATIENCE_S) is None:
        yield f"no line of the log has {words}:\n{service.output()[after:].decode(errors='replace')[-2000:]}"
    elif len(lines := logged(service, after, *words)) > 1:
        yield "logged more than once:\n" + "\n".join(lines)


@scenario(needs=["log", "denials"])
def denial_logged_once(service: Service) -> Iterable[str]:
    """A denial is logged with its reason and its nearest miss, once for equal requests (aspnet/CORS#78)."""
    after = anew(service)
    near = Request("GET", "/app/item", (("Origin", "https://app.example.com:8451"),))
    other = Request("GET", "/app/item", (("Origin", "https://last.example"),))
    for request in (near, near, near, other):
        service.ask(request)
    yield from once(service, after, "https://last.example", "origin_not_allowed")
    yield from once(
        service, after, "https://app.example.com:8451", "origin_not_allowed", "nearest miss", ALLOWED
    )


@scenario(needs=["log", "denials"])
def preflight_denial_logged(service: Service) -> Iterable[str]:
    """A denied preflight is logged once for each reason (quarkus#36782, micronaut#11950)."""
    after = anew(service)
    asks = (("Origin", ALLOWED), ("Access-Control-Request-Method", "PURGE"))
    names = (
        *asks[:1],
        ("Access-Control-Request-Method", "PUT"),
        ("Access-Control-Request-Headers", "x-evil"),
    )
    for lines in (asks, names, asks, names):
        service.ask(Request("OPTIONS", "/app/item", lines))
    yield from once(service, after, "method_not_allowed")
    yield from once(service, after, "header_not_allowed")


@scenario("/app/ws", needs=["log", "denials", "websocket"])
def websocket_denial_logged(service: Service) -> Iterable[str]:
    """A refused handshake is logged like every other denial."""
    after = anew(service)
    for _ in range(2):
        service.ask(handshake(("Origin", "https://socket.example")))
    yield from once(service, after, "https://socket.example", "origin_not_allowed")


@scenario(needs=["log", "denials"])
def same_origin_not_logged(service: Service) -> Iterable[str]:
    """A browser sends Origin with the POST of a page of ours: that is no denial (spring-boot#10965)."""
    after = anew(service)
    own = f"http://{service.host}"
    service.ask(Request("POST", "/app/item", (("Origin", own),)))
    service.ask(Request("POST", "/app/item", (("Origin", DENIED),)))
    yield from once(service, after, DENIED)
    if lines := logged(service, after, own):
        yield "the same origin is logged:\n" + "\n".join(lines)


@scenario(needs=["log", "denials"])
def log_escaped(service: Service) -> Iterable[str]:
    """Nothing that an Origin holds can forge a line of the log or steer a terminal."""
    after = anew(service)
    for origin in (
        b"https://bell\x07.example",
        b"https://escape\x1b[2J.example",
        b"https://c1\xc2\x9b2J.example",
        b"https://lone\x9b.example",
        b"https://right-to-left\xe2\x80\xae.example",
        b"https://tab\t.example\tx",
        b"https://line\xe2\x80\xa8.example",
        b"https://next\xc2\x85.example",
    ):
        with suppress(NoAnswerError):
            service.ask(Request("GET", "/app/item", (("Origin", b" " + origin),)))
    service.ask(Request("GET", "/app/item", (("Origin", "https://last-escaped.example"),)))
    yield from once(service, after, "https://last-escaped.example")
    output = service.output()[after:]
    for raw in (
        b"\x07",
        b"\x1b[2J",
        b"\xc2\x9b",
        b"\x9b2J",
        b"\x9b.",
        b"\xe2\x80\xae",
        b"tab\t",
        b"\xe2\x80\xa8",
        b"\xc2\x85",
    ):
        if raw in output:
            yield f"the output holds {raw!r} unescaped"


@scenario(needs=["log", "denials"])
def log_bounded(service: Service) -> Iterable[str]:
    """However many origins strangers make up, 1,000 are logged; a near miss is logged all the same."""
    after = anew(service)
    requests = [
        Request("GET", "/app/item", (("Origin", f"https://flood-{number}.example"),))
        for number in range(KEYS + 60)
    ]
    for answer in in_turn(service, requests):
        if answer.status != 200:
            yield f"a flood was answered {answer}"
            return
    wait_for(lambda: len(logged(service, after)) > KEYS, PATIENCE_S)
    denials = logged(service, after, "https://flood-")
    if len(denials) != KEYS:
        yield f"{len(denials)} of {len(requests)} denials are logged"
    if len(logged(service, after)) != KEYS + 1:
        yield f"no last line, or several: {logged(service, after)[KEYS:][:3]}"
    # No stranger keeps this one out of the log.
    service.ask(Request("GET", "/app/item", (("Origin", "http://app.example.com"),)))
    yield from once(service, after, "http://app.example.com", "nearest miss", ALLOWED)
    after = anew(service)
    service.ask(requests[0])
    yield from once(service, after, "https://flood-0.example")


@scenario(needs=["log"])
def no_false_alarm(service: Service) -> Iterable[str]:
    """An adapter that stands where its README says has nothing to say of its place (NestJS's own hook)."""
    service.ask(Request("GET", "/app/item", (("Origin", ALLOWED),)))
    if lines := logged(service, 0, "can answer without"):
        yield "advises to move what is in its place:\n" + "\n".join(lines)


@scenario()
def no_detail_in_responses(service: Service) -> Iterable[str]:
    """Why something was denied is said in the log, never to who asked (helidon#10655)."""
    asks = (("Access-Control-Request-Method", "PURGE"),)
    requests = [
        Request("GET", "/app/item", (("Origin", DENIED),)),
        Request("GET", "/app/missing", (("Origin", "https://app.example.com/"),)),
        Request("OPTIONS", "/app/item", (("Origin", DENIED), *asks)),
        Request("OPTIONS", "/app/item", (("Origin", ALLOWED), *asks)),
    ]
    if service.entry.websocket:
        requests.append(handshake(("Origin", DENIED)))
    for request in requests:
        answer = service.ask(request)
        text = str(answer.lines).lower() + answer.body.decode(errors="replace").lower()
        if told_of := [word for word in REASONS if word in text]:
            yield told(request, answer, f"says {told_of}")


@scenario("/app/throw", needs=["log"])
def exception_logged(service: Service) -> Iterable[str]:
    """An exception is passed on, so that the host logs it as it does without the adapter."""
    after = len(service.output())
    service.ask(Request("GET", "/app/throw", (("Origin", ALLOWED),)))

    def shown() -> bool:
        lines = service.output()[after:].decode(errors="replace").lower().splitlines()
        # Not the line that an access log has of the request.
        return any(
            word in line
            for line in lines
            if "get /app/throw" not in line
            for word in ("exception", "error", "panic", "traceback")
        )

    if wait_for(shown, PATIENCE_S) is None:
        yield f"the log says nothing of it:\n{service.output()[after:].decode(errors='replace')}"
