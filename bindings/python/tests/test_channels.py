"""Django Channels in its own server, Daphne."""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent
EVIL, ALLOWED = "https://evil.example", "https://app.example.com"
LISTENING = re.compile(rb"Listening on TCP address 127\.0\.0\.1:([0-9]+)")


@contextmanager
def daphne(application: str) -> Iterator[int]:
    """Serve an application, and give the port."""
    arguments = ["-b", "127.0.0.1", "-p", "0", f"channels_project:{application}"]
    process = subprocess.Popen(
        [sys.executable, "-m", "daphne", *arguments],
        env=os.environ | {"PYTHONPATH": f"{FOLDER}:{FOLDER.parent / 'python'}"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    assert process.stderr is not None
    try:
        lines = iter(process.stderr.readline, b"")
        found = next((match for line in lines if (match := LISTENING.search(line))), None)
        assert found is not None, "Daphne has ended"
        yield int(found[1])
    finally:
        process.terminate()
        process.wait(15)
        process.stderr.close()


def ask(port: int, path: str, *fields: str) -> bytes:
    """Give the head of an answer."""
    lines = (f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", *fields, "", "")
    with socket.create_connection(("127.0.0.1", port), 15) as connection:
        connection.sendall("\r\n".join(lines).encode())
        answer = b""
        while b"\r\n\r\n" not in answer and (part := connection.recv(4096)):
            answer += part
    return answer.partition(b"\r\n\r\n")[0]


def connect(port: int, origin: str) -> int:
    """Give the status of the answer to a handshake."""
    head = ask(
        port,
        "/app/ws",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        f"Origin: {origin}",
    )
    return int(head.split()[1])


@pytest.mark.parametrize("application", ["right", "each"])
def test_a_websocket_is_for_the_origins_of_the_policy(application: str) -> None:
    with daphne(application) as port:
        assert connect(port, EVIL) == 403
        assert connect(port, ALLOWED) == 101
        assert connect(port, f"http://127.0.0.1:{port}") == 101
        head = ask(port, "/app/item", f"Origin: {ALLOWED}")
        assert f"access-control-allow-origin: {ALLOWED}".encode() in head.lower()


def test_around_http_alone_every_origin_is_let_in() -> None:
    with daphne("opened") as port:
        assert connect(port, EVIL) == 101
