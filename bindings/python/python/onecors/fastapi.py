"""CORS for a FastAPI application.

    from onecors.fastapi import install

    install(app, policy)

``app.add_middleware(CORSMiddleware, policy=policy)`` works too, but does not cover the 500 after an
unhandled exception.
"""

from onecors.starlette import CORSMiddleware, install

__all__ = ["CORSMiddleware", "install"]
