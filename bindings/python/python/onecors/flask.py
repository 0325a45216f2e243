"""CORS for a Flask application.

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
    """The Flask extension. It wraps ``app.wsgi_app``, and so covers every response.

    This includes the responses of error handlers and ``before_request`` functions, the 500 after an
    unhandled exception, and the page of Werkzeug's debugger.
    """

    def __init__(
        self,
        app: "Flask | None" = None,
        policy: Source | None = None,
        *,
        root_path: str | None = None,
    ) -> None:
        """Apply a policy to an application, or keep it for ``init_app``.

        ``policy`` is a ``Policy``, a ``LivePolicy``, the path of the document, or the document as a
        dict. ``root_path`` is the prefix that the application is mounted under, if the server does
        not pass it.
        """
        self._policy = policy
        self._root_path = root_path
        if app is not None:
            self.init_app(app)

    def init_app(self, app: "Flask", policy: Source | None = None) -> None:
        """Apply a policy to an application.

        Without an argument, the policy is that of the extension, or else ``ONECORS_POLICY`` of the
        application's config. Does nothing if the application has one already. Raises what loading
        the policy raises, and ``TypeError`` for an application of another framework.
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
            """Check the placement on the first request, when the application is complete."""
            middleware.app = wrapped
            _check(app, middleware)
            return wrapped(environ, start_response)

        middleware.app = first


def _place(app: "Flask") -> tuple[object, str]:
    """Return the object and the attribute to wrap: inside of ProxyFix.

    ProxyFix never responds itself, and inside of it the client's prefix, scheme and host are known.
    """
    place: object = app
    name = "wsgi_app"
    while type(getattr(place, name)).__name__ == "ProxyFix":
        place, name = getattr(place, name), "app"
    return place, name


def _check(app: "Flask", middleware: WSGIApp) -> None:
    """Warn of wrappers that can respond further out, and of another CORS extension."""
    outermost: object = app.wsgi_app
    while type(outermost).__name__ in NEVER_ANSWER:
        outermost = getattr(outermost, "app", middleware)
    if outermost is not middleware:
        logger.warning(
            "onecors: %s.%s wraps app.wsgi_app outside of OneCORS and can answer without CORS "
            "headers: call OneCORS(app, policy) after it",
            type(outermost).__module__,
            type(outermost).__qualname__,
        )
    functions = [each for listed in app.after_request_funcs.values() for each in listed]
    if any(function.__module__.partition(".")[0] == "flask_cors" for function in functions):
        logger.warning(
            "onecors: there is a second CORS extension, flask_cors: remove it, because onecors "
            "replaces the CORS headers that it sets"
        )


def _cover_debugger() -> None:
    """Add the CORS headers to the page of Werkzeug's debugger.

    ``app.run(debug=True)`` and ``flask run --debug`` put the debugger outside of the application.
    So the method of the debugger's class is wrapped.
    """
    from werkzeug.debug import DebuggedApplication  # noqa: PLC0415 - installed with Flask

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
                # The page contains the debugger's secret, so "*" must not apply to it.
                if ("Access-Control-Allow-Origin", "*") not in applied:
                    headers = applied
            return start_response(status, headers, *exc_info)

        return original(self, environ, start)

    setattr(DebuggedApplication, "debug_application", debug_application)  # noqa: B010
