"""The policy is replaced while the service runs: for the next request, whole, and never by a bad one."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from client.expected import ALLOWED, APP, DENIED, VARY, VARY_PREFLIGHT, cors_lines, differs
from client.http1 import Connection, Lines, NoAnswerError, Request, SilentError
from client.scenario import check, scenario, told
from client.service import POLICY, Service, wait_for

OTHER = "https://other.example"
# One more policy: another origin, without credentials, everything else at its default.
OTHER_POLICY = (
    b"""{ "rules": [{ "name": "app", "paths": ["/app/*"], "allow_origins": ["https://other.example"] }] }"""
)
OTHER_ACTUAL: Lines = (("access-control-allow-origin", "https://other.example"), VARY)
OTHER_PREFLIGHT: Lines = (
    ("access-control-allow-origin", "https://other.example"),
    ("access-control-max-age", "7200"),
    VARY_PREFLIGHT,
)
# Three problems, at three places.
BAD_POLICY = b"""{ "allow_origins": ["https://app.example.com/"], "max_age": -5, "allow_method": ["PUT"] }"""
PLACES = (b"/allow_origins/0", b"/max_age", b"/allow_method")

PROMISED_S = 1.0
PATIENCE_S = 10.0
SEVERAL_TURNS_S = 1.0
HANDOVER_S = 0.5


def item(origin: str) -> Request:
    return Request("GET", "/app/item", (("Origin", origin),))


def other_in_force(service: Service) -> Iterable[str]:
    """The other policy decides, and nothing of the first one is left."""
    yield from check(service, item(OTHER), OTHER_ACTUAL, 200, b"item")
    yield from check(service, item(ALLOWED), (VARY,), 200, b"item")
    asks = (("Origin", OTHER), ("Access-Control-Request-Method", "POST"))
    yield from check(service, Request("OPTIONS", "/app/item", asks), OTHER_PREFLIGHT, 204)
    yield from check(service, Request("GET", "/open/item", (("Origin", OTHER),)), (), 200, b"open")


def first_in_force(service: Service) -> Iterable[str]:
    """The policy of policy.json decides."""
    yield from check(service, item(ALLOWED), APP[ALLOWED], 200, b"item")
    yield from check(service, item(OTHER), APP[DENIED], 200, b"item")


def decides(service: Service, origin: str, lines: Lines) -> Callable[[], bool]:
    """The condition that the origin is answered with these lines.

    Where a policy comes with new processes, those that go answer as well for a moment: then it must stay so.
    """

    def so() -> bool:
        return differs(service.ask(item(origin)), lines) is None

    def and_stays_so() -> bool:
        end = time.monotonic() + HANDOVER_S
        while so():
            if time.monotonic() > end:
                return True
        return False

    return and_stays_so if service.entry.reloads else so


def on_open_connection(service: Service, connection: Connection) -> Iterable[str]:
    """The other policy decides on a connection opened before, or the server has ended it (RFC 9112 9.5)."""
    try:
        connection.send(item(ALLOWED).raw(service.host))
        answer = connection.answer()
    except SilentError:
        raise
    except (NoAnswerError, ConnectionError):
        return
    if difference := differs(answer, (VARY,)):
        yield told(item(ALLOWED), answer, f"on a connection opened before: {difference}")


@scenario("/-/replace")
def replace(service: Service) -> Iterable[str]:
    """A new policy holds from the next request on, on open connections too (django-cors-headers#257)."""
    with Connection(service.address) as connection:
        connection.send(item(ALLOWED).raw(service.host))
        kept = connection.answer()
        answer = service.replace(OTHER_POLICY)
        try:
            if answer.status != 204:
                yield f"POST /-/replace was answered {answer}"
            yield from other_in_force(service)
            if not kept.until_close and "close" not in (kept.joined("connection") or "").lower():
                yield from on_open_connection(service, connection)
        finally:
            service.restore()
    yield from first_in_force(service)


@scenario("/-/replace")
def replace_bad(service: Service) -> Iterable[str]:
    """A bad policy is refused with every problem, and the one in force stays (zowe/api-layer#4858)."""
    answer = service.replace(BAD_POLICY)
    if answer.status != 422:
        yield f"POST /-/replace with three problems was answered {answer}"
    for place in PLACES:
        if place not in answer.body:
            yield f"the answer does not name the problem at {place.decode()}"
    yield from first_in_force(service)
    for document in (b"", b"{", b"[]", b'{"allow_origins": []}', b"\xef\xbb\xbf{}", b"null"):
        answer = service.replace(document)
        if answer.status != 422 or not answer.body:
            yield f"POST /-/replace with {document!r} was answered {answer}"
    yield from first_in_force(service)


@scenario("/app/slow")
def replace_during_a_request(service: Service) -> Iterable[str]:
    """A request sees one policy from start to end: its headers are of the old one or the new, not of both."""
    for origin, lines in ((ALLOWED, (APP[ALLOWED], (VARY,))), (OTHER, (APP[DENIED], OTHER_ACTUAL))):
        request = Request("GET", "/app/slow", (("Origin", origin),))
        with Connection(service.address) as connection:
            connection.send(request.raw(service.host))
            service.replace(OTHER_POLICY)
            answer = connection.answer()
            service.restore()
        if cors_lines(answer) not in [sorted(either) for either in lines]:
            yield told(request, answer, "the headers are of neither policy")


@contextmanager
def restored(file: Path) -> Iterator[None]:
    """Puts a plain file with policy.json in the place of whatever is there, after the block."""
    try:
        yield
    finally:
        by_rename(file, POLICY.read_bytes())


def by_rename(file: Path, content: bytes) -> None:
    """As editors and deployments do it: a new file takes the name."""
    new = file.with_name(file.name + ".new")
    new.write_bytes(content)
    os.replace(new, file)


def by_write(file: Path, content: bytes) -> None:
    """In place: the same file, other bytes."""
    with file.open("r+b") as opened:
        opened.write(content)
        opened.truncate()


def by_link(file: Path, content: bytes) -> None:
    """As Kubernetes does it: the file leads through the link `..data`, which gets another target."""
    folder = file.parent
    version = Path(tempfile.mkdtemp(prefix="..", dir=folder))
    (version / file.name).write_bytes(content)
    link = folder / "..data_tmp"
    link.symlink_to(version.name)
    os.replace(link, folder / "..data")
    if not file.is_symlink():
        link.symlink_to(Path("..data", file.name))
        os.replace(link, file)


def watched(service: Service, change: Callable[[Path, bytes], None]) -> Iterable[str]:
    """Changes the file to the other policy and back; each must be in force within a second."""
    file = service.policy_file
    assert file is not None
    how = change.__name__.replace("_", " ")
    first = POLICY.read_bytes()
    with restored(file):
        change(file, first)
        yield from first_in_force(service)
        for content, origin, lines in ((OTHER_POLICY, OTHER, OTHER_ACTUAL), (first, ALLOWED, APP[ALLOWED])):
            change(file, content)
            took = wait_for(decides(service, origin, lines), PATIENCE_S)
            if took is None:
                yield f"the file changed {how} is not in force after {PATIENCE_S:.0f} s"
                return
            if took > PROMISED_S:
                service.notes.append(f"a file changed {how} was in force after {took:.2f} s")


@scenario(needs=["policy_file"])
def watch_rename(service: Service) -> Iterable[str]:
    """A policy file that is replaced by rename is loaded within a second."""
    yield from watched(service, by_rename)


@scenario(needs=["policy_file"])
def watch_write(service: Service) -> Iterable[str]:
    """A policy file that is written in place is loaded within a second."""
    yield from watched(service, by_write)


@scenario(needs=["policy_file"])
def watch_link(service: Service) -> Iterable[str]:
    """A policy file under a symbolic link that is swapped, as by Kubernetes, is loaded within a second."""
    yield from watched(service, by_link)


@scenario(needs=["policy_file", "log"])
def watch_bad(service: Service) -> Iterable[str]:
    """A bad or missing file is logged once, with every problem; the old policy stays, watching goes on."""
    file = service.policy_file
    assert file is not None
    with restored(file):
        before = len(service.output())
        by_rename(file, BAD_POLICY)
        if wait_for(lambda: all(place in service.output()[before:] for place in PLACES), PATIENCE_S) is None:
            yield f"the log does not name all of {PLACES}"
        told_once = service.output()[before:].count(PLACES[0])
        time.sleep(SEVERAL_TURNS_S)
        if service.output()[before:].count(PLACES[0]) != told_once:
            yield "a bad file is logged again and again"
        yield from first_in_force(service)
        file.unlink()
        by_rename(file, OTHER_POLICY)
        if wait_for(decides(service, OTHER, OTHER_ACTUAL), PATIENCE_S) is None:
            yield "a good file after a bad one is not in force"
        by_rename(file, POLICY.read_bytes())
        if wait_for(decides(service, ALLOWED, APP[ALLOWED]), PATIENCE_S) is None:
            yield "the first policy is not in force again"
    yield from first_in_force(service)
