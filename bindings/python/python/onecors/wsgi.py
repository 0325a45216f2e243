"""A policy in front of a WSGI application: Flask, Django, Pyramid, Bottle.

>>> from onecors import Policy
>>> from onecors.wsgi import CORSMiddleware
>>> def app(environ, start_response): ...
>>> app = CORSMiddleware(app, Policy(allow_origins=["https://app.example.com"]))
"""

import sys
from collections.abc import Callable, Iterable
from inspect import iscoroutinefunction
from typing import Any, TypeAlias

from onecors._environ import admits, fail, path_text
from onecors._framework import advice
from onecors._live import InForce
from onecors._native import WsgiExchange
from onecors._path import is_ambiguous
from onecors._setting import Source, live_of

__all__ = ["CORSMiddleware"]

Environ: TypeAlias = dict[str, Any]
# Frameworks and servers type the interface in different ways, and these fit all of them.
StartResponse: TypeAlias = Callable[..., Any]
WSGIApp: TypeAlias = Callable[[Any, Any], Iterable[bytes]]

WHOLE = (list, tuple)
"""The types of bodies that are there already."""


class CORSMiddleware:
    """Puts a policy in front of a WSGI application.

    It belongs outside of everything that can answer, so wrap the whole application in it.
    Preflights are answered here, and each response gets its header fields as it starts, whoever
    made it. A WebSocket handshake of an origin that the policy does not allow is refused with 403.
    Where the application raises before it has answered, the answer is a plain 500 with the header
    fields, and the exception goes on to the server, which logs it. Where the server has no
    ``write()``, the exception is logged here instead.
    """

    def __init__(self, app: WSGIApp, policy: Source, *, root_path: str | None = None) -> None:
        """Wrap an application.

        ``policy`` is one, or a live one, or the path of its document, or the document as a dict.
        ``root_path`` is the prefix that it is mounted under, where the server does not know that.
        """
        call = getattr(app, "__call__", None)  # noqa: B004 - an object may be an application
        if iscoroutinefunction(app) or iscoroutinefunction(call):
            raise TypeError(f"this middleware is for WSGI applications, not for {advice(app)}")
        self.app = app
        self._root_path = root_path
        self._live = live_of(policy)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request."""
        in_force = self._live.in_force
        if "HTTP_UPGRADE" in environ and not admits(in_force, environ, self._path(environ)):
            start_response("403 Forbidden", [("Content-Length", "0")])
            return [b""]
        if in_force.has_paths:
            exchange = self._begin(in_force, environ, start_response)
        else:
            exchange = in_force.wsgi.begin(environ, None, start_response)
        if exchange is None:
            return self.app(environ, start_response)
        if isinstance(exchange, list):
            # A preflight that has been answered.
            return exchange
        try:
            body = self.app(environ, exchange.start)
        except Exception:
            answer = fail(environ, exchange, sys.exc_info())
            if answer is None:
                raise
            return answer
        if isinstance(body, WHOLE) or _is_file(environ, body):
            # Nothing of it can fail any more, and the server looks at what it is.
            exchange.begin()
            return body
        return exchange.over(body)

    def _begin(
        self, in_force: InForce, environ: Environ, start_response: StartResponse
    ) -> WsgiExchange | list[bytes] | None:
        """Decide on a request whose path matters."""
        path = self._path(environ)
        if "//" in path and is_ambiguous(in_force.policy, path):
            return None
        return in_force.wsgi.begin(environ, path, start_response)

    def _path(self, environ: Environ) -> str:
        """Give the path as the client sees it: below where the application is mounted."""
        root_path = self._root_path or environ.get("SCRIPT_NAME") or ""
        return path_text(root_path.rstrip("/") + environ.get("PATH_INFO", "")) or "/"


def _is_file(environ: Environ, body: object) -> bool:
    """Whether the server may send a file in its own way (``wsgi.file_wrapper``)."""
    wrapper = environ.get("wsgi.file_wrapper")
    return hasattr(body, "read") or (isinstance(wrapper, type) and isinstance(body, wrapper))
