"""Makes the table in docs/export.md of what each target can express, by asking the command.

    matrix.py           compares the table with what the command does
    matrix.py --bless   writes it anew

The last three columns are what no export shows: they are kept here, with their sources in the modules
of cli/src/export. proxies.py holds those of the proxies against what these answer.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from golden import CHOICES, targets

PAGE = Path(__file__).resolve().parent.parent.parent / "docs/export.md"
BEGIN, END = "<!-- matrix: begin -->\n", "<!-- matrix: end -->\n"
ONECORS = os.environ["ONECORS"]
APP = "https://app.example.com"

# A policy for each column, which differs from one that every target takes in one thing.
PROBES: dict[str, dict[str, Any]] = {
    "several origins": {"allow_origins": [APP, "https://admin.example.com"]},
    "… with credentials": {"allow_origins": [APP, "https://admin.example.com"], "allow_credentials": True},
    "… and any header": {
        "allow_origins": [APP],
        "allow_credentials": True,
        "allow_headers": ["authorization", "*"],
    },
    "subdomains": {"allow_origins": ["https://*.example.com"]},
    "part of a label": {"allow_origins": ["https://pr-*.example.com"]},
    "any port": {"allow_origins": ["http://localhost:*"]},
    "regex": {"allow_origins": [{"regex": r"https://pr-[0-9]+\.example\.com"}]},
    "own scheme": {"allow_origins": ["capacitor://localhost"]},
    "`null`": {"allow_origins": ["null"], "dangerously_allow": ["null_origin"]},
    "any origin": {"allow_origins": ["*"]},
    "paths": {
        "rules": [
            {"paths": ["/a/*"], "allow_origins": [APP]},
            {"paths": ["/b/{id}"], "allow_origins": ["https://admin.example.com"]},
        ]
    },
}

FACTS = ("answers preflights", "headers on the gateway's own errors", "`Vary`")
REST = ("yes", "as `--gateway-responses` says", "yes")
NOT_ON_PREFLIGHTS = "yes, but not on preflights"
KNOWN = {
    "aws-rest": REST,
    "sam": REST,
    "cdk-json": REST,
    "openapi": REST,
    "aws-http": ("yes", "not documented", "not documented"),
    "aws-function-url": ("yes", "not documented", "not documented"),
    "cloudfront": ("by a function", "yes", "CloudFront's own"),
    "envoy": ("yes", "where a route matches", NOT_ON_PREFLIGHTS),
    "gateway-api": ("yes", "not in the standard", "on services' answers"),
    "traefik": ("yes", "where a router matches", NOT_ON_PREFLIGHTS),
    "kong": ("yes", "yes", "by Kong"),
    "nginx": ("yes", "yes", "yes"),
}


def takes(target: str, policy: dict[str, Any]) -> bool:
    """Whether a target takes a policy, with any of the choices that it has."""
    for choice in CHOICES.get(target, [""]):
        options = ["--gateway-responses", choice] if choice else []
        command = [ONECORS, "export", "-", "--to", target, *options]
        done = subprocess.run(command, input=json.dumps(policy), check=False, capture_output=True, text=True)
        if done.returncode == 0:
            return True
        if done.returncode != 1 or "cannot express" not in done.stderr:
            raise SystemExit(f"{target}, {policy}: {done.stderr}")
    return False


def table() -> str:
    """The table, in which targets that take the same share a row."""
    rows: dict[tuple[str, ...], list[str]] = {}
    for target in targets():
        if not takes(target, {"allow_origins": [APP]}):
            raise SystemExit(f"{target} does not take a single origin")
        cells = ["yes" if takes(target, policy) else "no" for policy in PROBES.values()]
        rows.setdefault((*cells, *KNOWN[target]), []).append(f"`{target}`")
    lines = [("target", *PROBES, *FACTS), ("---",) * (1 + len(PROBES) + len(FACTS))]
    lines += [(", ".join(names), *cells) for cells, names in rows.items()]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def main() -> int:
    """Compares, or blesses."""
    made = table()
    before, _, rest = PAGE.read_text().partition(BEGIN)
    there, end, after = rest.partition(END)
    if not end:
        raise SystemExit(f"docs/export.md has no {BEGIN.strip()} and {END.strip()}")
    if sys.argv[1:] == ["--bless"]:
        PAGE.write_text(before + BEGIN + made + END + after)
        return 0
    same = there == made
    if not same:
        print(f"FAILED docs/export.md has another table than the command: look, then make bless\n{made}")
    print(f"{int(same)} passed, {int(not same)} failed")
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
