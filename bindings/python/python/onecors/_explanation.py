"""Explanations of decisions."""

from typing import TypedDict


class ExplainedRule(TypedDict):
    """The rule that governs a path."""

    name: str | None
    """The rule's name, if it has one, exactly as in the document."""
    pointer: str
    """Its place in the document, as a JSON pointer; empty if the document is a single rule."""
    path_pattern: str | None
    """The path pattern that matched, exactly as in the document; None if the document is a single
    rule."""


class ExplainedPattern(TypedDict):
    """An origin pattern of the document."""

    pattern: str
    """The pattern, or the regex, exactly as in the document."""
    pointer: str
    """Its place in the document, as a JSON pointer."""


class Check(TypedDict):
    """One check of a decision."""

    check: str
    """What was checked: ``path``, ``origin``, ``method`` or ``headers``."""
    passed: bool
    """Whether the check passed."""
    expected: str
    """What the rule accepts."""
    received: str | None
    """The received value, escaped and shortened; None if it was absent."""


class NearestMiss(TypedDict):
    """The origin pattern that almost covers an origin."""

    pattern: str
    """The pattern, or the regex, exactly as in the document."""
    pointer: str
    """Its place in the document, as a JSON pointer."""
    difference: str
    """How the origin differs from what the pattern covers."""
    difference_code: str
    """The stable code of the difference, such as `port`."""
    covered_origin: str
    """The closest origin that the pattern covers."""


class Explanation(TypedDict):
    """The explanation of a decision, for people and logs.

    Values from the request are escaped, so that they cannot forge a log line, and shortened except
    in ``headers``. Values from the document are exact in fields of their own, and escaped within
    sentences.
    """

    summary: str
    """One escaped line for a log."""
    outcome: str
    """The kind of response that the request gets."""
    reason: str | None
    """Why the request was refused; None if it was not."""
    rule: ExplainedRule | None
    """The rule that governs the path."""
    origin_pattern: ExplainedPattern | None
    """The origin pattern that covers the origin."""
    checks: list[Check]
    """The checks in order, up to the first that failed."""
    nearest_miss: NearestMiss | None
    """The origin pattern that almost covers the origin."""
    status: int | None
    """The status of the response to a preflight."""
    headers: list[list[str]]
    """The header lines of the response, as name and value."""
    browser_message: str | None
    """The message in the browser's console, if the page may not read the response."""
    advice: str | None
    """What to change, and where."""
