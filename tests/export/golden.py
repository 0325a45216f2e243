"""Exports the policies of policies/ to every target, and compares with golden/.

    golden.py                     compares
    golden.py --bless [TARGET...] writes golden/ anew, or what it has of these targets

What a target refuses is golden, too: the file then ends in .refused.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
GOLDEN = HERE / "golden"
ONECORS = os.environ["ONECORS"]

# The targets that know errors of a gateway's own, and the choices to export with.
CHOICES = {
    "aws-rest": ["", "authorizer", "reflect"],
    "sam": ["authorizer"],
    "cdk-json": ["authorizer"],
    "openapi": ["authorizer"],
}


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs the command."""
    return subprocess.run([ONECORS, *arguments], cwd=HERE, check=False, capture_output=True, text=True)


def targets() -> list[str]:
    """Every target that the command has."""
    listed = run("--help").stdout.partition("\nTargets:\n")[2]
    return re.findall(r"^  ([a-z][a-z0-9-]*) ", listed, re.MULTILINE)


def exports(chosen: list[str]) -> Iterator[tuple[str, str]]:
    """The name of each file of golden/, and what it has to say."""
    for target in chosen:
        for policy in sorted(HERE.glob("policies/*.json")):
            for choice in CHOICES.get(target, [""]):
                options = ["--gateway-responses", choice] if choice else []
                done = run("export", f"policies/{policy.name}", "--to", target, *options)
                if done.returncode not in (0, 1):
                    raise SystemExit(f"{target}, {policy.name}: {done.stderr}")
                name = f"{target}/{policy.stem}{choice and '.' + choice}"
                if done.returncode == 0:
                    yield name + (".json" if done.stdout.startswith("{") else ".txt"), done.stdout
                else:
                    yield name + ".refused", done.stderr


def main() -> int:
    """Compares, or blesses."""
    blessed = sys.argv[2:] or targets()
    made = dict(exports(blessed))
    if sys.argv[1:2] == ["--bless"]:
        for target in blessed:
            shutil.rmtree(GOLDEN / target, ignore_errors=True)
        for name, text in made.items():
            file = GOLDEN / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        print(f"wrote {len(made)} files")
        return 0
    there = {str(file.relative_to(GOLDEN)): file.read_text() for file in GOLDEN.rglob("*") if file.is_file()}
    differ = sorted(name for name in made.keys() | there.keys() if made.get(name) != there.get(name))
    for name in differ:
        print(f"FAILED golden/{name} is not what the command writes: look at it, then make bless")
    refused = sum(name.endswith(".refused") for name in made)
    print(f"golden: {len(made) - refused} exports, {refused} refusals")
    print(f"{len(made) - len(differ)} passed, {len(differ)} failed")
    return 1 if differ or not made else 0


if __name__ == "__main__":
    sys.exit(main())
