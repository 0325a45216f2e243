"""Django's ASGI application, wrapped."""

import django_app  # noqa: F401 - the settings, which the next lines need
import serve
from django.core.asgi import get_asgi_application
from onecors.django import wrap

application = wrap(get_asgi_application())

if __name__ == "__main__":
    serve.on_uvicorn(application)
