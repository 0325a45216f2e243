"""What a browser makes of an answer: the client's side of the CORS protocol, from the Fetch standard."""

from __future__ import annotations

from dataclasses import dataclass

SAFELISTED_METHODS = {"GET", "HEAD", "POST"}


@dataclass(frozen=True)
class Answer:
    """A status and the header lines as they came, names and values."""

    status: int
    lines: tuple[tuple[str, str], ...]

    def get(self, name: str) -> str | None:
        """The lines of this name joined, or None (Fetch, "get" of a header list)."""
        values = [value for line, value in self.lines if line.lower() == name]
        return ", ".join(values) if values else None

    def members(self, name: str) -> list[str]:
        """The members of a list, none where it is absent (Fetch, "extract header list values")."""
        members = [member.strip(" \t") for member in (self.get(name) or "").split(",")]
        return [member for member in members if member]


@dataclass(frozen=True)
class Reading:
    """What a page has from an answer: all that it could tell two servers apart by."""

    passes: bool
    exposed: frozenset[str] = frozenset()
    max_age: str | None = None


@dataclass(frozen=True)
class Question:
    """The fields of a request that the CORS protocol knows, and whether cookies go with it."""

    origin: str
    method: str | None
    headers: str
    with_credentials: bool


def read(question: Question, answer: Answer) -> Reading:
    """What becomes of a request, or of the preflight that asks for a method."""
    if not cors_check(question, answer):
        return Reading(passes=False)
    if question.method is None:
        names = frozenset(name.lower() for name in answer.members("access-control-expose-headers"))
        # With credentials it is the name of a header that nobody sends.
        return Reading(True, names - {"*"} if question.with_credentials else names)
    if not preflight_check(question, answer):
        return Reading(passes=False)
    return Reading(True, max_age=answer.get("access-control-max-age"))


def cors_check(question: Question, answer: Answer) -> bool:
    """Fetch, "CORS check"."""
    allowed = answer.get("access-control-allow-origin")
    if allowed == "*" and not question.with_credentials:
        return True
    if allowed is None or allowed != question.origin:
        return False
    return not question.with_credentials or answer.get("access-control-allow-credentials") == "true"


def preflight_check(question: Question, answer: Answer) -> bool:
    """Fetch, "CORS-preflight fetch", step 7, after the CORS check."""
    if not 200 <= answer.status <= 299:
        return False
    methods = answer.members("access-control-allow-methods")
    names = [name.lower() for name in answer.members("access-control-allow-headers")]
    any_is_any = not question.with_credentials
    if (
        question.method not in methods
        and question.method not in SAFELISTED_METHODS
        and not (any_is_any and "*" in methods)
    ):
        return False
    asked = {name.strip(" \t").lower() for name in question.headers.split(",")} - {""}
    # `authorization` is the one "CORS non-wildcard request-header name".
    covered = asked - {"authorization"} if any_is_any and "*" in names else set()
    return asked - covered <= set(names)
