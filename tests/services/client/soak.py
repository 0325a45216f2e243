"""The soak: a service under load, a tenth of it hostile, while its policy is replaced ten times a second."""

from __future__ import annotations

import itertools
import os
import selectors
import threading
import time
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from client.expected import ALLOWED, APP, differs
from client.http1 import Connection, NoAnswerError, Request, SilentError
from client.load import Batch, Channel, Count, Shot, asking, batches, documents, hostile, ordinary
from client.service import Entry, Service, ServiceError, started
from client.workers import for_each

EVERY_S = 0.1
# A service that is slower fails: the load has to end some time.
PATIENCE_S = 900.0
STALLED_S = 30.0
# How much the resident memory may grow with each request, on average of the later half of the load: a
# collector of garbage makes it fall now and then, though it leaks.
MOST_GROWTH_OF_A_REQUEST = 63
# What an allocator takes from the system at a time, or a compiler at run time needs, says nothing of a leak.
# It bounds the growth from one quarter of a short load to the next.
NOISE = 5 << 18
# The load takes at least so many replacements, since a quick service would see none of them.
LEAST_REPLACEMENTS = 5
# A service whose memory still grows after the load gets more of it, since what was only warming up, as a
# compiler at run time does, comes to its end; a leak has none.
QUARTERS = 4
MOST_QUARTERS = 64
# The documents are of 34 KiB. Were one kept for each replacement, so many would show in every round; what
# a collector of garbage has not come to yet does not.
REPLACEMENTS = 200
# Where each takes a while, as new processes or a look at the file do. What a compiled policy leaves behind
# is more than a document.
SLOW_REPLACEMENTS = 40
ROUNDS = 60
MOST_GROWTH_OF_A_ROUND = 3 << 20
# A heap that may grow for as long as the machine has memory tells nothing.
BOUNDED_HEAPS = {"JAVA_TOOL_OPTIONS": "-Xms160m -Xmx160m -XX:+AlwaysPreTouch"}
DEPTH = 50
PIPELINES = 4
CONNECTIONS = 12


@dataclass
class Soaked:
    """What came of one service's soak."""

    name: str
    count: Count = field(default_factory=Count)
    replaced: int = 0
    seconds: float = 0.0
    # Resident bytes at each quarter of the load, and of what was sent beyond it.
    memory: list[int] = field(default_factory=list)
    # The same after each round of many replacements.
    memory_replacing: list[int] = field(default_factory=list)
    how: str = ""
    problems: list[str] = field(default_factory=list)

    def line(self) -> str:
        """One line of figures."""
        count = self.count
        memory = " ".join(f"{size >> 20}" for size in (*self.memory, *self.memory_replacing))
        return (
            f"{'FAIL' if self.problems else 'ok  '} {self.name:<26} {count.answers:>7} requests,"
            f" {count.hostile:>6} hostile, {self.seconds:>5.1f} s, {self.how},"
            f" {self.replaced:>4} replacements, memory {memory} MiB"
            + (f", {count.sent_again} batches sent again" if count.sent_again else "")
        )


def soak(entries: list[Entry], requests: int) -> int:
    """Soaks the services, one for each core at a time; prints a line for each; returns the exit code."""
    failed = 0
    soaked = [entry for entry in entries if entry.soak]
    for entry in entries:
        if not entry.soak:
            print(f"-    {entry.name:<26} {entry.cannot['soak']}", flush=True)
    for result in for_each(partial(_soaked, requests=requests), soaked, os.cpu_count() or 1):
        print(result.line(), flush=True)
        for problem in result.problems:
            print("     " + problem.replace("\n", "\n     "), flush=True)
        failed += bool(result.problems)
    print(f"\n{len(soaked) - failed} passed, {failed} failed, {len(entries) - len(soaked)} skipped")
    return 1 if failed or not entries else 0


def _soaked(entry: Entry, requests: int) -> Soaked:
    result = Soaked(entry.name)
    try:
        with started(entry, BOUNDED_HEAPS) as service:
            _load(service, requests, result)
            if service.alive():
                _replace_often(service, result)
            _judge(service, requests, result)
    except (ServiceError, NoAnswerError, OSError) as error:
        result.problems.append(f"{type(error).__name__}: {error}")
    return result


def _load(service: Service, requests: int, result: Soaked) -> None:
    """Sends the load until enough is answered, and has the policy replaced meanwhile."""
    pipelines, keeps = _pipelines(service), _keeps(service)
    result.how = "pipelined" if pipelines else "kept alive" if keeps else "a connection each"
    kept, closing = _sorted(service, keeps)
    usual = ordinary(service.host, service.entry.cannot)
    made = batches(usual, kept, closing, DEPTH if pipelines else 1)
    if (answer := service.replace(documents()[0])).status != 204:
        raise ServiceError(f"POST /-/replace was answered {answer}")
    stop = threading.Event()
    replacing = threading.Thread(target=_replace, args=(service, stop, result))
    start = time.monotonic()
    replacing.start()
    try:
        _drive(service, itertools.cycle(made), PIPELINES if pipelines else CONNECTIONS, requests, result)
    finally:
        stop.set()
        replacing.join()
        result.seconds = time.monotonic() - start


def _drive(
    service: Service, supply: itertools.cycle[Batch], width: int, requests: int, result: Soaked
) -> None:
    count = result.count
    deadline = time.monotonic() + PATIENCE_S
    answered, at = 0, time.monotonic()
    memory = result.memory
    with selectors.DefaultSelector() as selector:
        reloads = service.entry.reloads
        channels = [Channel(service.address, supply, count, selector, reloads) for _ in range(width)]
        quarter = requests // QUARTERS
        while len(count.wrong) < 20 and (
            has_more_to_come(memory, quarter) or result.replaced < LEAST_REPLACEMENTS
        ):
            for key, events in selector.select(1.0):
                key.data.ready(events)
            if count.answers >= quarter * (len(memory) + 1):
                memory.append(_resident(service))
            now = time.monotonic()
            if count.answers > answered:
                answered, at = count.answers, now
            if now > deadline or now > at + STALLED_S or not service.alive():
                result.problems += sorted({channel.state() for channel in channels})
                break
        for channel in channels:
            channel.close()


def has_more_to_come(memory: list[int], quarter: int) -> bool:
    """Whether the load continues after these resident bytes, each taken after so many requests more."""
    return len(memory) < QUARTERS or (grows(memory, quarter) and len(memory) < MOST_QUARTERS)


def grows(memory: list[int], quarter: int) -> bool:
    """Whether the memory grew too much in the later half of the quarters."""
    half = len(memory) // 2
    most = max(quarter * MOST_GROWTH_OF_A_REQUEST, NOISE)
    return memory[-1] - memory[half - 1] > (len(memory) - half) * most


def _judge(service: Service, requests: int, result: Soaked) -> None:
    """Everything that is wrong with the service after the load."""
    count, found = result.count, result.problems
    found += count.wrong[:5]
    if not service.alive():
        found.append(f"it ended; its output:\n{service.output().decode(errors='replace')[-3000:]}")
        return
    if count.answers < requests:
        found.append(f"only {count.answers} of {requests} requests were answered in {result.seconds:.0f} s")
    if min(count.by_policy[1:]) < count.answers // 20:
        found.append(f"the first policy decided {count.by_policy[1]} times, the second {count.by_policy[2]}")
    if not count.answers // 20 < count.hostile < count.answers // 5:
        found.append(f"{count.hostile} requests were hostile, and not a tenth")
    if len(result.memory) >= QUARTERS and grows(result.memory, requests // QUARTERS):
        sizes = ", ".join(
            f"{after - before >> 10} KiB" for before, after in itertools.pairwise(result.memory)
        )
        found.append(f"its memory grows, from quarter to quarter by {sizes}")
    if len(result.memory_replacing) > ROUNDS and _grew(result.memory_replacing):
        sizes = ", ".join(f"{size >> 20} MiB" for size in result.memory_replacing)
        found.append(f"its memory grows with every round of replacements: {sizes}")
    service.restore()
    answer = service.ask(Request("GET", "/app/item", (("Origin", ALLOWED),)))
    if difference := differs(answer, APP[ALLOWED]):
        found.append(f"after the load an ordinary request is answered wrong: {difference}")


def _replace(service: Service, stop: threading.Event, result: Soaked) -> None:
    """Replaces the policy by the other of the two, again and again."""
    for document in itertools.cycle(reversed(documents())):
        if stop.wait(EVERY_S):
            return
        try:
            answer = service.replace(document)
        except (NoAnswerError, OSError) as error:
            result.problems.append(f"POST /-/replace: {error}")
            return
        if answer.status != 204:
            result.problems.append(f"POST /-/replace was answered {answer}")
            return
        result.replaced += 1


def _replace_often(service: Service, result: Soaked) -> None:
    """Replaces the policy many times, until the memory grows no more or it is clear that it always does."""
    turns = itertools.cycle(documents())
    memory = result.memory_replacing
    memory.append(_resident(service))
    slow = service.entry.reloads or service.entry.watches
    replacements = SLOW_REPLACEMENTS if slow else REPLACEMENTS
    for _ in range(ROUNDS):
        for document in itertools.islice(turns, replacements):
            answer = service.replace(document)
            if answer.status != 204:
                result.problems.append(f"POST /-/replace was answered {answer}")
                return
        memory.append(_resident(service))
        if not _grew(memory):
            return


def _grew(memory: list[int]) -> bool:
    """Whether the last round of replacements left more than a collector of garbage may."""
    return memory[-1] - memory[-2] >= MOST_GROWTH_OF_A_ROUND


def _pipelines(service: Service) -> bool:
    """Whether requests sent at once on one connection are all answered, quickly.

    Envoy ends a connection on which more than two of its own answers wait to be sent.
    """
    preflight = asking("PUT").raw(service.host)
    try:
        with Connection(service.address, 2.0) as connection:
            connection.send(preflight * 5 + Request("GET", "/open/item").raw(service.host) * 3)
            answered = [connection.answer("OPTIONS").body for _ in range(5)]
            return not any(answered) and all(connection.answer().body == b"open" for _ in range(3))
    except NoAnswerError:
        return False


def _keeps(service: Service) -> bool:
    """Whether a connection carries a second request."""
    try:
        with Connection(service.address, 2.0) as connection:
            for _ in range(2):
                connection.send(Request("GET", "/open/item").raw(service.host))
                if connection.answer().until_close:
                    return False
    except NoAnswerError:
        return False
    return True


def _sorted(service: Service, keeps: bool) -> tuple[list[Shot], list[Shot]]:
    """The hostile requests after which the server keeps the connection, and those after which it ends it."""
    kept: list[Shot] = []
    closing: list[Shot] = []
    for shot in hostile(service.host):
        (kept if not keeps or _goes_on(service, shot) else closing).append(shot)
    return kept, closing


def _goes_on(service: Service, shot: Shot) -> bool:
    """Whether a connection carries another request after this one."""
    with Connection(service.address) as connection:
        connection.send(shot.raw)
        try:
            connection.answer(shot.kind.method)
            connection.send(Request("GET", "/open/item").raw(service.host))
            return connection.answer().body == b"open"
        except SilentError:
            raise
        except NoAnswerError:
            return False


def _resident(service: Service) -> int:
    """The resident bytes of the service's processes, which share a process group."""
    assert service.process is not None
    pages = sum(_pages(folder, service.process.pid) for folder in Path("/proc").glob("[0-9]*"))
    return pages * os.sysconf("SC_PAGE_SIZE")


def _pages(process: Path, group: int) -> int:
    """The resident pages of a process, when it is one of the group and still there."""
    try:
        if int((process / "stat").read_text().rpartition(")")[2].split()[2]) != group:
            return 0
        return int((process / "statm").read_text().split()[1])
    except OSError:
        return 0
