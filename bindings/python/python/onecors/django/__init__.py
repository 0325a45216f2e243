"""CORS for a Django project.

In the settings:

    INSTALLED_APPS = [..., "onecors.django"]
    MIDDLEWARE = ["onecors.django.CORSMiddleware", ...]
    ONECORS_POLICY = BASE_DIR / "policy.json"

And in ``wsgi.py`` or ``asgi.py``, for responses that no middleware sees:

    application = onecors.django.wrap(get_wsgi_application())

With Django Channels, wrap the whole router, not only its entry for HTTP:

    application = onecors.django.wrap(
        ProtocolTypeRouter({"http": get_asgi_application(), "websocket": ...})
    )
"""

from onecors.django._middleware import CORSMiddleware
from onecors.django._wrap import wrap

__all__ = ["CORSMiddleware", "wrap"]
