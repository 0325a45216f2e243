"""One request over a raw HTTP/1.1 connection, with exactly the lines that were recorded."""

from __future__ import annotations

import socket
from http.client import HTTPResponse

from browser import Answer, Sent

TIMEOUT_S = 20


def send(port: int, sent: Sent) -> Answer:
    """The answer of the service that listens on this port of loopback."""
    lines = [f"{sent.method} {sent.target} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in sent.headers]
    message = "\r\n".join([*lines, "", sent.body]).encode()
    with socket.create_connection(("127.0.0.1", port), TIMEOUT_S) as connection:
        connection.sendall(message)
        response = HTTPResponse(connection, method=sent.method)
        response.begin()
        response.read()
        return Answer(response.status, tuple(response.getheaders()))
