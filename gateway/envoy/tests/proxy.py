"""Envoy with the module: its configuration, its process, its log and its stats."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from client.http1 import Address, Answer, Request, exchange

Json = dict[str, Any]

ENVOY = Path(os.environ["ENVOY"])
OUT = Path(os.environ["OUT"])
POLICY = Path(__file__).resolve().parents[3] / "tests/services/policy.json"
PATIENCE_S = 20.0

TYPES = "type.googleapis.com/"
FILTERS = TYPES + "envoy.extensions.filters.http."
HTTP = TYPES + "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"


def onecors(config: object) -> Json:
    """The filter, with a configuration."""
    return {
        "name": "onecors",
        "typed_config": {
            "@type": FILTERS + "dynamic_modules.v3.DynamicModuleFilter",
            "dynamic_module_config": {"name": "onecors"},
            "filter_name": "onecors",
            "filter_config": {"@type": TYPES + "google.protobuf.Struct", "value": config},
        },
    }


def answer(prefix: str, status: int = 200, body: str = "", **more: object) -> Json:
    """A route that Envoy answers by itself."""
    response = {"status": status, "body": {"inline_string": body}}
    return {"match": {"prefix": prefix}, "direct_response": response, **more}


def added(*lines: tuple[str, str]) -> list[Json]:
    """Fields that a route adds to its responses."""
    return [
        {"header": {"key": name, "value": value}, "append_action": "APPEND_IF_EXISTS_OR_ADD"}
        for name, value in lines
    ]


def to(cluster: str, prefix: str, **route: object) -> Json:
    """A route to a cluster."""
    return {"match": {"prefix": prefix}, "route": {"cluster": cluster, **route}}


def listener(name: str, filters: list[Json], routes: list[Json], port: int = 0, **manager: object) -> Json:
    """A listener for HTTP on a port of 127.0.0.1, any when it is 0."""
    router = {"name": "router", "typed_config": {"@type": FILTERS + "router.v3.Router"}}
    connection_manager = {
        "@type": HTTP,
        "stat_prefix": name,
        "http_filters": [*filters, router],
        "route_config": {
            "virtual_hosts": [{"name": "all", "domains": ["*"], "routes": routes}],
            "validate_clusters": False,
        },
        **manager,
    }
    return {
        "name": name,
        "address": {"socket_address": {"address": "127.0.0.1", "port_value": port}},
        "filter_chains": [{"filters": [{"name": "http", "typed_config": connection_manager}]}],
    }


def cluster(name: str, port: int) -> Json:
    """A cluster of one server on 127.0.0.1."""
    address = {"socket_address": {"address": "127.0.0.1", "port_value": port}}
    endpoints = [{"lb_endpoints": [{"endpoint": {"address": address}}]}]
    return {
        "name": name,
        "connect_timeout": "10s",
        "load_assignment": {"cluster_name": name, "endpoints": endpoints},
    }


@dataclass
class Envoy:
    """An Envoy that runs, and the folder that it runs in."""

    folder: Path
    process: subprocess.Popen[bytes]
    admin: Address = ("127.0.0.1", 0)

    def log(self) -> str:
        """What it has written so far."""
        return (self.folder / "log").read_text(errors="replace")

    def ask_admin(self, target: str, method: str = "GET") -> str:
        """The answer of its interface for administrators."""
        return exchange(self.admin, Request(method, target)).body.decode()

    def address(self, name: str) -> Address:
        """Where a listener listens."""
        return ("127.0.0.1", self.listeners()[name])

    def listeners(self) -> dict[str, int]:
        """The ports of its listeners, by their names."""
        statuses = json.loads(self.ask_admin("/listeners?format=json")).get("listener_statuses", [])
        return {
            status["name"]: status["local_address"]["socket_address"]["port_value"] for status in statuses
        }

    def ask(self, name: str, request: Request) -> Answer:
        """A listener's answer to a request on a connection of its own."""
        return exchange(self.address(name), request)

    def stats(self) -> dict[str, int]:
        """The module's counters that are not 0, by the end of their names."""
        text = self.ask_admin("/stats?format=json&usedonly")
        prefix = "dynamicmodulescustom.onecors."
        found = json.loads(text)["stats"]
        return {
            stat["name"].removeprefix(prefix): stat["value"]
            for stat in found
            if stat.get("name", "").startswith(prefix) and stat["value"]
        }

    def threads(self) -> int:
        """How many threads watch a policy file."""
        names = Path(f"/proc/{self.process.pid}/task").glob("*/comm")
        return sum(name.read_text().strip() == "onecors-watch" for name in names)


def bootstrap(listeners: list[Json], clusters: list[Json] | None = None, **more: object) -> Json:
    """A configuration of Envoy."""
    admin = {"address": {"socket_address": {"address": "127.0.0.1", "port_value": 0}}}
    return {
        "admin": admin,
        "static_resources": {"listeners": listeners, "clusters": clusters or []},
        **more,
    }


@contextmanager
def folder_with(config: Json, policy: str | bytes | None = None) -> Iterator[Path]:
    """A folder with a configuration, and the policy that it names `policy.json`."""
    folder = Path(tempfile.mkdtemp(prefix="onecors-envoy-"))
    try:
        if policy is None:
            shutil.copyfile(POLICY, folder / "policy.json")
        else:
            (folder / "policy.json").write_bytes(policy.encode() if isinstance(policy, str) else policy)
        (folder / "envoy.json").write_text(json.dumps(config))
        yield folder
    finally:
        shutil.rmtree(folder)


def command(*more: str) -> list[str]:
    """The command line of Envoy, in the folder of its configuration."""
    config = () if "-c" in more else ("-c", "envoy.json")
    return [str(ENVOY), *config, "--concurrency", "2", "--disable-hot-restart", *more]


def environment(modules: Path | None, settings: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of Envoy, with the folder of the module."""
    path = {"ENVOY_DYNAMIC_MODULES_SEARCH_PATH": str(modules or OUT / "plain")}
    return {**os.environ, **path, **(settings or {})}


@contextmanager
def started(
    config: Json,
    policy: str | bytes | None = None,
    modules: Path | None = None,
    settings: Mapping[str, str] | None = None,
) -> Iterator[Envoy]:
    """Envoy with a configuration, and the policy that it names `policy.json`; ended after the block."""
    with (
        folder_with(config, policy) as folder,
        started_in(folder, modules=modules, settings=settings) as envoy,
    ):
        yield envoy


@contextmanager
def started_in(
    folder: Path, *more: str, modules: Path | None = None, settings: Mapping[str, str] | None = None
) -> Iterator[Envoy]:
    """Envoy with the configuration in a folder; ended after the block."""
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            command("--admin-address-path", "admin", *more),
            cwd=folder,
            env=environment(modules, settings),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        envoy = Envoy(folder, process)
        try:
            _wait_until_ready(envoy)
            yield envoy
        finally:
            process.terminate()
            try:
                process.wait(PATIENCE_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def refused(
    config: Json,
    policy: str | bytes | None = None,
    modules: Path | None = None,
    settings: Mapping[str, str] | None = None,
) -> str:
    """What Envoy writes to its log when it does not take a configuration."""
    with folder_with(config, policy) as folder:
        ended = subprocess.run(
            command(),
            cwd=folder,
            env=environment(modules, settings),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PATIENCE_S,
            check=False,
        )
    log = (ended.stdout + ended.stderr).decode(errors="replace")
    if ended.returncode == 0:
        raise AssertionError(f"Envoy has taken the configuration:\n{log[-3000:]}")
    return log


def wait_for(condition: Callable[[], bool], what: str, seconds: float = PATIENCE_S) -> None:
    """Waits until a condition holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds:.0f} s: {what}")
        time.sleep(0.02)


def _wait_until_ready(envoy: Envoy) -> None:
    def is_ready() -> bool:
        if envoy.process.poll() is not None:
            raise AssertionError(f"Envoy ended:\n{envoy.log()[-4000:]}")
        return "starting main dispatch loop" in envoy.log()

    wait_for(is_ready, "Envoy starts")
    host, _, port = (envoy.folder / "admin").read_text().rpartition(":")
    envoy.admin = (host, int(port))
