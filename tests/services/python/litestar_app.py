"""Litestar, with the policy around the whole application."""

import asyncio
import logging
from collections.abc import AsyncIterator

import serve
from litestar import (
    HttpMethod,
    Litestar,
    MediaType,
    Request,
    Response,
    WebSocket,
    get,
    head,
    post,
    route,
    websocket,
)
from litestar.connection import ASGIConnection
from litestar.exceptions import NotAuthorizedException
from litestar.handlers import BaseRouteHandler
from litestar.response import Redirect, Stream
from onecors.asgi import CORSMiddleware

ANY = [
    HttpMethod.GET,
    HttpMethod.POST,
    HttpMethod.PUT,
    HttpMethod.PATCH,
    HttpMethod.DELETE,
    HttpMethod.OPTIONS,
]


def text(body: str, status: int = 200, headers: dict[str, str] | None = None) -> Response[str]:
    return Response(body, status_code=status, headers=headers, media_type=MediaType.TEXT)


def bearer(connection: ASGIConnection, handler: BaseRouteHandler) -> None:
    if connection.headers.get("authorization") != "Bearer token":
        raise NotAuthorizedException("a token is wanted", headers={"WWW-Authenticate": "Bearer"})


@route("/app/item", http_method=ANY)
async def item(request: Request) -> Response[str]:
    if request.method == "OPTIONS":
        return text("", headers=serve.OPTIONS)
    response = text("item", headers={"ETag": '"1"'})
    response.set_cookie("first", "1")
    response.set_cookie("second", "2")
    return response


@head("/app/item")
async def item_head() -> None:
    """Litestar answers HEAD where a handler does."""


@get("/app/get-only")
async def get_only() -> Response[str]:
    return text("ok")


@route("/app/private", http_method=ANY, guards=[bearer])
async def private() -> Response[str]:
    return text("ok")


@get("/app/throw")
async def throw() -> Response[str]:
    raise RuntimeError("nothing handles this")


@get("/app/throw-late")
async def throw_late() -> Stream:
    async def body() -> AsyncIterator[str]:
        yield "part"
        raise RuntimeError("after the start")

    return Stream(body(), media_type=MediaType.TEXT)


@get("/app/reset")
async def reset() -> Response[str]:
    started = text("never sent", headers={"X-Before": "1"})
    raise RuntimeError(f"{started.headers} are dropped")


@get("/app/redirect", status_code=302)
async def redirect() -> Redirect:
    return Redirect("/app/item", status_code=302)


@get("/app/stream")
async def stream() -> Stream:
    async def body() -> AsyncIterator[str]:
        for chunk in ("one", "two", "three"):
            yield chunk
            await asyncio.sleep(0.15)

    return Stream(body(), media_type=MediaType.TEXT)


@get("/app/vary")
async def vary() -> Response[str]:
    return text("vary", headers={"Vary": "Accept-Encoding, Cookie, ORIGIN"})


@get("/app/vary-star")
async def vary_star() -> Response[str]:
    return text("vary", headers={"Vary": "*"})


@get("/app/own")
async def own() -> Response[str]:
    return text("own", headers=serve.OWN)


@post("/app/upload", status_code=200)
async def upload(request: Request) -> Response[str]:
    return text(str(len(await request.body())))


@get("/app/slow")
async def slow() -> Response[str]:
    await asyncio.sleep(0.5)
    return text("slow")


@websocket("/app/ws")
async def echo(socket: WebSocket) -> None:
    await socket.accept()
    async for message in socket.iter_data():
        await socket.send_text(message)


@get("/open/item")
async def open_item() -> Response[str]:
    return text("open")


@get("/plain")
async def plain() -> Response[str]:
    return text("plain", headers={"Access-Control-Allow-Origin": "https://own.example"})


@post("/-/replace")
async def replace(request: Request) -> Response[str]:
    status, body = serve.replace(await request.body())
    return text(body, status)


HANDLERS = [
    item, item_head, get_only, private, throw, throw_late, reset, redirect, stream, vary, vary_star, own,
    upload, slow, echo, open_item, plain, replace,
]  # fmt: skip
litestar = Litestar(
    HANDLERS,
    after_exception=[lambda error, scope: logging.error("Litestar: %s", error, exc_info=error)],
    openapi_config=None,
    request_max_body_size=serve.LIMIT,
)
app = CORSMiddleware(litestar, serve.policy)

if __name__ == "__main__":
    serve.on_uvicorn(app)
