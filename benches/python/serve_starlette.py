"""Starlette on uvicorn: serve_starlette.py PORT DOCUMENT none|starlette|onecors|onecors-live."""

import json
import sys
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


async def items(_request: Request) -> JSONResponse:
    return JSONResponse({"items": []})


def application(document: str, subject: str) -> Starlette:
    routes = [Route("/items", items, methods=["GET", "OPTIONS"])]
    if subject == "starlette":
        with open(document) as file:
            return Starlette(routes=routes, middleware=[_peer(json.load(file))])
    app = Starlette(routes=routes)
    if subject.startswith("onecors"):
        from onecors import LivePolicy, Policy
        from onecors.starlette import install

        live = subject == "onecors-live"
        install(app, LivePolicy.watch(document) if live else Policy.from_file(document))
    return app


def _peer(policy: dict[str, Any]) -> Middleware:
    return Middleware(
        CORSMiddleware,
        allow_origins=policy["allow_origins"],
        allow_methods=["GET", "HEAD", "POST", *policy["allow_methods"]],
        allow_headers=policy["allow_headers"],
        allow_credentials=policy["allow_credentials"],
        expose_headers=policy["expose_headers"],
        max_age=policy["max_age"],
    )


if __name__ == "__main__":
    _, port, document, subject = sys.argv
    uvicorn.run(
        application(document, subject),
        host="127.0.0.1",
        port=int(port),
        http="httptools",
        loop="uvloop",
        access_log=False,
        log_level="warning",
    )
