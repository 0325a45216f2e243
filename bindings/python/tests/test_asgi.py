"""The ASGI adapter, as a server calls it."""

import logging
from typing import Any

import hosts
import onecors
import pytest
from hosts import APP, EVIL, GRANTED, POLICY, PREFLIGHT, asgi
from onecors.asgi import CORSMiddleware

START = {"type": "http.response.start", "status": 200, "headers": [(b"ETag", b'"1"')]}
BODY = {"type": "http.response.body", "body": b"item"}


async def item(scope: Any, receive: Any, send: Any) -> None:
    await send(START)
    await send(BODY)


async def never(scope: Any, receive: Any, send: Any) -> None:
    raise AssertionError("the application was called")


def wrapped(app: Any = item, policy: Any = POLICY, **options: Any) -> CORSMiddleware:
    return CORSMiddleware(app, policy, **options)


def test_an_allowed_request() -> None:
    answer = asgi(wrapped())
    assert answer.status == 200
    assert answer.headers == [("ETag", '"1"'), *GRANTED]
    assert answer.body == b"item"


def test_a_message_that_is_sent_again_keeps_nothing() -> None:
    app = wrapped()
    asgi(app)
    assert asgi(app, "/else").headers == [("ETag", '"1"')]
    assert asgi(app, headers=[("Origin", EVIL)]).cors == hosts.DENIED


def test_fields_in_any_case_are_replaced() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        fields = [(b"ACCESS-control-ALLOW-origin", b"*"), (b"VARY", b"Accept"), (b"vary", b"*")]
        await send({"type": "http.response.start", "status": 200, "headers": fields})

    assert asgi(wrapped(app)).cors == [*GRANTED[:-1], ("vary", "Accept"), ("vary", "*")]


@pytest.mark.parametrize("origin", [APP, EVIL])
def test_a_preflight_never_reaches_the_application(origin: str) -> None:
    asks = [("Origin", origin), ("Access-Control-Request-Method", "PUT")]
    answer = asgi(wrapped(never), headers=asks, method="OPTIONS")
    assert answer.status == (204 if origin == APP else 403)
    lengths = [value for name, value in answer.headers if name == "content-length"]
    assert lengths == ([] if origin == APP else ["0"])
    assert answer.body == b""
    assert [message["type"] for message in answer.messages] == [
        "http.response.start",
        "http.response.body",
    ]


def test_a_plain_options_request_reaches_the_application() -> None:
    answer = asgi(wrapped(), method="OPTIONS")
    assert (answer.status, answer.cors) == (200, GRANTED)


def test_white_space_is_no_part_of_a_value() -> None:
    assert asgi(wrapped(), headers=[("Origin", f"\t{APP} ")]).cors == GRANTED
    assert asgi(wrapped(), headers=[("Origin", f"{APP}\xa0")]).cors == hosts.DENIED


def test_two_origins_are_none() -> None:
    assert asgi(wrapped(), headers=[("Origin", APP)] * 2).cors == hosts.DENIED


def test_an_exception_before_the_start_is_answered_and_passed_on() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        raise LookupError("the application's")

    answer = asgi(wrapped(app))
    assert (answer.status, answer.cors) == (500, GRANTED)
    assert answer.body == b"Internal Server Error"
    assert isinstance(answer.error, LookupError)
    assert asgi(wrapped(app), "/else").messages == []


def test_an_exception_after_the_start_is_passed_on() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(START)
        raise LookupError("the application's")

    answer = asgi(wrapped(app))
    assert len(answer.messages) == 1
    assert isinstance(answer.error, LookupError)


def test_a_lost_connection_does_not_hide_the_exception() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        raise LookupError("the application's")

    async def lost(scope: Any, receive: Any, send: Any) -> None:
        async def broken(message: Any) -> None:
            raise OSError("the client has gone")

        await wrapped(app)(scope, receive, broken)

    assert isinstance(asgi(lost).error, LookupError)


@pytest.mark.parametrize(
    "message",
    [
        {"type": "http.response.push", "path": "/", "headers": []},
        {"type": "http.response.trailers", "headers": [(b"access-control-allow-x", b"")]},
        {"type": "http.response.pathsend", "path": "/file"},
        {"type": "http.response.zerocopysend", "file": 3},
        {"type": "http.response.early_hint", "links": []},
    ],
    ids=lambda message: message["type"],
)
def test_extensions_pass(message: dict[str, Any]) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(START)
        await send(message)

    assert asgi(wrapped(app)).messages[1] is message


def test_lifespan_passes() -> None:
    calls = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        calls.append((scope["type"], await receive()))
        await send({"type": "lifespan.startup.complete"})

    startup = {"type": "lifespan.startup"}
    answer = asgi(wrapped(app), type="lifespan", received=[startup])
    assert calls == [("lifespan", startup)]
    assert answer.messages == [{"type": "lifespan.startup.complete"}]


def test_a_request_sees_one_policy_from_start_to_end() -> None:
    live = onecors.LivePolicy(POLICY)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        live.replace(onecors.Policy(allow_origins=[EVIL]))
        await send(START)

    middleware = wrapped(app, live)
    assert asgi(middleware).cors == GRANTED
    assert asgi(middleware).cors == hosts.DENIED


def test_the_same_policy_is_applied_once_and_another_one_twice() -> None:
    other = onecors.Policy(allow_origins=["*"])
    assert asgi(wrapped(wrapped())).cors == GRANTED
    assert asgi(wrapped(wrapped(policy=other))).cors == GRANTED
    assert asgi(wrapped(wrapped(policy=other)), "/else").cors == [
        ("access-control-allow-origin", "*")
    ]


@pytest.mark.parametrize(
    ("path", "root_path", "decided"),
    [
        ("/app/item", "", "app"),
        ("/open/item", "", "open"),
        ("/x/app/item", "/x", "x"),
        ("/app/item", "/x", "x"),
        ("/x/app/item", "/x/", "x"),
        ("/xapp/item", "/x", "x"),
        ("/open/../app/item", "", None),
        ("/app/../open/item", "", None),
        ("/open//../app/item", "", None),
        ("//app/item", "", None),
        ("/open//item", "", "open"),
        ("/open/%2e%2e/app/item", "", None),
        ("app/item", "", None),
        ("*", "", None),
        ("", "", None),
        ("/app;x=1/item", "", None),
    ],
)
def test_the_path_is_the_one_that_is_routed_on(
    path: str, root_path: str, decided: str | None
) -> None:
    rules = [
        onecors.Rule(paths=[f"/{name}/*"], allow_origins=["*"], expose_headers=[name])
        for name in ("app", "open", "x")
    ]
    policy = onecors.Policy(rules=rules)
    for app in (wrapped(policy=policy), wrapped(policy=policy, root_path=root_path)):
        answer = asgi(app, path, root_path=root_path)
        exposed = [value for name, value in answer.cors if name.endswith("expose-headers")]
        assert exposed == ([decided] if decided else [])


class TestWebSocket:
    CONNECT = ({"type": "websocket.connect"},)

    def connect(
        self, app: Any, origin: str | None, path: str = "/app/ws", **scope: Any
    ) -> hosts.Answer:
        headers = [("Host", "server.example"), *([("Origin", origin)] if origin else [])]
        return asgi(app, path, headers, type="websocket", received=self.CONNECT, **scope)

    @pytest.mark.parametrize("origin", [None, APP, "https://server.example"])
    def test_passes(self, origin: str | None) -> None:
        async def app(scope: Any, receive: Any, send: Any) -> None:
            assert await receive() is self.CONNECT[0]
            await send({"type": "websocket.accept"})

        assert self.connect(wrapped(app), origin).messages == [{"type": "websocket.accept"}]

    @pytest.mark.parametrize("origin", [EVIL, "null", APP + "/", "https://server.example:8443"])
    def test_is_refused_before_it_is_accepted(self, origin: str) -> None:
        answer = self.connect(wrapped(never), origin, extensions={"websocket.http.response": {}})
        assert answer.error is None
        assert (answer.status, answer.cors) == (403, [])
        answer = self.connect(wrapped(never), origin)
        assert answer.messages == [{"type": "websocket.close", "code": 1008}]

    def test_is_refused_whichever_way_its_path_is_read(self) -> None:
        for path in ("//app/ws", "/app//ws"):
            assert self.connect(wrapped(never), EVIL, path).messages[0]["code"] == 1008

    def test_is_logged(self, caplog: pytest.LogCaptureFixture) -> None:
        app = wrapped(never)
        for _ in range(2):
            self.connect(app, EVIL)
        assert [record.levelno for record in caplog.records] == [logging.WARNING]
        assert f'denied the request of "{EVIL}"' in caplog.messages[0]


def test_denials_are_logged_and_the_same_origin_is_not(caplog: pytest.LogCaptureFixture) -> None:
    app = wrapped()
    for _ in range(2):
        asgi(app, headers=[("Origin", EVIL)])
        asgi(app, headers=[("Origin", "https://self.example"), ("Host", "self.example")])
        asgi(
            app, headers=[*PREFLIGHT[:1], ("Access-Control-Request-Method", "X")], method="OPTIONS"
        )
    assert len(caplog.messages) == 2
