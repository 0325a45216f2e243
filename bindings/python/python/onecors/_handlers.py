"""Exception handlers of a Starlette application, for middleware that stands among its routes."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.types import Receive, Scope, Send


async def answer_as(
    host: "Starlette", error: Exception, scope: "Scope", receive: "Receive", send: "Send"
) -> None:
    """Answer an exception of one of an application's routes as the application does.

    It raises for 404 and 405, too, and the application answers further out, where no middleware of
    the route sees the response. The handlers are put together as the application does it, so an
    exception that has none is answered with the 500 and raised again.
    """
    from starlette.middleware.errors import ServerErrorMiddleware  # noqa: PLC0415 - a host is there
    from starlette.middleware.exceptions import ExceptionMiddleware  # noqa: PLC0415 - likewise

    async def failed(*_: object) -> None:
        raise error

    handlers = dict(host.exception_handlers)
    last = [handlers.pop(key) for key in (500, Exception) if key in handlers]
    inner = ExceptionMiddleware(failed, handlers=handlers, debug=host.debug)
    outer = ServerErrorMiddleware(inner, handler=last[-1] if last else None, debug=host.debug)
    await outer(scope, receive, send)
