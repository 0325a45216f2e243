"""The routes in Starlette, which are FastAPI's, too."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import serve
from starlette.authentication import AuthCredentials, AuthenticationBackend, AuthenticationError, SimpleUser
from starlette.middleware import Middleware
from starlette.middleware.authentication import AuthenticationMiddleware
from starlette.requests import HTTPConnection, Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.websockets import WebSocket


class Bearer(AuthenticationBackend):
    """Takes one token for everyone."""

    async def authenticate(self, conn: HTTPConnection) -> tuple[AuthCredentials, SimpleUser]:
        if conn.headers.get("authorization") != "Bearer token":
            raise AuthenticationError("a token is wanted")
        return AuthCredentials(["authenticated"]), SimpleUser("someone")


def unauthorized(conn: HTTPConnection, error: Exception) -> Response:
    return PlainTextResponse(str(error), 401, {"WWW-Authenticate": "Bearer"})


async def item(request: Request) -> Response:
    if request.method == "OPTIONS":
        return PlainTextResponse("", headers=serve.OPTIONS)
    response = PlainTextResponse("item", headers={"ETag": '"1"'})
    response.set_cookie("first", "1")
    response.set_cookie("second", "2")
    return response


async def ok(request: Request) -> Response:
    return PlainTextResponse("ok")


async def throw(request: Request) -> Response:
    raise RuntimeError("nothing handles this")


async def throw_late(request: Request) -> Response:
    async def body() -> AsyncIterator[str]:
        yield "part"
        raise RuntimeError("after the start")

    return StreamingResponse(body(), media_type="text/plain")


async def reset(request: Request, response: Response | None = None) -> Response:
    started = PlainTextResponse("never sent", headers={"X-Before": "1"})
    raise RuntimeError(f"{started.headers} are dropped")


async def redirect(request: Request) -> Response:
    return RedirectResponse("/app/item", 302)


async def stream(request: Request) -> Response:
    async def body() -> AsyncIterator[str]:
        for chunk in ("one", "two", "three"):
            yield chunk
            await asyncio.sleep(0.15)

    return StreamingResponse(body(), media_type="text/plain")


async def vary(request: Request) -> Response:
    response = PlainTextResponse("vary")
    response.headers.append("Vary", "Accept-Encoding")
    response.headers.append("Vary", "Cookie, ORIGIN")
    return response


async def vary_star(request: Request) -> Response:
    return PlainTextResponse("vary", headers={"Vary": "*"})


async def own(request: Request) -> Response:
    return PlainTextResponse("own", headers=serve.OWN)


async def upload(request: Request) -> Response:
    return PlainTextResponse(str(len(await request.body())))


async def slow(request: Request) -> Response:
    await asyncio.sleep(0.5)
    return PlainTextResponse("slow")


async def echo(websocket: WebSocket) -> None:
    await websocket.accept()
    async for text in websocket.iter_text():
        await websocket.send_text(text)


async def open_item(request: Request) -> Response:
    return PlainTextResponse("open")


async def plain(request: Request) -> Response:
    return PlainTextResponse("plain", headers={"Access-Control-Allow-Origin": "https://own.example"})


async def replace(request: Request) -> Response:
    status, text = serve.replace(await request.body())
    return PlainTextResponse(text, status)


ANY = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
private = Middleware(AuthenticationMiddleware, backend=Bearer(), on_error=unauthorized)
routes = [
    Route("/app/item", item, methods=ANY),
    Route("/app/get-only", ok),
    Route("/app/throw", throw),
    Route("/app/throw-late", throw_late),
    Route("/app/reset", reset),
    Route("/app/private", ok, methods=ANY, middleware=[private]),
    Route("/app/redirect", redirect),
    Mount("/app/slash", routes=[Route("/", ok)]),
    Route("/app/stream", stream),
    Route("/app/vary", vary),
    Route("/app/vary-star", vary_star),
    Route("/app/own", own),
    Route("/app/upload", upload, methods=["POST"]),
    Route("/app/slow", slow),
    WebSocketRoute("/app/ws", echo),
    Route("/open/item", open_item),
    Route("/plain", plain),
    Route("/-/replace", replace, methods=["POST"]),
]
