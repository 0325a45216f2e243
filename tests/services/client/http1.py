"""HTTP/1.1 over a socket, sent byte for byte as written and read without tidying anything up.

A library would refuse to send what the scenarios send, and would join or drop lines of what comes back.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType

Address = tuple[str, int]
Lines = tuple[tuple[str, str], ...]

TIMEOUT_S = 10.0
BODILESS = (204, 304)


class NoAnswerError(Exception):
    """The connection ended, or nothing came in time, before the answer's header was whole."""


class SilentError(NoAnswerError):
    """Nothing came in time, and the connection did not end either."""


class NoHeaderError(NoAnswerError):
    """What came is a page alone, as of HTTP/0.9: so some servers answer what they cannot read."""


class BadAnswerError(Exception):
    """What came back is not HTTP/1.1."""


@dataclass(frozen=True)
class Request:
    """A request, with header lines in the order and spelling that they are sent in.

    A name or value that is text is sent as UTF-8. A value begins after the colon: the usual space is added
    to text, and bytes are sent as they are.
    """

    method: str = "GET"
    target: str | bytes = "/"
    headers: tuple[tuple[str | bytes, str | bytes], ...] = ()
    body: bytes = b""

    def raw(self, host: str) -> bytes:
        """The bytes on the wire; `Host` and `Content-Length` are added where the lines have none."""
        names = {_bytes(name).strip().lower() for name, _ in self.headers}
        lines = [b" ".join([self.method.encode(), _bytes(self.target), b"HTTP/1.1"])]
        if b"host" not in names:
            lines.append(b"Host: " + host.encode())
        for name, value in self.headers:
            lines.append(_bytes(name) + b":" + (value if isinstance(value, bytes) else b" " + value.encode()))
        # Without it some servers wait for a body (RFC 9110 8.6).
        announces = bool(self.body) or self.method in ("POST", "PUT", "PATCH")
        if announces and not names & {b"content-length", b"transfer-encoding"}:
            lines.append(b"Content-Length: %d" % len(self.body))
        return b"\r\n".join([*lines, b"", self.body])

    def __str__(self) -> str:
        lines = "".join(f" | {_shown(name)}:{_shown(value)}" for name, value in self.headers)
        return f"{self.method} {_shown(self.target)}{lines}"


@dataclass(frozen=True)
class Answer:
    """A final answer: every header line as it came, and as much of the body as came."""

    status: int
    lines: Lines
    body: bytes = b""
    # Whether the body ended as its header had announced.
    complete: bool = True
    # Whether the body ended only with the connection.
    until_close: bool = False
    # The statuses of the 1xx answers before it.
    informational: tuple[int, ...] = field(default=(), compare=False)

    def all(self, name: str) -> list[str]:
        """The values of every line of this name, in their order."""
        return [value for line, value in self.lines if line.lower() == name.lower()]

    def joined(self, name: str) -> str | None:
        """The lines of this name joined as RFC 9110 5.3 has it, or None."""
        values = self.all(name)
        return ", ".join(values) if values else None

    def __str__(self) -> str:
        lines = "".join(f"\n      {name}: {value}" for name, value in self.lines)
        body = _shown(self.body[:300]) + ("" if self.complete else " (cut short)")
        return f"{self.status}{lines}\n      body: {body}"


class Connection:
    """One connection, on which any bytes can be sent and answers be read one after the other."""

    def __init__(self, address: Address, timeout: float = TIMEOUT_S) -> None:
        try:
            self._socket = socket.create_connection(address, timeout)
        except OSError as error:
            raise NoAnswerError(f"no connection: {error}") from error
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._buffer = b""
        self._reset = False

    def __enter__(self) -> Connection:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends the connection from this side."""
        self._socket.close()

    def send(self, raw: bytes) -> None:
        """Sends all of it. A peer that has heard enough is no error: what it said can still be read."""
        with suppress(ConnectionError, TimeoutError):
            self._socket.sendall(raw)

    def answer(self, method: str = "GET") -> Answer:
        """The next final answer, with its body."""
        head = self.head()
        body, complete = b"", True
        try:
            for piece in self.body(method, head):
                body += piece
        except NoAnswerError:
            complete = False
        return Answer(
            head.status, head.lines, body, complete, self._until_close(method, head), head.informational
        )

    def head(self) -> Answer:
        """The next final answer's status and header, as soon as they are there."""
        informational: list[int] = []
        while True:
            status, lines = self._head()
            if status >= 200 or status == 101:
                return Answer(status, lines, informational=tuple(informational))
            informational.append(status)

    def body(self, method: str, head: Answer) -> Iterator[bytes]:
        """The body in the pieces that it comes in; NoAnswerError where it ends too early."""
        if method == "HEAD" or head.status in BODILESS or head.status == 101:
            return
        lengths = set(head.all("content-length"))
        if (head.joined("transfer-encoding") or "").lower() == "chunked":
            yield from self._chunks()
        elif len(lengths) == 1:
            yield from self._exactly(int(lengths.pop()))
        elif lengths:
            raise BadAnswerError(f"several lengths: {sorted(lengths)}")
        else:
            while piece := self._buffer or self._receive():
                self._buffer = b""
                yield piece
            if self._reset:
                raise NoAnswerError("the connection was reset")

    def pending(self) -> bytes:
        """What came and was not read yet, without waiting."""
        self._socket.setblocking(False)
        with suppress(BlockingIOError, ConnectionError):
            while piece := self._socket.recv(65536):
                self._buffer += piece
        self._socket.settimeout(TIMEOUT_S)
        return self._buffer

    def exactly(self, size: int) -> bytes:
        """The next so many bytes."""
        return b"".join(self._exactly(size))

    def closed(self) -> bool:
        """Whether the peer ended the connection; waits for its next byte or its end."""
        if not self._buffer:
            self._buffer = self._receive()
        return not self._buffer

    @staticmethod
    def _until_close(method: str, head: Answer) -> bool:
        framed = method == "HEAD" or head.status in BODILESS or head.status == 101
        return not framed and not head.all("content-length") and not head.all("transfer-encoding")

    def _receive(self) -> bytes:
        try:
            return self._socket.recv(65536)
        except TimeoutError as error:
            raise SilentError(f"nothing came within {self._socket.gettimeout()} s") from error
        except ConnectionError:
            self._reset = True
            return b""

    def _line(self, first: bool = False) -> bytes:
        while b"\n" not in self._buffer:
            piece = self._receive()
            if not piece:
                raise NoAnswerError(f"the connection ended after {_shown(self._buffer[:80])!r}")
            self._buffer += piece
        if first and not self._buffer.startswith(b"HTTP/"):
            raise NoHeaderError(f"no status line: {_shown(self._buffer[:400])}")
        line, self._buffer = self._buffer.split(b"\n", 1)
        if not line.endswith(b"\r"):
            raise BadAnswerError(f"a line without CR: {_shown(line)}")
        return line[:-1]

    def _head(self) -> tuple[int, Lines]:
        line = self._line(first=True)
        version, _, rest = line.partition(b" ")
        if version not in (b"HTTP/1.1", b"HTTP/1.0") or not rest[:3].isdigit():
            raise BadAnswerError(f"no status line: {_shown(version + b' ' + rest)}")
        lines = []
        while line := self._line():
            name, colon, value = line.partition(b":")
            if not colon or not name or name != name.strip():
                raise BadAnswerError(f"no header line: {_shown(line)}")
            lines.append((name.decode("latin-1"), value.strip(b" \t").decode("latin-1")))
        return int(rest[:3]), tuple(lines)

    def _exactly(self, size: int) -> Iterator[bytes]:
        while size:
            if not self._buffer:
                self._buffer = self._receive()
            piece, self._buffer = self._buffer[:size], self._buffer[size:]
            if not piece:
                raise NoAnswerError(f"the connection ended, {size} bytes short")
            size -= len(piece)
            yield piece

    def _chunks(self) -> Iterator[bytes]:
        while True:
            line = self._line().split(b";")[0].strip()
            try:
                size = int(line, 16)
            except ValueError:
                raise BadAnswerError(f"no chunk size: {_shown(line)}") from None
            yield from self._exactly(size)
            if size == 0:
                while self._line():
                    pass
                return
            if self._line():
                raise BadAnswerError("a chunk longer than it said")


def exchange(address: Address, request: Request, timeout: float = TIMEOUT_S) -> Answer:
    """The answer to one request on a connection of its own."""
    with Connection(address, timeout) as connection:
        connection.send(request.raw(f"{address[0]}:{address[1]}"))
        try:
            return connection.answer(request.method)
        except (NoAnswerError, BadAnswerError) as error:
            raise type(error)(f"{error}\n    {request}") from error


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode()


def _shown(data: str | bytes) -> str:
    """Readable in a terminal and never longer than a few lines."""
    text = repr(_bytes(data))[2:-1]
    return text if len(text) <= 400 else f"{text[:200]}... ({len(text)} characters)"
