"""The five services: how each is started, and how all are stopped again."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from pathlib import Path

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
START_S = 60
STOP_S = 5
LISTENING = re.compile(r"^listening on 127\.0\.0\.1:(\d+)$", re.MULTILINE)


class Services:
    """Starts every service on a free port of loopback, and stops them when the block ends."""

    def __init__(self) -> None:
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self.ports: dict[str, int] = {}

    def __enter__(self) -> Services:
        try:
            for language, command in COMMANDS.items():
                self._start(language, command)
            for language in COMMANDS:
                self.ports[language] = self._wait_for_port(language)
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _start(self, language: str, command: list[str]) -> None:
        folder = EXAMPLES / FOLDERS.get(language, language.lower())
        environment = os.environ | {"PORT": "0", "POLICY": str(EXAMPLES / "policy.json")}
        with self._log(language).open("wb") as log:
            # A group of its own, so that Ctrl-C reaches this program alone, which then stops them all.
            self._running[language] = subprocess.Popen(
                command, cwd=folder, env=environment, stdout=log, stderr=log, start_new_session=True
            )

    def _log(self, language: str) -> Path:
        LOGS.mkdir(parents=True, exist_ok=True)
        return LOGS / f"service-{FOLDERS.get(language, language.lower())}.log"

    def _wait_for_port(self, language: str) -> int:
        deadline = time.monotonic() + START_S
        process = self._running[language]
        while time.monotonic() < deadline:
            ended = process.poll() is not None
            text = self._log(language).read_text(errors="replace")
            if found := LISTENING.search(text):
                return int(found[1])
            if ended:
                raise SystemExit(f"the {language} service ended before it listened:\n{text}")
            time.sleep(0.05)
        raise SystemExit(f"the {language} service does not listen after {START_S} s:\n{text}")

    def stop(self) -> None:
        """Ends every service that was started; kills one that does not end in time."""
        for process in self._running.values():
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
        deadline = time.monotonic() + STOP_S
        for process in self._running.values():
            _end_by(deadline, process)
        self._running.clear()


def _end_by(deadline: float, process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
