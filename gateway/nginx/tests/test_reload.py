"""A reload takes a new policy or keeps the old one, and loses no request; nor does all go with a worker."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from asking import page
from client.expected import ALLOWED, APP, DENIED, differs, grants
from client.http1 import Connection, NoAnswerError, Request
from server import Nginx, wait_until

OTHER = "https://other.example"
SERVER = "onecors_policy policy.json; location / { return 200; }"
DOCUMENTS = tuple(
    json.dumps({"allow_origins": [origin], "allow_credentials": True}) for origin in (ALLOWED, OTHER)
)


def test_replaced(nginx: Nginx) -> None:
    nginx.serve(SERVER)
    (nginx.folder / "policy.json").write_text(DOCUMENTS[1])
    assert grants(nginx.ask(page("/app/x", ALLOWED))) == [ALLOWED]
    nginx.reload()
    assert grants(nginx.ask(page("/app/x", ALLOWED))) == []
    assert grants(nginx.ask(page("/app/x", OTHER))) == [OTHER]


def test_broken(nginx: Nginx) -> None:
    """A broken policy is logged, and the workers stay that have the old one."""
    nginx.serve(SERVER)
    workers = nginx.workers()
    (nginx.folder / "policy.json").write_text('{"allow_origins": ["https://app.example.com/"]}')
    nginx.signal(signal.SIGHUP)
    wait_until(lambda: "/allow_origins/0" in nginx.log(), "the problem is logged")
    assert differs(nginx.ask(page("/app/x", ALLOWED)), APP[ALLOWED]) is None
    assert nginx.workers() == workers
    (nginx.folder / "policy.json").write_text(DOCUMENTS[1])
    nginx.reload()
    assert grants(nginx.ask(page("/app/x", OTHER))) == [OTHER]


def test_denials_are_logged_anew(nginx: Nginx) -> None:
    nginx.serve(SERVER)
    for times in (1, 2):
        nginx.ask(page("/app/x", DENIED))
        nginx.ask(page("/app/x", DENIED))
        assert nginx.log().count(DENIED) == times
        nginx.reload()


class Load:
    """Requests from several threads, each on a connection of its own, and what was wrong with the answers."""

    def __init__(self, nginx: Nginx) -> None:
        self.nginx = nginx
        self.answered = 0
        self.lost: list[str] = []
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._run) for _ in range(4)]

    def _run(self) -> None:
        request = page("/app/x", ALLOWED).raw(self.nginx.host)
        while not self._stop.is_set():
            try:
                with Connection(self.nginx.address) as connection:
                    connection.send(request)
                    answer = connection.answer()
            except NoAnswerError as error:
                self.lost.append(str(error))
                continue
            if answer.status != 200 or answer.all("vary") != ["Origin"]:
                self.lost.append(str(answer))
            self.answered += 1

    def goes_on(self) -> None:
        """Waits until so many more are answered that some are of requests sent since."""
        wanted = self.answered + 5 * len(self._threads)
        wait_until(lambda: self.answered >= wanted, "requests are answered")

    @contextmanager
    def going_on(self) -> Iterator[None]:
        for thread in self._threads:
            thread.start()
        try:
            yield
        finally:
            self._stop.set()
            for thread in self._threads:
                thread.join()


def test_reload_under_load(nginx: Nginx) -> None:
    """Reload after reload, no request is lost and each is decided by one of the two policies."""
    nginx.serve(SERVER, workers=2)
    load = Load(nginx)
    with load.going_on():
        for turn in range(6):
            (nginx.folder / "policy.json").write_text(DOCUMENTS[turn % 2])
            load.goes_on()
            nginx.reload()
        load.goes_on()
    assert not load.lost, load.lost[:5]


def test_killed_worker(nginx: Nginx) -> None:
    """A worker that is killed is replaced, and takes none but its own connections with it."""
    nginx.serve(SERVER, workers=2)
    load = Load(nginx)
    with load.going_on():
        for _ in range(3):
            load.goes_on()
            killed = nginx.workers()[0]
            os.kill(killed, signal.SIGKILL)
            wait_until(lambda: len(set(nginx.workers()) - {killed}) == 2, "another worker is there")  # noqa: B023
        load.goes_on()
    # Each of the threads had a connection at most, and that perhaps to the worker.
    assert len(load.lost) <= 3 * 4, load.lost[:5]
    assert differs(nginx.ask(page("/app/x", ALLOWED)), APP[ALLOWED]) is None


def test_quit_under_load(nginx: Nginx) -> None:
    """Told to quit, nginx answers what it has accepted."""
    nginx.serve("onecors_policy policy.json; location / { root html; }")
    (nginx.folder / "html/app").mkdir(parents=True)
    (nginx.folder / "html/app/large").write_bytes(b"x" * (20 << 20))
    connections = [Connection(nginx.address) for _ in range(8)]
    for connection in connections:
        connection.send(page("/app/large", ALLOWED).raw(nginx.host))
    heads = [connection.head() for connection in connections]
    nginx.signal(signal.SIGQUIT)
    time.sleep(0.2)
    for connection, head in zip(connections, heads, strict=True):
        assert differs(head, APP[ALLOWED]) is None
        assert sum(len(piece) for piece in connection.body("GET", head)) == 20 << 20
        connection.close()
    assert nginx.process is not None and nginx.process.wait(15) == 0


def resident(process: int) -> int:
    with open(f"/proc/{process}/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def test_freed(nginx: Nginx) -> None:
    """A configuration takes its policies with it: the master's memory does not grow with the reloads."""
    origins = [f"https://host-{number}.{'x' * 50}.example" for number in range(10_000)]
    (nginx.folder / "policy.json").write_text(json.dumps({"allow_origins": origins}))
    nginx.serve(SERVER)
    assert nginx.process is not None
    sizes = []
    for _ in range(3):
        for _ in range(6):
            nginx.reload()
        sizes.append(resident(nginx.process.pid))
    # Six such policies take 5 MiB.
    assert sizes[2] - sizes[1] < 1 << 20, sizes


def test_request_of_the_old_policy(nginx: Nginx) -> None:
    """A request that began under the old policy ends under it, while the new one is in force."""
    nginx.serve(SERVER)
    raw = Request("POST", "/app/x", (("Origin", ALLOWED), ("Content-Length", "4"))).raw(nginx.host)
    with Connection(nginx.address) as connection:
        connection.send(raw[:-20])
        (nginx.folder / "policy.json").write_text(DOCUMENTS[1])
        nginx.reload()
        assert grants(nginx.ask(page("/app/x", OTHER))) == [OTHER]
        connection.send(raw[-20:] + b"body")
        assert differs(connection.answer(), APP[ALLOWED]) is None
