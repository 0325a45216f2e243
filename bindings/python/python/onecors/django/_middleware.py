"""The entry of ``MIDDLEWARE``."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpResponse

from onecors._environ import admits
from onecors._native import WsgiExchange
from onecors._path import is_ambiguous
from onecors.django._settings import configured_policy

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

POLICY = "onecors.policy"
"""In a scope, the policy that an adapter further out applies."""
MAY_CHANGE = ("access-control-", "vary")
"""How the names begin of fields that a plan may replace or merge."""


class CORSMiddleware:
    """Puts the policy of the settings in front of the middleware and views below it.

    Let it be the first of ``MIDDLEWARE``. It does nothing to a request that came through ``wrap``.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[["HttpRequest"], Any]) -> None:
        """Load the policy, which raises what loading raises."""
        self.get_response = get_response
        self._live = configured_policy()
        self._is_async = iscoroutinefunction(get_response)
        if self._is_async:
            markcoroutinefunction(self)

    def __call__(self, request: "HttpRequest") -> "HttpResponseBase | Awaitable[HttpResponseBase]":
        """Serve one request."""
        if self._is_async:
            return self._serve_async(request)
        exchange = self._begin(request)
        if exchange is None:
            response: HttpResponseBase = self.get_response(request)
            return response
        if not isinstance(exchange, WsgiExchange):
            return exchange
        if exchange.status is not None:
            return _ended(exchange)
        return _applied(self.get_response(request), exchange)

    async def _serve_async(self, request: "HttpRequest") -> "HttpResponseBase":
        exchange = self._begin(request)
        if exchange is None:
            response: HttpResponseBase = await self.get_response(request)
            return response
        if not isinstance(exchange, WsgiExchange):
            return exchange
        if exchange.status is not None:
            return _ended(exchange)
        return _applied(await self.get_response(request), exchange)

    def _begin(self, request: "HttpRequest") -> "WsgiExchange | HttpResponse | None":
        """Decide. None is where nothing is to be done, and a response is a refusal."""
        in_force = self._live.in_force
        meta = request.META
        # What a wrapper marks under WSGI is the environ, which is META, too.
        scope = request.__dict__.get("scope")
        if scope is not None and scope.get(POLICY) is in_force.policy:
            return None
        if "HTTP_UPGRADE" in meta and not admits(in_force, meta, _path(request)):
            return HttpResponse(status=403)
        if not in_force.has_paths:
            return in_force.wsgi.begin(meta, None, None)
        path = _path(request)
        if "//" in path and is_ambiguous(in_force.policy, path):
            return None
        return in_force.wsgi.begin(meta, path, None)


def _path(request: "HttpRequest") -> str:
    prefix: str = request.META.get("SCRIPT_NAME", "")
    return prefix.rstrip("/") + request.path_info


def _ended(exchange: WsgiExchange) -> HttpResponse:
    response = HttpResponse(status=exchange.status)
    headers = response.headers
    del headers["Content-Type"]
    for name, value in exchange.own_fields:
        headers[name] = value
    return response


def _applied(response: "HttpResponseBase", exchange: WsgiExchange) -> "HttpResponseBase":
    headers = response.headers
    for name in headers:
        if name.lower().startswith(MAY_CHANGE):
            return _replaced(response, exchange)
    for name, value in exchange.lines:
        headers[name] = value
    return response


def _replaced(response: "HttpResponseBase", exchange: WsgiExchange) -> "HttpResponseBase":
    """Apply a plan to a response that may have fields that it replaces or merges."""
    before = dict(response.items())
    after = dict(exchange.apply(before.items()))
    for name in before.keys() - after.keys():
        del response[name]
    for name, value in after.items():
        if before.get(name) != value:
            response[name] = value
    return response
