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
    """Apply the policy of the settings to a whole WSGI or ASGI application.

    This covers what no Django middleware sees: error responses that Django makes outside of its
    middleware, WebSockets, and other wrappers inside of it. With Django Channels, wrap the whole
    ``ProtocolTypeRouter``: if only its entry for HTTP is wrapped, WebSockets are open to every
    origin. With the wrapper, the entry in ``MIDDLEWARE`` is optional.
    """
    call = getattr(application, "__call__", None)  # noqa: B004 - an object may be an application
    is_async = iscoroutinefunction(application) or iscoroutinefunction(call)
    middleware = asgi.CORSMiddleware if is_async else wsgi.CORSMiddleware
    return middleware(application, configured_policy(), root_path=settings.FORCE_SCRIPT_NAME)
