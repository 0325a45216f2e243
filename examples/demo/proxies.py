"""The two proxies: the folder that each runs in, with the configuration of its example, and its command."""

from __future__ import annotations

import re
import shutil
import socket
from pathlib import Path

EXAMPLES = Path(__file__).resolve().parent.parent
CACHE = EXAMPLES.parent / ".cache"
DIST = EXAMPLES.parent / "dist"

PROXIES = ("Envoy", "nginx")
ENVIRONMENT = {"ENVOY_DYNAMIC_MODULES_SEARCH_PATH": str(DIST / "envoy")}
# The ports in the examples' files.
LISTENS, BEHIND = 8000, 8001


def free_port() -> int:
    """A port of loopback that was free a moment ago: a proxy cannot be told to take any."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


def folder_of(proxy: str, port: int, behind: int) -> Path:
    """A new folder with all that the proxy reads, to listen on one port and to ask another."""
    folder = CACHE / "examples" / f"proxy-{proxy.lower()}"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(EXAMPLES / proxy.lower(), folder)
    shutil.copy(EXAMPLES / "policy.json", folder)
    ports = {str(LISTENS): str(port), str(BEHIND): str(behind)}
    for file in [*folder.glob("*.conf"), *folder.glob("*.yaml")]:
        file.write_text(re.sub(r"\b(8000|8001)\b", lambda found: ports[found[0]], file.read_text()))
    if proxy == "nginx":
        (folder / "modules").mkdir()
        module = DIST / "nginx" / "ngx_http_onecors_module.so"
        (folder / "modules" / "onecors.conf").write_text(f'load_module "{module}";\n')
    return folder


def command_of(proxy: str) -> list[str]:
    """What starts the proxy in its folder."""
    if proxy == "nginx":
        return [str(CACHE / "nginx/usr/sbin/nginx"), "-p", ".", "-c", "nginx.conf", "-e", "stderr"]
    options = ["--concurrency", "1", "--disable-hot-restart", "--log-level", "warn"]
    return [str(CACHE / "envoy/bin/envoy"), "-c", "envoy.yaml", *options]
