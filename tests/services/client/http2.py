"""HTTP/2 in the clear with prior knowledge: several requests at once on one connection."""

from __future__ import annotations

import socket
from collections.abc import Sequence

import h2.config
import h2.connection
import h2.events
import h2.exceptions

from client.http1 import TIMEOUT_S, Address, Answer, NoAnswerError, Request, SilentError


def exchange(address: Address, requests: Sequence[Request]) -> list[Answer]:
    """The answers to requests that are sent at once, in their order.

    A request that the server resets has an answer with the status 0.
    """
    # What is sent is not checked: the scenarios send what a browser would not.
    config = h2.config.H2Configuration(
        client_side=True,
        header_encoding="latin-1",
        validate_outbound_headers=False,
        normalize_outbound_headers=False,
    )
    connection = h2.connection.H2Connection(config)
    try:
        with socket.create_connection(address, TIMEOUT_S) as opened:
            return _Streams(opened, connection, f"{address[0]}:{address[1]}").exchange(requests)
    except TimeoutError as error:
        raise SilentError(f"nothing came within {TIMEOUT_S:.0f} s over HTTP/2") from error
    except (OSError, h2.exceptions.ProtocolError) as error:
        raise NoAnswerError(f"HTTP/2: {type(error).__name__}: {error}") from error


class _Streams:
    """The streams of one connection."""

    def __init__(self, opened: socket.socket, connection: h2.connection.H2Connection, host: str) -> None:
        self._socket = opened
        self._connection = connection
        self._host = host
        self._heads: dict[int, Answer] = {}
        self._bodies: dict[int, bytes] = {}
        self._open: set[int] = set()

    def exchange(self, requests: Sequence[Request]) -> list[Answer]:
        self._connection.initiate_connection()
        streams = [self._begin(request) for request in requests]
        self._flush()
        while self._open:
            data = self._socket.recv(65536)
            if not data:
                raise NoAnswerError("the connection over HTTP/2 ended before the answers")
            for event in self._connection.receive_data(data):
                self._take(event)
            self._flush()
        return [self._answer(stream) for stream in streams]

    def _begin(self, request: Request) -> int:
        stream = self._connection.get_next_available_stream_id()
        target = request.target.encode() if isinstance(request.target, str) else request.target
        headers = [
            (b":method", request.method.encode()),
            (b":scheme", b"http"),
            (b":authority", self._host.encode()),
            (b":path", target),
        ]
        for name, value in request.headers:
            lower = (name if isinstance(name, bytes) else name.encode()).lower()
            headers.append((lower, value if isinstance(value, bytes) else value.encode()))
        self._connection.send_headers(stream, headers, end_stream=not request.body)
        if request.body:
            self._connection.send_data(stream, request.body, end_stream=True)
        self._open.add(stream)
        self._bodies[stream] = b""
        return stream

    def _take(self, event: h2.events.Event) -> None:
        if isinstance(event, h2.events.ResponseReceived):
            lines = tuple((_text(name), _text(value)) for name, value in event.headers)
            status = int(dict(lines)[":status"])
            self._heads[event.stream_id] = Answer(
                status, tuple(line for line in lines if line[0] != ":status")
            )
        elif isinstance(event, h2.events.DataReceived):
            self._bodies[event.stream_id] += event.data
            self._connection.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        elif isinstance(event, h2.events.StreamEnded | h2.events.StreamReset):
            self._open.discard(event.stream_id)
        elif isinstance(event, h2.events.ConnectionTerminated):
            raise NoAnswerError(f"the server ended the connection over HTTP/2: {event.error_code}")

    def _answer(self, stream: int) -> Answer:
        head = self._heads.get(stream, Answer(0, ()))
        return Answer(head.status, head.lines, self._bodies[stream])

    def _flush(self) -> None:
        self._socket.sendall(self._connection.data_to_send())


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode("latin-1")
