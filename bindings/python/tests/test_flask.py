"""The Flask extension."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import onecors
import pytest
from flask import Flask, Response, send_file
from hosts import APP, EVIL, GRANTED, POLICY, PREFLIGHT, wsgi
from onecors.flask import OneCORS
from onecors.wsgi import CORSMiddleware
from werkzeug.debug import DebuggedApplication
from werkzeug.middleware.proxy_fix import ProxyFix


def flask(policy: Any = POLICY, **config: Any) -> Flask:
    app = Flask("service")
    app.config.update(config)
    OneCORS(app, policy)

    @app.route("/app/item")
    @app.route("/open/item")
    def item() -> str:
        return "item"

    @app.route("/app/throw")
    @app.route("/open/throw")
    def throw() -> str:
        raise LookupError("nothing handles this")

    return app


# corydolphin/flask-cors#67 and #210: errors, in production and when exceptions are passed on.
def test_an_unhandled_exception() -> None:
    answer = wsgi(flask(), "/app/throw")
    assert (answer.status, answer.cors, answer.error) == (500, GRANTED, None)
    answer = wsgi(flask(PROPAGATE_EXCEPTIONS=True), "/app/throw")
    assert (answer.status, answer.cors) == (500, GRANTED)
    assert isinstance(answer.error, LookupError)


def test_what_flask_answers_itself() -> None:
    app = flask()
    app.add_url_rule("/app/slash/", view_func=lambda: "slash", endpoint="slash")
    for path, method, status in (
        ("/app/missing", "GET", 404),
        ("/app/item", "DELETE", 405),
        ("/app/slash", "GET", 308),
    ):
        answer = wsgi(app, path, method=method)
        assert (answer.status, answer.cors) == (status, GRANTED)


# corydolphin/flask-cors#120: what answers before any view.
def test_a_function_before_the_request() -> None:
    app = flask()
    app.before_request(lambda: Response("a token is wanted", 401))
    assert (wsgi(app).status, wsgi(app).cors) == (401, GRANTED)
    assert wsgi(app, headers=PREFLIGHT, method="OPTIONS").status == 204


# corydolphin/flask-cors#192: app.run(debug=True) and flask run --debug put the debugger outside.
def test_the_page_of_the_debugger() -> None:
    for evalex in (True, False):
        app = DebuggedApplication(
            flask(PROPAGATE_EXCEPTIONS=True), evalex=evalex, pin_logging=False
        )
        answer = wsgi(app, "/app/throw")
        assert (answer.status, answer.cors) == (500, GRANTED)
        assert (b"LookupError: nothing handles this" in answer.body) == evalex
        assert wsgi(app, "/app/throw", [("Origin", EVIL)]).cors == [("vary", "Origin")]
        assert wsgi(app).cors == GRANTED


def test_the_page_of_the_debugger_is_not_for_every_origin() -> None:
    app = DebuggedApplication(flask(PROPAGATE_EXCEPTIONS=True), evalex=True, pin_logging=False)
    answer = wsgi(app, "/open/throw", [("Origin", EVIL)])
    assert (answer.status, answer.cors) == (500, [])
    assert b"SECRET" in answer.body
    assert wsgi(app, "/open/item").cors == [("access-control-allow-origin", "*")]


def test_the_plain_middleware_leaves_the_debugger_its_page() -> None:
    app = flask(PROPAGATE_EXCEPTIONS=True)
    del app.extensions["onecors"]
    app.wsgi_app = CORSMiddleware(app.wsgi_app.app, POLICY)  # type: ignore[attr-defined, method-assign]
    answer = wsgi(DebuggedApplication(app, evalex=True, pin_logging=False), "/app/throw")
    assert b"LookupError: nothing handles this" in answer.body


def test_a_stream_that_fails_at_once() -> None:
    app = flask()

    @app.route("/app/stream")
    def stream() -> Response:
        def body() -> Iterator[str]:
            raise LookupError("before the first piece")
            yield ""

        return Response(body())

    answer = wsgi(app, "/app/stream")
    assert (answer.status, answer.cors) == (500, GRANTED)
    assert isinstance(answer.error, LookupError)


def test_a_file_is_sent_by_the_server() -> None:
    app = flask()
    app.add_url_rule("/app/file", view_func=lambda: send_file(__file__), endpoint="file")

    class Wrapper:
        def __init__(self, file: Any, size: int = 0) -> None:
            self.file = file

        def __iter__(self) -> Iterator[bytes]:
            return iter([self.file.read()])

        def close(self) -> None:
            self.file.close()

    answer = wsgi(app, "/app/file", more={"wsgi.file_wrapper": Wrapper})
    assert isinstance(answer.messages[0], Wrapper)
    assert (answer.cors, answer.body) == (GRANTED, Path(__file__).read_bytes())


def test_the_config_names_the_policy(tmp_path: Path) -> None:
    file = tmp_path / "policy.json"
    file.write_bytes(POLICY.document)
    for value in (file, str(file), {"allow_origins": ["*"]}, POLICY, onecors.LivePolicy(POLICY)):
        assert wsgi(flask(None, ONECORS_POLICY=value)).cors
    with pytest.raises(TypeError, match=r"ONECORS_POLICY must be the path .*, not NoneType"):
        flask(None)
    with pytest.raises(onecors.PolicyError):
        flask(None, ONECORS_POLICY={"allow_origins": [""]})


def test_an_extension_serves_several_applications() -> None:
    extension = OneCORS(policy=POLICY)
    for name in ("first", "second"):
        app = Flask(name)
        extension.init_app(app)
        middleware = app.wsgi_app
        extension.init_app(app)
        assert app.wsgi_app is middleware
        assert wsgi(app).cors == GRANTED


def test_it_says_nothing_when_all_is_well(caplog: pytest.LogCaptureFixture) -> None:
    app = flask()
    app.wsgi_app = ProxyFix(app.wsgi_app)  # type: ignore[method-assign]
    assert wsgi(DebuggedApplication(app, pin_logging=False)).cors == GRANTED
    assert caplog.messages == []


# It never answers, and what it knows of the client is what the policy is about.
def test_the_prefix_of_a_proxy_is_the_clients(caplog: pytest.LogCaptureFixture) -> None:
    prefixed = [("Origin", APP), ("X-Forwarded-Prefix", "/app")]
    for before in (True, False):
        app = Flask("service")
        if not before:
            OneCORS(app, POLICY)
        app.wsgi_app = ProxyFix(ProxyFix(app.wsgi_app), x_prefix=1)  # type: ignore[method-assign]
        if before:
            OneCORS(app, POLICY)
        app.add_url_rule("/item", view_func=lambda: "item", endpoint="item")
        assert wsgi(app, "/item", prefixed).cors == GRANTED
        assert wsgi(app, "/app/item", [("Origin", APP)]).cors == GRANTED
    assert caplog.messages == []


def test_the_prefix_may_be_said() -> None:
    app = Flask("service")
    OneCORS(app, POLICY, root_path="/app")
    assert (wsgi(app, "/item").status, wsgi(app, "/item").cors) == (404, GRANTED)


def test_what_can_answer_outside_is_told(caplog: pytest.LogCaptureFixture) -> None:
    class Firewall:
        def __init__(self, app: Any) -> None:
            self.app = app

        def __call__(self, environ: Any, start_response: Any) -> Any:
            return self.app(environ, start_response)

    app = flask()
    app.wsgi_app = Firewall(app.wsgi_app)  # type: ignore[method-assign]
    for _ in range(2):
        wsgi(app)
    assert len(caplog.messages) == 1
    assert "Firewall wraps app.wsgi_app outside of OneCORS" in caplog.messages[0]


def test_flask_cors_is_told(caplog: pytest.LogCaptureFixture) -> None:
    def cors_after_request(response: Response) -> Response:
        response.headers["Access-Control-Allow-Origin"] = "*"
        return response

    cors_after_request.__module__ = "flask_cors.extension"
    app = flask()
    app.after_request(cors_after_request)
    assert wsgi(app).cors == GRANTED
    assert len(caplog.messages) == 1
    assert "there is a second CORS extension, flask_cors: remove it" in caplog.messages[0]
