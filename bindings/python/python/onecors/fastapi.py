"""A policy in front of a FastAPI application.

    from onecors.fastapi import install

    install(app, policy)

``app.add_middleware(CORSMiddleware, policy=policy)``, with ``onecors.asgi.CORSMiddleware``, works
too, and does not cover the 500 of an unhandled exception.
"""

from onecors.starlette import CORSMiddleware, install

__all__ = ["CORSMiddleware", "install"]
