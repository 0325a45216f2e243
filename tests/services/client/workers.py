"""Several services at a time, each in a process of its own."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Iterator
from typing import NoReturn, TypeVar

from client.service import Entry

Result = TypeVar("Result")


def for_each(play: Callable[[Entry], Result], entries: list[Entry], at_a_time: int) -> Iterator[Result]:
    """What `play` makes of each service, in their order; so many at a time.

    SIGTERM ends the processes, and they the services that they have started.
    """
    _end_by_sigterm()
    processes = multiprocessing.Pool(at_a_time, initializer=_end_by_sigterm)
    try:
        yield from processes.imap(play, entries)
        processes.close()
    except BaseException:
        processes.terminate()
        raise
    finally:
        processes.join()


def _end_by_sigterm() -> None:
    signal.signal(signal.SIGTERM, _end)


def _end(*_: object) -> NoReturn:
    raise SystemExit(128 + signal.SIGTERM)
