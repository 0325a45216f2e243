"""One running service: its address, its output, its policy file, and how it is started and ended."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from client.http1 import Address, Answer, Request, exchange

FOLDER = Path(__file__).resolve().parent.parent
POLICY = FOLDER / "policy.json"
OUT = Path(os.environ.get("OUT") or FOLDER.parent.parent / ".cache/services").resolve()

START_S = 60.0
STOP_S = 15.0
LISTENING = re.compile(rb"^listening on 127\.0\.0\.1:(\d+)\r?$", re.MULTILINE)
KEYS = {"name", "command", "websocket", "http2", "reloads", "watches", "soak", "as_browsers", "cannot"}


class ServiceError(Exception):
    """A service did not start, ended before it was told to, or did not end."""


@dataclass(frozen=True)
class Entry:
    """What a language's services.json says of one service."""

    name: str
    folder: Path
    command: tuple[str, ...]
    websocket: bool = False
    http2: bool = False
    # Whether a new policy comes with new processes: the old ones end the connections that are idle.
    reloads: bool = False
    watches: bool = False
    soak: bool = True
    # Whether preflights are judged by what a browser makes of their answers, and not line by line.
    as_browsers: bool = False
    cannot: dict[str, str] = field(default_factory=dict)


def entries() -> list[Entry]:
    """The services of every language, in the order of the folders' names and of their files."""
    return [entry for file in sorted(FOLDER.glob("*/services.json")) for entry in _read(file)]


def _read(file: Path) -> Iterator[Entry]:
    for given in json.loads(file.read_bytes()):
        unknown = given.keys() - KEYS
        if unknown:
            raise ServiceError(f"{file}: unknown keys {sorted(unknown)} in {given['name']}")
        if given.get("soak", True) == ("soak" in given.get("cannot", {})):
            raise ServiceError(f"{file}: {given['name']} needs soak: false and its reason, or neither")
        yield Entry(
            given["name"],
            file.parent,
            tuple(part.replace("{out}", str(OUT)) for part in given["command"]),
            given.get("websocket", False),
            given.get("http2", False),
            given.get("reloads", False),
            given.get("watches", False),
            given.get("soak", True),
            given.get("as_browsers", False),
            given.get("cannot", {}),
        )


@dataclass
class Service:
    """A service that is listening.

    `policy_file`, `log` and `process` are None for one that was started by hand, as far as they were not
    given.
    """

    entry: Entry
    address: Address
    policy_file: Path | None = None
    log: Path | None = None
    process: subprocess.Popen[bytes] | None = None
    # What was measured on the way, to be printed.
    notes: list[str] = field(default_factory=list)

    @property
    def host(self) -> str:
        return f"{self.address[0]}:{self.address[1]}"

    def ask(self, request: Request) -> Answer:
        """The answer to a request on a connection of its own."""
        return exchange(self.address, request)

    def replace(self, document: str | bytes | dict[str, Any]) -> Answer:
        """Hands the service another policy, over its own route."""
        body = json.dumps(document) if isinstance(document, dict) else document
        body = body.encode() if isinstance(body, str) else body
        return self.ask(Request("POST", "/-/replace", (("Content-Type", "application/json"),), body))

    def restore(self) -> None:
        """Puts the policy of policy.json in force again."""
        answer = self.replace(POLICY.read_bytes())
        if answer.status != 204:
            raise ServiceError(f"POST /-/replace with policy.json answered {answer}")

    def output(self) -> bytes:
        """What the service has written so far."""
        return self.log.read_bytes() if self.log else b""

    def alive(self) -> bool:
        """Whether it still runs, as far as that can be told."""
        return self.process is None or self.process.poll() is None


@contextmanager
def started(entry: Entry, settings: Mapping[str, str] | None = None) -> Iterator[Service]:
    """The service, started on a free port with a policy file of its own; ended after the block.

    `settings` are more variables for its environment.
    """
    folder = Path(tempfile.mkdtemp(prefix="onecors-service-"))
    log = folder / "output"
    policy_file = folder / "policy.json"
    shutil.copyfile(POLICY, policy_file)
    environment = os.environ | {"PORT": "0", "POLICY": str(policy_file), "OUT": str(OUT)}
    environment |= settings or {}
    try:
        with log.open("wb") as output:
            # A group of its own, so that an interrupt reaches this program alone, which then ends them.
            process = subprocess.Popen(
                entry.command,
                cwd=entry.folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
    except OSError as error:
        shutil.rmtree(folder)
        raise ServiceError(f"cannot be started: {error}") from error
    try:
        yield Service(entry, ("127.0.0.1", _port(process, log)), policy_file, log, process)
    finally:
        end(process)
        shutil.rmtree(folder)


def end(process: subprocess.Popen[bytes]) -> None:
    """Ends a service and all that it started, by force where SIGTERM does not do."""
    if process.poll() is None:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(STOP_S)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def wait_for(condition: Callable[[], bool], seconds: float) -> float | None:
    """How long it took until the condition held, or None when it never did."""
    start = time.monotonic()
    while True:
        held = condition()
        passed = time.monotonic() - start
        if held or passed > seconds:
            return passed if held else None
        time.sleep(0.02)


def _port(process: subprocess.Popen[bytes], log: Path) -> int:
    """The port that the service says it listens on."""
    ready = wait_for(lambda: bool(LISTENING.search(log.read_bytes())) or process.poll() is not None, START_S)
    if found := LISTENING.search(log.read_bytes()):
        return int(found[1])
    text = log.read_text(errors="replace")[-4000:]
    if ready is None:
        raise ServiceError(f"does not say within {START_S:.0f} s that it listens; its output:\n{text}")
    raise ServiceError(f"ended with code {process.returncode} before it listened; its output:\n{text}")
