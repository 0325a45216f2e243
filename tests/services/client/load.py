"""The soak's load: requests in batches, the answers they may have, the connections that carry them."""

from __future__ import annotations

import json
import random
import selectors
import socket
from collections import deque
from collections.abc import Container, Iterator
from dataclasses import dataclass, field

from client.http1 import Address, Lines, Request

BOTH, FIRST, SECOND = "https://both.example", "https://first.example", "https://second.example"
VARY = ("vary", "Origin")
VARY_PREFLIGHT = ("vary", "Origin, Access-Control-Request-Method, Access-Control-Request-Headers")
REFUSED = (400, 413, 431)
# Fills the documents, so that a policy that is never freed can be seen in the memory of the process.
FILLING = [f"https://filling-{number}-{'x' * 40}.example" for number in range(500)]


def documents() -> tuple[bytes, bytes]:
    """Two documents that have no answer to the same request in common, unless it is denied by both."""
    first = {
        "name": "app",
        "paths": ["/app/*"],
        "allow_origins": [BOTH, FIRST, *FILLING],
        "allow_credentials": True,
        "allow_methods": ["PUT"],
        "allow_headers": ["x-first"],
        "expose_headers": ["x-first"],
        "max_age": 11,
    }
    second = {
        "name": "app",
        "paths": ["/app/*"],
        "allow_origins": [BOTH, SECOND, *FILLING],
        "allow_methods": ["DELETE"],
        "allow_headers": ["x-second"],
        "expose_headers": ["x-second"],
        "max_age": 22,
    }
    anyone = {"name": "open", "paths": ["/open/*"], "allow_origins": ["*"]}
    return json.dumps({"rules": [first, anyone]}).encode(), json.dumps({"rules": [second]}).encode()


@dataclass(frozen=True)
class Right:
    """An answer that is right, and the policies that it is right for: 1, 2, or 0 for both."""

    status: int
    lines: Lines
    body: bytes | None
    policy: int = 0


@dataclass(frozen=True)
class Judged:
    """What is known of an answer's header once it was seen: what is wrong, and where the body ends."""

    wrong: str | None
    length: int
    chunked: bool
    closes: bool
    right: Right | None


@dataclass
class Kind:
    """Requests that have the same right answers."""

    name: str
    rights: tuple[Right, ...]
    method: str = "GET"
    hostile: bool = False
    # Headers seen before: an answer costs no more than looking its header up.
    seen: dict[bytes, Judged] = field(default_factory=dict)

    def judge(self, head: bytes) -> Judged:
        """Compares an answer's header with the right ones."""
        known = self.seen.get(head)
        if known is None:
            known = self.seen[head] = self._judge(head)
        return known

    def _judge(self, head: bytes) -> Judged:
        status, *rest = head.decode("latin-1").split("\r\n")
        code = int(status.split(" ")[1])
        fields = [(name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in rest)]
        lines = sorted(line for line in fields if line[0] == "vary" or line[0].startswith("access-control-"))
        values = dict(fields)
        bodiless = self.method == "HEAD" or code == 204
        right = next((one for one in self.rights if (one.status, sorted(one.lines)) == (code, lines)), None)
        # Behind a proxy it may be the service that refuses, in an answer like any other.
        refused = self.hostile and code in REFUSED and lines in ([], [VARY])
        return Judged(
            None if right or refused else f"{self.name} was answered {code} with {lines}",
            0 if bodiless else int(values.get("content-length", 0)),
            not bodiless and values.get("transfer-encoding", "").lower() == "chunked",
            values.get("connection", "").lower() == "close" or status.startswith("HTTP/1.0"),
            right,
        )


@dataclass(frozen=True)
class Shot:
    """One request, ready to be sent."""

    raw: bytes
    kind: Kind


def _origin(value: str) -> tuple[str, str]:
    return ("access-control-allow-origin", value)


CREDENTIALS = ("access-control-allow-credentials", "true")
EXPOSES_FIRST = ("access-control-expose-headers", "x-first")
EXPOSES_SECOND = ("access-control-expose-headers", "x-second")
ALLOWS_FIRST = (
    CREDENTIALS,
    ("access-control-allow-methods", "PUT"),
    ("access-control-allow-headers", "x-first"),
    ("access-control-max-age", "11"),
    VARY_PREFLIGHT,
)
ALLOWS_SECOND = (
    ("access-control-allow-methods", "DELETE"),
    ("access-control-allow-headers", "x-second"),
    ("access-control-max-age", "22"),
    VARY_PREFLIGHT,
)
NEITHER = Right(200, (VARY,), b"item")
REFUSED_BY_FIRST = Right(403, (VARY_PREFLIGHT,), b"", 1)
REFUSED_BY_SECOND = Right(403, (VARY_PREFLIGHT,), b"", 2)


def _by_both(status: int, body: bytes | None) -> tuple[Right, ...]:
    """An actual request of the origin that both policies allow: the lines are the one's or the other's."""
    return (
        Right(status, (_origin(BOTH), CREDENTIALS, EXPOSES_FIRST, VARY), body, 1),
        Right(status, (_origin(BOTH), EXPOSES_SECOND, VARY), body, 2),
    )


def ordinary(host: str, cannot: Container[str] = ()) -> list[Shot]:
    """What browsers send, with what each of the two policies answers.

    `cannot` are the scenarios and routes that the service is excused from: what they ask for is left out.
    """
    by_first = Right(200, (_origin(FIRST), CREDENTIALS, EXPOSES_FIRST, VARY), b"item", 1)
    by_second = Right(200, (_origin(SECOND), EXPOSES_SECOND, VARY), b"item", 2)
    anyone = (Right(200, (_origin("*"),), b"open", 1), Right(200, (), b"open", 2))
    of_both = (("Origin", BOTH),)
    put = (Right(204, (_origin(BOTH), *ALLOWS_FIRST), b"", 1), REFUSED_BY_SECOND)
    delete = (REFUSED_BY_FIRST, Right(204, (_origin(BOTH), *ALLOWS_SECOND), b"", 2))
    post = (
        Right(204, (_origin(BOTH), *ALLOWS_FIRST), b"", 1),
        Right(204, (_origin(BOTH), *ALLOWS_SECOND), b"", 2),
    )
    made: list[tuple[Kind, Request]] = [
        (Kind("GET", _by_both(200, b"item")), Request("GET", "/app/item", of_both)),
        (Kind("POST", _by_both(200, b"item")), Request("POST", "/app/item", of_both, b"x")),
        (Kind("not-found", _by_both(404, None)), Request("GET", "/app/missing", of_both)),
        (Kind("unauthorised", _by_both(401, None)), Request("GET", "/app/private", of_both)),
        (Kind("GET by the first", (by_first, NEITHER)), Request("GET", "/app/item", (("Origin", FIRST),))),
        (Kind("GET by the second", (by_second, NEITHER)), Request("GET", "/app/item", (("Origin", SECOND),))),
        (Kind("GET without Origin", (NEITHER,)), Request("GET", "/app/item")),
        (Kind("GET by anyone", anyone), Request("GET", "/open/item", of_both)),
        (Kind("preflight of PUT", put, "OPTIONS"), asking("PUT", "x-first")),
        (Kind("preflight of DELETE", delete, "OPTIONS"), asking("DELETE", "x-second")),
        (Kind("preflight of POST", post, "OPTIONS"), asking("POST")),
    ]
    return [
        Shot(request.raw(host), kind)
        for kind, request in made
        if kind.name not in cannot and request.target not in cannot
    ]


def hostile(host: str) -> list[Shot]:
    """What nobody but an attacker sends: denied by both policies, or refused by the server."""
    plain = Kind("hostile GET", (Right(200, (VARY,), b"item"),), hostile=True)
    preflight = Kind("hostile preflight", (Right(403, (VARY_PREFLIGHT,), b""),), "OPTIONS", hostile=True)
    both = BOTH.encode()
    origins = [
        both + b"\xa0",
        both + b".evil.example",
        both + b"\0",
        both + b"\x0b",
        both + b"\x7f",
        b"https://\xff\xfe.example",
        "https://bóth.example".encode(),
        b"https://both.example, https://both.example",
        b"null",
        b"",
        b"https://" + b"a" * 3000,
        both + b"/" * 5000,
        b"https://" + b"a." * 1000 + b"example",
        *(b"https://evil-%d.example" % number for number in range(200)),
        *(b"https://%s.example" % (b"%d" % number * 60) for number in range(10, 40)),
    ]
    actual = [Request("GET", "/app/item", (("Origin", b" " + origin),)) for origin in origins]
    actual += [Request("GET", "/app/item", (("Origin", BOTH),) * lines) for lines in (2, 60)]
    names = (b"x-\xff", b"x-first," * 70, b"a" * 6000, b"x first", b"x-first\0", b"," * 3000)
    methods = ("P UT", "PURGE", "put", "PUT,DELETE", "x" * 3000)
    asked = [asking("PUT", b" " + header) for header in names] + [asking(method) for method in methods]
    return [
        *(Shot(request.raw(host), plain) for request in actual),
        *(Shot(request.raw(host), preflight) for request in asked),
    ]


def asking(method: str, *headers: str | bytes) -> Request:
    """A preflight of the origin that both policies allow."""
    lines: list[tuple[str, str | bytes]] = [("Origin", BOTH), ("Access-Control-Request-Method", method)]
    lines += [("Access-Control-Request-Headers", header) for header in headers]
    return Request("OPTIONS", "/app/item", tuple(lines))


@dataclass(frozen=True)
class Batch:
    """Requests that are sent at once, and in this order answered."""

    raw: bytes
    kinds: tuple[Kind, ...]
    # Whether the server ends the connection after the last of them.
    closes: bool


def batches(usual: list[Shot], kept: list[Shot], closing: list[Shot], depth: int) -> list[Batch]:
    """Enough different batches of so many requests, a tenth of them hostile.

    What makes the server end the connection (`closing`) is sent alone: some servers end it before they have
    answered what came earlier.
    """
    chosen = random.Random(1)
    turn = _forever(kept, chosen)
    last = _forever(closing, chosen)
    made = []
    for number in range(max(40, 800 // depth)):
        shots = [next(turn) if chosen.random() < 0.1 else chosen.choice(usual) for _ in range(depth)]
        made.append(_batch(shots, closes=False))
        if closing and number % 20 == 0:
            made.append(_batch([next(last)], closes=True))
    return made


def _batch(shots: list[Shot], closes: bool) -> Batch:
    return Batch(b"".join(shot.raw for shot in shots), tuple(shot.kind for shot in shots), closes)


def _forever(shots: list[Shot], chosen: random.Random) -> Iterator[Shot]:
    """All of them in a new order, again and again."""
    while shots:
        yield from chosen.sample(shots, len(shots))


@dataclass
class Count:
    """What came of the load so far."""

    answers: int = 0
    hostile: int = 0
    by_policy: list[int] = field(default_factory=lambda: [0, 0, 0])
    connections: int = 0
    sent_again: int = 0
    wrong: list[str] = field(default_factory=list)


class Channel:
    """A connection that sends one batch after the other, and counts and checks what is answered."""

    def __init__(
        self,
        address: Address,
        supply: Iterator[Batch],
        count: Count,
        selector: selectors.BaseSelector,
        sends_again: bool = False,
    ) -> None:
        self._address = address
        self._supply = supply
        self._count = count
        self._selector = selector
        self._sends_again = sends_again
        self._batch = next(supply)
        self._waiting: deque[Kind] = deque()
        self._buffer = b""
        self._unsent = b""
        self._closes = False
        self._connect()

    def ready(self, events: int) -> None:
        """Sends what can be sent and reads what came."""
        if events & selectors.EVENT_WRITE and self._unsent:
            self._send()
        if events & selectors.EVENT_READ:
            self._read()
        # A server may have answered before it has read everything.
        if not self._waiting and not self._unsent:
            self._next()

    def state(self) -> str:
        """What it waits for, to be told when nothing comes."""
        if not self._waiting:
            return "a connection waits for nothing"
        return f"a connection waits for the answer to {self._waiting[0].name}, after {self._buffer[:200]!r}"

    def close(self) -> None:
        """Ends the connection from this side."""
        self._selector.unregister(self._socket)
        self._socket.close()

    def _connect(self) -> None:
        self._socket = socket.create_connection(self._address, 10)
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._selector.register(self._socket, selectors.EVENT_READ, self)
        self._count.connections += 1
        self._buffer = self._unsent = b""
        self._is_used = False
        self._begin(self._batch)

    def _next(self) -> None:
        self._is_used = True
        self._begin(next(self._supply))

    def _begin(self, batch: Batch) -> None:
        self._batch = batch
        self._closes = batch.closes
        self._waiting = deque(batch.kinds)
        self._unsent = batch.raw
        self._send()

    def _send(self) -> None:
        try:
            self._unsent = self._unsent[self._socket.send(self._unsent) :]
        except BlockingIOError:
            pass
        except ConnectionError:
            # What the server said before can still be read, and tells why.
            self._unsent = b""
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if self._unsent else 0)
        self._selector.modify(self._socket, events, self)

    def _read(self) -> None:
        try:
            piece = self._socket.recv(1 << 18)
        except BlockingIOError:
            return
        except ConnectionError:
            piece = b""
        self._buffer += piece
        if self._take() or not piece:
            self._ended(expected=bool(piece))
        elif not self._waiting and self._closes:
            self._ended(expected=True)

    def _ended(self, expected: bool) -> None:
        """The server ended the connection, which it may do after a hostile request or when it said so.

        It may also end one that was idle, just when the next batch was on its way; then a client sends that
        again (RFC 9112 9.3.1).
        """
        untouched = self._is_used and not self._buffer and len(self._waiting) == len(self._batch.kinds)
        if self._sends_again and not expected and untouched:
            self._count.sent_again += 1
            self.close()
            self._connect()
            return
        if not expected and self._waiting and not self._waiting[0].hostile:
            self._count.wrong.append(f"the connection ended before the answer to {self._waiting[0].name}")
        elif not expected and self._waiting:
            self._count.answers += 1
            self._count.hostile += 1
        self.close()
        self._batch = next(self._supply)
        self._connect()

    def _take(self) -> bool:
        """Checks the answers that are whole; True when the last of them said that the connection ends."""
        buffer, place = self._buffer, 0
        while self._waiting:
            end = buffer.find(b"\r\n\r\n", place)
            if end < 0:
                break
            judged = self._waiting[0].judge(buffer[place:end])
            start = end + 4
            if judged.chunked:
                stop = buffer.find(b"0\r\n\r\n", start) + 5
                if stop < 5:
                    break
                body = _dechunked(buffer[start:stop])
            else:
                stop = start + judged.length
                if len(buffer) < stop:
                    break
                body = buffer[start:stop]
            place = stop
            self._tally(self._waiting.popleft(), judged, body)
            if judged.closes:
                return True
        self._buffer = buffer[place:]
        return False

    def _tally(self, kind: Kind, judged: Judged, body: bytes) -> None:
        count = self._count
        count.answers += 1
        count.hostile += kind.hostile
        if judged.wrong:
            count.wrong.append(judged.wrong)
        elif judged.right:
            count.by_policy[judged.right.policy] += 1
            if judged.right.body is not None and body != judged.right.body and kind.method != "HEAD":
                count.wrong.append(f"{kind.name} was answered with the body {body[:80]!r}")


def _dechunked(raw: bytes) -> bytes:
    body, rest = b"", raw
    while rest:
        size, _, rest = rest.partition(b"\r\n")
        length = int(size, 16)
        body, rest = body + rest[:length], rest[length + 2 :]
        if length == 0:
            break
    return body
