"""A project with Django Channels, for a server: what is right, and what leaves WebSockets open."""

from typing import Any

import django
from channels.auth import AuthMiddlewareStack  # type: ignore[import-untyped]
from channels.generic.websocket import AsyncWebsocketConsumer  # type: ignore[import-untyped]
from channels.routing import ProtocolTypeRouter, URLRouter  # type: ignore[import-untyped]
from channels.security.websocket import (  # type: ignore[import-untyped]
    AllowedHostsOriginValidator,
    OriginValidator,
)
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path


def item(request: HttpRequest) -> HttpResponse:
    return HttpResponse("item")


urlpatterns = [path("app/item", item)]

if not settings.configured:
    settings.configure(
        ALLOWED_HOSTS=["127.0.0.1"],
        INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "onecors.django"],
        LOGGING_CONFIG=None,
        ONECORS_POLICY={
            "rules": [{"paths": ["/app/*"], "allow_origins": ["https://app.example.com"]}]
        },
        ROOT_URLCONF=__name__,
        SECRET_KEY="of a test",  # noqa: S106
    )
    django.setup()

from onecors.django import wrap  # noqa: E402 - Django's modules want its settings


class Echo(AsyncWebsocketConsumer):  # type: ignore[misc]
    """Accepts, and sends back what it gets."""

    async def receive(self, text_data: str | None = None, **_: Any) -> None:
        await self.send(text_data)


http = get_asgi_application()
websocket = URLRouter([path("app/ws", Echo.as_asgi())])

right = wrap(ProtocolTypeRouter({"http": http, "websocket": websocket}))
each = ProtocolTypeRouter({"http": wrap(http), "websocket": AuthMiddlewareStack(wrap(websocket))})
validated = ProtocolTypeRouter({"http": wrap(http), "websocket": OriginValidator(websocket, ["a"])})
hosts = ProtocolTypeRouter(
    {"http": wrap(http), "websocket": AllowedHostsOriginValidator(websocket)}
)
without = ProtocolTypeRouter({"http": wrap(http)})
opened = ProtocolTypeRouter({"http": wrap(http), "websocket": AuthMiddlewareStack(websocket)})
any_host = ProtocolTypeRouter({"http": wrap(http), "websocket": OriginValidator(websocket, ["*"])})
bare = ProtocolTypeRouter({"http": http, "websocket": websocket})
