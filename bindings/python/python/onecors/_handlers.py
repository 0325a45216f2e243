"""Exception handlers of a Starlette application, for middleware among its routes."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.types import Receive, Scope, Send


async def answer_as(
    host: "Starlette", error: Exception, scope: "Scope", receive: "Receive", send: "Send"
) -> None:
    """Respond to an exception of a route as the application would.

    Routes raise exceptions for 404 and 405 too. The application handles them further out, where
    middleware of the route does not see the response. The handlers are assembled as Starlette does:
    an exception without a handler is answered with 500 and raised again.
    """
    from starlette.middleware.errors import ServerErrorMiddleware  # noqa: PLC0415 - only with a host
    from starlette.middleware.exceptions import ExceptionMiddleware  # noqa: PLC0415 - likewise

    async def failed(*_: object) -> None:
        raise error

    handlers = dict(host.exception_handlers)
    last = [handlers.pop(key) for key in (500, Exception) if key in handlers]
    inner = ExceptionMiddleware(failed, handlers=handlers, debug=host.debug)
    outer = ServerErrorMiddleware(inner, handler=last[-1] if last else None, debug=host.debug)
    await outer(scope, receive, send)
