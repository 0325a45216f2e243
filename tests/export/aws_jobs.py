"""What templates and functions are asked, and how their answers are compared with the engine's."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass, field
from typing import Any, cast

from client.vectors import Vector
from tally import Tally

Json = dict[str, Any]


@dataclass
class Expected:
    """A vector that is asked, and the status that the response has where nothing sets one."""

    name: str
    vector: Vector
    default: int | None


@dataclass
class Job:
    """A template or a function, and what it is asked."""

    text: str
    requests: list[Json] = field(default_factory=list)
    expected: list[Expected] = field(default_factory=list)


def text_of(value: bytes) -> str:
    """Bytes as a text: as UTF-8, or with a character for each byte where they are none."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


def fields_of(vector: Vector) -> dict[str, str]:
    """The CORS fields of a request, as browsers write them."""
    return {name: text_of(value) for name, value in vector.fields}


def answers_of(name: str, command: list[str], asked: list[Json]) -> list[list[Json]]:
    """The answers of a program that runs each text with its requests."""
    done = subprocess.run(command, input=json.dumps(asked), check=False, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{name}: {done.stderr}")
    return cast(list[list[Json]], json.loads(done.stdout))


def compare(expected: Expected, answer: Json, tally: Tally, where: str) -> None:
    """Compares an answer with the engine's."""
    vector = expected.vector
    headers = {key.lower(): value for key, value in answer["headers"].items()}
    wanted = dict(vector.lines)
    if not vector.is_preflight:
        # The resource has one Vary for all answers to OPTIONS, of which this one needs a part.
        headers.pop("vary", None)
        wanted.pop("vary", None)
    status = 403 if vector.outcome == "preflight_denied" else vector.status or expected.default
    if (answer["status"], headers) == (status, wanted) and not answer.get("twice"):
        tally.equal[f"{where}, {vector.outcome}"] += 1
    elif difference := allowed_difference(vector):
        tally.differences[f"{where}, {difference}"] += 1
    else:
        tally.failures.append(f"{where}: {expected.name}: expected {status} {wanted}, got {answer}")


def allowed_difference(vector: Vector) -> str | None:
    """What an export may decide otherwise than the engine, since no page can make such a request, or
    nobody knows how API Gateway reads it."""
    host = vector.request.get("origin", b"").partition(b"://")[2].partition(b":")[0]
    path = vector.request.get("path", b"")
    if len(host) > 253:
        return "a host that no DNS has"
    if b"//" in path or path.endswith(b"/"):
        return "a path with an empty segment"
    return None
