"""Starlette, with the policy installed: on uvicorn, or with the argument `hypercorn` on that."""

import sys

import serve
from onecors.starlette import install
from starlette.applications import Starlette
from starlette_routes import routes

app = Starlette(routes=routes, max_body_size=serve.LIMIT)
install(app, serve.policy)

if __name__ == "__main__":
    (serve.on_hypercorn if "hypercorn" in sys.argv else serve.on_uvicorn)(app)
