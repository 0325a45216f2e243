"""A service of Lantern Books in FastAPI, with the policy in front of it."""

import os
import socket

import uvicorn
from fastapi import APIRouter, FastAPI, Response
from onecors import Policy
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Cors:
    """Puts a policy in front of an ASGI application."""

    def __init__(self, app: ASGIApp, policy: Policy) -> None:
        self.app = app
        self.policy = policy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        parts = [
            field(scope, name)
            for name in (b"origin", b"access-control-request-method", b"access-control-request-headers")
        ]
        plan = self.policy.decide(scope["method"], scope["path"], *parts).plan
        lines = [(name.lower().encode(), value.encode()) for name, value in plan.lines(*parts)]

        async def send_with_lines(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *lines]
            await send(message)

        if plan.status is None:
            await self.app(scope, receive, send_with_lines)
        else:
            await Response(status_code=plan.status)(scope, receive, send_with_lines)


def field(scope: Scope, name: bytes) -> bytes | None:
    """The value of a header, its lines joined; None when there is no line."""
    lines = [value for line, value in scope["headers"] if line == name]
    return b", ".join(lines) if lines else None


app = FastAPI()
orders = APIRouter()


@app.api_route("/catalogue/{isbn}", methods=["GET", "HEAD"])
def book(isbn: str) -> dict[str, str]:
    return {"isbn": isbn, "title": "The Lantern Bearers"}


@app.get("/healthz")
def health() -> dict[str, bool]:
    return {"healthy": True}


@orders.get("/orders")
def list_orders() -> list[dict[str, str]]:
    return [{"order": "7"}]


@orders.post("/orders", status_code=201)
def place_order() -> dict[str, str]:
    return {"order": "8"}


@orders.get("/orders/{order}")
@orders.put("/orders/{order}")
@orders.patch("/orders/{order}")
def one_order(order: str) -> dict[str, str]:
    return {"order": order}


@orders.delete("/orders/{order}", status_code=204)
def cancel_order(order: str) -> None:
    """Cancels the order."""


@orders.options("/orders/{order}", status_code=204)
def order_options(order: str, response: Response) -> None:
    response.headers["Allow"] = "GET, PUT, PATCH, DELETE, OPTIONS"


@orders.get("/orders/{order}/invoice")
def invoice(order: str) -> dict[str, str]:
    return {"order": order, "total": "119.88"}


app.include_router(orders)
app.include_router(orders, prefix="/staging")
app.add_middleware(Cors, policy=Policy.from_file(os.environ.get("POLICY", "../policy.json")))

if __name__ == "__main__":
    listener = socket.create_server(("127.0.0.1", int(os.environ.get("PORT", "8000"))))
    print(f"listening on 127.0.0.1:{listener.getsockname()[1]}", flush=True)
    uvicorn.run(app, fd=listener.fileno(), log_level="warning")
