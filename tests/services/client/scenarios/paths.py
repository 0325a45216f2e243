"""A rule is chosen by the path that the framework routes on, or is a stricter one."""

from __future__ import annotations

from collections.abc import Iterable

from client.expected import ALLOWED, APP, DENIED, OPEN, cors_lines, failed, grants
from client.http1 import Answer, NoAnswerError, Request, SilentError
from client.scenario import scenario, told
from client.service import Service

# Each might reach the handler of /app/item under the name of another rule, or of none.
DISGUISED: tuple[str | bytes, ...] = (
    "/open%2Fitem",
    "/%61pp/item",
    "/app%2Fitem",
    "/app%2fitem",
    "/open/../app/item",
    "/open/%2e%2e/app/item",
    "/open/.%2E/app/item",
    "/open/..%2fapp/item",
    "/open%2f..%2fapp%2fitem",
    "/open/..;/app/item",
    "/open/..;x=1/app/item",
    "/open/..\\app\\item",
    "/open/..%5capp%5citem",
    "/open/./../app/item",
    "/open/x/../../app/item",
    "/open//../app/item",
    "/open/..//app/item",
    "//app/item",
    "/open//app/item",
    "/./app/item",
    "/app/./item",
    "/app//item",
    "/app/x/../item",
    "/app;x=1/item",
    "/app/item;x=1",
    "/;x=1/app/item",
    "/APP/item",
    "/app/ITEM",
    "/OPEN/item",
    "/app/item/",
    "/app/item%00",
    "/app/item%20",
    "/app/item%3f",
    "/app/item%23",
    "/app/item.",
    "/app/item.json",
    "/app+/item",
    "/%2561pp/item",
    "/%u0061pp/item",
    "/%zz/app/item",
    "/%c0%afapp/item",
    "/%ef%bd%81pp/item",
    "/open/item?/../../app/item",
    "/app/item?/open/item",
    "/open/item#/../app/item",
    "/app/item#",
    "app/item",
    "*",
    "",
    b"/\xc3\xa4/../app/item",
    b"/open/\xff/../../app/item",
)
# A query or a fragment away from /app/item and nothing else.
PLAIN = ("/app/item?/open/item",)


def ask(service: Service, request: Request) -> Answer | None:
    """The answer; None where there is none with a header: the connection just ends, or a page comes alone."""
    try:
        return service.ask(request)
    except SilentError:
        raise
    except NoAnswerError:
        return None


def safe(service: Service, target: str | bytes) -> Iterable[str]:
    """Says where a target reaches a handler with more headers than the rule of that handler's path has."""
    for method in ("GET", "POST"):
        for origin in (ALLOWED, DENIED):
            request = Request(method, target, (("Origin", origin),))
            answer = ask(service, request)
            if answer is None:
                continue
            if failed(answer):
                yield told(request, answer, "failed")
            most = {b"item": APP[origin], b"open": OPEN}.get(answer.body)
            if most is not None and not set(cors_lines(answer)) <= set(most):
                yield told(request, answer, "reached the handler with another rule's headers")
            if answer.body == b"item" and origin == DENIED:
                yield from refused(service, target)


def refused(service: Service, target: str | bytes) -> Iterable[str]:
    """The preflight of a denied origin to a target that reaches the handler of /app/item is not allowed."""
    asks = (("Origin", DENIED), ("Access-Control-Request-Method", "GET"))
    request = Request("OPTIONS", target, asks)
    answer = ask(service, request)
    if answer and grants(answer):
        yield told(request, answer, "the preflight of a denied origin is granted")


@scenario()
def disguised_paths(service: Service) -> Iterable[str]:
    """No spelling of a path gets the app's answer out with the headers of another rule (flask-cors#383)."""
    for target in DISGUISED:
        yield from safe(service, target)
    for target in PLAIN:
        answer = service.ask(Request("GET", target, (("Origin", ALLOWED),)))
        if answer.body != b"item" or sorted(APP[ALLOWED]) != cors_lines(answer):
            yield f"GET {target} was answered {answer}"


@scenario()
def absolute_targets(service: Service) -> Iterable[str]:
    """A target in absolute form has the rule of its path (RFC 9112 3.2.2)."""
    for authority in (service.host, "open.example", "open.example/open/.."):
        for path in ("/app/item", "/open/../app/item", "/open/item", "/%61pp/item"):
            yield from safe(service, f"http://{authority}{path}")
    yield from safe(service, f"http://{service.host}")


@scenario()
def long_paths(service: Service) -> Iterable[str]:
    """A long path, or one of very many segments, harms nobody."""
    for target in (
        "/app/" + "a" * 6000,
        "/app" + "/a" * 3000,
        "/app" + "/.." * 2000 + "/app/item",
        "/app/" + "%2e" * 2000,
    ):
        for method in ("GET", "OPTIONS"):
            request = Request(method, target, (("Origin", DENIED), ("Access-Control-Request-Method", "PUT")))
            answer = ask(service, request)
            if answer and (failed(answer) or grants(answer)):
                yield told(request, answer, "granted, or failed")
