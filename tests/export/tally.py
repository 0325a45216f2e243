"""What became of the vectors, and how that is printed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Tally:
    """How many answers were as the engine's, which differ or were left out and why, and what failed."""

    equal: Counter[str] = field(default_factory=Counter)
    differences: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    def show(self, why_allowed: str, target: str = "") -> None:
        """Prints all of it; differences are allowed for a reason."""
        for title, counter in (
            ("equal", self.equal),
            (f"differ, {why_allowed}", self.differences),
            ("left out", self.left_out),
        ):
            for what, count in sorted(counter.items()):
                print(f"{count:6} {target and f'{target}, '}{title}: {what}")
        for failure in self.failures:
            print(f"FAILED {target and f'{target}: '}{failure}")


def show_mutants(target: str, mutants: dict[str, Tally]) -> int:
    """Prints which mutants were noticed; how many were not."""
    for name, tally in mutants.items():
        seen = "noticed" if tally.failures else "FAILED: missed"
        print(f"{seen}: {target}: {name} ({len(tally.failures)} answers)")
    return sum(not tally.failures for tally in mutants.values())


def end(passed: int, failed: int) -> int:
    """Prints the last line of a script; the status that it ends with."""
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0
