"""What came of each scenario with each service, and the table of it."""

from __future__ import annotations

import math
import textwrap
from dataclasses import dataclass

from client.scenario import ALL, Scenario
from client.service import Entry, Service, ServiceError

WIDTH = 150
CELL = 5
# Needs that an excuse may name: no scenario that has one is played, for most of them wait.
WHOLE = {"policy_file", "denials"}
# What is found first tells most of a failure.
TOLD = 3


@dataclass(frozen=True)
class Cell:
    """`ok`, `FAIL` with what was found, or `-` with the reason why it cannot be otherwise."""

    mark: str
    text: str = ""


@dataclass(frozen=True)
class Column:
    """The cells of one service, in the order of the scenarios."""

    entry: Entry
    cells: list[Cell]

    @classmethod
    def of(cls, service: Service, scenarios: list[Scenario]) -> Column:
        """Plays the scenarios against a service that is listening."""
        cells = []
        for scenario in scenarios:
            if not service.alive():
                output = service.output().decode(errors="replace")[-4000:]
                raise ServiceError(f"ended before {scenario.name}; its output:\n{output}")
            cells.append(_cell(service, scenario))
        return cls(service.entry, _with_stale_excuses(service.entry, scenarios, cells))

    @classmethod
    def failed(cls, entry: Entry, scenarios: list[Scenario], text: str) -> Column:
        """A service that could not be played against to the end."""
        return cls(entry, [Cell("FAIL", text)] + [Cell("FAIL")] * (len(scenarios) - 1))


def _cell(service: Service, scenario: Scenario) -> Cell:
    if reason := _lacking(service, scenario):
        return Cell("-", reason)
    problems = scenario.problems(service)
    cannot = service.entry.cannot
    excuse = cannot.get(scenario.name) or cannot.get(scenario.route or "")
    if excuse and problems:
        return Cell("-", excuse)
    if scenario.name in cannot:
        return Cell("FAIL", f"passes, but services.json says that it cannot: {excuse}")
    if len(problems) > TOLD:
        problems[TOLD:] = [f"and {len(problems) - TOLD} more"]
    return Cell("FAIL", "\n".join(problems)) if problems else Cell("ok")


def _lacking(service: Service, scenario: Scenario) -> str | None:
    """Why the scenario cannot be played against this service at all."""
    entry = service.entry
    if excused := WHOLE & scenario.needs & entry.cannot.keys():
        return entry.cannot[min(excused)]
    if "websocket" in scenario.needs and not entry.websocket:
        return entry.cannot.get("websocket") or entry.cannot.get("/app/ws") or "has no WebSocket"
    if "http2" in scenario.needs and not entry.http2:
        return entry.cannot.get("http2") or "does not speak HTTP/2 with prior knowledge"
    for need in ("policy_file", "log", "process"):
        if need in scenario.needs and getattr(service, need) is None:
            return f"was started by hand: no {need.replace('_', ' ')} is known"
    return None


def _with_stale_excuses(entry: Entry, scenarios: list[Scenario], cells: list[Cell]) -> list[Cell]:
    """Turns cells to FAIL for excuses that excuse nothing: what all passes, or what there is not."""
    cells = list(cells)
    every = [*ALL, *scenarios]
    known = (
        {scenario.name for scenario in every}
        | {scenario.route for scenario in every}
        | {"websocket", "http2", "soak"}
        | WHOLE
    )
    for key, reason in entry.cannot.items():
        places = [place for place, scenario in enumerate(scenarios) if scenario.route == key]
        if key not in known:
            cells[0] = Cell(
                "FAIL", f"services.json excuses {key}, which is no scenario and no route: {reason}"
            )
        elif places and all(cells[place].mark == "ok" for place in places):
            text = f"all of {key} passes, but services.json says that it cannot: {reason}"
            cells[places[0]] = Cell("FAIL", text)
    return cells


def print_table(scenarios: list[Scenario], columns: list[Column]) -> int:
    """Prints the table, the excuses, the failures and the sum; returns the exit code."""
    numbered = list(enumerate(columns, 1))
    for number, column in numbered:
        print(f"{number:>4}  {column.entry.name}")
    width = max((len(scenario.name) for scenario in scenarios), default=0)
    parts = math.ceil(len(columns) * CELL / (WIDTH - width))
    for part in range(parts):
        _print_part(
            scenarios, numbered[len(columns) * part // parts : len(columns) * (part + 1) // parts], width
        )
    _print_excuses(scenarios, columns)
    _print_failures(scenarios, columns)
    marks = [cell.mark for column in columns for cell in column.cells]
    passed, failed, skipped = (marks.count(mark) for mark in ("ok", "FAIL", "-"))
    print(f"\n{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed or not passed else 0


def _print_part(scenarios: list[Scenario], columns: list[tuple[int, Column]], width: int) -> None:
    """As many columns of the table as a line has room for."""
    print("\n" + " " * width + "".join(f"{number:>{CELL}}" for number, _ in columns))
    for place, scenario in enumerate(scenarios):
        marks = (column.cells[place].mark for _, column in columns)
        print(scenario.name.ljust(width) + "".join(f"{mark:>{CELL}}" for mark in marks))


def _print_excuses(scenarios: list[Scenario], columns: list[Column]) -> None:
    """Each reason once, with the services and the scenarios that it excuses."""
    excused: dict[tuple[str, str], list[str]] = {}
    for number, column in enumerate(columns, 1):
        reasons: dict[str, list[str]] = {}
        for scenario, cell in zip(scenarios, column.cells, strict=True):
            if cell.mark == "-":
                reasons.setdefault(cell.text, []).append(scenario.name)
        for reason, names in reasons.items():
            excused.setdefault((reason, ", ".join(names)), []).append(str(number))
    if excused:
        print("\nnot covered:")
    for (reason, covered), numbers in excused.items():
        line = f"{', '.join(numbers)}: {covered}: {reason}"
        print(textwrap.fill(line, WIDTH, subsequent_indent=" " * 4))


def _print_failures(scenarios: list[Scenario], columns: list[Column]) -> None:
    for column in columns:
        for scenario, cell in zip(scenarios, column.cells, strict=True):
            if cell.mark == "FAIL" and cell.text:
                print(f"\nFAIL {scenario.name}, {column.entry.name}")
                print(f"  {scenario.guards}")
                print(textwrap.indent(cell.text, "  "))
