"""The story of a decision."""

from typing import TypedDict


class ExplainedRule(TypedDict):
    """The rule that governs a path."""

    name: str | None
    """The rule's name, if it has one, exactly as in the document."""
    pointer: str
    """Where it stands in the document, as a JSON pointer; empty when the document is the rule."""
    path_pattern: str | None
    """The path pattern that the path matched, exactly as in the document; None when the document is
    the rule."""


class ExplainedPattern(TypedDict):
    """An origin pattern of the document."""

    pattern: str
    """The pattern, or the regex, exactly as in the document."""
    pointer: str
    """Where it stands in the document, as a JSON pointer."""


class Check(TypedDict):
    """One check of a decision."""

    check: str
    """What was checked: ``path``, ``origin``, ``method`` or ``headers``."""
    passed: bool
    """Whether it passed."""
    expected: str
    """What would pass."""
    received: str | None
    """What came, escaped and cut; None when it was absent."""


class NearestMiss(TypedDict):
    """The origin pattern that nearly covers an origin."""

    pattern: str
    """The pattern, or the regex, exactly as in the document."""
    pointer: str
    """Where it stands in the document, as a JSON pointer."""
    difference: str
    difference_code: str
    """What the origin has that the pattern does not want."""
    covered_origin: str
    """The origin that the pattern covers."""


class Explanation(TypedDict):
    """The story of a decision, for people and logs.

    Whatever came with the request is escaped in it, and cut but for the headers that go out:
    control characters cannot forge a log line. What is of the document is exact in the fields that
    hold nothing else, and escaped in all texts.
    """

    summary: str
    """The story in one escaped line, made to be logged."""
    outcome: str
    """What kind of answer the request gets."""
    reason: str | None
    """Why the request was refused."""
    rule: ExplainedRule | None
    """The rule that governs the path."""
    origin_pattern: ExplainedPattern | None
    """The origin pattern that covers the origin."""
    checks: list[Check]
    """What was checked, in order, up to the check that failed."""
    nearest_miss: NearestMiss | None
    """The origin pattern that nearly covers the origin."""
    status: int | None
    """The status of the answer to a preflight."""
    headers: list[list[str]]
    """The header lines that go out, name and value."""
    browser_message: str | None
    """The sentence that a browser's console shows, when the page does not get the answer."""
    advice: str | None
    """What to change, and where."""
