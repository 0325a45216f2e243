"""The cases of the corpus."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

FOLDER = Path(__file__).resolve().parent.parent
POLICY = FOLDER.parent / "services/policy.json"

KEYS = {"name", "event", "handler", "on_error", "base_path", "policy", "expected", "except"}
NEEDED = {"name", "event", "handler", "expected"}


class Setting(NamedTuple):
    """What a test function is started with."""

    function: str
    on_error: str
    base_path: str | None
    policy: str

    def environment(self, policy: Path) -> dict[str, str]:
        """As README.md says it to the test functions; `policy` is the file that holds the policy."""
        told = {"POLICY": str(policy), "FUNCTION": self.function, "ON_ERROR": self.on_error}
        return told if self.base_path is None else told | {"BASE_PATH": self.base_path}


@dataclass(frozen=True)
class Case:
    """One event, and what the function makes of it."""

    name: str
    setting: Setting
    event: Any
    expected: Mapping[str, Any]
    excepted: Mapping[str, str] = field(default_factory=dict)


class CaseError(Exception):
    """A file of cases is not what README.md says."""


def cases() -> list[Case]:
    """Every case, of the handlers and of the authorizers."""
    found = [
        *_of_folder(FOLDER / "cases", "handler"),
        *_of_folder(FOLDER / "authorizer", "authorizer"),
    ]
    names = [case.name for case in found]
    for name in names:
        if names.count(name) > 1:
            raise CaseError(f"{name}: two cases have this name")
    return found


def _of_folder(folder: Path, function: str) -> Iterator[Case]:
    for file in sorted(folder.glob("*.json")):
        for given in json.loads(file.read_bytes()):
            yield read(f"{file.stem}: {given.get('name')}", given, function)


def read(name: str, given: dict[str, Any], function: str) -> Case:
    """A case of a file."""
    if given.keys() - KEYS or NEEDED - given.keys():
        raise CaseError(f"{name}: has the keys {sorted(given)}, and {sorted(NEEDED)} are needed")
    if "streams" in given["handler"] or "streams" in given["expected"]:
        function = "stream"
    event = given["event"]
    if isinstance(event, dict):
        event = event | {"handler": given["handler"]}
    elif given["handler"] != {"returns": event}:
        raise CaseError(f"{name}: nothing can be added to this event, so its handler must return it")
    policy = json.dumps(given["policy"]) if "policy" in given else POLICY.read_text()
    return Case(
        name,
        Setting(function, given.get("on_error", "raise"), given.get("base_path"), policy),
        event,
        given["expected"],
        given.get("except", {}),
    )
