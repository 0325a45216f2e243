"""What the services have in common: their policy, and the servers that they run on."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path

import cheroot.wsgi
import gevent.pywsgi
import hypercorn.asyncio
import uvicorn
import waitress
from onecors import LivePolicy, PolicyError
from werkzeug.debug import DebuggedApplication
from werkzeug.serving import make_server

ADDRESS = ("127.0.0.1", int(os.environ.get("PORT", "0")))
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
    listener = socket.create_server(ADDRESS, backlog=128)
    # Not every server sees to it that the body of an answer does not wait for the client to confirm its head.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    say_so(listener.getsockname()[1])
    return listener


def say_so(port: int) -> None:
    """Says that the service listens on a port."""
    print(f"listening on 127.0.0.1:{port}", flush=True)


def end_on_sigterm() -> None:
    """Ends the service as Ctrl-C does, for servers that leave this to their process."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())


def on_uvicorn(app: Callable[..., Awaitable[None]]) -> None:
    """Serves an ASGI application."""
    uvicorn.run(app, fd=listen().detach(), log_config=None, timeout_graceful_shutdown=2)


def on_hypercorn(app: Callable[..., Awaitable[None] | Iterable[bytes]]) -> None:
    """Serves an ASGI or a WSGI application, over HTTP/2 too."""
    config = hypercorn.Config()
    config.bind = [f"fd://{listen().detach()}"]
    config.errorlog = logging.getLogger("hypercorn")
    config.graceful_timeout = 2
    asyncio.run(hypercorn.asyncio.serve(app, config))


def on_waitress(app: Callable[..., Iterable[bytes]]) -> None:
    """Serves a WSGI application from threads of one process."""
    end_on_sigterm()
    waitress.serve(app, sockets=[listen()], threads=12)


def on_cheroot(app: Callable[..., Iterable[bytes]]) -> None:
    """Serves a WSGI application from threads of one process."""
    end_on_sigterm()
    server = cheroot.wsgi.Server(ADDRESS, app, numthreads=12, shutdown_timeout=2)
    server.prepare()
    say_so(server.bind_addr[1])
    try:
        server.serve()
    finally:
        server.stop()


def on_gevent(app: Callable[..., Iterable[bytes]]) -> None:
    """Serves a WSGI application from greenlets. Whoever calls this has patched what blocks."""
    end_on_sigterm()
    gevent.pywsgi.WSGIServer(listen(), app, log=None).serve_forever()


def on_uwsgi(module: str) -> None:
    """Serves a WSGI application by its name, since uWSGI takes the place of this process."""
    listener = listen()
    listener.set_inheritable(True)
    uwsgi = Path(sys.executable).with_name("uwsgi")
    options = f"--http11-socket fd://{listener.detach()} --module {module} --need-app --master"
    # A body of unknown length ends when it has waited for the next request in vain: for 4 s by default.
    options += " --socket-timeout 1 --die-on-term --threads 12 --disable-logging"
    os.execv(uwsgi, ["uwsgi", *options.split()])


def on_werkzeug(app: Callable[..., Iterable[bytes]]) -> None:
    """Serves a WSGI application as `app.run(debug=True)` does, with the debugger around it."""
    end_on_sigterm()
    listener = listen()
    debugged = DebuggedApplication(app, evalex=True)
    make_server("127.0.0.1", 0, debugged, threaded=True, fd=listener.fileno()).serve_forever()
