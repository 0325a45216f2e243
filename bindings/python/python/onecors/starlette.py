"""CORS for a Starlette application.

    from onecors.starlette import install

    install(app, policy)

``app.add_middleware(CORSMiddleware, policy=policy)`` works too, but does not cover the 500 after an
unhandled exception.
"""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from onecors._framework import advice
from onecors._setting import Source, live_of
from onecors.asgi import ASGIApp, CORSMiddleware

if TYPE_CHECKING:
    from starlette.applications import Starlette

__all__ = ["CORSMiddleware", "install"]


def install(app: "Starlette", policy: Source, *, root_path: str | None = None) -> None:
    """Apply a policy to an application, outside of all its middleware.

    Unlike ``add_middleware``, this covers the 500 after an unhandled exception and the limit on
    request bodies. Middleware, routes and exception handlers may be added before or after.

    ``policy`` is a ``Policy``, a ``LivePolicy``, the path of the document, or the document as a
    dict. ``root_path`` is the prefix that the application is mounted under, if neither it nor the
    server knows. A second call with the same policy does nothing. Raises what loading the policy
    raises, ``TypeError`` for an application of another framework, and ``ValueError`` for a second
    policy: to replace a policy, install a ``LivePolicy``.
    """
    build = getattr(app, "build_middleware_stack", None)
    if build is None:
        raise TypeError(f"install is for Starlette and FastAPI, not for {advice(app)}")
    if isinstance(build, _Build):
        if build.given == policy:
            return
        raise ValueError(
            "this application already has another policy: to replace a policy, install a "
            "LivePolicy and call its replace()"
        )
    wrap = partial(CORSMiddleware, policy=live_of(policy), root_path=root_path)
    # The application builds its middleware stack once, on the first call.
    setattr(app, "build_middleware_stack", _Build(build, policy, wrap))  # noqa: B010 - mypy knows a method
    if app.middleware_stack is not None:
        app.middleware_stack = wrap(app.middleware_stack)


class _Build:
    """Replaces an application's method that builds its middleware stack."""

    def __init__(
        self,
        build: Callable[[], ASGIApp],
        given: Source,
        wrap: Callable[[ASGIApp], CORSMiddleware],
    ) -> None:
        self._build = build
        self.given = given
        self._wrap = wrap

    def __call__(self) -> CORSMiddleware:
        return self._wrap(self._build())
