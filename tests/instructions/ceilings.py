"""Compares instructions with their ceilings."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# What a number may grow by, for compilers and runtimes differ a little from machine to machine.
ROOM_PERCENT = 10
# How far below its ceiling a number is a gain to be kept.
GAIN_PERCENT = 20

# The design's own, for the engine without any boundary. Nothing moves these. An origin that is denied is
# held to its grammar byte by byte, which takes more than a hash look-up: it has a measured ceiling alone.
CORE = {
    "no-origin": 250,
    "actual-allowed": 250,
    "preflight-allowed": 900,
    "preflight-denied": 900,
}

# Subject, set of origins and scenario.
Key = tuple[str, str, str]


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    key: Key
    measured: int
    ceiling: int | None

    @property
    def is_over(self) -> bool:
        return self.ceiling is None or self.measured > self.ceiling

    @property
    def is_gain(self) -> bool:
        return self.ceiling is not None and self.measured * 100 < self.ceiling * (100 - GAIN_PERCENT)

    def __str__(self) -> str:
        ceiling = "none" if self.ceiling is None else str(self.ceiling)
        verdict = "OVER" if self.is_over else "far below" if self.is_gain else ""
        subject, origins, scenario = self.key
        return f"{subject:8}{origins:12}{scenario:19}{self.measured:>8}{ceiling:>9}  {verdict}".rstrip()


HEADING = f"{'':8}{'origins':12}{'scenario':19}{'measured':>8}{'ceiling':>9}"


def ceiling(key: Key, blessed: int | None) -> int | None:
    """What a number may be at most; nothing where it was never blessed."""
    if blessed is None:
        return None
    with_room = blessed * (100 + ROOM_PERCENT) // 100
    subject, _, scenario = key
    return min(with_room, CORE.get(scenario, with_room)) if subject == "core" else with_room


def compare(measured: dict[Key, int], blessed: dict[Key, int]) -> Iterator[Row]:
    for key, number in measured.items():
        yield Row(key, number, ceiling(key, blessed.get(key)))


def load(path: Path) -> dict[Key, int]:
    tree = json.loads(path.read_bytes())
    return {
        (subject, origins, scenario): number
        for subject, sets in tree.items()
        for origins, scenarios in sets.items()
        for scenario, number in scenarios.items()
    }


def save(path: Path, measured: dict[Key, int]) -> None:
    tree: dict[str, dict[str, dict[str, int]]] = {}
    for (subject, origins, scenario), number in measured.items():
        tree.setdefault(subject, {}).setdefault(origins, {})[scenario] = number
    path.write_text(json.dumps(tree, indent=2) + "\n")
