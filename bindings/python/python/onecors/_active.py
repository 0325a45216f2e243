"""A policy with everything that adapters derive from it."""

from typing import final

from onecors._denials import DenialLog
from onecors._native import AsgiAdapter, WsgiAdapter
from onecors._path import merge_slashes
from onecors._policy import Policy
from onecors._request import Request
from onecors._response import in_bytes, in_text


@final
class ActivePolicy:
    """A policy and what is derived from it, replaced together: a request sees a single policy."""

    __slots__ = ("asgi", "denials", "has_paths", "not_cors", "policy", "wsgi")

    def __init__(self, policy: Policy) -> None:
        """Prepare once what adapters need on every request."""
        self.policy = policy
        self.has_paths = policy.has_paths
        # The lines of every response to a request without Origin, if they are the same for all.
        self.not_cors = None if self.has_paths else _not_cors(policy)
        self.denials = DenialLog(policy)
        self.asgi = AsgiAdapter(policy, in_bytes(policy.plans), self.denials)
        self.wsgi = WsgiAdapter(policy, in_text(policy.plans), self.denials)

    def admits(self, request: Request) -> bool:
        """Whether a WebSocket handshake is allowed under every reading of its path.

        A refused handshake is logged.
        """
        for path in dict.fromkeys((request.path, merge_slashes(request.path))):
            if not self.policy.check_origin(path, request.origin, request.host):
                self.denials.note(
                    self.policy.decide("GET", path, request.origin), request._replace(path=path)
                )
                return False
        return True


def _not_cors(policy: Policy) -> tuple[tuple[str, str], ...]:
    return tuple(policy.decide("GET", "/", None).plan.lines(None))
