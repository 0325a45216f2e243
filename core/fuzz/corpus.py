"""Writes the conformance cases as seeds, a folder for each target.

corpus.py CONFORMANCE OUT TARGET...
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

# No seed is longer than what libFuzzer is told to try.
MOST = 4096


def documents(folder: Path) -> Iterator[bytes]:
    """The documents of the cases, as far as they are given as JSON."""
    for file in sorted(folder.glob("documents/*.json")):
        for case in json.loads(file.read_bytes())["cases"]:
            if "document" in case:
                yield json.dumps(case["document"]).encode()
    for file in sorted(folder.glob("decisions/*.json")):
        for group in json.loads(file.read_bytes())["groups"]:
            yield json.dumps(group["policy"]).encode()


def origins(folder: Path) -> Iterator[bytes]:
    """The origins of the requests, as far as they are text."""
    for file in sorted(folder.glob("decisions/*.json")):
        for group in json.loads(file.read_bytes())["groups"]:
            for case in group["cases"]:
                origin: Any = case["request"].get("origin")
                if isinstance(origin, str):
                    yield origin.encode()


def main() -> None:
    folder, out = Path(sys.argv[1]), Path(sys.argv[2])
    seeds = {"load": documents, "origin": origins}
    for target in sys.argv[3:]:
        (out / target).mkdir(parents=True, exist_ok=True)
        # The other targets take choices, not texts: they begin with nothing.
        for seed in seeds.get(target, lambda _: iter(()))(folder):
            if len(seed) <= MOST:
                (out / target / hashlib.sha256(seed).hexdigest()[:16]).write_bytes(seed)


if __name__ == "__main__":
    main()
