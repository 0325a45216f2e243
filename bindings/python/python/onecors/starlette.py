"""A policy in front of a Starlette application.

    from onecors.starlette import install

    install(app, policy)

``app.add_middleware(CORSMiddleware, policy=policy)``, with ``onecors.asgi.CORSMiddleware``, works
too, and does not cover the 500 of an unhandled exception.
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
    """Put a policy in front of an application, outside of all that answers in it.

    That is outside of the 500 of an unhandled exception and of a limit on bodies, too, which no
    ``add_middleware`` reaches. The order of calls does not matter: middleware, routes and exception
    handlers that are added later are inside.

    The policy is one, or a live one, or the path of its document, or the document as a dict.
    ``root_path`` is the prefix that the application is mounted under, where neither it nor the
    server knows that. Raises what loading the policy raises. Does nothing when it is called again
    with the same policy. Raises ``ValueError`` for another one: to replace a policy, install a
    ``LivePolicy``.
    """
    build = getattr(app, "build_middleware_stack", None)
    if build is None:
        raise TypeError(f"install is for Starlette and FastAPI, not for {advice(app)}")
    if isinstance(build, _Build):
        if build.given == policy:
            return
        raise ValueError(
            "another policy is installed in this application already: to replace a policy, install "
            "a LivePolicy and call its replace()"
        )
    wrap = partial(CORSMiddleware, policy=live_of(policy), root_path=root_path)
    # The application builds its stack once, when it is called for the first time.
    setattr(app, "build_middleware_stack", _Build(build, policy, wrap))  # noqa: B010 - mypy knows a method
    if app.middleware_stack is not None:
        app.middleware_stack = wrap(app.middleware_stack)


class _Build:
    """Stands in for an application's method that builds its stack of middleware."""

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
