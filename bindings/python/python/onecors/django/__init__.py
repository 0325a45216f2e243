"""A policy in front of a Django project.

In the settings::

    INSTALLED_APPS = [..., "onecors.django"]
    MIDDLEWARE = ["onecors.django.CORSMiddleware", ...]
    ONECORS_POLICY = BASE_DIR / "policy.json"

And in ``wsgi.py`` or ``asgi.py``, for what no middleware reaches::

    application = onecors.django.wrap(get_wsgi_application())

With Django Channels, wrap all of it, and not the entry for HTTP alone::

    application = onecors.django.wrap(
        ProtocolTypeRouter({"http": get_asgi_application(), "websocket": ...})
    )
"""

from onecors.django._middleware import CORSMiddleware
from onecors.django._wrap import wrap

__all__ = ["CORSMiddleware", "wrap"]
