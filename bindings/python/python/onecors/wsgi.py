"""CORS for a WSGI application: Pyramid, Bottle, or any other.

For Flask and Django use `onecors.flask` and `onecors.django`.

>>> from onecors import Policy
>>> from onecors.wsgi import CORSMiddleware
>>> def app(environ, start_response): ...
>>> app = CORSMiddleware(app, Policy(allow_origins=["https://app.example.com"]))
"""

import sys
from collections.abc import Callable, Iterable
from inspect import iscoroutinefunction
from typing import Any, TypeAlias

from onecors._active import ActivePolicy
from onecors._environ import admits, fail, path_text
from onecors._framework import advice
from onecors._native import WsgiExchange
from onecors._path import is_ambiguous
from onecors._setting import Source, live_of

__all__ = ["CORSMiddleware"]

Environ: TypeAlias = dict[str, Any]
# Frameworks and servers type the interface differently; these fit all of them.
StartResponse: TypeAlias = Callable[..., Any]
WSGIApp: TypeAlias = Callable[[Any, Any], Iterable[bytes]]

WHOLE = (list, tuple)
"""The types of bodies that are complete already."""


class CORSMiddleware:
    """WSGI middleware that applies a policy.

    Wrap the whole application in it, so that it is outside of everything that can respond. It
    answers preflights, and adds the CORS headers to every other response when that starts. It
    refuses a WebSocket handshake with 403 if the policy does not allow its origin. If the
    application raises an exception before its response starts, the response is a plain 500 with the
    CORS headers, and the exception is passed on to the server, which logs it. For servers without
    ``write()``, the exception is logged here instead.
    """

    app: WSGIApp
    """The wrapped application."""

    def __init__(self, app: WSGIApp, policy: Source, *, root_path: str | None = None) -> None:
        """Wrap an application.

        ``policy`` is a ``Policy``, a ``LivePolicy``, the path of the document, or the document as a
        dict. ``root_path`` is the prefix that the application is mounted under, if the server does
        not pass it. Raises what loading the policy raises, and ``TypeError`` for an application
        that is not WSGI.
        """
        call = getattr(app, "__call__", None)  # noqa: B004 - an object may be an application
        if iscoroutinefunction(app) or iscoroutinefunction(call):
            raise TypeError(f"this middleware is for WSGI applications, not for {advice(app)}")
        self.app = app
        self._root_path = root_path
        self._live = live_of(policy)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request."""
        active = self._live.active
        if "HTTP_UPGRADE" in environ and not admits(active, environ, self._path(environ)):
            start_response("403 Forbidden", [("Content-Length", "0")])
            return [b""]
        if active.has_paths:
            exchange = self._begin(active, environ, start_response)
        else:
            exchange = active.wsgi.begin(environ, None, start_response)
        if exchange is None:
            return self.app(environ, start_response)
        if isinstance(exchange, list):
            # The body of a response to a preflight.
            return exchange
        try:
            body = self.app(environ, exchange.start)
        except Exception:
            answer = fail(environ, exchange, sys.exc_info())
            if answer is None:
                raise
            return answer
        if isinstance(body, WHOLE) or _is_file(environ, body):
            # It cannot fail any more, and servers treat these types specially.
            exchange.begin()
            return body
        return exchange.over(body)

    def _begin(
        self, active: ActivePolicy, environ: Environ, start_response: StartResponse
    ) -> WsgiExchange | list[bytes] | None:
        """Begin an exchange under a policy that has paths."""
        path = self._path(environ)
        if "//" in path and is_ambiguous(active.policy, path):
            return None
        return active.wsgi.begin(environ, path, start_response)

    def _path(self, environ: Environ) -> str:
        """Return the path as the client sees it, with the prefix that the application is under."""
        root_path = self._root_path or environ.get("SCRIPT_NAME") or ""
        return path_text(root_path.rstrip("/") + environ.get("PATH_INFO", "")) or "/"


def _is_file(environ: Environ, body: object) -> bool:
    """Whether the server may send a file by its own means (``wsgi.file_wrapper``)."""
    wrapper = environ.get("wsgi.file_wrapper")
    return hasattr(body, "read") or (isinstance(wrapper, type) and isinstance(body, wrapper))
