"""The last scenario, which ends the service."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterable

from client.http1 import Connection, Request
from client.scenario import scenario
from client.service import Service

PATIENCE_S = 15.0


@scenario(needs=["process"])
def terminated(service: Service) -> Iterable[str]:
    """SIGTERM ends the service: neither the watcher nor the engine keeps it, nor an idle connection."""
    process = service.process
    assert process is not None
    with Connection(service.address) as connection:
        connection.send(Request("GET", "/open/item").raw(service.host))
        connection.answer()
        process.terminate()
        try:
            code = process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            yield f"still runs {PATIENCE_S:.0f} s after SIGTERM"
            return
    # Its own end, the signal's, or the signal's as shells and the JVM tell it.
    if code not in (0, -signal.SIGTERM, 128 + signal.SIGTERM):
        yield f"ended with code {code}; its output:\n{service.output().decode(errors='replace')[-2000:]}"
