"""Quart, with the policy around the whole application."""

import asyncio
from collections.abc import AsyncIterator

import serve
from onecors.asgi import CORSMiddleware
from quart import Quart, Response, redirect, request, websocket

quart = Quart(__name__)
quart.config["MAX_CONTENT_LENGTH"] = serve.LIMIT
ANY = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


def text(body: str, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(body, status, headers, content_type="text/plain")


@quart.before_request
def authenticate() -> Response | None:
    if request.path == "/app/private" and request.headers.get("Authorization") != "Bearer token":
        return text("a token is wanted", 401, {"WWW-Authenticate": "Bearer"})
    return None


@quart.route("/app/item", methods=ANY)
async def item() -> Response:
    if request.method == "OPTIONS":
        return text("", headers=serve.OPTIONS)
    response = text("item", headers={"ETag": '"1"'})
    response.set_cookie("first", "1")
    response.set_cookie("second", "2")
    return response


@quart.get("/app/get-only")
async def get_only() -> Response:
    return text("ok")


@quart.route("/app/private", methods=ANY)
async def private() -> Response:
    return text("ok")


@quart.get("/app/throw")
async def throw() -> Response:
    raise RuntimeError("nothing handles this")


@quart.get("/app/throw-late")
async def throw_late() -> Response:
    async def body() -> AsyncIterator[bytes]:
        yield b"part"
        raise RuntimeError("after the start")

    return Response(body(), content_type="text/plain")


@quart.get("/app/reset")
async def reset() -> Response:
    started = text("never sent", headers={"X-Before": "1"})
    raise RuntimeError(f"{started.headers} are dropped")


@quart.get("/app/redirect")
async def redirected() -> Response:
    return redirect("/app/item", 302)  # type: ignore[return-value]


@quart.get("/app/slash/")
async def slash() -> Response:
    return text("ok")


@quart.get("/app/stream")
async def stream() -> Response:
    async def body() -> AsyncIterator[bytes]:
        for chunk in (b"one", b"two", b"three"):
            yield chunk
            await asyncio.sleep(0.15)

    return Response(body(), content_type="text/plain")


@quart.get("/app/vary")
async def vary() -> Response:
    response = text("vary")
    response.headers.add("Vary", "Accept-Encoding")
    response.headers.add("Vary", "Cookie, ORIGIN")
    return response


@quart.get("/app/vary-star")
async def vary_star() -> Response:
    return text("vary", headers={"Vary": "*"})


@quart.get("/app/own")
async def own() -> Response:
    return text("own", headers=serve.OWN)


@quart.post("/app/upload")
async def upload() -> Response:
    return text(str(len(await request.get_data())))


@quart.get("/app/slow")
async def slow() -> Response:
    await asyncio.sleep(0.5)
    return text("slow")


@quart.websocket("/app/ws")
async def echo() -> None:
    while True:
        await websocket.send(await websocket.receive())


@quart.get("/open/item")
async def open_item() -> Response:
    return text("open")


@quart.get("/plain")
async def plain() -> Response:
    return text("plain", headers={"Access-Control-Allow-Origin": "https://own.example"})


@quart.post("/-/replace")
async def replace() -> Response:
    status, body = serve.replace(await request.get_data())
    return text(body, status)


app = CORSMiddleware(quart, serve.policy)

if __name__ == "__main__":
    serve.on_uvicorn(app)
