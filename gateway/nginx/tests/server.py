"""A real nginx with the module: its configuration, its start and end, and what it wrote."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from client.http1 import Address, Answer, Request, exchange

ROOT = Path(__file__).resolve().parents[3]
NGINX = ROOT / ".cache/nginx/usr/sbin/nginx"
POLICY = ROOT / "tests/services/policy.json"
SANITIZED = bool(os.environ.get("ONECORS_SANITIZED"))
MODULE = ROOT / "target/nginx" / ("sanitized" if SANITIZED else "plain") / "ngx_http_onecors_module.so"
PATIENCE_S = 15.0
# What a sanitizer finds begins with one of these.
FINDINGS = re.compile(r"AddressSanitizer|LeakSanitizer|runtime error:")

CONFIGURATION = """\
load_module {module};
{user}
daemon off;
worker_processes {workers};
pid nginx.pid;
error_log error.log {level};
events {{ }}
http {{
    log_format outcomes '$request_method $uri $onecors_outcome $onecors_reason';
    access_log access.log outcomes;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    {http}
}}
"""


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def wait_until(condition: Callable[[], bool], what: str) -> None:
    """Waits for what must come to be."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, f"not within {PATIENCE_S:.0f} s: {what}"
        time.sleep(0.02)


def environment() -> dict[str, str]:
    """With the runtime of the address sanitizer, which nginx itself is not linked with."""
    if not SANITIZED:
        return dict(os.environ)
    find = ["gcc", "-print-file-name=libasan.so"]
    runtime = subprocess.run(find, check=True, capture_output=True, text=True).stdout.strip()
    options = {
        "LD_PRELOAD": str(Path(runtime).resolve()),
        # nginx does not free everything when it ends: a leak of the module is looked for in its pools'
        # clean-up, in test_reload.py.
        "ASAN_OPTIONS": "detect_leaks=0:abort_on_error=1:quarantine_size_mb=1",
        "UBSAN_OPTIONS": "print_stacktrace=1",
    }
    return dict(os.environ) | options


class Nginx:
    """nginx in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None
        shutil.copyfile(POLICY, folder / "policy.json")

    @property
    def address(self) -> Address:
        return ("127.0.0.1", self.port)

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def write(self, http: str, workers: int = 1, level: str = "warn") -> None:
        """Writes the configuration, with this inside `http`."""
        user = "user root;" if os.geteuid() == 0 else ""
        text = CONFIGURATION.format(module=MODULE, user=user, workers=workers, level=level, http=http)
        (self.folder / "nginx.conf").write_text(text)

    def serve(self, server: str, http: str = "", workers: int = 1, level: str = "warn") -> None:
        """Writes a configuration with one server that has this in it, and starts."""
        listening = f"server {{ listen 127.0.0.1:{self.port}; {server} }}"
        self.write(f"{http}\n{listening}", workers, level)
        self.start()

    def command(self, *more: str) -> list[str]:
        return [str(NGINX), "-p", f"{self.folder}/", "-c", "nginx.conf", "-e", "error.log", *more]

    def check(self) -> subprocess.CompletedProcess[str]:
        """What `nginx -t` says, to standard error."""
        command = [str(NGINX), "-t", "-p", f"{self.folder}/", "-c", "nginx.conf", "-e", "stderr"]
        checked = subprocess.run(
            command, env=environment(), capture_output=True, text=True, check=False, timeout=60
        )
        assert not FINDINGS.search(checked.stderr), checked.stderr
        return checked

    def start(self) -> None:
        """Starts, and waits until it listens."""
        with (self.folder / "output").open("wb") as output:
            self.process = subprocess.Popen(self.command(), env=environment(), stdout=output, stderr=output)
        wait_until(self._answers, f"nginx listens; it wrote {self.log()}")

    def _answers(self) -> bool:
        assert self.process is not None and self.process.poll() is None, self.log()
        with suppress(OSError), socket.create_connection(self.address, 1):
            # The master listens before it has workers.
            return bool(self.workers())
        return False

    def ask(self, request: Request) -> Answer:
        """The answer to a request on a connection of its own."""
        return exchange(self.address, request)

    def signal(self, number: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    def workers(self) -> list[int]:
        """The workers that accept connections, or are about to; those that are ending say so."""
        assert self.process is not None
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return [int(child) for child in children if "shutting down" not in title(int(child))]

    def reload(self) -> None:
        """Has the configuration taken, and waits until the workers that had the old one are ending."""
        before = self.workers()
        listening = listener(self.port)
        self.signal(signal.SIGHUP)
        wait_until(lambda: not any(holds(worker, listening) for worker in before), "the old workers end")

    def log(self) -> str:
        """All that it wrote so far, but for the access log."""
        files = [self.folder / name for name in ("output", "error.log")]
        return "".join(file.read_text(errors="replace") for file in files if file.exists())

    def accessed(self) -> list[str]:
        """The lines of the access log."""
        file = self.folder / "access.log"
        return file.read_text().splitlines() if file.exists() else []

    def end(self) -> None:
        """Ends it, and fails where a process of it crashed or a sanitizer found something."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(PATIENCE_S)
        text = self.log()
        assert not FINDINGS.search(text), text
        assert "exited on signal 11" not in text and "exited on signal 6" not in text, text


def listener(port: int) -> str:
    """The socket that listens on a port, as the folder fd of a process calls it."""
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()]
    inode = next(line[9] for line in lines if line[1] == f"0100007F:{port:04X}" and line[3] == "0A")
    return f"socket:[{inode}]"


def holds(process: int, socket_name: str) -> bool:
    """Whether a process has a socket open. A worker that is ending closes the one that listens first."""
    with suppress(OSError):
        return any(os.readlink(fd) == socket_name for fd in Path(f"/proc/{process}/fd").iterdir())
    return False


def title(process: int) -> str:
    """What a process calls itself."""
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes().rstrip(b"\0 ").decode()
    except OSError:
        return ""
