"""Watches the file of a policy."""

import logging
import os
import sys
import threading
import weakref
from pathlib import Path
from typing import TYPE_CHECKING, Final, final

from onecors._native import printable
from onecors._policy import read_document
from onecors._problem import PolicyError

if TYPE_CHECKING:
    from onecors._live import LivePolicy

logger = logging.getLogger("onecors")

SECONDS: Final = 0.25
"""Between two looks at the file. What the system tells of changes reaches neither network mounts
nor a link in a parent folder, which is how Kubernetes replaces a file."""


@final
class Watcher:
    """A thread that looks at a file and replaces a policy when the file has changed."""

    def __init__(self, path: Path) -> None:
        """Remember what the file is like, which must be before it is loaded."""
        self._path = path
        self._name = printable(str(path))
        """The path, fit for a text."""
        self._seen = _signature(path)
        # A file can be replaced by one that looks the same within a tick of the system's clock, or
        # be half written: after each change there is one more look, and only then a complaint.
        self._look_again = True
        self._closed = threading.Event()
        self._closing = threading.RLock()
        """Held while a policy is put in force, which must not happen after closing."""
        self._read: bytes | None = None
        """The document that was last loaded from the file, or complained of."""
        self._complaint = ""
        """What was last logged as an error, since the file was last found good."""

    def start(self, live: "LivePolicy") -> None:
        """Watch on behalf of this holder, as long as it is referred to."""
        self._live = weakref.ref(live)
        self._read = live.current.document
        _watchers.add(self)
        _hook_into_uwsgi()
        self._start_thread()

    def close(self) -> None:
        """Stop watching: once this returns, the file is not loaded any more."""
        with self._closing:
            self._closed.set()

    def restart_after_fork(self) -> None:
        """Start the thread that the process which was forked had."""
        if self._closed.is_set() or self._process == os.getpid():
            return
        # The thread that is gone may have held the locks.
        self._closed = threading.Event()
        self._closing = threading.RLock()
        self._start_thread()

    def _start_thread(self) -> None:
        self._process = os.getpid()
        threading.Thread(target=self._run, name="onecors-watcher", daemon=True).start()

    def _run(self) -> None:
        while not self._closed.wait(SECONDS):
            live = self._live()
            if live is None:
                return
            try:
                self.look(live)
            except Exception:
                logger.exception("onecors: watching %s failed, and goes on", self._name)
            # While this waits, the holder may go.
            del live

    def look(self, live: "LivePolicy") -> None:
        """Look at the file once, and load it where it has changed."""
        signature = _signature(self._path)
        changed = signature != self._seen
        if not changed and not self._look_again:
            return
        self._seen, self._look_again = signature, changed
        try:
            document = read_document(self._path)
            # As it was: what has been put in force by other means since then stays.
            if document == self._read:
                return
            if document != live.current.document:
                self._replace(live, document)
            self._read, self._complaint = document, ""
        except (OSError, PolicyError) as error:
            # It can be written while it is read; and what cannot be read may be readable without
            # any change of the file, as when a process has too many files open.
            self._look_again = True
            if not changed and _signature(self._path) == signature:
                self._look_again = isinstance(error, OSError)
                self._read = None if isinstance(error, OSError) else document
                self._complain(str(error))

    def _replace(self, live: "LivePolicy", document: bytes) -> None:
        with self._closing:
            if self._closed.is_set():
                return
            live.replace(document)
        logger.info("onecors: loaded the changed policy %s", self._name)

    def _complain(self, complaint: str) -> None:
        if complaint != self._complaint:
            self._complaint = complaint
            logger.error(
                "onecors: %s cannot be loaded any more, so the policy in force stays: %s",
                self._name,
                complaint,
            )


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
    """Have uWSGI restart the threads, which forks without a word to Python.

    Its module is there in its processes alone, and has one hook, of which uwsgidecorators makes a
    list.
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
