"""How the proxies, and the service behind them, are started and stopped."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import envoy
import nginx

ROOT = Path(__file__).resolve().parent.parent.parent
NGINX = [str(ROOT / ".cache/nginx/usr/sbin/nginx"), "-e", "stderr", "-c", "configuration", "-p"]
ENVOY = [str(ROOT / ".cache/envoy/bin/envoy"), "--concurrency", "1", "--disable-hot-restart"]
MODULES = ROOT / "dist"
STOP_S = 10


def service_in(folder: Path, port: int) -> list[str]:
    """What starts the service, all in this folder."""
    return nginx_in(folder, nginx.service(port))


def proxy_in(folder: Path, proxy: str, subject: str, document: Path, ports: tuple[int, int]) -> list[str]:
    """What starts a proxy, all in this folder; it listens on one port, and asks another."""
    port, behind = ports
    if proxy == "nginx":
        module = MODULES / "nginx/ngx_http_onecors_module.so"
        return nginx_in(folder, nginx.configuration(subject, document, port, behind, module))
    folder.mkdir()
    configuration = folder / "envoy.json"
    configuration.write_text(envoy.configuration(subject, document, port, behind))
    return [*ENVOY, "--log-level", "error", "-c", str(configuration)]


def nginx_in(folder: Path, text: str) -> list[str]:
    folder.mkdir()
    (folder / "configuration").write_text(text)
    return [*NGINX, str(folder)]


def elsewhere() -> list[str]:
    """What keeps a program on the first processor, where wrk is too."""
    return ["taskset", "-c", "0"] if (os.cpu_count() or 1) > 1 else []


@contextmanager
def running(command: list[str], *, start_new_session: bool = False) -> Iterator[subprocess.Popen[bytes]]:
    environment = os.environ | {"ENVOY_DYNAMIC_MODULES_SEARCH_PATH": str(MODULES / "envoy")}
    process = subprocess.Popen(command, env=environment, start_new_session=start_new_session)
    try:
        yield process
    finally:
        end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """Asks more than once: nginx misses a signal that comes just before it waits for events."""
    for _ in range(STOP_S):
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=1)
            return
    process.kill()
    process.wait()


def free_port() -> int:
    """A port that was free a moment ago: a proxy cannot be told to take any."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port
