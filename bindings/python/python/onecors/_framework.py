"""Recognises the framework of an application, for errors that say what to write instead."""

from typing import Final

WRITE: Final = {
    "fastapi": "call onecors.fastapi.install(app, policy)",
    "starlette": "call onecors.starlette.install(app, policy)",
    "flask": "call onecors.flask.OneCORS(app, policy)",
    "django": "write application = onecors.django.wrap(application)",
    "litestar": "write app = onecors.asgi.CORSMiddleware(app, policy)",
    "quart": "write app = onecors.asgi.CORSMiddleware(app, policy)",
}
"""What to write for an application, by the package of its framework."""
GENERAL: Final = (
    "write app = onecors.asgi.CORSMiddleware(app, policy), or onecors.wsgi.CORSMiddleware for a "
    "WSGI application"
)


def advice(app: object) -> str:
    """Name the type of an application that needs another adapter, and what to write."""
    packages = (kind.__module__.partition(".")[0] for kind in type(app).__mro__)
    write = next((WRITE[package] for package in packages if package in WRITE), GENERAL)
    return f"{type(app).__module__}.{type(app).__qualname__}: {write}"
