"""The vectors that every language's adapter runs: what becomes of the fields that a response has."""

from __future__ import annotations

import json
import unittest
from pathlib import Path
from typing import Any

import proxy
from client.http1 import Answer, Request, exchange
from proxy import Json, added, answer, bootstrap, listener, onecors

VECTORS = Path(__file__).resolve().parents[3] / "tests/conformance/responses"
# What Envoy adds by itself.
ENVOYS = ("date", "server", "content-length", "content-type")


def cases() -> list[Json]:
    """Every case of every file."""
    files = [json.loads(file.read_bytes()) for file in sorted(VECTORS.glob("*.json"))]
    return [case for file in files for case in file["cases"]]


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


class Vectors(unittest.TestCase):
    """Each case has a listener and a policy of its own."""

    def test_responses_come_out_as_the_cases_say(self) -> None:
        all_cases = cases()
        self.assertGreater(len(all_cases), 20)
        config = bootstrap([responding(number, case) for number, case in enumerate(all_cases)])
        with proxy.folder_with(config) as folder:
            for number, case in enumerate(all_cases):
                (folder / f"case-{number}.json").write_text(json.dumps(case["document"]))
            with proxy.started_in(folder) as envoy:
                ports = envoy.listeners()
                for number, case in enumerate(all_cases):
                    with self.subTest(case["name"]):
                        address = ("127.0.0.1", ports[f"case-{number}"])
                        self.check(case, exchange(address, request(case["request"])))

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


if __name__ == "__main__":
    unittest.main()
