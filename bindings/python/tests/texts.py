"""What tests/conformance/texts has, and what no text of this package may have."""

import json
from typing import Any

import conformance

(CORPUS,) = (json.loads(file.read_bytes()) for file in conformance.VECTORS.glob("texts/*.json"))
REFUSED: list[dict[str, Any]] = [case for case in CORPUS["cases"] if "pointer" in case]
EXPLAINED: list[dict[str, Any]] = [case for case in CORPUS["cases"] if "request" in case]


def document_of(case: dict[str, Any]) -> str:
    return case.get("text") or json.dumps(case["document"])


def require_clean(text: str) -> None:
    assert not [character for character in CORPUS["invisible"] if character in text], repr(text)
    assert not any(line.startswith(CORPUS["forged"]) for line in text.split("\n")), repr(text)


def require_clean_line(text: str) -> None:
    require_clean(text)
    assert "\n" not in text, repr(text)
