"""The programs that each language names in its programs.json: servers, and processes that start."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
CACHE = ROOT / ".cache"
# What has to be there.
OURS = ("nothing", "none", "onecors", "onecors-live")
# What a server's policy allows, where programs.json does not say.
ORIGINS = "exact-1000"


@dataclass(frozen=True)
class Program:
    language: str
    framework: str
    subject: str
    command: list[str]
    sizes: list[Path]
    origins: str

    def arguments(self, document: Path, port: int = 0) -> list[str]:
        return [fill(part, document=str(document), port=str(port)) for part in self.command]

    def leave_out(self, why: str) -> None:
        """Goes on without a peer, which may be one that this machine's registries do not have."""
        name = f"{self.language}: {self.framework} with {self.subject}"
        if self.subject in OURS:
            sys.exit(f"{name} {why}")
        print(f"{name} is left out: it {why}", file=sys.stderr)

    @property
    def folder(self) -> Path:
        return HERE / self.language


def fill(text: str, **values: str) -> str:
    for name, value in {"root": str(ROOT), "cache": str(CACHE), **values}.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def programs(kind: str, languages: list[str]) -> list[Program]:
    found = []
    for language in languages:
        listed: list[dict[str, Any]] = json.loads((HERE / language / "programs.json").read_text())[kind]
        for entry in listed:
            sizes = [HERE / language / fill(path) for path in entry.get("size", [])]
            origins = entry.get("origins", ORIGINS)
            found.append(
                Program(language, entry["framework"], entry["subject"], entry["command"], sizes, origins)
            )
    return found


def pinned(processor: int) -> list[str]:
    """What keeps a program on one processor, where there are two."""
    count = os.cpu_count() or 1
    return ["taskset", "-c", str(processor % count)] if count > 1 else []


def print_line(**line: object) -> None:
    print(json.dumps(line), flush=True)
