"""What a browser does with an answer: the CORS protocol's client side, from the Fetch standard."""

from __future__ import annotations

from dataclasses import dataclass

SAFELISTED_METHODS = {"GET", "HEAD", "POST"}


@dataclass(frozen=True)
class Answer:
    """A status and the header lines as they came, names and values."""

    status: int
    headers: tuple[tuple[str, str], ...]

    def get(self, name: str) -> str | None:
        """The field's lines joined, or None (Fetch, "get" of a header list)."""
        values = [value for line, value in self.headers if line.lower() == name.lower()]
        return ", ".join(values) if values else None

    def values(self, name: str) -> list[str] | None:
        """The field as a list of tokens, or None ("extract header list values")."""
        value = self.get(name)
        if value is None:
            return None
        return [token.strip(" \t") for token in value.split(",") if token.strip(" \t")]


@dataclass(frozen=True)
class Sent:
    """A request that a browser sent, and the credentials mode that it was made with."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: str
    credentials: str

    def get(self, name: str) -> str | None:
        """The value of a header field, or None."""
        return next((value for line, value in self.headers if line.lower() == name.lower()), None)

    @property
    def preflight(self) -> bool:
        return self.method == "OPTIONS" and self.get("Access-Control-Request-Method") is not None


def outcome(sent: Sent, answer: Answer) -> str:
    """What becomes of the answer, in a word or two."""
    if sent.preflight:
        return "goes on" if preflight_check(sent, answer) else "blocked"
    mode = sent.get("Sec-Fetch-Mode")
    if mode == "navigate":
        return "opened"
    if sent.get("Sec-Fetch-Site") == "same-origin":
        return "readable"
    if mode == "no-cors":
        return "opaque"
    return "readable" if cors_check(sent, answer) else "blocked"


def cors_check(sent: Sent, answer: Answer) -> bool:
    """Fetch, "CORS check", step by step."""
    origin = answer.get("Access-Control-Allow-Origin")
    if origin is None:
        return False
    if sent.credentials != "include" and origin == "*":
        return True
    if origin != sent.get("Origin"):
        return False
    if sent.credentials != "include":
        return True
    return answer.get("Access-Control-Allow-Credentials") == "true"


def preflight_check(sent: Sent, answer: Answer) -> bool:
    """Fetch, "CORS-preflight fetch", step 7: whether the actual request may follow."""
    if not (cors_check(sent, answer) and 200 <= answer.status <= 299):
        return False
    method = sent.get("Access-Control-Request-Method")
    methods = answer.values("Access-Control-Allow-Methods") or []
    names = [name.lower() for name in answer.values("Access-Control-Allow-Headers") or []]
    wildcard = sent.credentials != "include"
    listed = method in methods or (wildcard and "*" in methods)
    if not listed and method not in SAFELISTED_METHODS:
        return False
    asked = (sent.get("Access-Control-Request-Headers") or "").split(",")
    for name in filter(None, asked):
        # `authorization` is the one "CORS non-wildcard request-header name".
        covered = wildcard and "*" in names and name != "authorization"
        if name not in names and not covered:
            return False
    return True
