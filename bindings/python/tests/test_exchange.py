"""The quick way to apply a plan, against the general one, and what an exchange keeps alive."""

import gc
import itertools
import random
import weakref
from collections.abc import Iterable
from typing import Any

import conformance
import hosts
import onecors
import onecors.wsgi
import pytest
from onecors._native import AsgiExchange, WsgiExchange
from onecors._response import apply_in_text, in_bytes, in_text

ORIGINS = (None, hosts.APP, hosts.EVIL)
PATHS = ("/app/item", "/open/item")
NAMES = (
    *("Content-Type", "X", "", "vary", "VARY", "Vary-X", "var", "\u212a"),
    *("access-control-", "ACCESS-CONTROL-Allow-Origin", "Access-Control-Max-Age"),
    *("access-control-request-method", "Access-Control-Expose-Headers", "access-control"),
)
VALUES = ("", "a", "*", "Origin", "accept-encoding, ORIGIN", " , ")

Fields = list[tuple[str, str]]


def some_fields() -> Iterable[Fields]:
    """Give fields in which names meet that a plan changes, or nearly."""
    yield []
    yield from ([(name, value)] for name, value in itertools.product(NAMES, VALUES))
    chance = random.Random(1)  # noqa: S311 - not for secrets
    for _ in range(500):
        length = chance.randrange(1, 6)
        yield [(chance.choice(NAMES), chance.choice(VALUES)) for _ in range(length)]
    yield from (case.response for case in conformance.responses())


def asgi_exchange(path: str, origin: str | None) -> AsgiExchange:
    fields = [] if origin is None else [(b"origin", origin.encode())]
    scope = {"type": "http", "method": "GET", "path": path, "headers": fields}
    exchange = onecors.LivePolicy(hosts.POLICY).active.asgi.begin(scope, path, print)  # type: ignore[arg-type]
    assert exchange is not None
    return exchange


def wsgi_exchange(path: str, origin: str | None) -> WsgiExchange:
    headers = [] if origin is None else [("Origin", origin)]
    environ = hosts.environ(path, headers)
    exchange = onecors.LivePolicy(hosts.POLICY).active.wsgi.begin(environ, path, print)
    assert isinstance(exchange, WsgiExchange)
    return exchange


@pytest.mark.parametrize("origin", ORIGINS)
@pytest.mark.parametrize("path", PATHS)
def test_the_quick_way_does_what_the_general_one_does(path: str, origin: str | None) -> None:
    verdict = hosts.POLICY.decide("GET", path, origin)
    number = next(i for i, plan in enumerate(hosts.POLICY.plans) if plan is verdict.plan)
    text = in_text(hosts.POLICY.plans)[number]
    octets = in_bytes(hosts.POLICY.plans)[number]
    wsgi, asgi = wsgi_exchange(path, origin), asgi_exchange(path, origin)
    for fields in some_fields():
        before = list(fields)
        expected = text.apply((origin, None, None), fields)
        for given in (fields, tuple(fields), iter(fields), [[*field] for field in fields]):
            assert [tuple(field) for field in wsgi.apply(given)] == expected  # type: ignore[arg-type]
        encoded = [(name.encode(), value.encode()) for name, value in fields]
        parts = (None if origin is None else origin.encode(), None, None)
        assert asgi.apply(encoded) == octets.apply(parts, encoded)
        assert fields == before


@pytest.mark.parametrize("origin", ORIGINS)
@pytest.mark.parametrize("path", PATHS)
def test_what_is_described_is_what_is_applied(path: str, origin: str | None) -> None:
    headers = [] if origin is None else [("Origin", origin)]
    adapter = onecors.LivePolicy(hosts.POLICY).active.wsgi
    for method, asks in (("GET", ()), ("OPTIONS", hosts.PREFLIGHT[1:])):
        environ = hosts.environ(path, [*headers, *asks], method)
        described = adapter.describe(environ, path)
        assert described is not None
        status, lines = described
        if status is None:
            exchange = wsgi_exchange(path, origin)
            for fields in some_fields():
                assert apply_in_text(lines, fields) == exchange.apply(fields)
        else:
            answer = hosts.wsgi(
                onecors.wsgi.CORSMiddleware(lambda *_: [], hosts.POLICY),
                path,
                [*headers, *asks],
                method,
            )
            assert (answer.status, answer.headers) == (status, list(lines))


def test_the_answers_of_two_requests_share_nothing() -> None:
    for exchange in (wsgi_exchange("/app/item", None), wsgi_exchange("/app/item", hosts.APP)):
        first = exchange.apply([])
        second = exchange.apply([])
        first.append(("X", "1"))
        assert second == exchange.apply([])


class Marker:
    """Tells whether what holds it is alive."""


def is_freed(marker: "weakref.ref[Marker]") -> bool:
    gc.collect()
    return marker() is None


def test_an_application_may_keep_what_it_was_given() -> None:
    def wsgi() -> Any:
        marker = Marker()
        environ = hosts.environ()
        adapter = onecors.LivePolicy(hosts.POLICY).active.wsgi
        exchange = adapter.begin(environ, "/app/item", print)
        assert isinstance(exchange, WsgiExchange)
        exchange.start("200 OK", [])
        environ |= {"kept": exchange.start, "marker": marker, "body": exchange.over([environ])}  # type: ignore[list-item]
        return weakref.ref(marker)

    def asgi() -> Any:
        marker = Marker()
        kept: list[Any] = [marker]
        scope = {"method": "GET", "headers": []}
        adapter = onecors.LivePolicy(hosts.POLICY).active.asgi
        exchange = adapter.begin(scope, "/app/item", lambda _: kept)  # type: ignore[arg-type, return-value]
        assert exchange is not None
        kept.append(exchange.send)
        return weakref.ref(marker)

    assert is_freed(wsgi())
    assert is_freed(asgi())


def test_what_is_not_cors_is_so_for_all_requests() -> None:
    policy = onecors.Policy(allow_origins=[hosts.APP], allow_methods=["PUT"])
    active = onecors.LivePolicy(policy).active
    for method, path in itertools.product(("GET", "OPTIONS", "PUT", "x"), ("/", "", "//a/../b")):
        for headers in ([], [hosts.PREFLIGHT[1]], [("Upgrade", "websocket"), ("Host", "a")]):
            environ = hosts.environ(path, headers, method)
            assert active.wsgi.describe(environ, path) == (None, active.not_cors)
    assert onecors.LivePolicy(hosts.POLICY).active.not_cors is None
