"""What was measured, summed up."""

from __future__ import annotations

import datetime
import json
import statistics
from collections.abc import Iterable
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent / "results"
LANGUAGES = ["rust", "cpp", "python", "node", "java", "go", "gateway"]
NOTHING = "nothing"
NONE = "none"  # a server without CORS
OURS = "onecors"

# The parts that have several subjects, with what tells their groups apart.
GROUPS = {
    "adapter": ["framework", "origins", "scenario", "unit"],
    "instructions": ["framework", "origins", "scenario", "unit"],
    "hostile": ["framework", "input", "length", "unit"],
    "server": ["framework", "origins", "scenario", "unit"],
    "reload": ["framework", "origins", "scenario", "unit"],
    "startup": ["framework", "unit"],
    "scale": ["framework", "origins", "unit"],
}
Summary = dict[str, Any]
Results = dict[str, Any]


def make_results(file: Path, machine: str) -> Results:
    lines = [json.loads(line) for line in file.read_text().splitlines() if line]
    measured = datetime.datetime.fromtimestamp(file.stat().st_mtime, datetime.UTC)
    results: Results = {
        "date": measured.date().isoformat(),
        "machine": machine,
        "command": "make bench",
        "versions": {it["subject"]: it["version"] for it in lines if it["part"] == "version"},
    }
    left_out = [it["subject"] for it in lines if it["part"] == "left out"]
    if left_out:
        results["left_out"] = left_out
    for part, keys in GROUPS.items():
        found = [line for line in lines if line["part"] == part]
        if found:
            results[part] = list(groups(found, keys))
    return results


def groups(lines: Iterable[Any], keys: list[str]) -> Iterable[Summary]:
    by_key: dict[tuple[Any, ...], dict[str, list[float]]] = {}
    for line in lines:
        by_key.setdefault(tuple(line[key] for key in keys), {})[line["subject"]] = line["samples"]
    for key, samples in by_key.items():
        group = dict(zip(keys, key, strict=True))
        yield group | {"subjects": {it: summary(it, samples) for it in samples}}


def summary(subject: str, samples: dict[str, list[float]]) -> Summary:
    found = samples[subject]
    result: Summary = {"median": rounded(statistics.median(found)), "least": rounded(min(found))}
    result["quartiles"] = quartiles(found)
    result["rounds"] = len(found)
    if subject != NOTHING and {NOTHING, OURS} <= samples.keys():
        net = added(subject, samples)
        result["added"] = rounded(net)
        if subject != OURS:
            result["ratio"] = ratio(net, added(OURS, samples))
            result["ratio_quartiles"] = quartiles(in_rounds(subject, samples))
    if subject != NONE and NONE in samples:
        result |= to_none(found, samples[NONE])
    return result


def to_none(found: list[float], none: list[float]) -> Summary:
    """How many times as much as without CORS: of the medians, and the quartiles of that in each round."""
    return {
        "times_none": rounded(statistics.median(found) / statistics.median(none)),
        "times_none_quartiles": quartiles([it / base for it, base in zip(found, none, strict=True)]),
    }


def added(subject: str, samples: dict[str, list[float]]) -> float:
    return statistics.median(samples[subject]) - statistics.median(samples[NOTHING])


def ratio(theirs: float, ours: float) -> float | None:
    """None where one of them adds nothing that could be measured."""
    return rounded(theirs / ours) if theirs > 0 and ours > 0 else None


def in_rounds(subject: str, samples: dict[str, list[float]]) -> list[float]:
    rounds = zip(samples[subject], samples[OURS], samples[NOTHING], strict=False)
    return [(theirs - base) / (ours - base) for theirs, ours, base in rounds if ours > base]


def quartiles(samples: list[float]) -> list[float]:
    if len(samples) < 2:
        return [rounded(sample) for sample in samples * 2]
    low, _, high = statistics.quantiles(samples, n=4, method="inclusive")
    return [rounded(low), rounded(high)]


def rounded(number: float) -> float:
    """To four digits that count."""
    return float(f"{number:.4g}")


def save_results(language: str, results: Results) -> None:
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / f"{language}.json").write_text(compact(results))


def compact(results: Results) -> str:
    """JSON with a line for each group, so that a file can be read and compared."""
    parts = []
    for key, value in results.items():
        if key in GROUPS:
            lines = ",\n  ".join(json.dumps(group, ensure_ascii=False) for group in value)
            parts.append(f'"{key}": [\n  {lines}\n ]')
        else:
            parts.append(f'"{key}": {json.dumps(value, ensure_ascii=False)}')
    return "{\n " + ",\n ".join(parts) + "\n}\n"


def load_results() -> dict[str, Results]:
    files = {it: FOLDER / f"{it}.json" for it in LANGUAGES}
    return {it: json.loads(file.read_text()) for it, file in files.items() if file.exists()}


def find(results: Results, part: str, **keys: str) -> Summary | None:
    """The subjects of one group."""
    for group in results.get(part, []):
        if all(group.get(key) == value for key, value in keys.items()):
            subjects: Summary = group["subjects"]
            return subjects
    return None
