"""Imports what a service imports for CORS, makes a policy of ten origins, and ends.

startup.py nothing|onecors|starlette|flask-cors|django-cors-headers starlette|flask|django
"""

import sys

ORIGINS = [f"https://app-{number:07}.example.com" for number in range(10)]


def main(subject: str, framework: str) -> None:
    {"starlette": on_starlette, "flask": on_flask, "django": on_django}[framework](subject)


def on_starlette(subject: str) -> None:
    from starlette.applications import Starlette

    app = Starlette()
    if subject == "starlette":
        from starlette.middleware.cors import CORSMiddleware

        app.add_middleware(CORSMiddleware, allow_origins=ORIGINS)
        app.middleware_stack = app.build_middleware_stack()
    if subject == "onecors":
        from onecors import Policy
        from onecors.starlette import install

        install(app, Policy(allow_origins=ORIGINS))


def on_flask(subject: str) -> None:
    from flask import Flask

    app = Flask(__name__)
    if subject == "flask-cors":
        from flask_cors import CORS

        CORS(app, origins=ORIGINS)
    if subject == "onecors":
        from onecors import Policy
        from onecors.flask import OneCORS

        OneCORS(app, Policy(allow_origins=ORIGINS))


def on_django(subject: str) -> None:
    import django
    from django.conf import settings
    from django.core.wsgi import get_wsgi_application

    entries = {
        "nothing": [],
        "django-cors-headers": ["corsheaders.middleware.CorsMiddleware"],
        "onecors": ["onecors.django.CORSMiddleware"],
    }
    apps = {"nothing": [], "django-cors-headers": ["corsheaders"], "onecors": ["onecors.django"]}
    settings.configure(
        CORS_ALLOWED_ORIGINS=ORIGINS,
        INSTALLED_APPS=apps[subject],
        MIDDLEWARE=entries[subject],
        ONECORS_POLICY={"allow_origins": ORIGINS},
        ROOT_URLCONF=__name__,
    )
    django.setup()
    get_wsgi_application()


if __name__ == "__main__":
    main(*sys.argv[1:])
