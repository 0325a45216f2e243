"""The five services and the two proxies: how each is started, and how all are stopped again."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from proxies import ENVIRONMENT, PROXIES, command_of, folder_of, free_port

EXAMPLES = Path(__file__).resolve().parent.parent
BUILT = EXAMPLES.parent / ".cache" / "examples"
LOGS = EXAMPLES.parent / ".cache" / "logs"

COMMANDS = {
    "Python": [str(BUILT / "python/bin/python"), "main.py"],
    "Node": ["node", "main.mjs"],
    "Java": ["java", "-jar", str(BUILT / "java/service.jar")],
    "Go": [str(BUILT / "go/service")],
    "C++": [str(BUILT / "cpp/service")],
}
FOLDERS = {"C++": "cpp"}
# The service that both proxies stand in front of: the one in Python, without its policy.
PLAIN = "the service without CORS"
START_S = 60
STOP_S = 5
Ready = TypeVar("Ready")
LISTENING = re.compile(r"^listening on 127\.0\.0\.1:(\d+)$", re.MULTILINE)


class Services:
    """Starts every service and proxy on a free port of loopback, and stops them when the block ends."""

    def __init__(self) -> None:
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self.ports: dict[str, int] = {}

    def __enter__(self) -> Services:
        try:
            for language, command in COMMANDS.items():
                folder = EXAMPLES / FOLDERS.get(language, language.lower())
                self._start(language, command, folder, {"PORT": "0", "POLICY": str(EXAMPLES / "policy.json")})
            proxies = self._start_proxies()
            for language in COMMANDS:
                self.ports[language] = self._wait_for_port(language)
            for name, port in proxies.items():
                self._wait_until_listening(name, port)
            self.ports |= {name: proxies[name] for name in PROXIES}
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _start_proxies(self) -> dict[str, int]:
        """Starts the service without CORS and the proxies in front of it; the port of each."""
        ports = {name: free_port() for name in (PLAIN, *PROXIES)}
        options = f"-m uvicorn --port {ports[PLAIN]} --log-level warning lantern:app"
        serve = [COMMANDS["Python"][0], *options.split()]
        self._start(PLAIN, serve, EXAMPLES / "python", {})
        for proxy in PROXIES:
            folder = folder_of(proxy, ports[proxy], ports[PLAIN])
            self._start(proxy, command_of(proxy), folder, ENVIRONMENT)
        return ports

    def _start(self, name: str, command: list[str], folder: Path, variables: dict[str, str]) -> None:
        environment = os.environ | variables
        with self._log(name).open("wb") as log:
            # A group of its own, so that Ctrl-C reaches this program alone, which then stops them all.
            self._running[name] = subprocess.Popen(
                command, cwd=folder, env=environment, stdout=log, stderr=log, start_new_session=True
            )

    def _log(self, name: str) -> Path:
        LOGS.mkdir(parents=True, exist_ok=True)
        return LOGS / f"service-{FOLDERS.get(name, name.lower()).replace(' ', '-')}.log"

    def _wait_for_port(self, language: str) -> int:
        """Waits until the service has said on which port it listens."""
        return int(self._wait(language, lambda: LISTENING.search(self._output(language)))[1])

    def _wait_until_listening(self, name: str, port: int) -> None:
        """Waits until there is something on a port that was chosen for it."""
        self._wait(name, lambda: _listens(port))

    def _wait(self, name: str, ready: Callable[[], Ready | None]) -> Ready:
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline:
            ended = self._running[name].poll() is not None
            if found := ready():
                return found
            if ended:
                raise SystemExit(f"{name} ended before it listened:\n{self._output(name)}")
            time.sleep(0.05)
        raise SystemExit(f"{name} does not listen after {START_S} s:\n{self._output(name)}")

    def _output(self, name: str) -> str:
        return self._log(name).read_text(errors="replace")

    def stop(self) -> None:
        """Ends every service that was started; kills one that does not end in time."""
        for process in self._running.values():
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
        deadline = time.monotonic() + STOP_S
        for process in self._running.values():
            _end_by(deadline, process)
        self._running.clear()


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def _end_by(deadline: float, process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
