"""The current policy of a running service, which can be replaced."""

import os
from pathlib import Path
from types import TracebackType
from typing import NoReturn, final

from onecors._active import ActivePolicy
from onecors._policy import Policy
from onecors._watcher import Watcher


@final
class LivePolicy:
    """Holds the current policy of a running service, so that it can be replaced.

    Every adapter accepts one in place of a ``Policy``. Each request is handled by a single policy
    from start to end. Thread-safe.
    """

    __slots__ = ("__weakref__", "_watcher", "active")

    active: ActivePolicy
    """@private For adapters, which read it once per request."""

    def __init__(self, policy: Policy) -> None:
        """Start with this policy. Raises ``TypeError`` for anything but a ``Policy``."""
        self.active = ActivePolicy(_checked(policy))
        self._watcher: Watcher | None = None

    @classmethod
    def watch(cls, path: str | os.PathLike[str]) -> "LivePolicy":
        """Load the document in a file, and reload it within a second of each change.

        Raises ``OSError`` and ``PolicyError`` as ``Policy.from_file`` does. If a later version is
        missing or has problems, the current policy is kept and the logger ``onecors`` records one
        error. A state that lasts only a moment, such as a half-written file, is not logged. The
        file may be written in place, renamed over, or reached by a symbolic link that changes.

        A daemon thread watches the file. It is restarted in forked processes, and ends with
        ``close`` or with the last reference to this object.
        """
        # Absolute, because a service may change its working directory. Symbolic links are kept,
        # because they are what changes.
        watcher = Watcher(Path(path).absolute())
        live = cls(Policy.from_file(path))
        live._watcher = watcher
        watcher.start(live._reload, live.current.document)
        return live

    @property
    def current(self) -> Policy:
        """The policy that new requests are handled by."""
        return self.active.policy

    def replace(self, policy: Policy | str | bytes) -> None:
        """Replace the current policy, for all later requests, by a policy or a JSON document.

        Raises ``PolicyError`` with every problem of the document; the current policy is then kept.
        """
        if isinstance(policy, str | bytes):
            policy = Policy.from_json(policy)
        self.active = ActivePolicy(_checked(policy))

    def close(self) -> None:
        """Stop watching. The current policy is kept, and can still be replaced."""
        if self._watcher is not None:
            self._watcher.close()

    def _reload(self, document: bytes) -> bool:
        """Replace the current policy unless it has this document. Returns whether it did."""
        if document == self.current.document:
            return False
        self.replace(document)
        return True

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
        raise TypeError("a LivePolicy cannot be pickled: pickle its current policy, live.current")

    def __repr__(self) -> str:
        return f"<onecors.LivePolicy of {self.current!r}>"


def _checked(policy: Policy) -> Policy:
    if isinstance(policy, Policy):
        return policy
    raise TypeError(
        f"policy must be an onecors.Policy, not {type(policy).__name__}: "
        "load it with Policy.from_file, Policy.from_json or LivePolicy.watch"
    )
