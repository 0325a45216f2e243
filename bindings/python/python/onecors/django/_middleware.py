"""The entry of ``MIDDLEWARE``."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

from asgiref.sync import iscoroutinefunction
from django.http import HttpResponse
from django.utils.decorators import sync_and_async_middleware

from onecors._answer import apply_in_text
from onecors._environ import admits
from onecors._live import InForce
from onecors._path import is_ambiguous
from onecors.django._settings import configured_policy

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase, ResponseHeaders

Lines: TypeAlias = tuple[tuple[str, str], ...]

FORBIDDEN = (403, (("Content-Length", "0"),))
"""The answer to a WebSocket handshake that may not go on."""
POLICY = "onecors.policy"
"""In a scope, the policy that an adapter further out applies."""
MAY_CHANGE = ("access-control-", "vary")
"""How the names begin of fields that a plan may replace or merge."""


@sync_and_async_middleware
def CORSMiddleware(  # noqa: N802 - MIDDLEWARE names it like others, and a function is the quicker
    get_response: Callable[["HttpRequest"], Any],
) -> Callable[["HttpRequest"], Any]:
    """Put the policy of the settings in front of the middleware and views below.

    Let it be the first of ``MIDDLEWARE``. It does nothing to a request that came through ``wrap``.
    Raises what loading the policy raises.
    """
    live = configured_policy()

    def serve(request: "HttpRequest") -> Any:  # noqa: ANN401 - what is below types its responses
        in_force = live.in_force
        lines = in_force.not_cors
        if lines is None or "HTTP_ORIGIN" in request.META:
            described = _decide(in_force, request)
            if described is None:
                return get_response(request)
            status, lines = described
            if status is not None:
                return _ended(status, lines)
        return _applied(get_response(request), lines)

    async def serve_async(request: "HttpRequest") -> Any:  # noqa: ANN401 - likewise
        in_force = live.in_force
        lines = in_force.not_cors
        if lines is None or "HTTP_ORIGIN" in request.META:
            described = _decide(in_force, request)
            if described is None:
                return await get_response(request)
            status, lines = described
            if status is not None:
                return _ended(status, lines)
        return _applied(await get_response(request), lines)

    return serve_async if iscoroutinefunction(get_response) else serve


def _decide(in_force: InForce, request: "HttpRequest") -> tuple[int | None, Lines] | None:
    """Decide: a status where the answer ends here, and the lines to set. None is nothing."""
    meta = request.META
    # What a wrapper marks under WSGI is the environ, which is META, too.
    scope = request.__dict__.get("scope")
    if scope is not None and scope.get(POLICY) is in_force.policy:
        return None
    if "HTTP_UPGRADE" in meta and not admits(in_force, meta, _path(request)):
        return FORBIDDEN
    if not in_force.has_paths:
        return in_force.wsgi.describe(meta, None)
    path = _path(request)
    if "//" in path and is_ambiguous(in_force.policy, path):
        return None
    return in_force.wsgi.describe(meta, path)


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
        # Most names are told by their first letter.
        if name[:1] in "AaVv" and name.lower().startswith(MAY_CHANGE):
            _replace(headers, lines)
            return response
    for name, value in lines:
        headers[name] = value
    return response


def _replace(headers: "ResponseHeaders", lines: Lines) -> None:
    """Apply a plan to a response that may have fields that it replaces or merges."""
    before = dict(headers.items())
    after = dict(apply_in_text(lines, before.items()))
    for name in before.keys() - after.keys():
        del headers[name]
    for name, value in after.items():
        if before.get(name) != value:
            headers[name] = value
