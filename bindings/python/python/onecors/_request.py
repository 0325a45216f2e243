"""A request as an adapter sees it."""

from typing import NamedTuple


class Request(NamedTuple):
    """The values that a decision depends on, and ``Host``, which names the server's own origin."""

    method: str | bytes | None
    path: str
    origin: str | bytes | None
    access_control_request_method: str | bytes | None
    access_control_request_headers: str | bytes | None
    host: str | bytes | None
