"""Measures the adapters and their peers, and prints a line of JSON for each result."""

import json
import logging
import os
import platform
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from importlib.metadata import version
from itertools import groupby
from types import ModuleType
from typing import Any

import on_django
import on_flask
import on_starlette
import scenarios
from rounds import Drive, rounds, timed
from scenarios import SCENARIOS, Fields, Hostile, Origins

FRAMEWORKS: Sequence[ModuleType] = (on_starlette, on_flask, on_django)
SETS = ("exact-10", "exact-1000", "exact-100000", "exact-1000000", "wildcard-100", "regex-100")
QUICK = os.environ.get("QUICK") == "1"
HOSTILE_SAMPLES = 1 if QUICK else 5
HOSTILE_BATCH_NS = 20_000 if QUICK else 1_000_000
TOO_LONG_NS = 50_000_000 if QUICK else 2_000_000_000


def main() -> None:
    # The log is told of each denial once, and the terminal need not be.
    logging.getLogger("onecors").addHandler(logging.NullHandler())
    logging.getLogger("onecors").propagate = False
    versions()
    for name in ("exact-10", "regex-100") if QUICK else SETS:
        origins = Origins.load(name)
        for framework in FRAMEWORKS:
            adapter(framework, origins)
    hostile()


def emit(**line: Any) -> None:
    print(json.dumps(line, separators=(",", ":")), flush=True)


def say(text: str) -> None:
    print(f"python: {text}", file=sys.stderr, flush=True)


def versions() -> None:
    emit(part="version", subject="CPython", version=platform.python_version())
    for package in ("onecors", "starlette", "flask", "flask-cors", "django", "django-cors-headers"):
        emit(part="version", subject=package, version=version(package))


def adapter(framework: ModuleType, origins: Origins) -> None:
    """Measure all subjects of a framework with a set of origins in all scenarios."""
    say(f"{framework.NAME}, {origins.name}")
    apps = dict(measurable(framework, origins))
    large = len(origins.allowed) > 1000
    for scenario in SCENARIOS:
        notes = check(framework, apps, origins, scenario)
        drives: dict[str, Drive] = {
            name: partial(framework.drive, app) for name, app in apps.items()
        }
        if scenarios.is_preflight(scenario):
            drives["nothing"] = framework.drive_nothing
        samples = rounds(
            drives,
            partial(make, framework, origins, scenario),
            count=3 if QUICK else 31 if large else framework.ROUNDS,
            at_least_ns=20_000 if QUICK else 1_000_000,
        )
        for subject, taken in samples.items():
            note = {"note": notes[subject]} if subject in notes else {}
            emit(
                part="adapter",
                framework=framework.NAME,
                origins=origins.name,
                scenario=scenario,
                subject=subject,
                unit="ns",
                samples=[round(sample, 1) for sample in taken],
                **note,
            )


def measurable(framework: ModuleType, origins: Origins) -> Iterator[tuple[str, Any]]:
    """The subjects that can be measured, without those that would take too long."""
    for name, app in framework.subjects(origins):
        if app is None:
            say(f"{name} looks at every origin: left out of {origins.name}")
        else:
            yield name, app


def make(framework: ModuleType, origins: Origins, scenario: str, count: int) -> list[Any]:
    return [framework.request(asked) for asked in scenarios.requests(origins, scenario, count)]


def check(
    framework: ModuleType, apps: dict[str, Any], origins: Origins, scenario: str
) -> dict[str, str]:
    """Compare each answer with what it must be: ours and the limit's in all its fields."""
    notes = {}
    asked = next(scenarios.requests(origins, scenario, 1))
    for name, app in apps.items():
        if name == "nothing":
            continue
        ours = name in ("onecors", "limit")
        answer = framework.answer(app, framework.request(asked))
        problem = scenarios.problem(scenario, asked, answer, whole=ours)
        if problem is not None:
            assert not ours, f"{framework.NAME}, {origins.name}, {name}: {problem}"
            say(f"{framework.NAME}, {origins.name}, {name}: {problem}")
            notes[name] = problem
    return notes


def hostile() -> None:
    """Measure what a hostile value costs each subject."""
    say("hostile values")
    # By their set of origins, which takes time to load.
    inputs = sorted(scenarios.hostile(), key=lambda hostile: hostile.origins.name)
    for framework in FRAMEWORKS:
        slow: set[tuple[str, str]] = set()
        for _, group in groupby(inputs, key=lambda hostile: hostile.origins.name):
            of_set = list(group)
            for subject, app in measurable(framework, of_set[0].origins):
                if subject in ("nothing", "limit"):
                    continue
                for given in of_set:
                    if (subject, given.name) not in slow:
                        drive = partial(framework.drive, app)
                        samples = hostile_samples(drive, framework.request, given.fields)
                        if samples[0] > TOO_LONG_NS:
                            slow.add((subject, given.name))
                        emit_hostile(framework, given, subject, samples)


def emit_hostile(
    framework: ModuleType, given: Hostile, subject: str, samples: Sequence[float]
) -> None:
    emit(
        part="hostile",
        framework=framework.NAME,
        input=given.name,
        length=given.length,
        subject=subject,
        unit="ns",
        samples=[round(sample) for sample in samples],
    )


def hostile_samples(drive: Drive, request: Callable[[Fields], Any], asked: Fields) -> list[float]:
    samples = []
    for _ in range(HOSTILE_SAMPLES):
        first = timed(drive, [request(asked)])
        if first > TOO_LONG_NS:
            return [first]
        calls = max(1, min(100, round(HOSTILE_BATCH_NS / first)))
        samples.append(timed(drive, [request(asked) for _ in range(calls)]))
    return samples


if __name__ == "__main__":
    started = time.monotonic()
    main()
    say(f"took {time.monotonic() - started:.0f} s")
