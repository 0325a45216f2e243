"""The WSGI adapter under servers that keep to less of PEP 3333 than others, or to more of it."""

import io
import logging
from collections.abc import Callable, Iterator
from typing import Any
from wsgiref.handlers import SimpleHandler

import hosts
import pytest
from asgiref.wsgi import WsgiToAsgi
from hosts import APP, EVIL, GRANTED, POLICY, PREFLIGHT
from onecors.wsgi import CORSMiddleware
from werkzeug.test import Client

Answer = hosts.Answer
HEAD = [("Content-Type", "text/plain"), ("X-Before", "1")]


class Server:
    """Takes the head of an answer as it is told. Has no ``write``."""

    def __init__(self) -> None:
        self.answer = Answer()
        self.sent = False

    def start_response(self, status: str, fields: Any, exc_info: Any = None) -> Any:
        if exc_info is not None and self.sent:
            raise exc_info[1]
        assert exc_info is not None or not self.answer.status, "start_response was called twice"
        self.answer.status = int(status.split(" ", 1)[0])
        self.answer.headers = list(fields)

    def serve(self, app: Any, environ: Any) -> None:
        raise NotImplementedError

    def write(self, data: bytes) -> None:
        self.sent = True
        self.answer.body += data

    def send(self, body: Any) -> None:
        try:
            for piece in body:
                self.write(piece)
        finally:
            if hasattr(body, "close"):
                body.close()


class ReadsTheHeadAtReturn(Server):
    """As Granian does."""

    def serve(self, app: Any, environ: Any) -> None:
        body = app(environ, self.start_response)
        status, fields = self.answer.status or 200, self.answer.headers
        try:
            self.send(body)
        finally:
            self.answer.status, self.answer.headers = status, fields


class SendsTheHeadWithTheFirstPiece(Server):
    """As Hypercorn does, which answers 500 when there is none."""

    def serve(self, app: Any, environ: Any) -> None:
        told = Server()
        body = app(environ, told.start_response)
        self.answer.status = 500

        def pieces() -> Iterator[bytes]:
            for piece in body:
                assert told.answer.status, "the body comes before the head"
                self.answer.status, self.answer.headers = told.answer.status, told.answer.headers
                yield piece

        try:
            self.send(pieces())
        finally:
            if hasattr(body, "close"):
                body.close()


class TakesWhatContentLengthSays(Server):
    """As asgiref does, which closes no body, either."""

    def serve(self, app: Any, environ: Any) -> None:
        for piece in app(environ, self.start_response):
            self.write(piece)
            if str(len(self.answer.body)) == dict(self.answer.headers).get("Content-Length"):
                break


class RefusesExcInfo(Server):
    """As uWSGI does, whose start_response ends in an error then."""

    def start_response(self, status: str, fields: Any, exc_info: Any = None) -> Any:
        if exc_info is not None:
            raise SystemError("returned a result with an exception set")
        super().start_response(status, fields)
        return self.write

    def serve(self, app: Any, environ: Any) -> None:
        self.send(app(environ, self.start_response))


class AddsUpFields(RefusesExcInfo):
    """As Gunicorn does, which keeps the fields of an answer that is replaced."""

    def start_response(self, status: str, fields: Any, exc_info: Any = None) -> Any:
        before = self.answer.headers
        Server.start_response(self, status, fields, exc_info)
        self.answer.headers = before + self.answer.headers
        return self.write


SERVERS = pytest.mark.parametrize(
    "server",
    [
        ReadsTheHeadAtReturn,
        SendsTheHeadWithTheFirstPiece,
        TakesWhatContentLengthSays,
        RefusesExcInfo,
        AddsUpFields,
    ],
)


def serve(server: type[Server], app: Any, *args: Any, **options: Any) -> Answer:
    """Have a server answer one request."""
    serving = server()
    try:
        serving.serve(app, hosts.environ(*args, **options))
    except Exception as error:  # noqa: BLE001 - a server catches all
        serving.answer.error = error
    return serving.answer


def ask(server: type[Server], app: Any, *args: Any, **options: Any) -> Answer:
    return serve(server, CORSMiddleware(app, POLICY), *args, **options)


class Body:
    """A body that is iterated over lazily, as those of Werkzeug and Django are."""

    def __init__(self, *pieces: bytes | Exception) -> None:
        self.pieces = list(pieces)
        self.closed = 0

    def __iter__(self) -> "Body":
        return self

    def __next__(self) -> bytes:
        if not self.pieces:
            raise StopIteration
        piece = self.pieces.pop(0)
        if isinstance(piece, Exception):
            raise piece
        return piece

    def close(self) -> None:
        self.closed += 1


def starting(body: Any) -> Callable[..., Any]:
    """Make an application that starts and gives this body."""

    def app(environ: Any, start_response: Any) -> Any:
        start_response("200 OK", HEAD)
        return body

    return app


def generator(environ: Any, start_response: Any) -> Iterator[bytes]:
    start_response("200 OK", HEAD)
    yield b"it"
    yield b"em"


@SERVERS
def test_an_allowed_request(server: type[Server]) -> None:
    for app in (starting([b"it", b"em"]), starting(Body(b"it", b"em")), generator):
        answer = ask(server, app)
        assert (answer.status, answer.headers[:2], answer.cors) == (200, HEAD, GRANTED)
        assert (answer.body, answer.error) == (b"item", None)


@SERVERS
def test_a_body_without_pieces(server: type[Server]) -> None:
    answer = ask(server, starting(Body()), method="HEAD")
    assert (answer.status, answer.cors, answer.body) == (200, GRANTED, b"")


@SERVERS
def test_a_preflight(server: type[Server]) -> None:
    for origin, status in ((APP, 204), (EVIL, 403)):
        answer = ask(
            server, generator, headers=[("Origin", origin), PREFLIGHT[1]], method="OPTIONS"
        )
        assert (answer.status, answer.body, answer.error) == (status, b"", None)
        assert dict(answer.cors).get("access-control-allow-origin") == (
            APP if status == 204 else None
        )


@SERVERS
def test_a_websocket_handshake(server: type[Server]) -> None:
    answer = ask(server, generator, headers=[("Origin", EVIL), ("Upgrade", "websocket")])
    assert (answer.status, answer.body, answer.error) == (403, b"", None)


def raising(environ: Any, start_response: Any) -> Any:
    raise LookupError("the application's")


def raising_after_start_response(environ: Any, start_response: Any) -> Any:
    start_response("200 OK", HEAD)
    raise LookupError("the application's")


def raising_in_the_first_piece(environ: Any, start_response: Any) -> Any:
    return starting(Body(LookupError("the application's")))(environ, start_response)


def raising_in_iter(environ: Any, start_response: Any) -> Any:
    class Unready:
        def __iter__(self) -> Iterator[bytes]:
            raise LookupError("the application's")

    return starting(Unready())(environ, start_response)


FAILING = pytest.mark.parametrize(
    "app",
    [raising, raising_after_start_response, raising_in_the_first_piece, raising_in_iter],
)


@FAILING
@SERVERS
def test_an_exception_before_the_start(
    server: type[Server], app: Any, caplog: pytest.LogCaptureFixture
) -> None:
    for method, body in (("GET", b"Internal Server Error"), ("HEAD", b"")):
        caplog.clear()
        answer = ask(server, app, method=method)
        assert (answer.status, answer.cors, answer.body) == (500, GRANTED, body)
        assert "X-Before" not in dict(answer.headers)
        # The server hears of it where it can, or else the log does.
        if issubclass(server, RefusesExcInfo):
            assert isinstance(answer.error, LookupError)
            assert caplog.records == []
        else:
            assert answer.error is None
            assert [record.levelno for record in caplog.records] == [logging.ERROR]
            assert "LookupError: the application's" in caplog.text


@SERVERS
def test_an_exception_after_the_start(
    server: type[Server], caplog: pytest.LogCaptureFixture
) -> None:
    answer = ask(server, starting(Body(b"part", LookupError("the application's"))))
    assert (answer.status, answer.cors, answer.body) == (200, GRANTED, b"part")
    assert isinstance(answer.error, LookupError)
    assert caplog.records == []


@SERVERS
def test_what_is_no_exception_is_passed_on(server: type[Server]) -> None:
    class Exit(BaseException):
        pass

    class Exiting(Body):
        def __next__(self) -> bytes:
            raise Exit

    body = Exiting()
    with pytest.raises(Exit):
        ask(server, starting(body))
    assert body.closed == 1


def test_a_body_is_closed_once() -> None:
    for server in (ReadsTheHeadAtReturn, SendsTheHeadWithTheFirstPiece, AddsUpFields):
        for body in (Body(b"item"), Body(LookupError("the first")), Body(b"", LookupError("late"))):
            ask(server, starting(body))
            assert body.closed == 1


def test_a_body_is_closed_that_the_server_takes_nothing_of() -> None:
    body = Body(b"item")
    served: Any = CORSMiddleware(starting(body), POLICY)(hosts.environ(), Server().start_response)
    served.close()
    assert body.closed == 1


def test_a_body_is_closed_whose_head_the_server_refuses() -> None:
    def refuse(*_: object) -> None:
        raise ValueError("no such status")

    body = Body(b"item")
    with pytest.raises(ValueError, match="no such status"):
        CORSMiddleware(starting(body), POLICY)(hosts.environ(), refuse)
    assert body.closed == 1


def test_an_exception_in_close_does_not_hide_the_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Unclosable(Body):
        def close(self) -> None:
            raise OSError("while it is closed")

    seen: list[Any] = []
    monkeypatch.setattr("sys.unraisablehook", seen.append)
    answer = ask(AddsUpFields, starting(Unclosable(LookupError("the first"))))
    assert (answer.status, answer.cors) == (500, GRANTED)
    assert isinstance(answer.error, LookupError)
    assert [type(unraisable.exc_value) for unraisable in seen] == [OSError]


def test_no_piece_is_fetched_before_the_last_one_is_taken() -> None:
    body = Body(b"one", b"two", b"three")
    server = Server()
    served = iter(CORSMiddleware(starting(body), POLICY)(hosts.environ(), server.start_response))
    assert (server.answer.status, len(body.pieces)) == (200, 2)
    assert (next(served), len(body.pieces)) == (b"one", 2)
    assert (next(served), len(body.pieces)) == (b"two", 1)
    assert list(served) == [b"three"]


APPS = [starting([b"item"]), generator, *FAILING.args[1]]


@pytest.mark.parametrize("app", APPS)
def test_asgiref(app: Any, caplog: pytest.LogCaptureFixture) -> None:
    fails = app in FAILING.args[1]
    served: Any = WsgiToAsgi(CORSMiddleware(app, POLICY))  # type: ignore[no-untyped-call]
    answer = hosts.asgi(served)
    assert (answer.status, answer.cors) == (500 if fails else 200, GRANTED)
    assert answer.body == (b"Internal Server Error" if fails else b"item")
    assert ("the application's" in caplog.text) == fails
    assert hosts.asgi(served, headers=PREFLIGHT, method="OPTIONS").status == 204


@pytest.mark.parametrize("app", APPS)
def test_wsgiref(app: Any) -> None:
    fails = app in FAILING.args[1]
    out, errors = io.BytesIO(), io.StringIO()
    handler = SimpleHandler(io.BytesIO(), out, errors, hosts.environ())
    handler.run(CORSMiddleware(app, POLICY))
    head, _, body = out.getvalue().partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.0 500" if fails else b"HTTP/1.0 200")
    assert head.count(b"Access-Control-Allow-Origin: " + APP.encode()) == 1
    assert body == (b"Internal Server Error" if fails else b"item")
    assert ("the application's" in errors.getvalue()) == fails


# A test of an application wants to see the exception, and calls no server.
@FAILING
def test_the_test_client_of_werkzeug(app: Any) -> None:
    client = Client(CORSMiddleware(app, POLICY))
    with pytest.raises(LookupError):
        client.get("/app/item", headers={"Origin": APP})
