"""The policy in force, which can be replaced while a service runs."""

import os
from pathlib import Path
from types import TracebackType
from typing import NoReturn, final

from onecors._answer import in_bytes, in_text
from onecors._denials import DenialLog
from onecors._native import AsgiGate, WsgiGate
from onecors._path import merge_slashes
from onecors._policy import Policy
from onecors._request import Request
from onecors._watcher import Watcher


@final
class InForce:
    """A policy with all that goes by it, so that a request sees one policy from start to end."""

    __slots__ = ("asgi", "denials", "has_paths", "not_cors", "policy", "wsgi")

    def __init__(self, policy: Policy) -> None:
        """Prepare what adapters need of a policy for each request."""
        self.policy = policy
        self.has_paths = policy.has_paths
        # What all requests without an Origin get, where that is the same for all of them.
        self.not_cors = None if self.has_paths else _not_cors(policy)
        self.denials = DenialLog(policy)
        self.asgi = AsgiGate(policy, in_bytes(policy.plans), self.denials)
        self.wsgi = WsgiGate(policy, in_text(policy.plans), self.denials)

    def admits(self, request: Request) -> bool:
        """Whether a WebSocket handshake may go on, whichever way its path is read.

        One that may not is logged.
        """
        for path in dict.fromkeys((request.path, merge_slashes(request.path))):
            if not self.policy.check_origin(path, request.origin, request.host):
                self.denials.note(
                    self.policy.decide("GET", path, request.origin), request._replace(path=path)
                )
                return False
        return True


@final
class LivePolicy:
    """Holds the policy in force, so that it can be replaced while a service runs.

    Every adapter takes one in the place of a policy. A request sees one policy from start to end.
    Any number of threads may use it at once.
    """

    __slots__ = ("__weakref__", "_watcher", "in_force")

    in_force: InForce
    """For adapters: what they read once for each request."""

    def __init__(self, policy: Policy) -> None:
        """Put a policy into force."""
        self.in_force = InForce(_checked(policy))
        self._watcher: Watcher | None = None

    @classmethod
    def watch(cls, path: str | os.PathLike[str]) -> "LivePolicy":
        """Load the document in a file, and load it anew within a second whenever it changes.

        Raises ``OSError`` and ``PolicyError`` as ``Policy.from_file`` does. Later, a file that is
        missing or has problems is logged once at error, by the logger ``onecors``, and the policy
        in force stays. What is there for a moment only, as a file that is being written, is not
        logged. The file may be written, renamed over, or reached by a symbolic link that changes.
        It is a thread that watches, which keeps no process alive and is started again in each
        forked one. It ends with ``close`` or with the last reference to this object.
        """
        # Absolute, since a service may change its folder, and with its links, since those change.
        watcher = Watcher(Path(path).absolute())
        live = cls(Policy.from_file(path))
        live._watcher = watcher
        watcher.start(live)
        return live

    @property
    def current(self) -> Policy:
        """The policy in force."""
        return self.in_force.policy

    def replace(self, policy: Policy | str | bytes) -> None:
        """Put another policy into force, or the document of one, in the next request and all later.

        Raises ``PolicyError``, with all problems, for a document that has any; the policy in force
        stays.
        """
        if isinstance(policy, str | bytes):
            policy = Policy.from_json(policy)
        self.in_force = InForce(_checked(policy))

    def close(self) -> None:
        """Stop watching. The policy in force stays, and can be replaced as before."""
        if self._watcher is not None:
            self._watcher.close()

    def __enter__(self) -> "LivePolicy":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __copy__(self) -> "LivePolicy":
        return self

    def __deepcopy__(self, memo: dict[int, object]) -> "LivePolicy":
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError("a LivePolicy cannot be pickled: pickle the policy that it has in .current")

    def __repr__(self) -> str:
        return f"<onecors.LivePolicy with {self.current!r} in force>"


def _not_cors(policy: Policy) -> tuple[tuple[str, str], ...]:
    return tuple(policy.decide("GET", "/", None).plan.lines(None))


def _checked(policy: Policy) -> Policy:
    if isinstance(policy, Policy):
        return policy
    raise TypeError(
        f"policy must be an onecors.Policy or onecors.LivePolicy, not {type(policy).__name__}: "
        "load it with Policy.from_file, Policy.from_json or LivePolicy.watch"
    )
