"""Requests of pages, and what has to come back, whoever made the answer."""

from __future__ import annotations

from client.expected import ALLOWED, APP, APP_PREFLIGHT, DENIED, DENIED_PREFLIGHT, differs
from client.http1 import Answer, Request
from server import Nginx

ORIGINS = (ALLOWED, DENIED, None)


def page(
    target: str, origin: str | None, method: str = "GET", *more: tuple[str, str], body: bytes = b""
) -> Request:
    """A request with this Origin, or none."""
    lines = (() if origin is None else (("Origin", origin),)) + more
    return Request(method, target, lines, body)


def preflight(target: str, origin: str, method: str = "PUT", *more: tuple[str, str]) -> Request:
    """What a browser asks before a request with this method."""
    return page(target, origin, "OPTIONS", ("Access-Control-Request-Method", method), *more)


def governed(nginx: Nginx, target: str, status: int, method: str = "GET", *more: tuple[str, str]) -> Answer:
    """From each origin the answer has this status and the rule's lines; the allowed one's is returned."""
    answers = [nginx.ask(page(target, origin, method, *more)) for origin in ORIGINS]
    for origin, answer in zip(ORIGINS, answers, strict=True):
        assert answer.status == status, f"{target} from {origin}: {answer}"
        assert differs(answer, APP[origin]) is None, f"{target} from {origin}: {answer}"
    return answers[0]


def preflighted(nginx: Nginx, target: str) -> None:
    """A preflight is answered by the policy, allowed and denied, and without a body."""
    for origin, status, lines in ((ALLOWED, 204, APP_PREFLIGHT[ALLOWED]), (DENIED, 403, DENIED_PREFLIGHT)):
        answer = nginx.ask(preflight(target, origin))
        assert answer.status == status, f"{target} from {origin}: {answer}"
        assert differs(answer, lines) is None, f"{target} from {origin}: {answer}"
        assert not answer.body and not answer.all("transfer-encoding"), answer
        assert answer.all("content-length") == ([] if status == 204 else ["0"]), answer
        for name in ("location", "www-authenticate", "content-type"):
            assert not answer.all(name), answer


def untouched(nginx: Nginx, target: str, status: int) -> None:
    """No policy has a say: no line is added, and a preflight is passed on."""
    for request in (page(target, ALLOWED), page(target, DENIED), preflight(target, ALLOWED)):
        answer = nginx.ask(request)
        assert (answer.status, differs(answer, ())) == (status, None), f"{request}: {answer}"
