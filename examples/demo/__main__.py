"""Sends what Chromium sent to five services and two proxies, and shows what it makes of each answer."""

from __future__ import annotations

import json
import signal
import sys
from dataclasses import dataclass
from typing import NoReturn

import onecors
from browser import Answer, Sent, outcome
from http1 import send
from proxies import PROXIES
from services import COMMANDS, EXAMPLES, Services

COMPARED = ("vary", "access-control-")
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True)
class Row:
    """A recorded request, and what came of it in Chromium, where a page could tell."""

    scenario: str
    sent: Sent
    chromium: str | None


@dataclass(frozen=True)
class Finding:
    """Something that makes the demo fail."""

    kind: str
    row: Row
    text: str


def read_recording() -> list[Row]:
    """The rows of examples/requests.json, in its order."""
    recording = json.loads((EXAMPLES / "requests.json").read_text())
    rows = []
    for scenario in recording["scenarios"]:
        exchanges = scenario["exchanges"]
        for place, exchange in enumerate(exchanges):
            last = place == len(exchanges) - 1
            sent = Sent(
                exchange["method"],
                exchange["target"],
                tuple((name, value) for name, value in exchange["headers"]),
                exchange["body"],
                scenario["credentials"],
            )
            # A preflight that is not the last exchange was followed by its actual request.
            result = scenario["result"] if last else "goes on"
            rows.append(Row(scenario["name"], sent, None if result == "sent" else result))
    return rows


def comparable(answer: Answer) -> tuple[int, list[tuple[str, str]]]:
    """The part of an answer that must be the same in every language, byte for byte.

    Names are compared without case and lines without their order: servers write both as they like.
    """
    lines = [(name.lower(), value) for name, value in answer.headers]
    return answer.status, sorted(line for line in lines if line[0].startswith(COMPARED))


def differences(row: Row, answers: dict[str, Answer]) -> list[Finding]:
    """Each language whose answer is not that of the first."""
    first, *others = answers
    wanted = comparable(answers[first])
    return [
        Finding("DIFFERS", row, f"{first}: {wanted}\n  {language}: {comparable(answers[language])}")
        for language in others
        if comparable(answers[language]) != wanted
    ]


def why(policy: onecors.Policy, sent: Sent, outcomes: list[str]) -> str:
    """The engine's own account of its decision."""
    story = policy.explain(
        sent.method,
        sent.target,
        sent.get("Origin"),
        sent.get("Access-Control-Request-Method"),
        sent.get("Access-Control-Request-Headers"),
    )
    if story["reason"] is None:
        pattern = story["origin_pattern"]
        # What the engine allows is kept from a page only when it asked with cookies where none may go.
        but = ", without credentials" if pattern and "blocked" in outcomes else ""
        return f"{story['outcome']}: {pattern['pattern']}{but}" if pattern else story["outcome"]
    miss = story["nearest_miss"]
    detail = miss["difference"] if miss else story["checks"][-1]["received"]
    return f"{story['reason']}: {detail}"


def describe(sent: Sent) -> str:
    """The request in a few words: a preflight is shown as what it asks for."""
    if sent.preflight:
        return f"may I {sent.get('Access-Control-Request-Method')} {sent.target}"
    return f"{sent.method} {sent.target}"


def table(head: list[str], rows: list[list[str]]) -> str:
    """Columns as wide as their widest cell, the last one as it comes."""
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head) - 1)]
    ruler = ["-" * width for width in widths] + ["-" * len(head[-1])]

    def line(cells: list[str]) -> str:
        padded = [cell.ljust(width) for cell, width in zip(cells, widths, strict=False)]
        return "  ".join([*padded, cells[-1]])

    return "\n".join(line(cells) for cells in [head, ruler, *rows])


def main() -> int:
    policy = onecors.Policy.from_file(EXAMPLES / "policy.json")
    rows = read_recording()
    shown = []
    findings = []
    with Services() as services:
        languages = list(services.ports)
        for row in rows:
            answers = {language: send(port, row.sent) for language, port in services.ports.items()}
            outcomes = [outcome(row.sent, answer) for answer in answers.values()]
            origin = row.sent.get("Origin") or "-"
            # One status for all: where they differ, the finding below has them.
            status = str(next(iter(answers.values())).status)
            shown.append([origin, describe(row.sent), status, *outcomes, why(policy, row.sent, outcomes)])
            findings += differences(row, answers)
            if row.chromium and set(outcomes) != {row.chromium}:
                findings.append(Finding("NOT AS IN CHROMIUM", row, f"{row.chromium} there, {outcomes} here"))

    print("Each service answers: " + ", ".join(COMMANDS) + ".")
    print("One proxy answers, for a service that knows nothing of CORS: " + ", ".join(PROXIES) + ".\n")
    print(table(["Origin", "request", "status", *languages, "why"], shown), end="\n\n")
    for finding in findings:
        print(f"{finding.kind}: {finding.row.scenario}: {describe(finding.row.sent)}\n  {finding.text}")
    told = sum(row.chromium is not None for row in rows)
    differing = sum(finding.kind == "DIFFERS" for finding in findings)
    not_as_told = len(findings) - differing
    print(f"{told} requests had an outcome that Chromium's page saw; {not_as_told} differ from it.")
    compared = len(rows) * len(languages)
    print(f"{compared} answers compared, to {len(rows)} requests each; {differing} differed.")
    return 1 if findings or not rows else 0


def end(*_: object) -> NoReturn:
    for number in STOPPING:
        signal.signal(number, signal.SIG_IGN)
    raise SystemExit("stopped")


if __name__ == "__main__":
    for number in STOPPING:
        signal.signal(number, end)
    sys.exit(main())
