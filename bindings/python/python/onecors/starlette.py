"""A policy in front of a Starlette application.

    from onecors.starlette import install

    install(app, policy)

``app.add_middleware(CORSMiddleware, policy=policy)``, with ``onecors.asgi.CORSMiddleware``, works
too, and does not cover the 500 of an unhandled exception.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from onecors._live import LivePolicy
from onecors._policy import Policy
from onecors.asgi import ASGIApp, CORSMiddleware

if TYPE_CHECKING:
    from starlette.applications import Starlette

__all__ = ["CORSMiddleware", "install"]


def install(app: "Starlette", policy: Policy | LivePolicy) -> None:
    """Put a policy in front of an application, outside of all that answers in it.

    That is outside of the 500 of an unhandled exception and of a limit on bodies, too, which no
    ``add_middleware`` reaches. The order of calls does not matter: middleware, routes and exception
    handlers that are added later are inside.

    Does nothing when it is called again with the same policy. Raises ``ValueError`` for another
    one: to replace a policy, install a ``LivePolicy``.
    """
    build = app.build_middleware_stack
    if isinstance(build, _Build):
        if build.policy is policy:
            return
        raise ValueError(
            "another policy is installed in this application already: to replace a policy, install "
            "a LivePolicy and call its replace()"
        )
    # The application builds its stack once, when it is called for the first time.
    setattr(app, "build_middleware_stack", _Build(build, policy))  # noqa: B010 - mypy knows a method
    if app.middleware_stack is not None:
        app.middleware_stack = CORSMiddleware(app.middleware_stack, policy)


class _Build:
    """Stands in for an application's method that builds its stack of middleware."""

    def __init__(self, build: Callable[[], ASGIApp], policy: Policy | LivePolicy) -> None:
        self._build = build
        self.policy = policy

    def __call__(self) -> CORSMiddleware:
        return CORSMiddleware(self._build(), self.policy)
