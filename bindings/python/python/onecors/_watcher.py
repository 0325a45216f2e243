"""Watches the file of a policy document."""

import logging
import os
import sys
import threading
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeAlias, final

from onecors._native import printable
from onecors._policy import read_document
from onecors._problem import PolicyError

logger = logging.getLogger("onecors")

Reload: TypeAlias = Callable[[bytes], bool]
"""Puts a document into force, and returns whether that changed anything. Raises ``PolicyError``."""

SECONDS: Final = 0.25
"""Between two looks at the file. File system events cover neither network mounts nor a symbolic
link in a parent folder, which is how Kubernetes replaces a file."""


@final
class Watcher:
    """A thread that polls a file, and passes its contents on when they have changed."""

    def __init__(self, path: Path) -> None:
        """Remember the state of the file. Create the watcher before the file is first loaded."""
        self._path = path
        self._name = printable(str(path))
        """The path, escaped for log lines."""
        self._seen = _signature(path)
        # A file can be replaced by one with the same signature within a tick of the system's
        # clock, and can be half written. So a change is followed by a second look, and only that
        # one complains.
        self._look_again = True
        self._closed = threading.Event()
        self._closing = threading.RLock()
        """Held during a reload: none may happen after close() has returned."""
        self._read: bytes | None = None
        """The document that was last loaded, or logged as an error."""
        self._complaint = ""
        """The last logged error; empty once the file is good again."""

    def start(self, reload: Reload, document: bytes) -> None:
        """Start the thread, which calls ``reload`` until the object of that method is gone.

        ``document`` is what was loaded from the file.
        """
        self._reload = weakref.WeakMethod(reload)
        self._read = document
        _watchers.add(self)
        _hook_into_uwsgi()
        self._start_thread()

    def close(self) -> None:
        """Stop watching. Once this returns, the file is not loaded again."""
        with self._closing:
            self._closed.set()

    def restart_after_fork(self) -> None:
        """Start the thread again in a forked process, which does not inherit it."""
        if self._closed.is_set() or self._process == os.getpid():
            return
        # The thread of the parent may have held the locks.
        self._closed = threading.Event()
        self._closing = threading.RLock()
        self._start_thread()

    def _start_thread(self) -> None:
        self._process = os.getpid()
        threading.Thread(target=self._run, name="onecors-watcher", daemon=True).start()

    def _run(self) -> None:
        while not self._closed.wait(SECONDS):
            reload = self._reload()
            if reload is None:
                return
            try:
                self.look(reload)
            except Exception:
                logger.exception("onecors: cannot check %s for changes, will retry", self._name)
            # Without this, the reference would live through the next wait.
            del reload

    def look(self, reload: Reload) -> None:
        """Look at the file once, and pass a changed document to ``reload``."""
        signature = _signature(self._path)
        changed = signature != self._seen
        if not changed and not self._look_again:
            return
        self._seen, self._look_again = signature, changed
        try:
            document = read_document(self._path)
            # Unchanged. A policy that replace() has set since then is kept.
            if document == self._read:
                return
            self._load(reload, document)
            self._read, self._complaint = document, ""
        except (OSError, PolicyError) as error:
            # The file may have been written while it was read. And a file may become readable
            # without a change of its own, after "Too many open files" for instance.
            self._look_again = True
            if not changed and _signature(self._path) == signature:
                self._look_again = isinstance(error, OSError)
                self._read = None if isinstance(error, OSError) else document
                self._complain(_detail(error))

    def _load(self, reload: Reload, document: bytes) -> None:
        with self._closing:
            if self._closed.is_set() or not reload(document):
                return
        logger.info("onecors: loaded the changed policy %s", self._name)

    def _complain(self, complaint: str) -> None:
        if complaint != self._complaint:
            self._complaint = complaint
            logger.error(
                "onecors: keeping the current policy: cannot reload %s: %s", self._name, complaint
            )


def _detail(error: OSError | PolicyError) -> str:
    """Return the text of an error without the path, which the log line names already."""
    return (isinstance(error, OSError) and error.strerror) or str(error)


def _signature(path: Path) -> tuple[int, ...] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return (
        status.st_dev,
        status.st_ino,
        status.st_size,
        status.st_mtime_ns,
        status.st_ctime_ns,
    )


_watchers: weakref.WeakSet[Watcher] = weakref.WeakSet()


def _restart_all() -> None:
    for watcher in tuple(_watchers):
        watcher.restart_after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_restart_all)


def _hook_into_uwsgi() -> None:
    """Have uWSGI restart the threads, because its forks bypass ``os.register_at_fork``.

    The module ``uwsgi`` exists only in its processes. It has a single hook, which
    ``uwsgidecorators`` turns into a list.
    """
    uwsgi = sys.modules.get("uwsgi")
    hook = getattr(uwsgi, "post_fork_hook", None)
    if uwsgi is None or hasattr(hook, "restarts_watchers"):
        return
    decorators = sys.modules.get("uwsgidecorators")
    if decorators is not None:
        if _restart_all not in decorators.postfork_chain:
            decorators.postfork_chain.append(_restart_all)
        return

    def restart() -> None:
        _restart_all()
        if hook is not None:
            hook()

    setattr(restart, "restarts_watchers", True)  # noqa: B010 - mypy knows a function
    setattr(uwsgi, "post_fork_hook", restart)  # noqa: B010 - mypy knows a module
