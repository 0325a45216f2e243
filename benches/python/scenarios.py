"""What is asked of every subject, and what it must answer."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from typing import Any

DOCUMENTS = Path(os.environ["DOCUMENTS"])
ALL = json.loads((Path(__file__).parents[1] / "scenarios.json").read_text())
POLICY: dict[str, Any] = ALL["policy"]
REQUEST_HEADERS: dict[str, str] = ALL["request_headers"]
SCENARIOS: tuple[str, ...] = tuple(ALL["scenarios"])
METHODS = ["GET", "HEAD", "POST", *POLICY["allow_methods"]]


@dataclass(frozen=True)
class Origins:
    """A set of origins, as a document and as requests of it."""

    name: str
    allowed: list[str | dict[str, str]]
    hits: list[str]
    misses: list[str]

    @classmethod
    def load(cls, name: str) -> "Origins":
        requests_of = DOCUMENTS / f"{name}.requests.json"
        requests = json.loads(requests_of.read_text()) if requests_of.exists() else {}
        document = json.loads((DOCUMENTS / f"{name}.json").read_text())
        return cls(
            name, document["allow_origins"], requests.get("hits", []), requests.get("misses", [])
        )

    @property
    def document(self) -> Path:
        return DOCUMENTS / f"{self.name}.json"

    @property
    def is_exact(self) -> bool:
        return self.name.startswith("exact-")

    @property
    def texts(self) -> list[str]:
        """The origins as text; a regex without its object."""
        return [entry["regex"] if isinstance(entry, dict) else entry for entry in self.allowed]

    @property
    def as_regexes(self) -> list[str]:
        """The origins as regexes for peers that know no other patterns, matched as a whole."""
        patterns = [
            entry["regex"] if isinstance(entry, dict) else _regex_of(entry)
            for entry in self.allowed
        ]
        return [f"^{pattern}$" for pattern in patterns]


def _regex_of(wildcard: str) -> str:
    return wildcard.replace(".", r"\.").replace("*", r"[^./]+(?:\.[^./]+)*")


@dataclass(frozen=True)
class Fields:
    """What CORS reads of a request."""

    method: str
    origin: str | None
    request_method: str | None = None
    request_headers: str | None = None

    def lines(self) -> Iterator[tuple[str, str]]:
        """All header fields of the request, in new strings."""
        sent = REQUEST_HEADERS | {
            "Origin": self.origin,
            "Access-Control-Request-Method": self.request_method,
            "Access-Control-Request-Headers": self.request_headers,
        }
        for name, value in sent.items():
            if value is not None:
                yield fresh(name), fresh(value)


def fresh(text: str) -> str:
    """A string object of its own, without a hash."""
    return text.encode().decode()


def requests(origins: Origins, scenario: str, count: int) -> Iterator[Fields]:
    """So many requests of a scenario, with the origins in turn."""
    asked = ALL["scenarios"][scenario]
    texts: dict[str | None, list[str] | list[None]]
    texts = {"hit": origins.hits, "miss": origins.misses, None: [None]}
    for origin in islice(cycle(texts[asked["origin"]]), count):
        yield Fields(
            asked["method"],
            origin,
            asked.get("access_control_request_method"),
            asked.get("access_control_request_headers"),
        )


@dataclass(frozen=True)
class Hostile:
    """A request with a hostile value."""

    name: str
    origins: Origins
    length: int
    fields: Fields


def hostile() -> Iterator[Hostile]:
    """Each hostile request, of each length."""
    for name, case in json.loads((DOCUMENTS / "hostile.json").read_text()).items():
        origins = Origins.load(case["origins"])
        for value in case["values"]:
            if case["field"] == "origin":
                fields = Fields("GET", value)
            else:
                fields = Fields("OPTIONS", origins.hits[0], "PUT", value)
            yield Hostile(name, origins, len(value), fields)


def is_preflight(scenario: str) -> bool:
    return scenario.startswith("preflight")


@dataclass(frozen=True)
class Answer:
    """What a subject answered: the status, and the fields by their names in lower case."""

    status: int
    fields: dict[str, str]


def problem(scenario: str, asked: Fields, answer: Answer, *, whole: bool) -> str | None:
    """What is wrong with an answer: of all its fields, or of the one that lets a page read it."""
    allowed = scenario.endswith("-allowed")
    origin = answer.fields.get("access-control-allow-origin")
    if origin != (asked.origin if allowed else None):
        return f"{scenario}: Access-Control-Allow-Origin is {origin}"
    if not whole:
        return None
    cors = {
        name: value
        for name, value in answer.fields.items()
        if name == "vary" or name.startswith("access-control-")
    }
    if cors != _expected(scenario, asked):
        return f"{scenario}: the answer has {cors}"
    return None


def _expected(scenario: str, asked: Fields) -> dict[str, str]:
    if is_preflight(scenario):
        vary = "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"
    else:
        vary = "Origin"
    expected = {"vary": vary}
    if not scenario.endswith("-allowed"):
        return expected
    expected["access-control-allow-origin"] = str(asked.origin)
    expected["access-control-allow-credentials"] = "true"
    if is_preflight(scenario):
        expected["access-control-allow-methods"] = ", ".join(POLICY["allow_methods"])
        expected["access-control-allow-headers"] = ", ".join(POLICY["allow_headers"])
        expected["access-control-max-age"] = str(POLICY["max_age"])
    else:
        expected["access-control-expose-headers"] = ", ".join(POLICY["expose_headers"])
    return expected
