"""Whether two values of JSON are the same."""

from __future__ import annotations


def same(told: object, expected: object) -> bool:
    """The order of members is free, 1 is 1.0, and true is not 1. Of a stream the chunks are joined."""
    if isinstance(told, bool) or isinstance(expected, bool):
        return told is expected
    if isinstance(told, dict) and isinstance(expected, dict):
        return told.keys() == expected.keys() and all(
            _same_member(name, told[name], expected[name]) for name in told
        )
    if isinstance(told, list) and isinstance(expected, list):
        return len(told) == len(expected) and all(map(same, told, expected))
    return type(told) in _types(expected) and bool(told == expected)


def _same_member(name: str, told: object, expected: object) -> bool:
    if name == "chunks" and isinstance(told, list) and isinstance(expected, list):
        return "".join(told) == "".join(expected)
    return same(told, expected)


def _types(value: object) -> tuple[type, ...]:
    return (int, float) if isinstance(value, int | float) else (type(value),)
