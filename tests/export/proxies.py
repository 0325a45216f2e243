"""Runs the conformance vectors through proxies with exported configurations.

The proxies are Envoy, nginx, and the headers middleware of Traefik in a small program of Go. Each policy
of the vectors is a host of one of each. Behind them stands a service that answers everything with CORS
headers of its own, which must not come through. An answer is right when a browser makes of it what it
makes of the engine's, with cookies and without.

Then the same with configurations that were broken on purpose: each has to be noticed.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from functools import partial
from pathlib import Path

import proxy_envoy
import proxy_nginx
import proxy_traefik
from browser import Answer
from client.http1 import Address, Request, exchange
from client.vectors import Vector
from exported import Exported, exports
from matrix import KNOWN, NOT_ON_PREFLIGHTS
from service import Service
from tally import Tally, end, show_mutants
from verdict import fault, judge, misread, not_carried, of_no_browser

PROXIES = {
    "envoy": (proxy_envoy.started, proxy_envoy.MUTANTS),
    "nginx": (proxy_nginx.started, proxy_nginx.MUTANTS),
    "traefik": (proxy_traefik.started, proxy_traefik.MUTANTS),
}

# What the answers of preflights vary with.
VARY = {"Origin", "Access-Control-Request-Method", "Access-Control-Request-Headers"}


def ask(address: Address, host: str, vector: Vector, target: bytes | None = None) -> Answer:
    """A proxy's answer."""
    fields = tuple((name, b" " + value) for name, value in vector.fields)
    sent = Request(
        vector.request.get("method", b"GET").decode(),
        target or vector.request.get("path", b"/"),
        (("Host", host), *fields, ("Connection", "close")),
    )
    answer = exchange(address, sent)
    return Answer(answer.status, tuple(answer.lines))


def judge_errors(export: Exported, address: Address) -> None:
    """Errors of the proxy itself: a page that may read the service's answers reads these too, and no
    preflight meets one."""
    name, tally = export.group.name, export.tally
    everywhere = [vector for vector in export.group.vectors if "path" not in vector.request]
    actual = next((vector for vector in everywhere if vector.outcome == "actual_allowed"), None)
    preflight = next((vector for vector in everywhere if vector.outcome == "preflight_allowed"), None)
    for target, statuses in ((b"/down", (502, 503)), (b"/private", (401, 403, 500))):
        if actual is not None:
            answer = ask(address, export.host, actual, target)
            if answer.status in statuses and misread(actual, answer) is None:
                tally.equal["errors of the proxy"] += 1
            else:
                tally.failures.append(f"{name}: {target!r}: {answer} cannot be read")
        if preflight is not None:
            found = fault(preflight, ask(address, export.host, preflight, target), lines_of_vary=1)
            tally.equal["preflights in front of errors"] += found is None
            tally.failures.extend([f"{name}: preflight of {target!r}: {found}"] if found else [])


def judge_matrix(target: str, export: Exported, address: Address) -> None:
    """What the README's table says of `Vary` on preflights is so, whatever becomes of them."""
    right = KNOWN[target][2] != NOT_ON_PREFLIGHTS
    for outcome in ("preflight_allowed", "preflight_denied"):
        vectors = (vector for vector in export.group.vectors if vector.outcome == outcome)
        vector = next((v for v in vectors if not (not_carried(v) or of_no_browser(v, any_origin=True))), None)
        if vector is None:
            continue
        vary, wanted = set(ask(address, export.host, vector).members("vary")), VARY if right else set()
        export.tally.equal["Vary on preflights as the table says"] += vary == wanted
        if vary != wanted:
            export.tally.failures.append(f"{export.group.name}: {outcome}: Vary is {vary}, not {wanted}")


def run(target: str, service: Service) -> tuple[int, int]:
    """Runs the vectors and the mutants of a proxy; how many passed, and how many did not."""
    started, breaking = PROXIES[target]
    tally, mutants = Tally(), {name: Tally() for name in breaking}
    all_exports = exports(target, breaking, tally, mutants)
    folder = Path(tempfile.mkdtemp(prefix=f"onecors-export-{target}-"))
    try:
        with started(all_exports, service.port, folder) as address:
            for export in all_exports:
                judge(export, partial(ask, address, export.host))
                judge_errors(export, address)
                judge_matrix(target, export, address)
    finally:
        shutil.rmtree(folder)
    tally.show("as no page makes such a request", target)
    missed = show_mutants(target, mutants)
    return sum(tally.equal.values()) + len(mutants) - missed, len(tally.failures) + missed


def main() -> int:
    """Runs every proxy, or those that are named."""
    service = Service()
    passed = failed = 0
    for target in sys.argv[1:] or PROXIES:
        its_passed, its_failed = run(target, service)
        passed, failed = passed + its_passed, failed + its_failed
    return end(passed, failed)


if __name__ == "__main__":
    sys.exit(main())
