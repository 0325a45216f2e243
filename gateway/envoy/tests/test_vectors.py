"""The vectors that every language runs, through Envoy: what is decided, and what becomes of the fields that a
response has."""

from __future__ import annotations

import json
import re
import unittest
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import proxy
from client.expected import cors_lines
from client.http1 import Answer, NoAnswerError, Request, exchange
from proxy import Json, added, answer, bootstrap, listener, onecors

VECTORS = Path(__file__).resolve().parents[3] / "tests/conformance"
# What Envoy adds by itself.
ENVOYS = ("date", "server", "content-length", "content-type")


# What HTTP carries as it is: no control bytes, and no white space at either end.
VALUE = re.compile(rb"(?:[!-~\x80-\xff](?:[\t -~\x80-\xff]*[!-~\x80-\xff])?)?")
PATH = re.compile(rb"/[!-\"$->@-~\x80-\xff]*")
METHOD = re.compile(rb"[A-Za-z-]+")
FIELDS = {
    "origin": "Origin",
    "access_control_request_method": "Access-Control-Request-Method",
    "access_control_request_headers": "Access-Control-Request-Headers",
}


def read(folder: str) -> list[Json]:
    """Every file of a folder of vectors."""
    return [json.loads(file.read_bytes()) for file in sorted((VECTORS / folder).glob("*.json"))]


def bytes_of(value: object) -> bytes:
    """A text of the vectors, which may be written as bytes, as a repetition or as parts."""
    match value:
        case str():
            return value.encode()
        case {"hex": str(digits)}:
            return bytes.fromhex(digits)
        case {"concat": list(parts)}:
            return b"".join(map(bytes_of, parts))
        case {"repeat": part, "count": int(count)}:
            return bytes_of(part) * count
    raise AssertionError(f"no text of a vector: {value!r}")


def not_carried(parts: dict[str, bytes], outcome: str) -> str | None:
    """Why HTTP/1.1 cannot carry a request as the vector has it."""
    values = [value for name, value in parts.items() if name in FIELDS]
    if not METHOD.fullmatch(parts.get("method", b"")) or parts["method"].upper() in (b"CONNECT", b"HEAD"):
        return "its method"
    if not PATH.fullmatch(parts.get("path", b"" if outcome == "ungoverned" else b"/")):
        return "its path"
    return None if all(map(VALUE.fullmatch, values)) else "its values"


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
        cases = [case for file in read("responses") for case in file["cases"]]
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
        groups = [group for file in read("decisions") for group in file["groups"]]
        listeners = [
            listener(f"case-{number}", [onecors({"policy": f"./case-{number}.json"})], [answer("/")])
            for number in range(len(groups))
        ]
        self.tally: Counter[str] = Counter()
        with policies([group["policy"] for group in groups], listeners) as ports:
            for port, group in zip(ports, groups, strict=True):
                for case in group["cases"]:
                    with self.subTest(group["name"], case=case["name"]):
                        self.check(("127.0.0.1", port), case)
        print(f"decisions through Envoy: {dict(sorted(self.tally.items()))}")
        self.assertGreater(self.tally["equal"], sum(self.tally.values()) * 9 // 10)

    def check(self, address: tuple[str, int], case: dict[str, Any]) -> None:
        parts = {name: bytes_of(value) for name, value in case["request"].items()}
        if why := not_carried(parts, case["expect"]["outcome"]):
            self.tally[f"HTTP does not carry {why}"] += 1
            return
        lines = tuple((name, b" " + parts[key]) for key, name in FIELDS.items() if key in parts)
        asked = Request(parts["method"].decode(), parts.get("path", b"/"), lines)
        expect = case["expect"]
        wanted = sorted(
            (name.lower(), bytes_of(value).decode("latin-1")) for name, value in expect["headers"]
        )
        try:
            came = exchange(address, asked)
        except NoAnswerError:
            came = Answer(400, ())
        if came.status in (400, 431) and not came.all("access-control-allow-origin"):
            self.tally["Envoy refuses it"] += 1
            return
        self.assertEqual((came.status, cors_lines(came)), (expect["status"] or 200, wanted), asked)
        self.tally["equal"] += 1


if __name__ == "__main__":
    unittest.main()
