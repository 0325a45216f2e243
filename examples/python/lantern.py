"""A service of Lantern Books in FastAPI. It knows nothing of CORS: `main.py` puts the policy in front."""

from fastapi import APIRouter, FastAPI, Response

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


@orders.get("/orders/{order}/label")
def label(order: str) -> None:
    raise RuntimeError("the printer is out of labels")


app.include_router(orders)
app.include_router(orders, prefix="/staging")
