"""A policy in front of a Flask application.

from onecors.flask import OneCORS

OneCORS(app, policy)
"""

import logging
from collections.abc import Iterable, Iterator
from functools import wraps
from typing import TYPE_CHECKING, Any

from onecors._environ import FAILED
from onecors._framework import advice
from onecors._setting import Source, live_of
from onecors.wsgi import CORSMiddleware, Environ, StartResponse, WSGIApp

if TYPE_CHECKING:
    from flask import Flask

__all__ = ["OneCORS"]

logger = logging.getLogger("onecors")

NEVER_ANSWER = frozenset(("ProxyFix", "DebuggedApplication"))


class OneCORS:
    """The Flask extension: wraps ``app.wsgi_app``, so that all responses pass by it.

    Those are the ones of error handlers, of before_request functions and of unhandled exceptions,
    too, and the page of Werkzeug's debugger.
    """

    def __init__(
        self,
        app: "Flask | None" = None,
        policy: Source | None = None,
        *,
        root_path: str | None = None,
    ) -> None:
        """Put a policy in front of an application, or keep it for ``init_app``.

        ``root_path`` is the prefix that it is mounted under, where the server does not know that.
        """
        self._policy = policy
        self._root_path = root_path
        if app is not None:
            self.init_app(app)

    def init_app(self, app: "Flask", policy: Source | None = None) -> None:
        """Put a policy in front of an application.

        It is this one, the extension's, or ``ONECORS_POLICY`` of the application's config: a
        policy, a live one, the path of its document, or the document as a dict. Does nothing for an
        application that has one. Raises what loading the policy raises.
        """
        if not hasattr(app, "wsgi_app"):
            raise TypeError(f"OneCORS is for Flask, not for {advice(app)}")
        if "onecors" in app.extensions:
            return
        if policy is None:
            policy = self._policy
        if policy is None:
            policy = live_of(app.config.get("ONECORS_POLICY"), "ONECORS_POLICY")
        app.extensions["onecors"] = self
        place, name = _place(app)
        wrapped: WSGIApp = getattr(place, name)
        middleware = CORSMiddleware(wrapped, policy, root_path=self._root_path)
        setattr(place, name, middleware)
        _cover_debugger()

        def first(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
            """Check the placement when all is in its place, and then get out of the way."""
            middleware.app = wrapped
            _check(app, middleware)
            return wrapped(environ, start_response)

        middleware.app = first


def _place(app: "Flask") -> tuple[object, str]:
    """Give the attribute that the middleware is to wrap: inside of ProxyFix.

    That never answers, and knows the prefix, the scheme and the host that the client uses.
    """
    place: object = app
    name = "wsgi_app"
    while type(getattr(place, name)).__name__ == "ProxyFix":
        place, name = getattr(place, name), "app"
    return place, name


def _check(app: "Flask", middleware: WSGIApp) -> None:
    """Warn of what can answer further out, and of another CORS component."""
    outermost: object = app.wsgi_app
    while type(outermost).__name__ in NEVER_ANSWER:
        outermost = getattr(outermost, "app", middleware)
    if outermost is not middleware:
        logger.warning(
            "onecors: %s.%s wraps app.wsgi_app outside of OneCORS and can answer without CORS "
            "headers: call OneCORS(app, policy) after that",
            type(outermost).__module__,
            type(outermost).__qualname__,
        )
    functions = [each for listed in app.after_request_funcs.values() for each in listed]
    if any(function.__module__.partition(".")[0] == "flask_cors" for function in functions):
        logger.warning(
            "onecors: a second CORS component is present, flask_cors: remove it, since the policy "
            "alone decides"
        )


def _cover_debugger() -> None:
    """Give the page of Werkzeug's debugger its header fields.

    ``app.run(debug=True)`` and ``flask run --debug`` put the debugger outside of the application,
    where nothing of the application is asked about its page. So the class is given a method that
    asks.
    """
    from werkzeug.debug import DebuggedApplication  # noqa: PLC0415 - there when Flask is

    original = DebuggedApplication.debug_application
    if hasattr(original, "__wrapped__"):
        return

    @wraps(original)
    def debug_application(
        self: DebuggedApplication, environ: Environ, start_response: StartResponse
    ) -> Iterator[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *exc_info: Any) -> Any:  # noqa: ANN401
            apply = environ.get(FAILED)
            if apply is not None:
                applied = apply(headers)
                # The page holds the debugger's secret. It is for the origins that are listed.
                if ("Access-Control-Allow-Origin", "*") not in applied:
                    headers = applied
            return start_response(status, headers, *exc_info)

        return original(self, environ, start)

    setattr(DebuggedApplication, "debug_application", debug_application)  # noqa: B010
