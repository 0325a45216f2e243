"""LivePolicy: replacing, watching, forking."""

import copy
import errno
import gc
import logging
import os
import pickle
import subprocess
import sys
import textwrap
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import onecors
import pytest
from hosts import APP, EVIL, POLICY
from onecors import LivePolicy
from onecors._policy import read_document
from onecors._watcher import Watcher

PATIENCE_S = 20.0


def document(origin: str = APP) -> bytes:
    return b'{"allow_origins": ["%s"]}' % origin.encode()


def allows(live: LivePolicy, origin: str) -> bool:
    return live.current.decide("GET", "/", origin).outcome == "actual_allowed"


def eventually(condition: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end, "it does not come"
        time.sleep(0.02)


def watchers() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "onecors-watcher"]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "policy.json"
    file.write_bytes(document())
    return file


@pytest.fixture
def live(file: Path, caplog: pytest.LogCaptureFixture) -> Iterator[LivePolicy]:
    caplog.set_level(logging.INFO, "onecors")
    with LivePolicy.watch(file) as live:
        yield live
    # What a thread that is about to end logs would be the next test's.
    eventually(lambda: not watchers())


def test_replacing() -> None:
    live = LivePolicy(POLICY)
    assert live.current is POLICY
    live.replace(document(EVIL))
    assert allows(live, EVIL)
    live.replace(POLICY)
    assert live.current is POLICY


def test_a_bad_document_leaves_the_old_policy_in_force() -> None:
    live = LivePolicy(POLICY)
    with pytest.raises(onecors.PolicyError) as caught:
        live.replace('{"allow_origins": ["", "*", "x"]}')
    assert len(caught.value.problems) > 1
    assert live.current is POLICY
    with pytest.raises(TypeError, match=r"policy must be an onecors\.Policy"):
        live.replace({"allow_origins": ["*"]})  # type: ignore[arg-type]
    assert live.current is POLICY


def test_watching_begins_with_a_good_document(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        LivePolicy.watch(tmp_path / "missing.json")
    (tmp_path / "bad.json").write_text("{}")
    threads = threading.active_count()
    with pytest.raises(onecors.PolicyError, match=r"bad\.json"):
        LivePolicy.watch(tmp_path / "bad.json")
    assert threading.active_count() == threads


def test_what_is_put_in_force_by_other_means_stays(live: LivePolicy, file: Path) -> None:
    live.replace(document(EVIL))
    time.sleep(0.8)
    assert allows(live, EVIL)
    os.utime(file)
    time.sleep(0.8)
    assert allows(live, EVIL)


def test_a_written_file(live: LivePolicy, file: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert allows(live, APP)
    file.write_bytes(document(EVIL))
    eventually(lambda: allows(live, EVIL))
    eventually(lambda: caplog.messages)
    assert caplog.messages == [f"onecors: loaded the changed policy {file}"]


def test_a_renamed_file(live: LivePolicy, file: Path) -> None:
    new = file.with_name("new")
    new.write_bytes(document(EVIL))
    new.replace(file)
    eventually(lambda: allows(live, EVIL))


def test_a_link_of_a_parent_folder(tmp_path: Path) -> None:
    # As Kubernetes replaces a ConfigMap: policy.json -> ..data/policy.json, ..data -> a folder.
    for name, origin in (("first", APP), ("second", EVIL)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "policy.json").write_bytes(document(origin))
    (tmp_path / "..data").symlink_to("first")
    (tmp_path / "policy.json").symlink_to("..data/policy.json")
    with LivePolicy.watch(tmp_path / "policy.json") as live:
        assert allows(live, APP)
        (tmp_path / "new").symlink_to("second")
        (tmp_path / "new").replace(tmp_path / "..data")
        eventually(lambda: allows(live, EVIL))


def test_a_file_that_looks_the_same(live: LivePolicy, file: Path) -> None:
    other = APP.replace("app", "ppa")
    status = file.stat()
    file.write_bytes(document(other))
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    eventually(lambda: allows(live, other))


@pytest.mark.parametrize("text", [None, "", "{", '{"allow_origins": ["", "x"]}'])
def test_a_bad_file_is_logged_once(
    live: LivePolicy, file: Path, text: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    if text is None:
        file.unlink()
    else:
        file.write_text(text)
    eventually(lambda: caplog.messages)
    time.sleep(0.6)
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
    start = f"onecors: keeping the current policy: cannot reload {file}: "
    assert caplog.messages[0].startswith(start)
    detail = caplog.messages[0].removeprefix(start)
    assert str(file) not in detail
    if text is None:
        assert detail == "No such file or directory"
    elif "x" in text:
        assert "/allow_origins/0" in detail
        assert "/allow_origins/1" in detail
    assert allows(live, APP)
    file.write_bytes(document(EVIL))
    eventually(lambda: allows(live, EVIL))


def test_the_same_bytes_change_nothing(
    live: LivePolicy, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    before = live.current
    file.write_bytes(document())
    time.sleep(0.8)
    assert live.current is before
    assert caplog.messages == []


def watched_by_hand(file: Path) -> tuple[LivePolicy, Watcher, Callable[[], None]]:
    live = LivePolicy.watch(file)
    live.close()
    watcher = Watcher(file)
    return live, watcher, partial(watcher.look, live._reload)  # noqa: SLF001 - as its thread does


def test_what_is_there_for_a_moment_is_not_logged(
    file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A program that writes a file in place empties it first."""
    _, _, look_once = watched_by_hand(file)

    def look(times: int = 1) -> None:
        for _ in range(times):
            look_once()

    for momentary in (b"", document()[:20], None):
        file.unlink() if momentary is None else file.write_bytes(momentary)
        look()
        file.write_bytes(document())
        look(2)
    assert caplog.messages == []
    file.write_bytes(b"{")
    look(4)
    assert len(caplog.messages) == 1
    file.unlink()
    look(4)
    assert len(caplog.messages) == 2


@pytest.mark.parametrize("text", ["", "{"])
def test_a_file_that_is_written_while_it_is_read(
    file: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    live, _, look = watched_by_hand(file)
    look()
    file.write_bytes(document(EVIL) + b" ")
    look()

    def half_written(path: Path) -> bytes:
        path.write_text(text)
        return read_document(path)

    with monkeypatch.context() as patch:
        patch.setattr("onecors._watcher.read_document", half_written)
        look()
    assert caplog.messages == []
    file.write_bytes(document(EVIL))
    look()
    assert allows(live, EVIL)
    assert caplog.messages == []


def test_a_file_that_cannot_be_read_for_a_while(
    file: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when too many files are open, which leaves the file as it is."""
    live, _, look = watched_by_hand(file)
    file.write_bytes(document(EVIL))

    def unreadable(_: Path) -> bytes:
        raise OSError(errno.EMFILE, "Too many open files")

    with monkeypatch.context() as patch:
        patch.setattr("onecors._watcher.read_document", unreadable)
        for _ in range(4):
            look()
    assert len(caplog.messages) == 1
    look()
    assert allows(live, EVIL)


def test_closing_ends_the_thread(file: Path) -> None:
    live = LivePolicy.watch(file)
    assert len(watchers()) == 1
    assert watchers()[0].daemon
    live.close()
    live.close()
    eventually(lambda: not watchers())
    live.replace(document(EVIL))
    assert allows(live, EVIL)


def test_a_closed_watcher_loads_nothing(file: Path) -> None:
    live, watcher, look = watched_by_hand(file)
    file.write_bytes(document(EVIL))
    watcher.close()
    look()
    assert allows(live, APP)


def test_the_last_reference_ends_the_thread(file: Path) -> None:
    live = LivePolicy.watch(file)
    reference = weakref.ref(live)
    # Its thread has had it in hand by then, and must not keep it.
    time.sleep(0.6)
    del live

    def gone() -> bool:
        gc.collect()
        return reference() is None and not watchers()

    eventually(gone)


def test_a_forked_process_watches_and_ends(file: Path) -> None:
    code = f"""
    import os, sys, time, warnings
    warnings.simplefilter("ignore")  # of forking where threads run, which is what is tested
    import onecors
    live = onecors.LivePolicy.watch({str(file)!r})
    closed = onecors.LivePolicy.watch({str(file)!r})
    closed.close()
    child = os.fork()
    if child:
        sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    print("forked", flush=True)
    end = time.monotonic() + {PATIENCE_S}
    while live.current.document == closed.current.document:
        assert time.monotonic() < end
        time.sleep(0.02)
    """
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)],
        env={"PYTHONPATH": str(Path(onecors.__file__).parents[1])},
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"forked\n"
        file.write_bytes(document(EVIL))
        assert process.wait(PATIENCE_S * 2) == 0


def test_a_copy_is_the_same_and_a_pickle_is_none() -> None:
    live = LivePolicy(POLICY)
    assert copy.copy(live) is copy.deepcopy(live) is live
    with pytest.raises(TypeError, match=r"pickle its current policy, live\.current"):
        pickle.dumps(live)


def test_it_reads_well() -> None:
    assert repr(LivePolicy(POLICY)).startswith("<onecors.LivePolicy of <onecors.Policy of ")


@pytest.mark.parametrize("decorators", [False, True])
def test_uwsgi_is_asked_to_restart_the_thread(
    file: Path, monkeypatch: pytest.MonkeyPatch, *, decorators: bool
) -> None:
    calls: list[str] = []
    uwsgi: Any = ModuleType("uwsgi")
    uwsgi.post_fork_hook = lambda: calls.append("theirs")
    monkeypatch.setitem(sys.modules, "uwsgi", uwsgi)
    if decorators:
        chain: Any = ModuleType("uwsgidecorators")
        chain.postfork_chain = [uwsgi.post_fork_hook]
        uwsgi.post_fork_hook = lambda: [each() for each in chain.postfork_chain]
        monkeypatch.setitem(sys.modules, "uwsgidecorators", chain)
    started: list[str] = []
    with LivePolicy.watch(file), LivePolicy.watch(file) as live:
        watcher: Any = live._watcher  # noqa: SLF001 - what a fork changes
        monkeypatch.setattr(Watcher, "_start_thread", lambda _: started.append("thread"))
        uwsgi.post_fork_hook()
        # In the process that started them they run.
        assert (started, calls) == ([], ["theirs"])
        watcher._process = -1  # noqa: SLF001 - likewise
        uwsgi.post_fork_hook()
        assert (started, calls) == (["thread"], ["theirs"] * 2)
