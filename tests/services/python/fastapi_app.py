"""FastAPI, with the policy installed."""

from typing import Annotated

import serve
from fastapi import Depends, FastAPI, Response
from fastapi.responses import PlainTextResponse
from fastapi.security import HTTPBearer
from onecors.fastapi import install
from starlette_routes import ANY, routes

app = FastAPI(default_response_class=PlainTextResponse, max_body_size=serve.LIMIT)
install(app, serve.policy)


@app.api_route("/app/private", methods=ANY)
def private(token: Annotated[object, Depends(HTTPBearer())]) -> str:
    return "ok"


@app.get("/app/reset")
def reset(response: Response) -> str:
    response.headers["X-Before"] = "1"
    raise RuntimeError("the response is made anew")


@app.get("/app/slash/")
def slash() -> str:
    return "ok"


app.router.routes += [
    route for route in routes if route.path not in ("/app/private", "/app/reset", "/app/slash")
]

if __name__ == "__main__":
    serve.on_uvicorn(app)
