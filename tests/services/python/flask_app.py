"""Flask: for gunicorn, or on the server that the argument names."""

import itertools
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import serve
from flask import Flask, Response, redirect, request
from onecors.flask import OneCORS

app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = serve.LIMIT
# So that it is the adapter that answers for an exception, and the server that hears of it.
app.config["PROPAGATE_EXCEPTIONS"] = True
OneCORS(app, serve.policy)

ANY = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


def text(body: str, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(body, status, headers, content_type="text/plain")


@app.before_request
def authenticate() -> Response | None:
    if request.path == "/app/private" and request.headers.get("Authorization") != "Bearer token":
        return text("a token is wanted", 401, {"WWW-Authenticate": "Bearer"})
    return None


@app.route("/app/item", methods=ANY)
def item() -> Response:
    if request.method == "OPTIONS":
        return text("", headers=serve.OPTIONS)
    response = text("item", headers={"ETag": '"1"'})
    response.set_cookie("first", "1")
    response.set_cookie("second", "2")
    return response


@app.get("/app/get-only")
def get_only() -> Response:
    return text("ok")


@app.route("/app/private", methods=ANY)
def private() -> Response:
    return text("ok")


@app.get("/app/throw")
def throw() -> Response:
    raise RuntimeError("nothing handles this")


@app.get("/app/throw-late")
def throw_late() -> Response:
    def body() -> Iterator[str]:
        yield "part"
        # Granian drops what has not left the process yet.
        time.sleep(0.1)
        raise RuntimeError("after the start")

    return Response(body(), content_type="text/plain")


@app.get("/app/reset")
def reset() -> Response:
    started = text("never sent", headers={"X-Before": "1"})
    raise RuntimeError(f"{started.headers} are dropped")


@app.get("/app/redirect")
def redirected() -> Response:
    return redirect("/app/item", 302)  # type: ignore[return-value]


@app.get("/app/slash/")
def slash() -> Response:
    return text("ok")


@app.get("/app/stream")
def stream() -> Response:
    def body() -> Iterator[str]:
        for chunk in ("one", "two", "three"):
            yield chunk
            time.sleep(0.15)

    return Response(body(), content_type="text/plain")


@app.get("/app/vary")
def vary() -> Response:
    response = text("vary")
    response.headers.add("Vary", "Accept-Encoding")
    response.headers.add("Vary", "Cookie, ORIGIN")
    return response


@app.get("/app/vary-star")
def vary_star() -> Response:
    return text("vary", headers={"Vary": "*"})


@app.get("/app/own")
def own() -> Response:
    return text("own", headers=serve.OWN)


@app.post("/app/upload")
def upload() -> Response:
    return text(str(len(request.get_data())))


@app.get("/app/slow")
def slow() -> Response:
    time.sleep(0.5)
    return text("slow")


@app.get("/open/item")
def open_item() -> Response:
    return text("open")


@app.get("/plain")
def plain() -> Response:
    return text("plain", headers={"Access-Control-Allow-Origin": "https://own.example"})


@app.post("/-/replace")
def replace() -> Response:
    status, body = serve.replace(request.get_data())
    return text(body, status)


def with_a_piece(app: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
    """Lets Hypercorn answer where no policy governs: it sends the head with the first piece of a body.

    Flask gives none with 204. Where a policy governs, onecors does this.
    """

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        body = app(environ, start_response)
        return itertools.chain(body, [b""]) if environ["PATH_INFO"] == "/-/replace" else body

    return answer


SERVERS = {
    "cheroot": lambda: serve.on_cheroot(app),
    "hypercorn": lambda: serve.on_hypercorn(with_a_piece(app)),
    "uwsgi": lambda: serve.on_uwsgi("flask_app:app"),
    "waitress": lambda: serve.on_waitress(app),
    "werkzeug": lambda: serve.on_werkzeug(app),
}

if __name__ == "__main__":
    SERVERS[sys.argv[1]]()
