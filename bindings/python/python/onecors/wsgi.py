"""A policy in front of a WSGI application: Flask, Django, Pyramid, Bottle.

>>> from onecors import Policy
>>> from onecors.wsgi import CORSMiddleware
>>> def app(environ, start_response): ...
>>> app = CORSMiddleware(app, Policy(allow_origins=["https://app.example.com"]))
"""

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any, TypeAlias

from onecors._answer import SERVER_ERROR
from onecors._environ import admits, path_text
from onecors._live import InForce, LivePolicy, live
from onecors._native import WsgiExchange
from onecors._path import is_ambiguous
from onecors._policy import Policy

__all__ = ["CORSMiddleware"]

Environ: TypeAlias = dict[str, Any]
# Frameworks and servers type the interface in different ways, and these fit all of them.
StartResponse: TypeAlias = Callable[..., Any]
WSGIApp: TypeAlias = Callable[[Any, Any], Iterable[bytes]]

POLICY = "onecors.policy"
"""In an environ, the policy that an adapter further out applies."""
FAILED = "onecors.failed"
"""In an environ, what gives the error page of a debugger its header fields."""
DEBUGGER = "werkzeug.debug.preserve_context"
"""In an environ, the sign of a debugger further out, which answers exceptions with its own page."""

_REASONS = {200: "OK", 204: "No Content", 205: "Reset Content", 403: "Forbidden"}


class CORSMiddleware:
    """Puts a policy in front of a WSGI application.

    It belongs outside of everything that can answer, so wrap the whole application in it.
    Preflights are answered here, and each response gets its header fields as it starts, whoever
    made it. A WebSocket handshake of an origin that the policy does not allow is refused with 403.
    Where the application raises before it has answered, the answer is a plain 500 with the header
    fields, and the exception goes on to the server, which logs it.
    """

    def __init__(
        self, app: WSGIApp, policy: Policy | LivePolicy, *, root_path: str | None = None
    ) -> None:
        """Wrap an application.

        ``root_path`` is the prefix that it is mounted under, where the server does not know that.
        """
        self.app = app
        self._root_path = root_path
        self._live = live(policy)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request."""
        in_force = self._live.in_force
        if environ.get(POLICY) is in_force.policy:
            return self.app(environ, start_response)
        if "HTTP_UPGRADE" in environ and not admits(in_force, environ, self._path(environ)):
            start_response("403 Forbidden", [("Content-Length", "0")])
            return []
        exchange = self._begin(in_force, environ)
        if exchange is None:
            return self.app(environ, start_response)
        if exchange.status is not None:
            start_response(_status_line(exchange.status), exchange.own_fields)
            return []
        environ[POLICY] = in_force.policy
        return _Response(environ, start_response, exchange).of(self.app)

    def _begin(self, in_force: InForce, environ: Environ) -> WsgiExchange | None:
        """Decide on a request. None is where nothing is to be done."""
        if not in_force.has_paths:
            return in_force.wsgi.begin(environ, None)
        path = self._path(environ)
        if "//" in path and is_ambiguous(in_force.policy, path):
            return None
        return in_force.wsgi.begin(environ, path)

    def _path(self, environ: Environ) -> str:
        """Give the path as the client sees it: below where the application is mounted."""
        root_path = self._root_path or environ.get("SCRIPT_NAME") or ""
        return path_text(root_path.rstrip("/") + environ.get("PATH_INFO", "")) or "/"


def _status_line(status: int) -> str:
    return f"{status} {_REASONS.get(status, 'Success')}"


class _Response:
    """A response on its way from the application to the server.

    The server hears of its status and header fields as late as it may, when the first piece of the
    body comes: until then the application may still fail, and the answer be another.
    """

    __slots__ = ("_apply", "_body", "_environ", "_head", "_start_response", "_write")

    def __init__(
        self, environ: Environ, start_response: StartResponse, exchange: WsgiExchange
    ) -> None:
        self._environ = environ
        self._start_response = start_response
        self._apply = exchange.apply
        # What the application started with, until the server has been told.
        self._head: tuple[str, Iterable[tuple[str, str]]] | None = None
        # What the server gave for it.
        self._write: Callable[[bytes], object] | None = None

    def of(self, app: WSGIApp) -> Iterable[bytes]:
        """Run the application, and give the body of what it answers."""
        try:
            body = app(self._environ, self.start)
        except Exception:
            self._fail()
            raise
        if isinstance(body, list | tuple) or self._is_file(body):
            # Nothing of it can fail any more, and the server looks at what it is.
            self._begin()
            return body
        self._body = body
        return self

    def start(
        self, status: str, headers: Iterable[tuple[str, str]], exc_info: object = None
    ) -> Callable[[bytes], object]:
        """Do what the application sees as the server's ``start_response``."""
        if self._write is not None:
            # The server knows whether it is too late for another answer.
            fields = self._apply(headers)
            write: Callable[[bytes], object] = self._start_response(status, fields, exc_info)
            return write
        if self._head is not None and exc_info is None:
            raise AssertionError("start_response was called again, and without exc_info")
        self._head = (status, headers)
        return self._write_body

    def __iter__(self) -> Iterator[bytes]:
        try:
            body = iter(self._body)
            for piece in body:
                self._begin()
                yield piece
                break
            else:
                self._begin()
            yield from body
        except Exception:
            self._fail()
            raise

    def close(self) -> None:
        """Tell the application that the response is over."""
        close = getattr(self._body, "close", None)
        if close is not None:
            close()

    def _begin(self) -> None:
        """Tell the server, if the application has started and the server has not been told."""
        if self._head is not None and self._write is None:
            status, headers = self._head
            self._write = self._start_response(status, self._apply(headers))

    def _write_body(self, data: bytes) -> None:
        self._begin()
        if self._write is not None:
            self._write(data)

    def _fail(self) -> None:
        """Answer in the place of the application, where that is still possible."""
        if DEBUGGER in self._environ:
            self._environ[FAILED] = self._apply
            return
        fields = self._apply(
            [
                ("Content-Type", "text/plain; charset=utf-8"),
                ("Content-Length", str(len(SERVER_ERROR))),
            ]
        )
        body = b"" if self._environ["REQUEST_METHOD"] == "HEAD" else SERVER_ERROR
        # When it is too late, start_response raises, as PEP 3333 says. Whatever happens to the
        # answer, the application's exception is the one to log.
        with suppress(Exception):
            self._start_response("500 Internal Server Error", fields, sys.exc_info())(body)

    def _is_file(self, body: object) -> bool:
        """Whether the server may send a file in its own way (``wsgi.file_wrapper``)."""
        wrapper = self._environ.get("wsgi.file_wrapper")
        return hasattr(body, "read") or (isinstance(wrapper, type) and isinstance(body, wrapper))
