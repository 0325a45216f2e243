"""The same over HTTP/2, where the lines are the same and nothing else is."""

from __future__ import annotations

from collections.abc import Iterable

from client.expected import (
    ALLOWED,
    APP,
    APP_PREFLIGHT,
    DENIED,
    DENIED_PREFLIGHT,
    OPEN,
    TENANT,
    VARY,
    differs,
    failed,
    grants,
)
from client.http1 import Lines, NoAnswerError, Request, SilentError
from client.http2 import exchange
from client.scenario import scenario, told
from client.scenarios.actual import with_origin
from client.scenarios.hostile import REFUSED
from client.scenarios.preflight import preflight
from client.service import Service

Case = tuple[Request, int, Lines]


def played(service: Service, cases: list[Case]) -> Iterable[str]:
    """Sends the requests at once; says which answer is not as expected."""
    answers = exchange(service.address, [request for request, _, _ in cases])
    for (request, status, lines), answer in zip(cases, answers, strict=True):
        if answer.status != status:
            yield told(request, answer, f"the status is not {status}")
        if difference := differs(answer, lines):
            yield told(request, answer, difference)


@scenario(needs=["http2"])
def http2_actual(service: Service) -> Iterable[str]:
    """Over HTTP/2 too every answer carries the headers, and streams of several origins get each its own."""
    statuses = {
        "item": 200,
        "missing": 404,
        "private": 401,
        "throw": 500,
        "redirect": 302,
        "own": 200,
        "stream": 200,
    }
    cases: list[Case] = [
        (Request("GET", f"/app/{route}", with_origin(origin)), status, lines)
        for route, status in statuses.items()
        for origin, lines in APP.items()
    ]
    cases += [
        (Request("GET", "/open/item", with_origin(origin)), 200, OPEN) for origin in (ALLOWED, DENIED, None)
    ]
    own = (("access-control-allow-origin", "https://own.example"),)
    cases.append((Request("GET", "/plain", with_origin(DENIED)), 200, own))
    yield from played(service, cases)


@scenario(needs=["http2"])
def http2_preflight(service: Service) -> Iterable[str]:
    """Over HTTP/2 too a preflight is answered at once, without a body."""
    cases: list[Case] = []
    for target in ("/app/item", "/app/private", "/app/missing", "/app/redirect"):
        cases += [
            (preflight(target, origin, "PUT", "x-token"), 204, APP_PREFLIGHT[origin])
            for origin in (ALLOWED, TENANT)
        ]
        cases.append((preflight(target, DENIED, "PUT"), 403, DENIED_PREFLIGHT))
        cases.append((preflight(target, ALLOWED, "PURGE"), 403, DENIED_PREFLIGHT))
    yield from played(service, cases)
    answers = exchange(service.address, [request for request, _, _ in cases])
    yield from (f"a preflight's answer has the body {answer.body!r}" for answer in answers if answer.body)


@scenario(needs=["http2"])
def http2_hostile(service: Service) -> Iterable[str]:
    """Over HTTP/2 too a malformed Origin, doubled or beyond ASCII, is granted nothing."""
    origins: list[tuple[bytes, ...]] = [
        (ALLOWED.encode(), ALLOWED.encode()),
        (ALLOWED.encode(), DENIED.encode()),
        (ALLOWED.encode() + b"\xa0",),
        (b"\xff",),
        ("https://äpp.example.com".encode(),),
        (b"https://" + b"a" * 8192,),
    ]
    for lines in origins:
        request = Request("GET", "/app/item", tuple(("origin", line) for line in lines))
        yield from _harmless(service, request)
    yield from played(service, [(Request("GET", "/app/item", with_origin(ALLOWED)), 200, APP[ALLOWED])])


def _harmless(service: Service, request: Request) -> Iterable[str]:
    """Denied, or refused by the server: with 400, a reset stream, or the end of the connection."""
    try:
        answer = exchange(service.address, [request])[0]
    except SilentError:
        raise
    except NoAnswerError:
        return
    if failed(answer) or grants(answer):
        yield told(request, answer, "granted, or failed")
    elif answer.status not in (0, *REFUSED) and differs(answer, (VARY,)):
        yield told(request, answer, "neither denied nor refused")
