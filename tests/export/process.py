"""A proxy as a process, which listens on a port of 127.0.0.1."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from client.http1 import Address

PATIENCE_S = 20.0


# The port of the discard protocol: nobody listens there, and no system hands it out to anybody.
CLOSED_PORT = 9
_handed_out: set[int] = set()


def free_port() -> int:
    """A port that nothing listens on, another one for each call."""
    while True:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            port = int(listening.getsockname()[1])
        if port not in _handed_out:
            _handed_out.add(port)
            return port


@contextmanager
def running(command: list[str], folder: Path, port: int) -> Iterator[Address]:
    """A proxy that listens on a port; ended after the block."""
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=folder, stdout=output, stderr=output)
    try:
        deadline = time.monotonic() + PATIENCE_S
        while True:
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"{command[0]} does not listen:\n{log.read_text()[-4000:]}")
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.05)
        yield ("127.0.0.1", port)
    finally:
        process.terminate()
        process.wait(PATIENCE_S)
