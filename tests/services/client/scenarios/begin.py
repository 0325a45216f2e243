"""The first scenario: what may be so only when a service has just begun."""

from __future__ import annotations

import time
from collections.abc import Iterable

from client.expected import VARY
from client.http1 import Request
from client.scenario import check, scenario
from client.service import Service

DOCUMENT = (
    b"""{ "rules": [{ "name": "app", "paths": ["/app/*"], "allow_origins": ["https://early.example"] }] }"""
)
SEVERAL_TURNS_S = 1.0


@scenario("/-/replace")
def replaced_at_once(service: Service) -> Iterable[str]:
    """A policy that is replaced stays in force while the file does not change, from the first moment on."""
    service.replace(DOCUMENT)
    time.sleep(SEVERAL_TURNS_S)
    early = (("access-control-allow-origin", "https://early.example"), VARY)
    request = Request("GET", "/app/item", (("Origin", "https://early.example"),))
    yield from check(service, request, early, 200, b"item")
    service.restore()
