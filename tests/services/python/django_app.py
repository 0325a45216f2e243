"""Django's settings, middleware and views, for its WSGI and its ASGI application."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator

import django
import serve
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import path
from django.views.decorators.http import require_GET, require_POST

settings.configure(
    ALLOWED_HOSTS=["*"],
    DATA_UPLOAD_MAX_MEMORY_SIZE=serve.LIMIT,
    INSTALLED_APPS=["onecors.django"],
    MIDDLEWARE=[
        "onecors.django.CORSMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django_app.authenticate",
    ],
    ONECORS_POLICY=serve.policy,
    ROOT_URLCONF="django_app",
    SECRET_KEY="of a test",
)
django.setup()


def text(body: str, status: int = 200, headers: dict[str, str] | None = None) -> HttpResponse:
    return HttpResponse(body, "text/plain", status, headers=headers)


def authenticate(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    def middleware(request: HttpRequest) -> HttpResponse:
        if request.path == "/app/private" and request.headers.get("Authorization") != "Bearer token":
            return text("a token is wanted", 401, {"WWW-Authenticate": "Bearer"})
        return get_response(request)

    return middleware


def item(request: HttpRequest) -> HttpResponse:
    if request.method == "OPTIONS":
        return text("", headers=serve.OPTIONS)
    response = text("item", headers={"ETag": '"1"'})
    response.set_cookie("first", "1")
    response.set_cookie("second", "2")
    return response


def ok(request: HttpRequest) -> HttpResponse:
    return text("ok")


def throw(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("nothing handles this")


def streamed(request: HttpRequest, chunks: tuple[str, ...], error: Exception | None = None) -> HttpResponse:
    def body() -> Iterator[str]:
        for chunk in chunks:
            yield chunk
            time.sleep(0.15)
        if error:
            raise error

    async def async_body() -> AsyncIterator[str]:
        for chunk in chunks:
            yield chunk
            await asyncio.sleep(0.15)
        if error:
            raise error

    chosen = async_body() if isinstance(request, ASGIRequest) else body()
    return StreamingHttpResponse(chosen, content_type="text/plain")


def throw_late(request: HttpRequest) -> HttpResponse:
    return streamed(request, ("part",), RuntimeError("after the start"))


def stream(request: HttpRequest) -> HttpResponse:
    return streamed(request, ("one", "two", "three"))


def reset(request: HttpRequest) -> HttpResponse:
    started = text("never sent", headers={"X-Before": "1"})
    raise RuntimeError(f"{started.headers} are dropped")


def redirect(request: HttpRequest) -> HttpResponse:
    return text("", 302, {"Location": "/app/item"})


def vary(request: HttpRequest) -> HttpResponse:
    # Django's responses have one line of each name.
    return text("vary", headers={"Vary": "Accept-Encoding, Cookie, ORIGIN"})


def vary_star(request: HttpRequest) -> HttpResponse:
    return text("vary", headers={"Vary": "*"})


def own(request: HttpRequest) -> HttpResponse:
    return text("own", headers=serve.OWN)


@require_POST
def upload(request: HttpRequest) -> HttpResponse:
    try:
        return text(str(len(request.body)))
    except RequestDataTooBig:
        # Django's own answer is 400.
        return text("too large", 413)


async def slow(request: HttpRequest) -> HttpResponse:
    await asyncio.sleep(0.5)
    return text("slow")


def open_item(request: HttpRequest) -> HttpResponse:
    return text("open")


def plain(request: HttpRequest) -> HttpResponse:
    return text("plain", headers={"Access-Control-Allow-Origin": "https://own.example"})


def replace(request: HttpRequest) -> HttpResponse:
    status, body = serve.replace(request.body)
    return text(body, status)


urlpatterns = [
    path("app/item", item),
    path("app/get-only", require_GET(ok)),
    path("app/private", ok),
    path("app/throw", throw),
    path("app/throw-late", throw_late),
    path("app/reset", reset),
    path("app/redirect", redirect),
    path("app/slash/", ok),
    path("app/stream", stream),
    path("app/vary", vary),
    path("app/vary-star", vary_star),
    path("app/own", own),
    path("app/upload", upload),
    path("app/slow", slow),
    path("open/item", open_item),
    path("plain", plain),
    path("-/replace", replace),
]
