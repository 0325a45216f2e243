"""The vectors that every language runs, through Envoy: what is decided, and what becomes of the fields that a
response has."""

from __future__ import annotations

import json
import re
import unittest
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import proxy
from client.expected import cors_lines
from client.http1 import Answer, NoAnswerError, Request, exchange
from client.vectors import HTTP_PATH, HTTP_VALUE, Vector, decisions, files
from proxy import Json, added, answer, bootstrap, listener, onecors

# What Envoy adds by itself.
ENVOYS = ("date", "server", "content-length", "content-type")
METHOD = re.compile(rb"[A-Za-z-]+")


def not_carried(vector: Vector) -> str | None:
    """Why HTTP/1.1 cannot carry a request as the vector has it."""
    parts = vector.request
    if not METHOD.fullmatch(parts.get("method", b"")) or parts["method"].upper() in (b"CONNECT", b"HEAD"):
        return "its method"
    if not HTTP_PATH.fullmatch(parts.get("path", b"" if vector.outcome == "ungoverned" else b"/")):
        return "its path"
    return None if all(HTTP_VALUE.fullmatch(value) for _, value in vector.fields) else "its values"


def request(parts: dict[str, str]) -> Request:
    """A case's request."""
    named = {name: value for name, value in parts.items() if name not in ("method", "path")}
    lines = tuple((name.replace("_", "-"), value) for name, value in named.items())
    return Request(parts["method"], parts["path"], lines)


def responding(number: int, case: Json) -> Json:
    """A listener with a case's policy, and the response that comes from behind it."""
    lines = added(*((name, value) for name, value in case["response"]))
    for line in lines:
        line["keep_empty_value"] = True
    return listener(
        f"case-{number}",
        [onecors({"policy": f"./case-{number}.json"})],
        [answer("/", response_headers_to_add=lines)],
    )


def comparable(lines: list[list[str]]) -> list[tuple[str, str]]:
    """Lines in one order; those of Vary, which Envoy joins without a space, as one list."""
    lower = [(name.lower(), value) for name, value in lines]
    vary = [member.strip() for name, value in lower if name == "vary" for member in value.split(",")]
    others = [line for line in lower if line[0] != "vary" and line[0] not in ENVOYS]
    return sorted([*others, *(("vary", member) for member in vary)])


@contextmanager
def policies(documents: list[object], listeners: list[Json]) -> Iterator[list[int]]:
    """Envoy with these listeners, whose policies are these documents; the ports, in their order."""
    with proxy.folder_with(bootstrap(listeners)) as folder:
        for number, document in enumerate(documents):
            (folder / f"case-{number}.json").write_text(json.dumps(document))
        with proxy.started_in(folder) as envoy:
            ports = envoy.listeners()
            yield [ports[f"case-{number}"] for number in range(len(documents))]


class Responses(unittest.TestCase):
    """Each case has a listener and a policy of its own."""

    def test_responses_come_out_as_the_cases_say(self) -> None:
        cases = [case for _, file in files("responses") for case in file["cases"]]
        self.assertGreater(len(cases), 20)
        listeners = [responding(number, case) for number, case in enumerate(cases)]
        with policies([case["document"] for case in cases], listeners) as ports:
            for port, case in zip(ports, cases, strict=True):
                with self.subTest(case["name"]):
                    self.check(case, exchange(("127.0.0.1", port), request(case["request"])))

    def check(self, case: dict[str, Any], came: Answer) -> None:
        preflight = case["expect"]["status"] is not None
        self.assertEqual(came.status, case["expect"]["status"] or 200)
        expected = case["expect"]["headers"]
        if preflight:
            # The module answers by itself, so that there is no response from behind to be merged with.
            expected = [line for line in expected if line[0] != "Vary"]
            vary = "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"
            expected.append(["Vary", vary])
        self.assertEqual(comparable([list(line) for line in came.lines]), comparable(expected))


class Decisions(unittest.TestCase):
    """Each group has a listener and a policy of its own."""

    def test_decisions_come_out_as_the_cases_say(self) -> None:
        groups = decisions()
        listeners = [
            listener(f"case-{number}", [onecors({"policy": f"./case-{number}.json"})], [answer("/")])
            for number in range(len(groups))
        ]
        self.tally: Counter[str] = Counter()
        with policies([group.policy for group in groups], listeners) as ports:
            for port, group in zip(ports, groups, strict=True):
                for vector in group.vectors:
                    with self.subTest(group.name, case=vector.name):
                        self.check(("127.0.0.1", port), vector)
        print(f"decisions through Envoy: {dict(sorted(self.tally.items()))}")
        self.assertGreater(self.tally["equal"], sum(self.tally.values()) * 9 // 10)

    def check(self, address: tuple[str, int], vector: Vector) -> None:
        if why := not_carried(vector):
            self.tally[f"HTTP does not carry {why}"] += 1
            return
        lines = tuple((name, b" " + value) for name, value in vector.fields)
        method, path = vector.request["method"].decode(), vector.request.get("path", b"/")
        asked = Request(method, path, lines)
        try:
            came = exchange(address, asked)
        except NoAnswerError:
            came = Answer(400, ())
        if came.status in (400, 431) and not came.all("access-control-allow-origin"):
            self.tally["Envoy refuses it"] += 1
            return
        expected = (vector.status or 200, sorted(vector.lines))
        self.assertEqual((came.status, cors_lines(came)), expected, asked)
        self.tally["equal"] += 1


if __name__ == "__main__":
    unittest.main()
