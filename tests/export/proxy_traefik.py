"""The headers middleware of Traefik, in a small program of Go: a host for each export."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml
from client.http1 import Address
from exported import Exported, Mutants
from process import CLOSED_PORT, free_port, running

MUTANTS: Mutants = {
    "a regex goes on": (r"(- \^http.*)\\z", r"\1"),
    "a regex begins anywhere": (r"- \^http", "- http"),
    "the service's headers stay": (r" +customResponseHeaders:\n( +Access.*\n)+", ""),
    "no Vary": (r" +addVaryHeader.*\n", ""),
    "no credentials": (r" +accessControlAllowCredentials.*\n", ""),
}


@contextmanager
def started(exports: list[Exported], service: int, folder: Path) -> Iterator[Address]:
    """Traefik's middleware with all exports."""
    port = free_port()
    hosts = {
        export.host: yaml.safe_load(export.text)["http"]["middlewares"]["onecors"]["headers"]
        for export in exports
    }
    (folder / "hosts.json").write_text(json.dumps(hosts))
    addresses = {"listen": port, "service": service, "down": CLOSED_PORT}
    flags = [f"--{name}=127.0.0.1:{number}" for name, number in addresses.items()]
    with running([os.environ["TRAEFIK"], *flags, "hosts.json"], folder, port) as address:
        yield address
