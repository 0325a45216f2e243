"""Sessions and orders of Lantern Books, for pages of their own origin only.

It knows nothing of CORS, and so no other origin can read it. What it has to see to itself is what other
origins can still send: forms, `no-cors` requests and WebSockets, all with the user's cookies.
Everything is kept in memory, and nobody is asked for a password.
"""

import secrets
from typing import Annotated

from fastapi import (
    APIRouter,
    Cookie,
    Depends,
    FastAPI,
    HTTPException,
    Request,
    Response,
    WebSocket,
    WebSocketException,
)
from starlette.requests import HTTPConnection

SESSION = "__Host-session"
FORBIDDEN = "only pages of this origin may do that"

sessions: dict[str, dict[str, str]] = {}  # the state of each order, by session


def from_own_origin(connection: HTTPConnection) -> bool:
    """Whether a page of this origin asks: a browser says so with all but GET and HEAD, and with WebSockets.

    `SameSite` does not tell: https://shop.lantern.example is of the same site, and its requests have the
    cookie.
    """
    return connection.headers.getlist("origin") == [f"https://{connection.headers['host']}"]


def only_from_own_origin(request: Request) -> None:
    if request.method not in ("GET", "HEAD") and not from_own_origin(request):
        raise HTTPException(403, FORBIDDEN)


def orders_of(session: Annotated[str, Cookie(alias=SESSION)] = "") -> dict[str, str]:
    if session not in sessions:
        raise HTTPException(401, "sign in at /api/session")
    return sessions[session]


Orders = Annotated[dict[str, str], Depends(orders_of)]
api = APIRouter(dependencies=[Depends(only_from_own_origin)])
app = FastAPI()


@api.post("/session", status_code=204)
def sign_in(request: Request, response: Response) -> None:
    if request.url.scheme != "https":  # as X-Forwarded-Proto has it
        raise HTTPException(400, "sign in over https")
    session = secrets.token_urlsafe()
    sessions[session] = {}
    # Without Domain it is this host's alone, and because of `__Host-` no subdomain can overwrite it. The
    # page itself needs no cookie, so Strict does not sign anybody out who comes by a link.
    response.set_cookie(SESSION, session, path="/", secure=True, httponly=True, samesite="strict")


@api.get("/orders")
def list_orders(orders: Orders) -> dict[str, str]:
    return orders


@api.post("/orders", status_code=201)
def place_order(orders: Orders) -> dict[str, str]:
    order = str(len(orders) + 1)
    orders[order] = "placed"
    return {"order": order}


@api.put("/orders/{order}")
def change_order(order: str, orders: Orders) -> dict[str, str]:
    if order not in orders:
        raise HTTPException(404)
    orders[order] = "changed"
    return {"order": order}


@api.delete("/orders/{order}", status_code=204)
def cancel_order(order: str, orders: Orders) -> None:
    orders.pop(order, None)


@app.websocket("/orders/live")
async def live(socket: WebSocket) -> None:
    """Each message is an order's number, and is answered with its state."""
    session = socket.cookies.get(SESSION, "")
    if not from_own_origin(socket) or session not in sessions:
        raise WebSocketException(1008, FORBIDDEN)
    await socket.accept()
    async for order in socket.iter_text():
        await socket.send_text(sessions[session].get(order, "unknown"))


app.include_router(api)
