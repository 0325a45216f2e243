"""The WSGI adapter, as a server calls it."""

from collections.abc import Iterator
from typing import Any
from wsgiref.validate import validator

import hosts
import onecors
import pytest
from hosts import APP, EVIL, GRANTED, POLICY, wsgi
from onecors.wsgi import CORSMiddleware


def item(environ: Any, start_response: Any) -> list[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "4")])
    return [b"item"]


def never(environ: Any, start_response: Any) -> list[bytes]:
    raise AssertionError("the application was called")


def wrapped(app: Any = item, policy: Any = POLICY, **options: Any) -> CORSMiddleware:
    return CORSMiddleware(app, policy, **options)


def canonical(lines: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(name.title(), value) for name, value in lines]


def test_an_allowed_request() -> None:
    answer = wsgi(wrapped())
    assert answer.status == 200
    assert answer.headers[2:] == canonical(GRANTED)
    assert answer.body == b"item"


def test_it_keeps_to_the_standard() -> None:
    for app in (item, lazily):
        answer = wsgi(validator(wrapped(validator(app))))
        assert (answer.status, answer.cors, answer.error) == (200, GRANTED, None)


def lazily(environ: Any, start_response: Any) -> Iterator[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain")])
    yield b"it"
    yield b"em"


@pytest.mark.parametrize("origin", [APP, EVIL])
def test_a_preflight_never_reaches_the_application(origin: str) -> None:
    asks = [("Origin", origin), ("Access-Control-Request-Method", "PUT")]
    answer = wsgi(wrapped(never), headers=asks, method="OPTIONS")
    assert answer.status == (204 if origin == APP else 403)
    assert [value for name, value in answer.headers if name == "Content-Length"] == (
        [] if origin == APP else ["0"]
    )
    assert answer.body == b""


@pytest.mark.parametrize("status", [200, 205, 250])
def test_every_status_of_a_preflight_has_a_status_line(status: int) -> None:
    policy = onecors.Policy(allow_origins=[APP], allow_methods=["PUT"], preflight_status=status)
    answer = wsgi(wrapped(never, policy), headers=hosts.PREFLIGHT, method="OPTIONS")
    assert (answer.status, answer.error) == (status, None)


def test_a_plain_options_request_reaches_the_application() -> None:
    assert wsgi(wrapped(), method="OPTIONS").cors == GRANTED


def raising_at_once(environ: Any, start_response: Any) -> list[bytes]:
    raise LookupError("the application's")


def raising_after_start_response(environ: Any, start_response: Any) -> list[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain"), ("X-Before", "1")])
    raise LookupError("the application's")


def raising_in_the_first_piece(environ: Any, start_response: Any) -> Iterator[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain"), ("X-Before", "1")])
    raise LookupError("the application's")
    yield b"never"


class Raising:
    """Starts before it gives its body, as Werkzeug's responses do."""

    closed = 0

    def __call__(self, environ: Any, start_response: Any) -> "Raising":
        start_response("200 OK", [("X-Before", "1")])
        return self

    def __iter__(self) -> Iterator[bytes]:
        raise LookupError("the application's")

    def close(self) -> None:
        self.closed += 1


@pytest.mark.parametrize(
    "app",
    [
        raising_at_once,
        raising_after_start_response,
        raising_in_the_first_piece,
        Raising(),
    ],
)
def test_an_exception_before_the_start_is_answered_and_passed_on(app: Any) -> None:
    answer = wsgi(wrapped(app))
    assert (answer.status, answer.cors) == (500, GRANTED)
    assert answer.body == b"Internal Server Error"
    assert "X-Before" not in dict(answer.headers)
    assert isinstance(answer.error, LookupError)
    assert wsgi(wrapped(app), method="HEAD").body == b""
    assert wsgi(wrapped(app), "/else").cors == []


def test_a_lost_connection_does_not_hide_the_exception() -> None:
    def lost(*_: object) -> None:
        raise OSError("the client has gone")

    with pytest.raises(LookupError):
        wrapped(raising_at_once)(hosts.environ(), lost)


def test_the_same_policy_is_applied_once_and_another_one_twice() -> None:
    seen = []

    def app(environ: Any, start_response: Any) -> list[bytes]:
        seen.append(start_response)
        return item(environ, start_response)

    def server(*_: object) -> None:
        pass

    once = wrapped(app)
    once(hosts.environ() | {"onecors.policy": POLICY}, server)
    assert seen == [server]
    twice = wrapped(app, onecors.Policy(allow_origins=["*"]))
    assert wsgi(wrapped(once)).cors == wsgi(wrapped(twice)).cors == GRANTED


def test_a_body_is_closed() -> None:
    app = Raising()
    wsgi(wrapped(app))
    assert app.closed == 1


def test_an_exception_after_the_start_is_passed_on() -> None:
    def app(environ: Any, start_response: Any) -> Iterator[bytes]:
        start_response("200 OK", [])
        yield b"part"
        raise LookupError("the application's")

    answer = wsgi(wrapped(app))
    assert (answer.status, answer.cors, answer.body) == (200, GRANTED, b"part")
    assert isinstance(answer.error, LookupError)


def test_the_application_may_change_its_answer() -> None:
    def app(environ: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [("X-Before", "1")])
        try:
            raise LookupError("its own")
        except LookupError as error:
            start_response("418 No", [], (type(error), error, None))
        return [b"no"]

    answer = wsgi(wrapped(app))
    assert (answer.status, answer.headers) == (418, canonical(GRANTED))


def test_starting_twice_is_a_mistake() -> None:
    def app(environ: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [])
        start_response("200 OK", [])
        return []

    assert isinstance(wsgi(wrapped(app)).error, AssertionError)


def test_write_works() -> None:
    def app(environ: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [])(b"it")
        return [b"em"]

    answer = wsgi(wrapped(app))
    assert (answer.cors, answer.body) == (GRANTED, b"item")


def test_a_file_reaches_the_server_as_it_is() -> None:
    class Wrapper(list[bytes]):
        pass

    class File:
        def read(self) -> bytes:
            raise NotImplementedError

        def __iter__(self) -> Iterator[bytes]:
            return iter([b"item"])

    for file, wrapper in ((Wrapper([b"item"]), Wrapper), (File(), lambda file: file)):

        def app(environ: Any, start_response: Any, file: Any = file) -> Any:
            start_response("200 OK", [])
            return file

        answer = wsgi(wrapped(app), more={"wsgi.file_wrapper": wrapper})
        assert answer.messages == [file]
        assert answer.cors == GRANTED


def test_the_path_is_bytes_in_disguise() -> None:
    policy = onecors.Policy(rules=[onecors.Rule(paths=["/ä/*"], allow_origins=["*"])])
    assert wsgi(wrapped(policy=policy), "/ä/item").cors == [("access-control-allow-origin", "*")]
    assert wsgi(wrapped(policy=policy), more={"PATH_INFO": "/ä/item"}).cors == []
    assert wsgi(wrapped(policy=policy), more={"PATH_INFO": "/\u4e00"}).cors == []


@pytest.mark.parametrize(
    ("script", "path", "governed"),
    [
        ("/app", "/item", True),
        ("/app", "", True),
        ("/app/", "/item", True),
        ("", "/app/item", True),
        ("/mount", "/app/item", False),
        ("", "//app/item", False),
        ("", "/open/../app/item", False),
    ],
)
def test_the_path_is_the_one_that_the_client_sees(script: str, path: str, governed: bool) -> None:  # noqa: FBT001
    answer = wsgi(wrapped(), more={"SCRIPT_NAME": script, "PATH_INFO": path})
    assert answer.cors == (GRANTED if governed else [])
    answer = wsgi(wrapped(root_path=script), path)
    assert answer.cors == (GRANTED if governed else [])


def test_a_path_that_two_frameworks_read_differently_has_no_rule() -> None:
    rules = [
        onecors.Rule(paths=["/app/*"], allow_origins=[APP]),
        onecors.Rule(paths=["/*"], allow_origins=["*"]),
    ]
    app = wrapped(policy=onecors.Policy(rules=rules))
    for path in ("//app/item", "/x/../app/item", "/app/../x", "/x//../app/item"):
        assert wsgi(app, path).cors == []
    for path in ("/x//item", "//x"):
        assert wsgi(app, path).cors == [("access-control-allow-origin", "*")]


def test_latin_1_does_not_hide_bytes() -> None:
    for origin in (f"{APP}\xa0", f"\x85{APP}", "https://\xe4pp.example.com", f"{APP}\u4e00", ""):
        assert wsgi(wrapped(), headers=[("Origin", origin)]).cors == hosts.DENIED


@pytest.mark.parametrize("upgrade", ["websocket", "WebSocket", "h2c, websocket"])
def test_a_websocket_handshake_is_checked(upgrade: str) -> None:
    def connect(origin: str, path: str = "/app/ws") -> int:
        headers = [("Origin", origin), ("Host", "server.example"), ("Upgrade", upgrade)]
        return wsgi(wrapped(), path, headers).status

    assert connect(EVIL) == 403
    assert connect(EVIL, "//app/ws") == 403
    assert connect(APP) == 200
    assert connect("https://server.example") == 200
    assert connect(EVIL, "/else") == 200


def test_other_upgrades_are_none() -> None:
    assert wsgi(wrapped(), headers=[("Origin", EVIL), ("Upgrade", "h2c")]).status == 200
