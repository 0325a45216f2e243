"""The policies of the vectors as they are exported, and as they are exported and broken on purpose."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from client.vectors import Group, decisions
from tally import Tally

ONECORS = os.environ["ONECORS"]

# What each mutant breaks in an export: a pattern, and what stands there instead.
Mutants = dict[str, tuple[str, str]]


@dataclass
class Exported:
    """A policy of the vectors, its export, and the name of the host that has it."""

    group: Group
    host: str
    text: str
    tally: Tally


def export(policy: dict[str, Any], target: str, *options: str) -> str | None:
    """What the command writes for a policy, or None where it refuses."""
    command = [ONECORS, "export", "-", "--to", target, *options]
    done = subprocess.run(command, check=False, input=json.dumps(policy).encode(), capture_output=True)
    if done.returncode not in (0, 1):
        raise SystemExit(f"{command}: {done.stderr.decode()}")
    return done.stdout.decode() if done.returncode == 0 else None


def broken(text: str, mutants: Mutants) -> Iterator[tuple[str, str]]:
    """What each mutant makes of a text, where it finds something to break."""
    for name, (pattern, instead) in mutants.items():
        other = re.sub(pattern, instead, text)
        if other != text:
            yield name, other


def exports(target: str, mutants: Mutants, tally: Tally, tallies: dict[str, Tally]) -> list[Exported]:
    """Every policy that the target takes, and once more for each mutant, whose answers it counts apart."""
    found: list[Exported] = []
    for group in decisions():
        text = export(group.policy, target)
        if text is None:
            tally.left_out[f"refused: {group.name}"] += len(group.vectors)
            continue
        others = [(tallies[name], other) for name, other in broken(text, mutants)]
        for its_tally, its_text in [(tally, text), *others]:
            found.append(Exported(group, f"g{len(found)}.test", its_text, its_tally))
    return found
