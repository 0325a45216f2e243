"""What names a policy, which is the same for every adapter."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import hosts
import onecors
import onecors.aws
import onecors.fastapi
import onecors.flask
import onecors.starlette
import pytest
from django.core.handlers.wsgi import WSGIHandler
from fastapi import FastAPI
from flask import Flask
from hosts import APP, GRANTED, POLICY
from onecors.asgi import CORSMiddleware as ASGIMiddleware
from onecors.wsgi import CORSMiddleware as WSGIMiddleware
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

Answered = list[tuple[str, str]]


async def asgi_item(scope: Any, receive: Any, send: Any) -> None:
    await PlainTextResponse("item")(scope, receive, send)


def wsgi_item(environ: Any, start_response: Any) -> list[bytes]:
    start_response("200 OK", [])
    return [b"item"]


def starlette() -> Starlette:
    return Starlette(routes=[Route("/app/item", lambda request: PlainTextResponse("item"))])


def asgi(policy: Any) -> Answered:
    return hosts.asgi(ASGIMiddleware(asgi_item, policy)).cors


def wsgi(policy: Any) -> Answered:
    return hosts.wsgi(WSGIMiddleware(wsgi_item, policy)).cors


def add_middleware(policy: Any) -> Answered:
    app = starlette()
    app.add_middleware(ASGIMiddleware, policy=policy)
    return hosts.asgi(app).cors


def install_starlette(policy: Any) -> Answered:
    app = starlette()
    onecors.starlette.install(app, policy)
    return hosts.asgi(app).cors


def install_fastapi(policy: Any) -> Answered:
    app = FastAPI()
    app.add_route("/app/item", lambda request: PlainTextResponse("item"))
    onecors.fastapi.install(app, policy)
    return hosts.asgi(app).cors


def flask(policy: Any) -> Answered:
    app = Flask("service")
    onecors.flask.OneCORS(app, policy)
    return hosts.wsgi(app).cors


def flask_later(policy: Any) -> Answered:
    app = Flask("service")
    onecors.flask.OneCORS(policy=policy).init_app(app)
    return hosts.wsgi(app).cors


def flask_config(policy: Any) -> Answered:
    app = Flask("service")
    app.config["ONECORS_POLICY"] = policy
    onecors.flask.OneCORS(app)
    return hosts.wsgi(app).cors


def aws_authorizer(policy: Any) -> Answered:
    authorize = onecors.aws.authorizer(policy)(lambda event, context: {})
    event = {"methodArn": "arn", "httpMethod": "GET", "path": "/app/item", "headers": {}}
    event |= {"type": "REQUEST", "requestContext": {}, "headers": {"Origin": APP}}
    context = authorize(event)["context"]
    assert context["corsAllowOrigin"] == APP
    return GRANTED


def aws(policy: Any) -> Answered:
    handler = onecors.aws.lambda_handler(policy)(lambda event, context: {"statusCode": 200})
    event = {
        "httpMethod": "GET",
        "path": "/app/item",
        "requestContext": {},
        "headers": {"Origin": APP},
    }
    fields = handler(event)["headers"].items()
    return [(name.lower(), value) for name, value in fields if name != "Content-Type"]


AT_ONCE = [
    asgi,
    wsgi,
    install_starlette,
    install_fastapi,
    flask,
    flask_later,
    flask_config,
    aws,
    aws_authorizer,
]
Adapter = Callable[[Any], Answered]


# Starlette makes its middleware when it serves for the first time.
@pytest.mark.parametrize("adapter", [*AT_ONCE, add_middleware])
def test_every_adapter_takes_the_same(adapter: Adapter, tmp_path: Path) -> None:
    file = tmp_path / "policy.json"
    file.write_bytes(POLICY.document)
    rules = [{"paths": ["/app/*"], "allow_origins": [APP], "expose_headers": ["etag"]}]
    rules[0]["allow_credentials"] = True  # type: ignore[assignment]
    for policy in (POLICY, onecors.LivePolicy(POLICY), file, str(file), {"rules": rules}):
        assert sorted(adapter(policy)) == sorted(GRANTED)


@pytest.mark.parametrize("adapter", AT_ONCE)
@pytest.mark.parametrize("policy", [b"policy.json", 1, onecors.Policy, ["*"]])
def test_every_adapter_refuses_the_same(adapter: Adapter, policy: Any) -> None:
    with pytest.raises(TypeError, match="must be the path of a policy document, the document as"):
        adapter(policy)


@pytest.mark.parametrize("adapter", AT_ONCE)
def test_every_adapter_says_at_once_what_is_wrong(adapter: Adapter) -> None:
    with pytest.raises(FileNotFoundError):
        adapter("missing.json")
    with pytest.raises(onecors.PolicyError):
        adapter({"allow_origins": ["https://app.example.com/"]})
    with pytest.raises(onecors.PolicyError):
        adapter({})


def test_installing_the_same_path_again_does_nothing(tmp_path: Path) -> None:
    file = tmp_path / "policy.json"
    file.write_bytes(POLICY.document)
    app = starlette()
    onecors.starlette.install(app, str(file))
    onecors.starlette.install(app, str(file))
    with pytest.raises(ValueError, match="already has another policy"):
        onecors.starlette.install(app, POLICY)


class Litestar:
    """Stands in for the application of a framework that is not installed here."""


Litestar.__module__ = "litestar.app"


class Mine(FastAPI):
    """An application of one's own."""


@pytest.mark.parametrize(
    ("app", "write"),
    [
        (Flask("service"), r"flask\.app\.Flask: call onecors\.flask\.OneCORS\(app, policy\)"),
        (Litestar(), r"Litestar: write app = onecors\.asgi\.CORSMiddleware\(app, policy\)"),
        (wsgi_item, r"builtins\.function: write app = onecors\.asgi.*, or onecors\.wsgi"),
    ],
)
def test_install_names_what_to_write_for_another_application(app: Any, write: str) -> None:
    for install in (onecors.starlette.install, onecors.fastapi.install):
        with pytest.raises(TypeError, match=write):
            install(app, POLICY)


@pytest.mark.parametrize(
    ("app", "write"),
    [
        (starlette(), r"call onecors\.starlette\.install\(app, policy\)"),
        (Mine(), r"test_setting\.Mine: call onecors\.fastapi\.install\(app, policy\)"),
        (WSGIHandler.__new__(WSGIHandler), r"application = onecors\.django\.wrap"),
    ],
)
def test_flasks_extension_names_what_to_write_for_another_application(app: Any, write: str) -> None:
    with pytest.raises(TypeError, match=write):
        onecors.flask.OneCORS(app, POLICY)


def test_the_middleware_of_wsgi_refuses_an_asgi_application() -> None:
    for app in (starlette(), FastAPI(), asgi_item):
        with pytest.raises(TypeError, match=r"is for WSGI applications, not for .*: (call|write)"):
            WSGIMiddleware(app, POLICY)  # type: ignore[arg-type]


def test_the_middleware_of_asgi_refuses_a_flask_application() -> None:
    with pytest.raises(
        TypeError, match=r"is for ASGI applications, not for flask\.app\.Flask: call"
    ):
        ASGIMiddleware(Flask("service"), POLICY)  # type: ignore[arg-type]


def test_an_unknown_keyword_is_named_with_the_one_that_is_meant() -> None:
    unchecked: Any = onecors.Policy
    with pytest.raises(TypeError, match=r"arguments: allowOrigins \(write allow_origins\)$"):
        unchecked(allowOrigins=[APP])
    with pytest.raises(TypeError, match=r"arguments: maxAge \(write max_age\), x~/y, description$"):
        unchecked(allow_origins=[APP], maxAge=None, **{"x~/y": 1}, description="mine")
