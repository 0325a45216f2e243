"""What is sent to a server, by scenarios.json."""

from __future__ import annotations

import json
from pathlib import Path

SCENARIOS = json.loads((Path(__file__).resolve().parent / "scenarios.json").read_text())


def lines(scenario: str, requests: Path) -> list[str]:
    """The method and the header lines of a scenario; `requests` is what `documents` wrote of its origins."""
    parts = SCENARIOS["scenarios"][scenario]
    fields = dict(SCENARIOS["request_headers"])
    if parts["origin"]:
        key = {"hit": "hits", "miss": "misses"}[parts["origin"]]
        fields["Origin"] = json.loads(requests.read_text())[key][0]
    for key in ("access_control_request_method", "access_control_request_headers"):
        if key in parts:
            fields[key.replace("_", "-")] = parts[key]
    return [parts["method"], *(f"{name}: {value}" for name, value in fields.items())]
