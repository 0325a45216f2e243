"""Starlette: the call of a whole application, by hand, without a server."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any

import onecors
from onecors.starlette import install
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import Route

from limit_asgi import LimitMiddleware
from scenarios import METHODS, POLICY, Answer, Fields, Origins

NAME = "starlette"
PEER = "starlette"
ROUNDS = 61

Application = Callable[..., Awaitable[None]]
Request = dict[str, Any]

BODY = b'{"items":[]}'
RESPONSE = [(b"content-length", b"12"), (b"content-type", b"application/json")]


class Items:
    """The handler: an endpoint that is an ASGI application, since those are the cheapest."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": RESPONSE.copy()})
        await send({"type": "http.response.body", "body": BODY})


def subjects(origins: Origins) -> Iterator[tuple[str, Application | None]]:
    routes = [Route("/items", Items())]
    yield "nothing", Starlette(routes=routes)

    ours = Starlette(routes=routes)
    install(ours, onecors.Policy.from_file(origins.document))
    yield "onecors", ours

    yield PEER, _peer(routes, origins) if len(origins.allowed) <= 100_000 else None

    if origins.is_exact:
        limit = Starlette(routes=routes)
        limit.middleware_stack = LimitMiddleware(limit.build_middleware_stack(), origins.texts)
        yield "limit", limit


def _peer(routes: list[Route], origins: Origins) -> Application:
    allowed: dict[str, Any] = {"allow_origins": origins.texts}
    if not origins.is_exact:
        allowed = {"allow_origin_regex": "|".join(origins.as_regexes)}
    middleware = Middleware(
        CORSMiddleware,
        **allowed,
        allow_methods=METHODS,
        allow_headers=POLICY["allow_headers"],
        allow_credentials=POLICY["allow_credentials"],
        expose_headers=POLICY["expose_headers"],
        max_age=POLICY["max_age"],
    )
    return Starlette(routes=routes, middleware=[middleware])


def request(asked: Fields) -> Request:
    """A scope as uvicorn makes it."""
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "server": ("127.0.0.1", 8000),
        "client": ("127.0.0.1", 50000),
        "scheme": "http",
        "root_path": "",
        "method": asked.method,
        "path": "/items",
        "raw_path": b"/items",
        "query_string": b"",
        "headers": [(name.lower().encode(), value.encode()) for name, value in asked.lines()],
        "state": {},
    }


async def receive() -> dict[str, Any]:
    return {"type": "http.request", "body": b"", "more_body": False}


async def send(message: Any) -> None:
    pass


def drive(app: Application, requests: Sequence[Request]) -> None:
    for scope in requests:
        call = app(scope, receive, send)
        try:
            call.send(None)  # type: ignore[attr-defined]
        except StopIteration:
            pass


def drive_nothing(requests: Sequence[Request]) -> None:
    for _scope in requests:
        pass


def answer(app: Application, scope: Request) -> Answer:
    sent: list[Any] = []

    async def collect(message: Any) -> None:
        sent.append(message)

    try:
        app(scope, receive, collect).send(None)  # type: ignore[attr-defined]
    except StopIteration:
        pass
    fields = {name.decode().lower(): value.decode() for name, value in sent[0]["headers"]}
    return Answer(sent[0]["status"], fields)
