"""The entry of ``MIDDLEWARE``."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpResponse

from onecors._answer import Answer, Parts
from onecors._environ import admits, decide
from onecors.django._settings import configured_policy
from onecors.wsgi import POLICY

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase


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
        response, answer, parts = self._begin(request)
        if response is None:
            response = self.get_response(request)
        return _applied(response, answer, parts)

    async def _serve_async(self, request: "HttpRequest") -> "HttpResponseBase":
        response, answer, parts = self._begin(request)
        if response is None:
            response = await self.get_response(request)
        return _applied(response, answer, parts)

    def _begin(
        self, request: "HttpRequest"
    ) -> "tuple[HttpResponseBase | None, Answer[str] | None, Parts[str]]":
        """Decide: the response of a request that ends here, and the answer to apply."""
        in_force = self._live.in_force
        nothing = (None, None, None)
        connection = getattr(request, "scope", request.META)
        if connection.get(POLICY) is in_force.policy:
            return None, None, nothing
        path = request.META.get("SCRIPT_NAME", "").rstrip("/") + request.path_info
        if not admits(in_force, request.META, path):
            return HttpResponse(status=403), None, nothing
        answer, parts = decide(in_force, request.META, path)
        if answer is None or answer.status is None:
            return None, answer, parts
        response = HttpResponse(status=answer.status)
        del response["Content-Type"]
        for name, value in answer.content_length:
            response[name] = value
        return response, answer, parts


def _applied(
    response: "HttpResponseBase", answer: Answer[str] | None, parts: Parts[str]
) -> "HttpResponseBase":
    if answer is None:
        return response
    before = dict(response.items())
    after = dict(answer.apply(parts, before.items()))
    for name in before.keys() - after.keys():
        del response[name]
    for name, value in after.items():
        if before.get(name) != value:
            response[name] = value
    return response
