"""The least that a CORS middleware for Django can do, for one policy."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse

from limit_wsgi import (
    ACTUAL,
    ALLOW_ORIGIN,
    ALLOWED_HEADERS,
    ALLOWED_METHODS,
    DENIED,
    OWNED,
    PREFLIGHT,
    PREFLIGHT_DENIED,
    Lines,
)

if TYPE_CHECKING:
    from django.http import HttpRequest


def limit(
    get_response: Callable[["HttpRequest"], HttpResponse], listed: list[str]
) -> Callable[["HttpRequest"], HttpResponse]:
    """A middleware that is a function, which Django allows and which is the quickest."""
    origins = frozenset(listed)

    def middleware(request: "HttpRequest") -> HttpResponse:
        meta = request.META
        origin = meta.get("HTTP_ORIGIN")
        if origin is not None and meta["REQUEST_METHOD"] == "OPTIONS":
            method = meta.get("HTTP_ACCESS_CONTROL_REQUEST_METHOD")
            if method is not None:
                return preflight(origins, origin, method, meta)
        response = get_response(request)
        headers = response.headers
        for name in headers:
            if name.lower() in OWNED:
                replace(headers, DENIED)
                break
        if origin in origins:
            headers[ALLOW_ORIGIN] = origin
            for name, value in ACTUAL:
                headers[name] = value
        else:
            headers["Vary"] = "Origin"
        return response

    return middleware


def preflight(
    origins: frozenset[str], origin: str, method: str, meta: Mapping[str, Any]
) -> HttpResponse:
    asked = meta.get("HTTP_ACCESS_CONTROL_REQUEST_HEADERS")
    if (
        origin in origins
        and method in ALLOWED_METHODS
        and (asked is None or ALLOWED_HEADERS.issuperset(asked.split(",")))
    ):
        response = HttpResponse(status=204)
        headers = response.headers
        headers[ALLOW_ORIGIN] = origin
        lines = PREFLIGHT
    else:
        response = HttpResponse(status=403)
        headers = response.headers
        lines = PREFLIGHT_DENIED
    del headers["Content-Type"]
    for name, value in lines:
        headers[name] = value
    return response


def replace(headers: Any, lines: Lines) -> None:
    """Where the application has written fields of CORS or ``Vary`` itself."""
    vary = headers.get("Vary", "")
    for name in [name for name in headers if name.lower() in OWNED]:
        del headers[name]
    if vary:
        headers["Vary"] = vary if "origin" in vary.lower() else f"{vary}, {lines[0][1]}"
