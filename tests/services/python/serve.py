"""What the services have in common: their policy, and the servers that they run on."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Iterable

import hypercorn.asyncio
import uvicorn
import waitress
from onecors import LivePolicy, PolicyError
from werkzeug.debug import DebuggedApplication
from werkzeug.serving import make_server

LIMIT = 64 * 1024
OWN = {
    "Access-Control-Allow-Origin": "https://wrong.example",
    "Access-Control-Allow-Credentials": "true",
    "Access-Control-Expose-Headers": "x-own",
    "Access-Control-Max-Age": "1",
}
OPTIONS = {"X-Handler": "options", "Allow": "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"}

logging.basicConfig(level=logging.INFO)
policy = LivePolicy.watch(os.environ.get("POLICY", "../policy.json"))


def replace(document: bytes) -> tuple[int, str]:
    """What `POST /-/replace` does: the status and the body of its answer."""
    try:
        policy.replace(document)
    except PolicyError as error:
        return 422, str(error)
    return 204, ""


def listen() -> socket.socket:
    """Listens on the port of the environment, and says so."""
    listener = socket.create_server(("127.0.0.1", int(os.environ.get("PORT", "0"))), backlog=128)
    print(f"listening on 127.0.0.1:{listener.getsockname()[1]}", flush=True)
    return listener


def end_on_sigterm() -> None:
    """Ends the service as Ctrl-C does, for servers that leave this to their process."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())


def on_uvicorn(app: Callable[..., Awaitable[None]]) -> None:
    """Serves an ASGI application."""
    uvicorn.run(app, fd=listen().detach(), log_config=None, timeout_graceful_shutdown=2)


def on_hypercorn(app: Callable[..., Awaitable[None]]) -> None:
    """Serves an ASGI application, over HTTP/2 too."""
    config = hypercorn.Config()
    config.bind = [f"fd://{listen().detach()}"]
    config.errorlog = logging.getLogger("hypercorn")
    config.graceful_timeout = 2
    asyncio.run(hypercorn.asyncio.serve(app, config))


def on_waitress(app: Callable[..., Iterable[bytes]]) -> None:
    """Serves a WSGI application from threads of one process."""
    end_on_sigterm()
    waitress.serve(app, sockets=[listen()], threads=12)


def on_werkzeug(app: Callable[..., Iterable[bytes]]) -> None:
    """Serves a WSGI application as `app.run(debug=True)` does, with the debugger around it."""
    end_on_sigterm()
    listener = listen()
    debugged = DebuggedApplication(app, evalex=True)
    make_server("127.0.0.1", 0, debugged, threaded=True, fd=listener.fileno()).serve_forever()
