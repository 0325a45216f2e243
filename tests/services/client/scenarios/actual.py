"""Actual requests: whoever makes the response, it carries the headers of the policy and no others."""

from __future__ import annotations

from collections.abc import Iterable

from client.expected import ALLOWED, APP, DENIED, OPEN, VARY, cors_lines, differs
from client.http1 import Connection, Request
from client.scenario import Status, check, scenario, told
from client.service import Service, wait_for

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def with_origin(origin: str | None, *more: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    """Header lines with this Origin, or with none."""
    return (() if origin is None else (("Origin", origin),)) + more


def app(
    service: Service, target: str, method: str = "GET", status: Status = 200, body: bytes | None = None
) -> Iterable[str]:
    """The request from each origin; its answer has the header lines that the rule `app` has for it."""
    for origin, lines in APP.items():
        yield from check(service, Request(method, target, with_origin(origin)), lines, status, body)


@scenario("/app/item")
def methods(service: Service) -> Iterable[str]:
    """The plain case, for each method: exactly the policy's headers, from allowed, denied and no origin."""
    for method in METHODS:
        yield from app(service, "/app/item", method, body=b"item")


@scenario("/app/item")
def query(service: Service) -> Iterable[str]:
    """A rule is chosen by the path without the query (flask-cors#383)."""
    yield from app(service, "/app/item?x=/open/item&y=%2Fopen", body=b"item")


@scenario("/app/item")
def head(service: Service) -> Iterable[str]:
    """HEAD has the headers of GET, and no body."""
    yield from app(service, "/app/item", "HEAD", body=b"")


@scenario("/app/item")
def keep_alive(service: Service) -> Iterable[str]:
    """One connection, origins in turn: nothing of one request is left for the next."""
    with Connection(service.address) as connection:
        for origin in (ALLOWED, DENIED, None, ALLOWED, None):
            request = Request("GET", "/app/item", with_origin(origin))
            connection.send(request.raw(service.host))
            answer = connection.answer()
            if answer.until_close or "close" in (answer.joined("connection") or "").lower():
                return
            if difference := differs(answer, APP[origin]):
                yield told(request, answer, difference)


@scenario("/app/private")
def unauthorised(service: Service) -> Iterable[str]:
    """A page can read the 401 of an authentication layer (Kludex/starlette#617, spring-security#4448)."""
    for method in ("GET", "POST", "OPTIONS"):
        yield from app(service, "/app/private", method, status=401)


@scenario("/app/private")
def authorised(service: Service) -> Iterable[str]:
    """Who is let in by the authentication layer gets the same headers."""
    for origin, lines in APP.items():
        headers = with_origin(origin, ("Authorization", "Bearer token"))
        yield from check(service, Request("GET", "/app/private", headers), lines, 200)


@scenario("/app/missing")
def not_found(service: Service) -> Iterable[str]:
    """A page can read the framework's own 404 (fastapi#775, nest#1134)."""
    yield from app(service, "/app/missing", status=404)
    yield from app(service, "/app/missing/below", status=404)


@scenario()
def method_unknown(service: Service) -> Iterable[str]:
    """A page can read what the framework says to a method that a route does not have."""
    for method in ("POST", "DELETE"):
        yield from app(service, "/app/get-only", method, status=(404, 405))


@scenario("/app/get-only")
def method_not_allowed(service: Service) -> Iterable[str]:
    """Where the framework has a 405 of its own, it stays one."""
    for method in ("POST", "DELETE"):
        yield from app(service, "/app/get-only", method, status=405)


@scenario("/app/throw")
def unhandled(service: Service) -> Iterable[str]:
    """A page can read the 500 of an exception that nothing handles (fastapi#775, django-cors-headers#512)."""
    yield from app(service, "/app/throw", status=500)


@scenario("/app/reset")
def reset(service: Service) -> Iterable[str]:
    """The headers survive a framework that clears the response for its error page (koajs/koa#411)."""
    yield from app(service, "/app/reset", status=500)


@scenario("/app/throw-late")
def late_throw(service: Service) -> Iterable[str]:
    """An exception after the start: the headers went out before, once, and the service lives on."""
    for origin, lines in APP.items():
        request = Request("GET", "/app/throw-late", with_origin(origin))
        answer = service.ask(request)
        if answer.status != 200 or not answer.body.startswith(b"part"):
            yield told(request, answer, "not 200 and `part`")
        if difference := differs(answer, lines):
            yield told(request, answer, difference)
    yield from check(service, Request("GET", "/app/item", with_origin(ALLOWED)), APP[ALLOWED], 200, b"item")


@scenario("/app/throw-late")
def late_throw_aborts(service: Service) -> Iterable[str]:
    """An exception after the start is passed on: the answer is cut short, not ended as if it were whole."""
    request = Request("GET", "/app/throw-late", with_origin(ALLOWED))
    answer = service.ask(request)
    if answer.complete:
        yield told(request, answer, "the answer ends as if it were whole")


@scenario("/app/redirect")
def redirect(service: Service) -> Iterable[str]:
    """A fetch can follow a handler's redirect: it carries the headers as well."""
    yield from app(service, "/app/redirect", status=302)
    location = service.ask(Request("GET", "/app/redirect")).joined("location") or ""
    if not location.endswith("/app/item"):
        yield f"Location is {location!r}, not /app/item"


@scenario("/app/slash")
def slash_redirect(service: Service) -> Iterable[str]:
    """A fetch can follow the framework's own redirect to the other form of a path."""
    for target, other in (("/app/slash", "/app/slash/"), ("/app/slash/", "/app/slash")):
        answer = service.ask(Request("GET", target))
        if answer.status in (301, 302, 303, 307, 308):
            location = (answer.joined("location") or "").split("?")[0]
            if not location.endswith(other):
                yield f"Location is {location!r}, not {other}"
            yield from app(service, target, status=answer.status)
            return
    yield "neither /app/slash nor /app/slash/ is redirected"


@scenario("/app/stream")
def stream(service: Service) -> Iterable[str]:
    """A stream stays one: the headers and the first chunk are there before the last is made."""
    for origin, lines in APP.items():
        request = Request("GET", "/app/stream", with_origin(origin))
        streamed = False
        # A client that was slow for once may find all of it there at once.
        for _ in range(3):
            with Connection(service.address) as connection:
                connection.send(request.raw(service.host))
                answer = connection.head()
                pieces = connection.body("GET", answer)
                body = next(pieces, b"")
                streamed = b"three" not in body + connection.pending()
                body += b"".join(pieces)
            if streamed:
                break
        if not streamed:
            yield told(request, answer, "the last chunk was there with the first")
        if body != b"onetwothree":
            yield told(request, answer, f"the body is {body!r}")
        if difference := differs(answer, lines):
            yield told(request, answer, difference)


@scenario("/app/slow")
def asynchronous(service: Service) -> Iterable[str]:
    """An answer that another thread or turn of the loop makes (the servlet's ASYNC dispatch)."""
    for origin in (ALLOWED, DENIED):
        request = Request("GET", "/app/slow", with_origin(origin))
        yield from check(service, request, APP[origin], 200, b"slow")


@scenario("/app/upload")
def too_large(service: Service) -> Iterable[str]:
    """A page can read the 413 of a body limit (Kludex/starlette#617)."""
    for origin, lines in APP.items():
        for size, status in ((1000, 200), (100_000, 413)):
            request = Request(
                "POST", "/app/upload", with_origin(origin, ("Content-Type", "text/plain")), b"x" * size
            )
            yield from check(service, request, lines, status)


@scenario("/app/item")
def plain_options(service: Service) -> Iterable[str]:
    """OPTIONS without Access-Control-Request-Method is the application's (echo#3060)."""
    for origin, lines in APP.items():
        request = Request("OPTIONS", "/app/item", with_origin(origin))
        answer = service.ask(request)
        if answer.joined("x-handler") != "options" or answer.status not in (200, 204):
            yield told(request, answer, "the handler did not answer")
        if not answer.all("allow"):
            yield told(request, answer, "there is no Allow")
        if difference := differs(answer, lines):
            yield told(request, answer, difference)


@scenario("/app/vary")
def vary_merged(service: Service) -> Iterable[str]:
    """The application's Vary is kept, and no token stands twice, whatever its case (honojs/hono#5159)."""
    for origin, lines in APP.items():
        request = Request("GET", "/app/vary", with_origin(origin))
        answer = service.ask(request)
        # A proxy may have joined the lines, without a space.
        members = [member.strip() for member in (answer.joined("vary") or "").split(",")]
        if members != ["Accept-Encoding", "Cookie", "ORIGIN"]:
            yield told(request, answer, f"Vary is {answer.all('vary')}, not Accept-Encoding, Cookie, ORIGIN")
        others = [line for line in cors_lines(answer) if line[0] != "vary"]
        if others != sorted(line for line in lines if line != VARY):
            yield told(request, answer, "other lines than the policy's")


@scenario("/app/vary-star")
def vary_star(service: Service) -> Iterable[str]:
    """`Vary: *` says all there is to say, and is left alone."""
    for origin, lines in APP.items():
        expected = tuple(("vary", "*") if line == VARY else line for line in lines)
        yield from check(service, Request("GET", "/app/vary-star", with_origin(origin)), expected, 200)


@scenario("/app/own")
def own_headers(service: Service) -> Iterable[str]:
    """What the application sets itself is replaced, never doubled (spring-cloud-gateway#728)."""
    yield from app(service, "/app/own")


@scenario("/app/item")
def cookies(service: Service) -> Iterable[str]:
    """Two Set-Cookie lines stay two lines."""
    for origin in APP:
        request = Request("GET", "/app/item", with_origin(origin))
        answer = service.ask(request)
        names = {value.partition("=")[0] for value in answer.all("set-cookie")}
        if len(answer.all("set-cookie")) != 2 or len(names) != 2:
            yield told(request, answer, "there are no two Set-Cookie lines")
        if answer.joined("etag") != '"1"':
            yield told(request, answer, 'ETag is not "1"')


@scenario("/open/item")
def any_origin(service: Service) -> Iterable[str]:
    """Where any origin is allowed the answer is the same for all, and says no Vary (expressjs/cors#429)."""
    for origin in (ALLOWED, DENIED, "null", None):
        yield from check(service, Request("GET", "/open/item", with_origin(origin)), OPEN, 200, b"open")
        yield from check(service, Request("GET", "/open/missing", with_origin(origin)), OPEN, 404)


@scenario("/plain")
def ungoverned(service: Service) -> Iterable[str]:
    """Where no rule governs, nothing is touched: not the application's own headers, not Vary."""
    own = (("access-control-allow-origin", "https://own.example"),)
    for origin in (ALLOWED, DENIED, None):
        yield from check(service, Request("GET", "/plain", with_origin(origin)), own, 200, b"plain")
        yield from check(service, Request("GET", "/nowhere", with_origin(origin)), (), 404)


@scenario("/plain")
def ungoverned_preflight(service: Service) -> Iterable[str]:
    """A preflight where no rule governs is passed on to the application, and not answered or refused."""
    headers = with_origin(DENIED, ("Access-Control-Request-Method", "PUT"))
    request = Request("OPTIONS", "/plain", headers)
    answer = service.ask(request)
    if set(cors_lines(answer)) - {("access-control-allow-origin", "https://own.example")}:
        yield told(request, answer, "has CORS lines that the application did not set")


@scenario("/app/item")
def many_at_once(service: Service) -> Iterable[str]:
    """Slow requests from several origins at once: each gets its own answer."""
    origins = [ALLOWED, DENIED, *(f"https://t{number}.tenant.example.org" for number in range(6))]
    connections = [Connection(service.address) for _ in origins]
    try:
        for connection, origin in zip(connections, origins, strict=True):
            connection.send(Request("GET", "/app/slow", with_origin(origin)).raw(service.host))
        for connection, origin in zip(connections, origins, strict=True):
            granted = connection.answer().all("access-control-allow-origin")
            if granted != ([] if origin == DENIED else [origin]):
                yield f"{origin} was answered Access-Control-Allow-Origin: {granted}"
    finally:
        for connection in connections:
            connection.close()


@scenario("/app/slow")
def client_gone(service: Service) -> Iterable[str]:
    """A client that leaves before its answer harms nobody."""
    for target in ("/app/slow", "/app/stream", "/app/item"):
        with Connection(service.address) as connection:
            connection.send(Request("GET", target, with_origin(ALLOWED)).raw(service.host))
    answered = wait_for(lambda: service.ask(Request("GET", "/open/item")).status == 200, 5)
    if answered is None or not service.alive():
        yield "the service does not answer any more"
