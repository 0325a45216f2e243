"""What every proxy's `serve` does: it starts the service that stands behind, and waits for the proxy."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NoReturn

OUT = Path(os.environ["OUT"])
POLICY = Path(os.environ["POLICY"])
PATIENCE_S = 20.0

Process = subprocess.Popen[Any]


def end_on_sigterm() -> None:
    """Has SIGTERM leave every block."""

    def ended(*_: object) -> NoReturn:
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, ended)


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """A folder, for as long as the block runs."""
    folder = Path(tempfile.mkdtemp(prefix="onecors-proxy-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def service(prefix: Path, replaced: Path) -> Iterator[tuple[Process, int]]:
    """The service behind the proxy, and its port. `replaced` is run with `PREFIX` in its environment."""
    environment = os.environ | {"PORT": "0", "PREFIX": str(prefix), "REPLACED": str(replaced)}
    script = OUT / "upstream/upstream.mjs"
    process = subprocess.Popen(["node", script], env=environment, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        listening = re.fullmatch(r"listening on 127\.0\.0\.1:(\d+)\n", line)
        if listening is None:
            sys.exit(f"the service said {line!r}")
        yield process, int(listening[1])
    finally:
        end(process)


def port() -> int:
    """The port for the proxy."""
    if wanted := int(os.environ.get("PORT", "0")):
        return wanted
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def announce(port: int, proxy: Process) -> None:
    """Says that the proxy listens, once it does."""
    deadline = time.monotonic() + PATIENCE_S
    while proxy.poll() is None and time.monotonic() < deadline:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            print(f"listening on 127.0.0.1:{port}", flush=True)
            return
        time.sleep(0.02)
    sys.exit("the proxy does not listen")


def end(process: Process) -> None:
    """Ends a process, by force where SIGTERM does not do."""
    process.terminate()
    try:
        process.wait(PATIENCE_S)
    except subprocess.TimeoutExpired:
        process.kill()
