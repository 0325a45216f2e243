"""Reads what callgrind counted."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Call:
    """Calls from one function to another: the instructions are those of the callee and of all that
    it called in turn."""

    caller_object: str
    callee_object: str
    callee: str
    instructions: int


@dataclass
class _Names:
    """A file names each thing once, as `(7) name`, and from then on only as `(7)`."""

    known: dict[str, str] = field(default_factory=dict)

    def read(self, text: str) -> str:
        found = re.fullmatch(r"\((\d+)\)(?: (.*))?", text)
        if not found:
            return text
        if found[2] is not None:
            self.known[found[1]] = found[2]
        return self.known[found[1]]


def calls(lines: Iterable[str]) -> Iterable[Call]:
    """All calls in a file of callgrind's (the format is in valgrind's manual)."""
    objects, functions = _Names(), _Names()
    caller_object = callee_object = callee = ""
    cost_follows = False
    for line in lines:
        key, _, value = line.rstrip("\n").partition("=")
        if cost_follows:
            # Position and instructions. Without `cob` the callee is in the caller's object.
            yield Call(caller_object, callee_object or caller_object, callee, int(line.split()[1]))
            callee_object, cost_follows = "", False
        elif key == "ob":
            caller_object = objects.read(value)
        elif key == "cob":
            callee_object = objects.read(value)
        elif key == "fn":
            functions.read(value)
        elif key == "cfn":
            callee = functions.read(value)
        elif key == "calls":
            cost_follows = True


def into_function(name: str) -> Callable[[Call], bool]:
    """The calls of one function."""
    return lambda call: call.callee == name


def into_library(name: str) -> Callable[[Call], bool]:
    """The calls that enter a library. Which function they enter is not asked, for a library that is
    shipped says the names of few."""

    def is_in(path: str) -> bool:
        return Path(path).name.startswith(name)

    return lambda call: is_in(call.callee_object) and not is_in(call.caller_object)


def instructions(profile: Path, entry: Callable[[Call], bool]) -> int:
    """All instructions of the calls that are an entry."""
    with profile.open() as lines:
        return sum(call.instructions for call in calls(lines) if entry(call))
