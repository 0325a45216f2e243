"""Django: the call of a middleware, with its own objects of requests and responses."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import django
from django.conf import settings

settings.configure(
    ALLOWED_HOSTS=["*"],
    CORS_ALLOW_CREDENTIALS=True,
    CORS_ALLOWED_ORIGINS=[],
    INSTALLED_APPS=["corsheaders", "onecors.django"],
    ONECORS_POLICY={"allow_origins": []},
    ROOT_URLCONF=(),
)
django.setup()

# Only with the settings in their place can these be imported.
from corsheaders.middleware import CorsMiddleware
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponse
from onecors.django import CORSMiddleware

import on_flask
from limit_django import limit
from scenarios import METHODS, POLICY, Answer, Fields, Origins

NAME = "django"
PEER = "django-cors-headers"
ROUNDS = 61

Handler = Callable[[HttpRequest], HttpResponse]


def subjects(origins: Origins) -> Iterator[tuple[str, Any]]:
    yield "nothing", items

    settings.ONECORS_POLICY = origins.document
    yield "onecors", CORSMiddleware(items)

    settings.CORS_ALLOWED_ORIGINS = origins.texts if origins.is_exact else []
    settings.CORS_ALLOWED_ORIGIN_REGEXES = [] if origins.is_exact else origins.as_regexes
    settings.CORS_ALLOW_METHODS = METHODS
    settings.CORS_ALLOW_HEADERS = POLICY["allow_headers"]
    settings.CORS_EXPOSE_HEADERS = POLICY["expose_headers"]
    settings.CORS_PREFLIGHT_MAX_AGE = POLICY["max_age"]
    yield PEER, CorsMiddleware(items) if len(origins.allowed) <= 1000 else None

    if origins.is_exact:
        yield "limit", limit(items, origins.texts)


def items(request: HttpRequest) -> HttpResponse:
    return HttpResponse(b'{"items":[]}', content_type="application/json")


def request(asked: Fields) -> HttpRequest:
    return WSGIRequest(on_flask.request(asked))


def drive(app: Handler, requests: Sequence[HttpRequest]) -> None:
    for made in requests:
        app(made)


def drive_nothing(requests: Sequence[HttpRequest]) -> None:
    for _made in requests:
        pass


def answer(app: Handler, made: HttpRequest) -> Answer:
    response = app(made)
    fields = {name.lower(): value for name, value in response.items()}
    return Answer(response.status_code, fields)
