"""Flask: the WSGI call of a whole application, without a server."""

import io
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import onecors
from flask import Flask, Response
from flask_cors import CORS
from onecors.flask import OneCORS

from limit_wsgi import LimitMiddleware
from scenarios import METHODS, POLICY, Answer, Fields, Origins

NAME = "flask"
PEER = "flask-cors"
# CORS is a small part of a call that is long, so it takes many to tell it.
ROUNDS = 151

Application = Callable[[Any, Any], Iterable[bytes]]
Request = dict[str, Any]


def subjects(origins: Origins) -> Iterator[tuple[str, Application | None]]:
    yield "nothing", _application()

    ours = _application()
    OneCORS(ours, onecors.Policy.from_file(origins.document))
    yield "onecors", ours

    yield PEER, _peer(origins) if len(origins.allowed) <= 1000 else None

    if origins.is_exact:
        limit = _application()
        wsgi_app = LimitMiddleware(limit.wsgi_app, origins.texts)
        limit.wsgi_app = wsgi_app  # type: ignore[method-assign]
        yield "limit", limit


def _application() -> Flask:
    app = Flask(__name__)

    @app.get("/items")
    def items() -> Response:
        return Response(b'{"items":[]}', content_type="application/json")

    return app


def _peer(origins: Origins) -> Application:
    app = _application()
    CORS(
        app,
        origins=origins.texts if origins.is_exact else origins.as_regexes,
        methods=METHODS,
        allow_headers=POLICY["allow_headers"],
        expose_headers=POLICY["expose_headers"],
        supports_credentials=POLICY["allow_credentials"],
        max_age=POLICY["max_age"],
    )
    return app


def request(asked: Fields) -> Request:
    """An environ as gunicorn makes it."""
    fields = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in asked.lines()}
    return {
        "wsgi.errors": sys.stderr,
        "wsgi.version": (1, 0),
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "wsgi.input_terminated": True,
        "wsgi.input": io.BytesIO(),
        "wsgi.url_scheme": "http",
        "SERVER_SOFTWARE": "gunicorn",
        "REQUEST_METHOD": asked.method,
        "QUERY_STRING": "",
        "RAW_URI": "/items",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "REMOTE_PORT": "50000",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "PATH_INFO": "/items",
        "SCRIPT_NAME": "",
    } | fields


def write(data: bytes) -> None:
    pass


def start_response(status: str, headers: Any, exc_info: Any = None) -> Callable[[bytes], None]:
    return write


def drive(app: Application, requests: Sequence[Request]) -> None:
    for environ in requests:
        body = app(environ, start_response)
        for _piece in body:
            pass
        if hasattr(body, "close"):
            body.close()


def drive_nothing(requests: Sequence[Request]) -> None:
    for _environ in requests:
        pass


def answer(app: Application, environ: Request) -> Answer:
    started: list[Any] = []

    def start(status: str, headers: Any, exc_info: Any = None) -> Callable[[bytes], None]:
        started[:] = [status, headers]
        return write

    body = app(environ, start)
    for _piece in body:
        pass
    if hasattr(body, "close"):
        body.close()
    status, headers = started
    return Answer(int(status[:3]), {name.lower(): value for name, value in headers})
