"""The entry of ``MIDDLEWARE``."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

from asgiref.sync import iscoroutinefunction
from django.http import HttpResponse
from django.utils.decorators import sync_and_async_middleware

from onecors._active import ActivePolicy
from onecors._environ import admits
from onecors._path import is_ambiguous
from onecors._response import apply_in_text
from onecors.django._settings import configured_policy

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase, ResponseHeaders

Lines: TypeAlias = tuple[tuple[str, str], ...]

FORBIDDEN = (403, (("Content-Length", "0"),))
"""The response to a refused WebSocket handshake."""
POLICY = "onecors.policy"
"""In a scope, the policy that an outer adapter applies."""
MAY_CHANGE = ("access-control-", "vary")
"""The prefixes of the names of fields that a plan may replace or merge."""


@sync_and_async_middleware
def CORSMiddleware(  # noqa: N802 - named like other entries of MIDDLEWARE; a function is faster
    get_response: Callable[["HttpRequest"], Any],
) -> Callable[["HttpRequest"], Any]:
    """Django middleware that applies the policy of the settings.

    Put it first in ``MIDDLEWARE``. It ignores requests that came through ``wrap``. Raises what
    loading the policy raises.
    """
    live = configured_policy()

    def serve(request: "HttpRequest") -> Any:  # noqa: ANN401 - typed by the inner middleware
        active = live.active
        lines = active.not_cors
        if lines is None or "HTTP_ORIGIN" in request.META:
            described = _decide(active, request)
            if described is None:
                return get_response(request)
            status, lines = described
            if status is not None:
                return _ended(status, lines)
        return _applied(get_response(request), lines)

    async def serve_async(request: "HttpRequest") -> Any:  # noqa: ANN401 - likewise
        active = live.active
        lines = active.not_cors
        if lines is None or "HTTP_ORIGIN" in request.META:
            described = _decide(active, request)
            if described is None:
                return await get_response(request)
            status, lines = described
            if status is not None:
                return _ended(status, lines)
        return _applied(await get_response(request), lines)

    return serve_async if iscoroutinefunction(get_response) else serve


def _decide(active: ActivePolicy, request: "HttpRequest") -> tuple[int | None, Lines] | None:
    """Return the header lines, with a status if the response ends here; None to do nothing."""
    meta = request.META
    # Under WSGI a wrapper marks the environ, which is META.
    scope = request.__dict__.get("scope")
    if scope is not None and scope.get(POLICY) is active.policy:
        return None
    if "HTTP_UPGRADE" in meta and not admits(active, meta, _path(request)):
        return FORBIDDEN
    if not active.has_paths:
        return active.wsgi.describe(meta, None)
    path = _path(request)
    if "//" in path and is_ambiguous(active.policy, path):
        return None
    return active.wsgi.describe(meta, path)


def _path(request: "HttpRequest") -> str:
    prefix: str = request.META.get("SCRIPT_NAME", "")
    return prefix.rstrip("/") + request.path_info


def _ended(status: int, lines: Lines) -> HttpResponse:
    response = HttpResponse(status=status)
    headers = response.headers
    del headers["Content-Type"]
    for name, value in lines:
        headers[name] = value
    return response


def _applied(response: "HttpResponseBase", lines: Lines) -> "HttpResponseBase":
    headers = response.headers
    for name in headers:
        # The first letter rules out most names.
        if name[:1] in "AaVv" and name.lower().startswith(MAY_CHANGE):
            _replace(headers, lines)
            return response
    for name, value in lines:
        headers[name] = value
    return response


def _replace(headers: "ResponseHeaders", lines: Lines) -> None:
    """Apply a plan to a response with fields that it may replace or merge."""
    before = dict(headers.items())
    after = dict(apply_in_text(lines, before.items()))
    for name in before.keys() - after.keys():
        del headers[name]
    for name, value in after.items():
        if before.get(name) != value:
            headers[name] = value
