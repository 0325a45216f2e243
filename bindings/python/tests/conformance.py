"""Reads the conformance vectors, and refuses whatever it does not know."""

import json
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path
from typing import Any

VECTORS = Path(__file__).parents[3] / "tests" / "conformance"
REQUEST_FIELDS = {
    "method",
    "path",
    "origin",
    "access_control_request_method",
    "access_control_request_headers",
}


@dataclass(frozen=True)
class Decision:
    name: str
    document: bytes
    request: dict[str, bytes]
    outcome: str
    reason: str | None
    status: int | None
    headers: list[tuple[str, bytes]]


@dataclass(frozen=True)
class Document:
    name: str
    document: bytes
    problems: list[dict[str, str]]


@dataclass(frozen=True)
class Response:
    name: str
    document: bytes
    request: dict[str, str]
    response: list[tuple[str, str]]
    status: int | None
    headers: list[tuple[str, str]]


def decisions() -> Iterator[Decision]:
    for file, vectors in _files("decisions"):
        _check(file, vectors, {"description", "groups"})
        for group in vectors["groups"]:
            _check(file, group, {"name", "policy", "cases"})
            document = json.dumps(group["policy"]).encode()
            for case in group["cases"]:
                name = f"{file}: {group['name']}: {case['name']}"
                _check(name, case, {"name", "source", "request", "expect"})
                _check(name, case["request"], set(), REQUEST_FIELDS)
                expect = case["expect"]
                _check(name, expect, {"outcome", "reason", "status", "headers"})
                yield Decision(
                    name=name,
                    document=document,
                    request={
                        field: read_bytes(name, part) for field, part in case["request"].items()
                    },
                    outcome=expect["outcome"],
                    reason=expect["reason"],
                    status=expect["status"],
                    headers=[
                        (header, read_bytes(name, value)) for header, value in expect["headers"]
                    ],
                )


def documents() -> Iterator[Document]:
    for file, vectors in _files("documents"):
        _check(file, vectors, {"description", "cases"})
        for case in vectors["cases"]:
            name = f"{file}: {case['name']}"
            given = "text" if "text" in case else "document"
            _check(name, case, {"name", "source", given, "problems"})
            for problem in case["problems"]:
                _check(name, problem, {"code", "pointer"}, {"help"})
            yield Document(
                name=name,
                document=read_bytes(name, case["text"])
                if given == "text"
                else json.dumps(case["document"]).encode(),
                problems=case["problems"],
            )


def responses() -> Iterator[Response]:
    for file, vectors in _files("responses"):
        _check(file, vectors, {"description", "cases"})
        for case in vectors["cases"]:
            name = f"{file}: {case['name']}"
            _check(name, case, {"name", "source", "document", "request", "response", "expect"})
            _check(name, case["request"], set(), REQUEST_FIELDS)
            _check(name, case["expect"], {"status", "headers"})
            yield Response(
                name=name,
                document=json.dumps(case["document"]).encode(),
                request=case["request"],
                response=[(header, value) for header, value in case["response"]],
                status=case["expect"]["status"],
                headers=[(header, value) for header, value in case["expect"]["headers"]],
            )


def _files(folder: str) -> Iterator[tuple[str, Any]]:
    paths = sorted((VECTORS / folder).glob("*.json"))
    if not paths:
        raise FileNotFoundError(f"no vectors in {VECTORS / folder}")
    for path in paths:
        yield path.name, json.loads(path.read_bytes())


def _check(
    place: str,
    value: Mapping[str, object],
    required: AbstractSet[str],
    optional: AbstractSet[str] = frozenset(),
) -> None:
    missing = required - value.keys()
    unknown = value.keys() - required - optional
    if missing or unknown:
        raise ValueError(f"{place}: missing {missing or 'nothing'}, unknown {unknown or 'nothing'}")


def read_bytes(place: str, value: Any) -> bytes:
    match value:
        case str():
            return value.encode()
        case {"hex": str(digits), **rest} if not rest:
            return bytes.fromhex(digits)
        case {"concat": list(parts), **rest} if not rest:
            return b"".join(read_bytes(place, part) for part in parts)
        case {"repeat": part, "count": int(count), **rest} if not rest:
            return read_bytes(place, part) * count
    raise ValueError(f"{place}: unknown form of bytes: {value!r}")
