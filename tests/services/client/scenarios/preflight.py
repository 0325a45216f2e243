"""Preflights: answered by the adapter at once, wherever they go to, and seen by nobody behind it."""

from __future__ import annotations

from collections.abc import Iterable

from client.expected import (
    ALLOWED,
    APP_PREFLIGHT,
    DENIED,
    DENIED_PREFLIGHT,
    OPEN_PREFLIGHT,
    cors_lines,
    differs,
    grants,
)
from client.http1 import Answer, Connection, Lines, Request
from client.scenario import scenario, told
from client.service import Service


def preflight(target: str, origin: str, method: str, *headers: str) -> Request:
    """A preflight, with a line of Access-Control-Request-Headers for each of `headers`."""
    lines = [("Origin", origin), ("Access-Control-Request-Method", method)]
    lines += [("Access-Control-Request-Headers", header) for header in headers]
    return Request("OPTIONS", target, tuple(lines))


def answered(service: Service, request: Request, lines: Lines, status: int) -> Iterable[str]:
    """Sends a preflight; says what of its answer is not as expected, its framing included."""
    with Connection(service.address) as connection:
        connection.send(request.raw(service.host))
        answer = connection.answer(request.method)
        if service.entry.as_browsers:
            wrong = list(misread(answer, lines))
        else:
            wrong = [difference] if (difference := differs(answer, lines)) else []
            if answer.status != status:
                wrong.append(f"the status is not {status}")
        wrong += framing(answer)
        if wrong:
            yield told(request, answer, "; ".join(wrong))


def misread(answer: Answer, lines: Lines) -> Iterable[str]:
    """What a browser makes of the answer to a preflight, where it is not what it makes of these lines: it
    takes any status from 200 to 299, and nothing without an allowed origin (Fetch, "CORS-preflight fetch").
    No application saw the preflight."""
    grant = [line for line in lines if line[0] != "vary"]
    if not grant and grants(answer):
        yield "is granted"
    if grant and not (200 <= answer.status <= 299 and set(grant) <= set(cors_lines(answer))):
        yield f"is not granted {grant}"
    if answer.all("x-handler") or answer.all("allow"):
        yield "was answered by the application"


def framing(answer: Answer) -> Iterable[str]:
    """What is wrong with how an answer says that it has no body (RFC 9110 8.6, RFC 9112 6.1)."""
    if answer.body:
        yield "has a body"
    if answer.all("transfer-encoding"):
        yield "has Transfer-Encoding"
    lengths = answer.all("content-length")
    if answer.status == 204 and lengths:
        yield "a 204 with Content-Length"
    if answer.status != 204 and lengths != ["0"]:
        yield f"Content-Length is {lengths}, not 0"


def allowed(service: Service, target: str, method: str = "PUT", *headers: str) -> Iterable[str]:
    """An allowed preflight is answered with the whole list, from each of the allowed origins."""
    for origin, lines in APP_PREFLIGHT.items():
        yield from answered(service, preflight(target, origin, method, *headers), lines, 204)


def denied(service: Service, request: Request) -> Iterable[str]:
    """A denied preflight is answered 403, with Vary and no other line of CORS."""
    yield from answered(service, request, DENIED_PREFLIGHT, 403)


@scenario("/app/item")
def preflight_allowed(service: Service) -> Iterable[str]:
    """An allowed preflight: 204, the exact lines, no body, no Content-Length."""
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
        yield from allowed(service, "/app/item", method)
        yield from allowed(service, "/app/item", method, "authorization,content-type,x-token")


@scenario("/app/item")
def preflight_header_lists(service: Service) -> Iterable[str]:
    """Lists with white space, upper case, empty elements, or on two lines are read (RFC 9110 5.6.1)."""
    for headers in (
        ("X-Token , \tAuthorization",),
        ("x-token,,content-type,",),
        ("x-token", "content-type"),
        ("",),
    ):
        yield from allowed(service, "/app/item", "PUT", *headers)
    yield from denied(service, preflight("/app/item", ALLOWED, "PUT", "x-token", "x-evil"))


@scenario("/app/private")
def preflight_before_authentication(service: Service) -> Iterable[str]:
    """A preflight never carries credentials, and is answered before authentication (spring-security#4448)."""
    yield from allowed(service, "/app/private")
    yield from denied(service, preflight("/app/private", DENIED, "PUT"))


@scenario()
def preflight_before_routing(service: Service) -> Iterable[str]:
    """A preflight needs no route, and none for OPTIONS (nest#1134, fastify-cors#102, inversify#1837)."""
    for target in (
        "/app/missing",
        "/app/get-only",
        "/app/upload",
        "/app/own",
        "/app/vary",
        "/app/stream",
        "/app",
    ):
        yield from allowed(service, target)


@scenario()
def preflight_before_redirect(service: Service) -> Iterable[str]:
    """A browser follows no redirect of a preflight, so none is redirected."""
    for target in ("/app/redirect", "/app/slash", "/app/slash/"):
        yield from allowed(service, target)
        yield from denied(service, preflight(target, DENIED, "PUT"))


@scenario()
def preflight_before_handler(service: Service) -> Iterable[str]:
    """The application never sees a preflight: no handler throws, none is slow."""
    for target in ("/app/throw", "/app/throw-late", "/app/reset", "/app/slow"):
        yield from allowed(service, target)


@scenario("/app/item")
def preflight_denied(service: Service) -> Iterable[str]:
    """A denied preflight says nothing that could be taken for a yes, whatever it was (expressjs/cors#92)."""
    for request in (
        preflight("/app/item", DENIED, "GET"),
        preflight("/app/item", "http://app.example.com", "PUT", "x-token"),
        preflight("/app/item", "https://tenant.example.org", "PUT"),
        preflight("/app/item", "https://app.example.com.evil.example", "PUT"),
        preflight("/app/item", "null", "PUT"),
        preflight("/app/item", ALLOWED, "PURGE"),
        preflight("/app/item", ALLOWED, "put"),
        preflight("/app/item", ALLOWED, "TRACE"),
        preflight("/app/item", ALLOWED, "PUT", "x-token,x-evil"),
        preflight("/app/missing", DENIED, "GET"),
        preflight("/app/throw", DENIED, "GET"),
    ):
        yield from denied(service, request)


@scenario("/app/item")
def preflight_malformed_method(service: Service) -> Iterable[str]:
    """A preflight that asks for no method at all is refused, and never passed on."""
    for method in ("P UT", "PUT, DELETE", "PUT;", "(PUT)"):
        yield from denied(service, preflight("/app/item", ALLOWED, method))
    twice = (("Access-Control-Request-Method", "PUT"),) * 2
    yield from denied(service, Request("OPTIONS", "/app/item", (("Origin", ALLOWED), *twice)))


@scenario("/app/item")
def preflight_empty_method(service: Service) -> Iterable[str]:
    """An Access-Control-Request-Method that is there and empty makes a preflight too, a malformed one."""
    yield from denied(service, preflight("/app/item", ALLOWED, ""))


@scenario("/open/item")
def preflight_any_origin(service: Service) -> Iterable[str]:
    """Where any origin is allowed a preflight is answered `*`, to `null` too, and the rest is checked."""
    for origin in (ALLOWED, DENIED, "null"):
        yield from answered(service, preflight("/open/item", origin, "POST"), OPEN_PREFLIGHT, 204)
    yield from denied(service, preflight("/open/item", DENIED, "PUT"))
    yield from denied(service, preflight("/open/item", DENIED, "GET", "x-token"))


@scenario()
def preflight_spelling(service: Service) -> Iterable[str]:
    """Field names in any case, and white space around values, make no difference (RFC 9110 5.1, 5.5)."""
    lines = (
        ("oRIGIN", b"\t https://app.example.com \t"),
        ("ACCESS-CONTROL-REQUEST-METHOD", b"PUT\t"),
        ("access-control-request-headers", b"\tx-token "),
    )
    yield from answered(service, Request("OPTIONS", "/app/item", lines), APP_PREFLIGHT[ALLOWED], 204)


@scenario()
def preflight_on_a_kept_connection(service: Service) -> Iterable[str]:
    """Preflights, allowed and denied, leave the connection in order for the request after them."""
    with Connection(service.address) as connection:
        for origin, status in ((ALLOWED, 204), (DENIED, 403), (ALLOWED, 204)):
            connection.send(preflight("/app/item", origin, "PUT").raw(service.host))
            answer = connection.answer("OPTIONS")
            if answer.status != status:
                yield f"the preflight of {origin} was answered {answer}"
            if "close" in (answer.joined("connection") or "").lower():
                return
            connection.send(Request("GET", "/open/item").raw(service.host))
            answer = connection.answer()
            if (answer.status, answer.body) != (200, b"open"):
                yield f"the request after the preflight of {origin} was answered {answer}"
            if answer.until_close or "close" in (answer.joined("connection") or "").lower():
                return


@scenario()
def preflight_with_a_body(service: Service) -> Iterable[str]:
    """A preflight with a body, which no browser sends, is not mistaken for the next request."""
    request = preflight("/app/item", ALLOWED, "PUT")
    smuggled = Request("GET", "/app/own").raw(service.host)
    with Connection(service.address) as connection:
        with_body = Request("OPTIONS", "/app/item", request.headers, smuggled)
        connection.send(with_body.raw(service.host) + Request("GET", "/open/item").raw(service.host))
        answer = connection.answer("OPTIONS")
        if answer.status != 204:
            yield told(with_body, answer, "the status is not 204")
        if not connection.closed():
            answer = connection.answer()
            if (answer.status, answer.body) != (200, b"open"):
                yield told(with_body, answer, "the next answer is not that to the next request")
