"""The wrapper of a whole application."""

from inspect import iscoroutinefunction
from typing import Any, overload

from django.conf import settings

from onecors import asgi, wsgi
from onecors.django._settings import configured_policy


@overload
def wrap(application: asgi.ASGIApp) -> asgi.CORSMiddleware: ...


@overload
def wrap(application: wsgi.WSGIApp) -> wsgi.CORSMiddleware: ...


def wrap(application: Any) -> Any:
    """Put the policy of the settings in front of a whole WSGI or ASGI application.

    It covers what no middleware reaches: errors that Django answers outside of its middleware,
    WebSockets, and whatever else is around it. With Django Channels that is the whole
    ``ProtocolTypeRouter``: around its entry for HTTP alone, WebSockets are open to every origin.
    With the wrapper the entry of ``MIDDLEWARE`` is not needed, and does no harm.
    """
    call = getattr(application, "__call__", None)  # noqa: B004 - an object may be an application
    is_async = iscoroutinefunction(application) or iscoroutinefunction(call)
    middleware = asgi.CORSMiddleware if is_async else wsgi.CORSMiddleware
    return middleware(application, configured_policy(), root_path=settings.FORCE_SCRIPT_NAME)
