"""What changes while requests run: the policy, the configuration, and that Envoy ends."""

from __future__ import annotations

import json
import time
import unittest
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import proxy
from client.expected import ALLOWED, APP, cors_lines
from client.http1 import NoAnswerError, Request, exchange
from load import every, load
from proxy import Envoy, Json, answer, bootstrap, listener, onecors
from test_placement import free_port

REQUEST = Request("GET", "/app/item", (("Origin", ALLOWED),))
FIRST = {"allow_origins": [ALLOWED], "allow_credentials": True, "expose_headers": ["x-first"]}
SECOND = {"allow_origins": [ALLOWED, "https://b.example"], "expose_headers": ["x-second"]}
FIRST_LINES = (
    ("access-control-allow-credentials", "true"),
    ("access-control-allow-origin", ALLOWED),
    ("access-control-expose-headers", "x-first"),
    ("vary", "Origin"),
)
SECOND_LINES = (
    ("access-control-allow-origin", ALLOWED),
    ("access-control-expose-headers", "x-second"),
    ("vary", "Origin"),
)


def write(file: Path, document: object) -> None:
    """Replaces a file at once."""
    new = file.with_name(file.name + ".new")
    new.write_text(document if isinstance(document, str) else json.dumps(document))
    new.rename(file)


def edge(port: int = 0, filters: list[Json] | None = None) -> Json:
    """The listener under load."""
    chosen = [onecors({"policy": "policy.json"})] if filters is None else filters
    return listener("edge", chosen, [answer("/", body="item")], port)


class Policy(unittest.TestCase):
    """The file of the policy changes."""

    def test_every_answer_is_wholly_one_policys(self) -> None:
        with proxy.started(bootstrap([edge()]), json.dumps(FIRST)) as envoy:
            file = envoy.folder / "policy.json"
            with load(envoy.address("edge"), REQUEST) as running:
                # Twice an odd number of times, so that it is no rhythm of the thread that looks.
                every(0.1, 31, lambda turn: write(file, (SECOND, FIRST)[turn % 7 < 3]))
                running.wait_for(100)
            self.assertEqual(running.lost, [])
            self.assertEqual(set(running.answers), {(200, FIRST_LINES), (200, SECOND_LINES)})
            self.assertIn("onecors: loaded the changed policy policy.json", envoy.log())

    def test_a_broken_policy_leaves_the_old_one_in_force(self) -> None:
        with proxy.started(bootstrap([edge()]), json.dumps(FIRST)) as envoy:
            file = envoy.folder / "policy.json"
            address = envoy.address("edge")
            write(file, {"allow_origins": ["https://a.example/"], "max_age": -1})
            kept = "onecors: keeping the current policy: cannot reload policy.json: "
            proxy.wait_for(lambda: kept in envoy.log(), "the problems are logged")
            for word in ("[error][dynamic_modules]", "https://a.example/", "/max_age"):
                self.assertIn(word, envoy.log())
            self.assertEqual(cors_lines(exchange(address, REQUEST)), sorted(FIRST_LINES))
            write(file, SECOND)
            proxy.wait_for(
                lambda: cors_lines(exchange(address, REQUEST)) == sorted(SECOND_LINES),
                "the policy that is right again is in force",
            )


@contextmanager
def with_listeners_in_a_file() -> Iterator[tuple[Envoy, Path, int]]:
    """Envoy that takes its listeners from a file which it watches; the file; the port of the listener."""
    port = free_port()
    lds = {"path_config_source": {"path": "./lds.json"}, "resource_api_version": "V3"}
    config = bootstrap([], dynamic_resources={"lds_config": lds})
    config["node"] = {"id": "a", "cluster": "b"}
    with proxy.folder_with(config) as original:
        listeners(original, [edge(port)])
        (original / "other.json").write_text(json.dumps(SECOND))
        with proxy.started_in(original, "--drain-time-s", "1", "--drain-strategy", "immediate") as envoy:
            proxy.wait_for(lambda: "edge" in envoy.listeners(), "the listener is there")
            yield envoy, original, port


def listeners(folder: Path, given: list[Json]) -> None:
    """Hands Envoy its listeners."""
    typed = [{"@type": proxy.TYPES + "envoy.config.listener.v3.Listener", **one} for one in given]
    write(folder / "lds.json", {"resources": typed})


class Configuration(unittest.TestCase):
    """Envoy's configuration changes, and with it what the module holds."""

    def test_another_configuration_takes_over_without_a_lost_request(self) -> None:
        with with_listeners_in_a_file() as (envoy, folder, port):
            with load(("127.0.0.1", port), REQUEST) as running:
                running.wait_for(100)
                proxy.wait_for(lambda: envoy.threads() == 1, "one thread watches")
                listeners(folder, [edge(port, [onecors({"policy": "other.json"})])])
                proxy.wait_for(lambda: (200, SECOND_LINES) in running.answers, "the other policy decides")
                running.wait_for(100)
                proxy.wait_for(lambda: envoy.threads() == 1, "the thread of the old one has ended")
            self.assertEqual(running.lost, [])
            first = (200, tuple(sorted(APP[ALLOWED])))
            self.assertEqual(set(running.answers), {first, (200, SECOND_LINES)})

    def test_a_configuration_that_is_dropped_leaves_nothing_behind(self) -> None:
        with with_listeners_in_a_file() as (envoy, folder, port):
            with load(("127.0.0.1", port), REQUEST) as running:
                running.wait_for(100)
                listeners(folder, [edge(port, [])])
                proxy.wait_for(lambda: (200, ()) in running.answers, "the filter is gone")
                running.wait_for(100)
            self.assertEqual(running.lost, [])
            proxy.wait_for(lambda: envoy.threads() == 0, "the thread has ended")
            # And comes back.
            listeners(folder, [edge(port)])
            proxy.wait_for(
                lambda: cors_lines(envoy.ask("edge", REQUEST)) == sorted(APP[ALLOWED]), "it is back"
            )
            proxy.wait_for(lambda: envoy.threads() == 1, "one thread watches")

    def test_a_configuration_that_is_refused_changes_nothing(self) -> None:
        with with_listeners_in_a_file() as (envoy, folder, port):
            (folder / "other.json").write_text('{"allow_origins": []}')
            with load(("127.0.0.1", port), REQUEST) as running:
                listeners(folder, [edge(port, [onecors({"policy": "other.json"})])])
                proxy.wait_for(
                    lambda: "onecors: configuration refused: other.json" in envoy.log(),
                    "it is refused",
                )
                running.wait_for(100)
            self.assertEqual(running.lost, [])
            self.assertEqual(set(running.answers), {(200, tuple(sorted(APP[ALLOWED])))})
            proxy.wait_for(lambda: envoy.threads() == 1, "one thread watches")


class End(unittest.TestCase):
    """Envoy ends."""

    def test_drained_it_loses_no_request(self) -> None:
        with with_listeners_in_a_file() as (envoy, _, port):
            with load(("127.0.0.1", port), REQUEST) as running:
                running.wait_for(100)
                envoy.ask_admin("/drain_listeners?graceful&skip_exit", "POST")
                self.assertTrue(running.closed.wait(proxy.PATIENCE_S), "clients are told to go")
                running.stop.set()
            self.assertEqual(running.lost, [])
            envoy.process.terminate()
            self.assertEqual(envoy.process.wait(proxy.PATIENCE_S), 0)

    def test_it_ends_under_load(self) -> None:
        with proxy.started(bootstrap([edge()])) as envoy, load(envoy.address("edge"), REQUEST) as running:
            running.wait_for(100)
            start = time.monotonic()
            envoy.process.terminate()
            self.assertEqual(envoy.process.wait(proxy.PATIENCE_S), 0)
            self.assertLess(time.monotonic() - start, 5)
            running.stop.set()
            with self.assertRaises(NoAnswerError):
                exchange(running.address, REQUEST)
            self.assertNotIn("[critical]", envoy.log())


if __name__ == "__main__":
    unittest.main()
