"""The conformance vectors, with every text written out as bytes (tests/conformance/README.md).

The tests of exports and of the module for Envoy send them with this client.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from client.http1 import Lines

FOLDER = Path(__file__).resolve().parents[2] / "conformance"

# The fields of a request that the CORS protocol knows: as the vectors name them, and as browsers do.
FIELDS = {
    "origin": "Origin",
    "access_control_request_method": "Access-Control-Request-Method",
    "access_control_request_headers": "Access-Control-Request-Headers",
}
# What HTTP carries as it is: no control bytes, and no white space at either end of a value.
HTTP_PATH = re.compile(rb"/[!-\"$->@-~\x80-\xff]*")
HTTP_VALUE = re.compile(rb"(?:[!-~\x80-\xff](?:[\t -~\x80-\xff]*[!-~\x80-\xff])?)?")


@dataclass(frozen=True)
class Vector:
    """A request, and what the engine decides; a value of its lines has a character for each byte."""

    name: str
    request: dict[str, bytes]
    outcome: str
    reason: str | None
    status: int | None
    lines: Lines

    @property
    def fields(self) -> tuple[tuple[str, bytes], ...]:
        """The fields of the request that the CORS protocol knows."""
        return tuple((name, self.request[key]) for key, name in FIELDS.items() if key in self.request)

    @property
    def is_preflight(self) -> bool:
        """Whether the engine takes the request for a preflight."""
        return self.outcome.startswith("preflight")


@dataclass(frozen=True)
class Group:
    """A policy and its vectors, named after their file and what the policy is."""

    name: str
    policy: dict[str, Any]
    vectors: list[Vector]


def files(folder: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every file of a folder of vectors, by its name."""
    for file in sorted((FOLDER / folder).glob("*.json")):
        yield file.stem, json.loads(file.read_bytes())


def decisions() -> list[Group]:
    """Every group of decisions."""
    return [
        Group(f"{stem}: {group['name']}", group["policy"], [read(case) for case in group["cases"]])
        for stem, file in files("decisions")
        for group in file["groups"]
    ]


def read(case: dict[str, Any]) -> Vector:
    """A vector for a decision."""
    expect = case["expect"]
    return Vector(
        case["name"],
        {key: bytes_of(value) for key, value in case["request"].items()},
        expect["outcome"],
        expect["reason"],
        expect["status"],
        tuple((name.lower(), bytes_of(value).decode("latin-1")) for name, value in expect["headers"]),
    )


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
    raise ValueError(f"no text of a vector: {value!r}")
