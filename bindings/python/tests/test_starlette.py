"""The adapter of Starlette and FastAPI: where it stands, and what it says when that is wrong."""

import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import hosts
import onecors
import onecors.fastapi
import onecors.starlette
import pytest
from fastapi import FastAPI
from hosts import EVIL, GRANTED, POLICY, PREFLIGHT, asgi
from onecors.asgi import CORSMiddleware
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware as OtherCORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route, Router


async def item(request: Request) -> Response:
    return PlainTextResponse("item")


async def throw(request: Request) -> Response:
    raise LookupError("nothing handles this")


ROUTES = [Route("/app/item", item), Route("/app/throw", throw), Route("/open/item", item)]


def starlette(**options: Any) -> Starlette:
    return Starlette(routes=ROUTES, **options)


def fastapi(**options: Any) -> FastAPI:
    app = FastAPI(**options)
    app.add_route("/app/item", item)
    app.add_route("/app/throw", throw)
    return app


MAKERS = pytest.mark.parametrize("make", [starlette, fastapi])
Maker = Callable[..., Starlette]


class Unauthorized:
    """A layer that answers everything."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await PlainTextResponse("a token is wanted", 401)(scope, receive, send)


# Kludex/starlette#1116 and fastapi/fastapi#775: the 500 of an unhandled exception.
@MAKERS
@pytest.mark.parametrize("debug", [False, True])
def test_an_unhandled_exception(make: Maker, *, debug: bool) -> None:
    app = make(debug=debug)
    onecors.starlette.install(app, POLICY)
    answer = asgi(app, "/app/throw")
    assert (answer.status, answer.cors) == (500, GRANTED)
    assert (b"Traceback" in answer.body) == debug
    assert isinstance(answer.error, LookupError)


@MAKERS
def test_a_handler_of_the_application_makes_the_500(make: Maker) -> None:
    app = make(
        exception_handlers={Exception: lambda request, error: PlainTextResponse("mine", 500)}
    )
    onecors.fastapi.install(app, POLICY)
    answer = asgi(app, "/app/throw")
    assert (answer.status, answer.body, answer.cors) == (500, b"mine", GRANTED)


# Kludex/starlette#617: what is added later is further out.
@MAKERS
def test_what_is_added_after_it_is_inside(make: Maker) -> None:
    app = make()
    onecors.starlette.install(app, POLICY)
    app.add_middleware(Unauthorized)
    answer = asgi(app)
    assert (answer.status, answer.cors) == (401, GRANTED)
    assert asgi(app, headers=PREFLIGHT, method="OPTIONS").status == 204


@MAKERS
def test_it_can_be_installed_when_the_application_has_answered(make: Maker) -> None:
    app = make()
    assert asgi(app).cors == []
    onecors.starlette.install(app, POLICY)
    assert asgi(app, "/app/throw").cors == GRANTED


@MAKERS
def test_it_covers_what_the_framework_answers_itself(make: Maker) -> None:
    app = make(max_body_size=10)
    onecors.starlette.install(app, POLICY)
    app.add_route("/app/slash/", item)
    for path, method, status in (
        ("/app/missing", "GET", 404),
        ("/app/item", "DELETE", 405),
        ("/app/slash", "GET", 307),
    ):
        answer = asgi(app, path, method=method)
        assert (answer.status, answer.cors) == (status, GRANTED)


def test_installing_is_idempotent() -> None:
    app = starlette()
    onecors.starlette.install(app, POLICY)
    onecors.starlette.install(app, POLICY)
    assert asgi(app).cors == GRANTED
    stack = app.middleware_stack
    assert isinstance(stack, CORSMiddleware)
    assert not isinstance(stack.app, CORSMiddleware)
    with pytest.raises(ValueError, match="to replace a policy, install a LivePolicy"):
        onecors.starlette.install(app, onecors.Policy(allow_origins=[EVIL]))


def test_it_says_nothing_when_all_is_well(caplog: pytest.LogCaptureFixture) -> None:
    app = starlette()
    onecors.starlette.install(app, POLICY)
    app.add_middleware(Unauthorized)
    asgi(app)
    asgi(CORSMiddleware(starlette(), POLICY))
    assert caplog.messages == []


# fastapi/fastapi#457: its 500 comes from further out, and is left to the application's handler.
@MAKERS
def test_add_middleware_works_and_warns(make: Maker, caplog: pytest.LogCaptureFixture) -> None:
    app = make(exception_handlers={500: lambda request, error: PlainTextResponse("mine", 500)})
    app.add_middleware(CORSMiddleware, policy=POLICY)
    startup = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]
    asgi(app, type="lifespan", received=startup)
    assert len(caplog.messages) == 1
    assert "call onecors.fastapi.install(app, policy)" in caplog.messages[0]
    assert asgi(app).cors == GRANTED
    answer = asgi(app, "/app/throw")
    assert (answer.body, answer.cors) == (b"mine", [])
    assert len(caplog.messages) == 1


def test_the_middleware_argument_works_and_warns_of_what_is_outside(
    caplog: pytest.LogCaptureFixture,
) -> None:
    app = starlette(
        middleware=[
            Middleware(GZipMiddleware),
            Middleware(TrustedHostMiddleware, allowed_hosts=["*"]),
            Middleware(CORSMiddleware, policy=POLICY),
            Middleware(Unauthorized),
        ]
    )
    answer = asgi(app)
    assert (answer.status, answer.cors) == (401, GRANTED)
    assert len(caplog.messages) == 2
    assert caplog.messages[1].startswith(
        "onecors: starlette.middleware.trustedhost.TrustedHostMiddleware is outside of"
    )
    assert "add CORSMiddleware after it" in caplog.messages[1]


@pytest.mark.parametrize("put", [onecors.starlette.install, CORSMiddleware])
def test_a_second_cors_middleware_is_told_and_overruled(
    put: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    app = starlette()
    app.add_middleware(OtherCORSMiddleware, allow_origins=["*"])
    answer = asgi(put(app, POLICY) or app)
    assert answer.cors == GRANTED
    assert len(caplog.messages) == 1
    assert "there is a second CORS middleware, starlette.middleware.cors.CORS" in caplog.messages[0]


def test_a_mounted_application_answers_its_own_exceptions() -> None:
    async def raising(scope: Any, receive: Any, send: Any) -> None:
        raise LookupError("nothing handles this")

    app = Starlette(routes=[Mount("/app", CORSMiddleware(raising, POLICY))])
    answer = asgi(app, "/app/throw")
    assert (answer.status, answer.cors) == (500, GRANTED)


ONE = Middleware(CORSMiddleware, policy=POLICY)
BELOW = [Route("/item", item), Route("/throw", throw)]
PLACES = pytest.mark.parametrize(
    "mounted",
    [
        lambda: Mount("/app", routes=BELOW, middleware=[ONE]),
        lambda: Mount("/app", Router(BELOW, middleware=[ONE])),
        lambda: Mount("/app", routes=[Mount("/", routes=BELOW, middleware=[ONE])]),
        lambda: Mount("/app", CORSMiddleware(Router(BELOW), POLICY)),
        lambda: Mount("/app", Starlette(routes=BELOW, middleware=[ONE])),
        lambda: Mount("/app", CORSMiddleware(Starlette(routes=BELOW), POLICY)),
    ],
    ids=["mount", "router", "nested", "wrapped router", "application", "wrapped application"],
)


@MAKERS
@PLACES
def test_middleware_of_a_route_leaves_exceptions_to_their_handlers(
    make: Maker, mounted: Callable[[], Mount], caplog: pytest.LogCaptureFixture
) -> None:
    app = make()
    app.router.routes.insert(0, mounted())
    for path, method, status in (
        ("/app/item", "GET", 200),
        ("/app/missing", "GET", 404),
        ("/app/item", "DELETE", 405),
    ):
        answer = asgi(app, path, method=method)
        assert (answer.status, answer.cors, answer.error) == (status, GRANTED, None)
    assert asgi(app, "/app/item", headers=PREFLIGHT, method="OPTIONS").status == 204
    assert asgi(app, "/missing").status == 404
    assert isinstance(asgi(app, "/app/throw").error, LookupError)
    assert [message for message in caplog.messages if "install(app" not in message] == []


@MAKERS
def test_the_handlers_of_the_application_answer_for_a_route(make: Maker) -> None:
    def mine(request: Request, error: Exception) -> Response:
        return PlainTextResponse(f"mine: {type(error).__name__}", 418)

    for key, path, body in (
        (404, "/app/missing", b"mine: HTTPException"),
        (HTTPException, "/app/missing", b"mine: HTTPException"),
        (500, "/app/throw", b"mine: LookupError"),
        (Exception, "/app/throw", b"mine: LookupError"),
        (LookupError, "/app/throw", b"mine: LookupError"),
    ):
        app = make(exception_handlers={key: mine})
        app.router.routes.insert(0, Mount("/app", Router(BELOW, middleware=[ONE])))
        answer = asgi(app, path)
        assert (answer.status, answer.body, answer.cors) == (418, body, GRANTED)


def test_a_route_may_be_of_two_applications() -> None:
    route = Mount("/app", Router(BELOW, middleware=[ONE]))
    for name in ("first", "second"):

        def mine(request: Request, error: Exception, name: str = name) -> Response:
            return PlainTextResponse(name, 418)

        app = Starlette(routes=[route], exception_handlers={404: mine})
        assert asgi(app, "/app/missing").body == name.encode()


def test_an_exception_of_a_route_after_the_start_is_passed_on() -> None:
    async def late(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise LookupError("after the start")

    app = Starlette(routes=[Mount("/app", CORSMiddleware(late, POLICY))])
    answer = asgi(app, "/app/throw")
    assert (answer.status, answer.cors, len(answer.messages)) == (200, GRANTED, 1)
    assert isinstance(answer.error, LookupError)


def test_the_root_path_of_fastapi_is_the_clients() -> None:
    app = fastapi()
    app.root_path = "/app"
    app.add_route("/item", item)
    onecors.fastapi.install(app, POLICY)
    for path in ("/item", "/app/item"):
        answer = asgi(app, path)
        assert (answer.status, answer.cors) == (200, GRANTED)


def test_the_root_path_of_fastapi_is_the_clients_around_it_too() -> None:
    app = fastapi()
    app.root_path = "/app"
    app.add_route("/item", item)
    assert asgi(CORSMiddleware(app, POLICY), "/item").cors == GRANTED
    assert asgi(CORSMiddleware(app, POLICY, root_path="/other"), "/item").cors == []


@MAKERS
def test_the_root_path_may_be_said(make: Maker) -> None:
    app = make()
    app.add_route("/item", item)
    onecors.starlette.install(app, POLICY, root_path="/app")
    assert asgi(app, "/item").cors == GRANTED


def test_a_file_is_sent_by_the_server(tmp_path: Path) -> None:
    (tmp_path / "item").write_text("item")

    async def file(request: Request) -> Response:
        return FileResponse(tmp_path / "item")

    app = Starlette(routes=[Route("/app/file", file)])
    onecors.starlette.install(app, POLICY)
    answer = asgi(app, "/app/file", extensions={"http.response.pathsend": {}})
    assert answer.messages[1]["type"] == "http.response.pathsend"
    assert answer.cors == GRANTED
    assert asgi(app, "/app/file", method="HEAD").body == b""


def test_the_modules_import_no_framework() -> None:
    code = (
        "import sys, onecors, onecors.asgi, onecors.wsgi, onecors.starlette, onecors.fastapi, "
        "onecors.flask; "
        "print([name for name in sys.modules if name.split('.')[0] in "
        "('starlette', 'fastapi', 'flask', 'werkzeug', 'django', 'asgiref')])"
    )
    result = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": str(Path(onecors.__file__).parents[1])},
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout == "[]\n"


def test_types_fit_the_framework() -> None:
    app: Callable[..., Awaitable[None]] = CORSMiddleware(starlette(), POLICY)
    assert hosts.asgi(app).cors == GRANTED
