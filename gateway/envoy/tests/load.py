"""Requests that go on while something is changed: every one must be answered."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from client.expected import cors_lines
from client.http1 import Address, Answer, Connection, NoAnswerError, Request

Lines = tuple[tuple[str, str], ...]


@dataclass
class Load:
    """Some clients, each with a connection that it keeps for as long as the server lets it."""

    address: Address
    request: Request
    width: int = 4
    # How often each answer came: its status, and its lines that belong to CORS.
    answers: Counter[tuple[int, Lines]] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    # Whether an answer said that it is the last of its connection.
    closed: threading.Event = field(default_factory=threading.Event)
    stop: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self) -> None:
        """One client, until it is told to stop."""
        connection: Connection | None = None
        while not self.stop.is_set():
            fresh = connection is None
            try:
                connection = connection or Connection(self.address)
                came = self.ask(connection)
            except NoAnswerError as error:
                if connection is not None:
                    connection.close()
                connection = None
                # One that was kept may end just when it is used again: clients then ask anew
                # (RFC 9112, section 9.3.1).
                if fresh and not self.stop.is_set():
                    self.lost.append(str(error))
                    return
                continue
            with self.lock:
                self.answers[came.status, tuple(cors_lines(came))] += 1
            if came.until_close or "close" in (came.joined("connection") or ""):
                self.closed.set()
                connection.close()
                connection = None
        if connection is not None:
            connection.close()

    def ask(self, connection: Connection) -> Answer:
        connection.send(self.request.raw("edge.example"))
        return connection.answer(self.request.method)

    def count(self) -> int:
        """How many answers came so far."""
        with self.lock:
            return sum(self.answers.values())

    def wait_for(self, more: int, seconds: float = 20.0) -> None:
        """Waits for so many answers more."""
        wanted, deadline = self.count() + more, time.monotonic() + seconds
        while self.count() < wanted and not self.lost and time.monotonic() < deadline:
            time.sleep(0.01)
        if self.count() < wanted:
            raise AssertionError(f"no {more} answers within {seconds:.0f} s; lost: {self.lost[:3]}")


@contextmanager
def load(address: Address, request: Request) -> Iterator[Load]:
    """The clients, running during the block."""
    running = Load(address, request)
    threads = [threading.Thread(target=running.run) for _ in range(running.width)]
    for thread in threads:
        thread.start()
    try:
        yield running
    finally:
        running.stop.set()
        for thread in threads:
            thread.join()


def every(seconds: float, times: int, action: Callable[[int], None]) -> None:
    """Does something so many times, at fixed moments."""
    start = time.monotonic()
    for turn in range(times):
        time.sleep(max(0.0, start + turn * seconds - time.monotonic()))
        action(turn)
