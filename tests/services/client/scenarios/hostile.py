"""Requests that no browser sends. An Origin is bytes of an attacker's choice: denied, refused by the server
with 400 or the like, or the connection ends; never granted, never a 5xx, and the service lives on."""

from __future__ import annotations

from collections.abc import Iterable

from client.expected import (
    ALLOWED,
    APP,
    APP_PREFLIGHT,
    DENIED,
    DENIED_PREFLIGHT,
    VARY,
    differs,
    failed,
    grants,
)
from client.http1 import Connection, NoAnswerError, Request, SilentError
from client.scenario import check, scenario, told
from client.service import Service

# What a server itself may answer to a request that it does not take.
REFUSED = (400, 413, 414, 431)
ORIGIN = ALLOWED.encode()


def harmless(service: Service, request: Request) -> Iterable[str]:
    """Sends a request that must not be granted anything; says where it was, or did harm.

    No answer, or one without a header, as some servers give to what they cannot read, grants nothing.
    """
    expected = DENIED_PREFLIGHT if request.method == "OPTIONS" else (VARY,)
    try:
        answer = service.ask(request)
    except SilentError as error:
        yield f"{error}\n    {request}"
    except NoAnswerError:
        return
    else:
        # A server's own refusal is no allowed preflight, and the lines may say whom it is readable for.
        refusal = answer.status in REFUSED and ("Origin", ALLOWED) in request.headers
        if failed(answer) or (grants(answer) and not refusal):
            yield told(request, answer, "granted, or failed")
        elif answer.status not in REFUSED and (difference := differs(answer, expected)):
            yield told(request, answer, difference)


def alive(service: Service) -> Iterable[str]:
    """The service still answers, and right."""
    yield from check(service, Request("GET", "/app/item", (("Origin", ALLOWED),)), APP[ALLOWED], 200, b"item")


def both_kinds(service: Service, *lines: tuple[str, bytes]) -> Iterable[str]:
    """An actual request and a preflight with these lines, which must not be granted."""
    yield from harmless(service, Request("GET", "/app/item", lines))
    yield from harmless(
        service, Request("OPTIONS", "/app/item", (*lines, ("Access-Control-Request-Method", "PUT")))
    )


@scenario("/app/item")
def origins_alike(service: Service) -> Iterable[str]:
    """An origin is compared whole, byte for byte (Kludex/starlette#801, expressjs/cors#408)."""
    for origin in (
        "https://app.example.com.evil.example",
        "https://evil-app.example.com",
        "https://app-example.com",
        "http://app.example.com",
        "https://app.example.com:443",
        "https://app.example.com:8443",
        "https://app.example.com.",
        "https://app.example.com/",
        "https://app.example.com/x",
        "https://app.example.com?x",
        "https://app.example.com#x",
        "https://user@app.example.com",
        "https://APP.example.com",
        "HTTPS://app.example.com",
        "https:app.example.com",
        "app.example.com",
        "https://tenant.example.org",
        "https://.tenant.example.org",
        "https://a..tenant.example.org",
        "https://-a.tenant.example.org",
        "https://xtenant.example.org",
        "https://a.tenant.example.org.evil.example",
        "https://a_b!.tenant.example.org",
        "https://*.tenant.example.org",
        "null",
        "NULL",
        "*",
        "file://",
        "https://",
        "https://app.example.com, https://app.example.com",
        "https://app.example.com https://app.example.com",
        "https://app.example.com\thttps://evil.example",
    ):
        headers = (("Origin", origin),)
        yield from check(service, Request("GET", "/app/item", headers), (VARY,), 200, b"item")
        asks = (*headers, ("Access-Control-Request-Method", "PUT"))
        yield from check(service, Request("OPTIONS", "/app/item", asks), DENIED_PREFLIGHT, 403)


@scenario("/app/item")
def origin_empty(service: Service) -> Iterable[str]:
    """An Origin that is there and empty is a malformed one, and granted nothing."""
    yield from both_kinds(service, ("Origin", b""))
    yield from both_kinds(service, ("Origin", b" "))
    yield from both_kinds(service, ("Origin", ORIGIN), ("Origin", b""))


@scenario("/app/item")
def origins_not_ascii(service: Service) -> Iterable[str]:
    """Bytes beyond ASCII are never trimmed, folded or decoded into an allowed origin."""
    for after in (
        b"\xa0",
        b"\x85",
        b"\xc2\xa0",
        b"\xc2\x85",
        b"\xe2\x80\xa8",
        b"\xe3\x80\x80",
        b"\xef\xbb\xbf",
    ):
        yield from both_kinds(service, ("Origin", b" " + ORIGIN + after))
        yield from both_kinds(service, ("Origin", b" " + after + ORIGIN))
    for origin in (
        "https://äpp.example.com".encode(),
        "https://\u0430pp.example.com".encode(),  # a Cyrillic letter
        "https://app.example\u3002com".encode(),  # an ideographic full stop
        "https://\uff41pp.example.com".encode(),  # a full-width letter
        "https://a.\u212aenant.example.org".encode(),
        b"https://app.example\xc0\xaecom",  # an overlong full stop
        b"https://\xe4pp.example.com",
        b"https://app.example.com\xc3",
        b"\xff\xfe",
        b"\xed\xa0\x80.tenant.example.org",  # a surrogate
    ):
        yield from both_kinds(service, ("Origin", b" " + origin))
    yield from alive(service)


@scenario("/app/item")
def origins_with_controls(service: Service) -> Iterable[str]:
    """NUL, CR and other control bytes end nothing and hide nothing."""
    for control in (b"\0", b"\x01", b"\x08", b"\x0b", b"\x0c", b"\r", b"\x1b[31m", b"\x1f", b"\x7f"):
        yield from both_kinds(service, ("Origin", b" " + ORIGIN + control))
        yield from both_kinds(service, ("Origin", b" " + ORIGIN + control + b".evil.example"))
    yield from alive(service)


@scenario("/app/item")
def origin_twice(service: Service) -> Iterable[str]:
    """Two Origin lines are no origin, whichever of them would be allowed; neither may win."""
    for first, second in ((ALLOWED, ALLOWED), (ALLOWED, DENIED), (DENIED, ALLOWED)):
        yield from both_kinds(service, ("Origin", b" " + first.encode()), ("Origin", b" " + second.encode()))
        yield from both_kinds(service, ("Origin", b" " + first.encode()), ("origin", b" " + second.encode()))


@scenario("/app/item")
def origin_trimmed(service: Service) -> Iterable[str]:
    """White space around a value is not part of it (RFC 9110 5.5): such an origin is allowed."""
    for value in (ORIGIN, b"  " + ORIGIN, b"\t" + ORIGIN, b" " + ORIGIN + b" ", b" " + ORIGIN + b"\t \t"):
        yield from check(
            service, Request("GET", "/app/item", (("Origin", value),)), APP[ALLOWED], 200, b"item"
        )


@scenario("/app/item")
def origin_folded(service: Service) -> Iterable[str]:
    """A value that goes on in the next line is not cut at the end of the first."""
    for value in (b" " + ORIGIN + b"\r\n .evil.example", b" " + ORIGIN + b"\r\n\t" + DENIED.encode()):
        yield from both_kinds(service, ("Origin", value))


@scenario("/app/item")
def origin_long(service: Service) -> Iterable[str]:
    """A long Origin, of 8 and of 100 KiB, is denied or refused; nothing grows or breaks."""
    for size in (8 << 10, 100 << 10):
        for origin in (
            b"https://" + b"a" * size,
            ORIGIN + b"/" * size,
            b"https://" + b"a." * (size // 2) + b"example",
        ):
            yield from both_kinds(service, ("Origin", b" " + origin))
    for origin in (ORIGIN, b"https://" + b"a" * 80):
        yield from harmless(service, Request("GET", "/app/item", (("Origin", b" " + origin),) * 150))
    yield from alive(service)


@scenario("/app/item")
def requested_headers_long(service: Service) -> Iterable[str]:
    """Too many requested headers, by number or by bytes, are denied, or refused by the server."""
    for names in (
        ",".join(["x-token"] * 65),
        ",".join(["x-token"] * 1200),
        "x-token" + "," * 17,
        "x-token," + "a" * 9000,
        ",".join(["x-token"] * 20_000),
    ):
        lines = (
            ("Origin", ALLOWED),
            ("Access-Control-Request-Method", "PUT"),
            ("Access-Control-Request-Headers", names),
        )
        yield from harmless(service, Request("OPTIONS", "/app/item", lines))
    yield from alive(service)


@scenario("/app/item")
def requested_headers_hostile(service: Service) -> Iterable[str]:
    """Names that are no tokens, with control bytes or beyond ASCII, are denied."""
    for names in (
        b" x-token\0",
        b" x-t\xc3\xb6ken",
        b" x-token\x0b",
        b" x token",
        b" x-token\xa0",
        b" (x)",
        b" \xff",
    ):
        lines = (
            ("Origin", ALLOWED),
            ("Access-Control-Request-Method", "PUT"),
            ("Access-Control-Request-Headers", names),
        )
        yield from harmless(service, Request("OPTIONS", "/app/item", lines))
    for method in (b" P\xc3\x9cT", b" PUT\0", b" PUT\xa0", b" \xff"):
        asks = (("Origin", ALLOWED), ("Access-Control-Request-Method", method))
        yield from harmless(service, Request("OPTIONS", "/app/item", asks))
    yield from alive(service)


def no_preflight(service: Service, method: str) -> Iterable[str]:
    """A request with this method, which asks for a method as well, is passed on and not answered."""
    lines = (("Origin", ALLOWED), ("Access-Control-Request-Method", "PUT"))
    request = Request(method, "/app/item", lines)
    answer = service.ask(request)
    if answer.status in (204, 403) or answer.all("access-control-allow-methods"):
        yield told(request, answer, "was answered like a preflight")


@scenario("/app/item")
def methods_unusual(service: Service) -> Iterable[str]:
    """A method that nobody knows is an actual request, whatever else it holds, and harms nobody."""
    for method in ("FOO", "PREFLIGHT", "GET"):
        yield from no_preflight(service, method)
    yield from alive(service)


@scenario("/app/item")
def methods_in_lower_case(service: Service) -> Iterable[str]:
    """Methods are case-sensitive (RFC 9110 9.1): `options` is none that makes a preflight."""
    for method in ("options", "Options"):
        yield from no_preflight(service, method)


@scenario("/app/item")
def pipelined(service: Service) -> Iterable[str]:
    """Requests of several origins sent at once on one connection are answered in turn, each its own."""
    origins: list[str | None] = [ALLOWED, DENIED, None, ALLOWED, DENIED]
    raw = b"".join(
        Request("GET", "/app/item", (("Origin", origin),) if origin else ()).raw(service.host)
        + Request(
            "OPTIONS", "/app/item", (("Origin", ALLOWED), ("Access-Control-Request-Method", "PUT"))
        ).raw(service.host)
        for origin in origins
    )
    with Connection(service.address) as connection:
        connection.send(raw)
        for origin in origins:
            for method, lines in (("GET", APP[origin]), ("OPTIONS", APP_PREFLIGHT[ALLOWED])):
                answer = connection.answer(method)
                if difference := differs(answer, lines):
                    yield f"the {method} of {origin} was answered wrong: {difference}\n    {answer}"
                if answer.until_close or "close" in (answer.joined("connection") or "").lower():
                    return
