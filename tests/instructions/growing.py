"""Documents and requests that grow: what is wrong or right in them comes n times.

Each once took time that grew with the square of n, or with a power of two, or is the neighbour of one
that did.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

ORIGIN = "https://app.example.com"
Document = Any

# Four times as much of something may take five times as many instructions.
LINEAR = 5.0
# A look-up among four times as many.
LOOKUP = 1.5


@dataclass(frozen=True)
class Case:
    """Something that grows."""

    name: str
    # What is counted: `load`; a decision on a `path`, a `method` or `headers`; or an export.
    what: str
    document: Callable[[int], Document]
    text: Callable[[int], str] = lambda _: ""
    # The smaller n; the larger is four times that.
    n: int = 2_000
    most: float = LINEAR


def rule(**keys: Document) -> Document:
    return {"allow_origins": [ORIGIN], **keys}


def rules(**keys: Document) -> Document:
    return {"rules": [rule(paths=["/*"], **keys)]}


def each(form: str) -> Callable[[int], list[str]]:
    """A list of n texts, in falling order, which is the worst for a sorted list."""
    return lambda n: [form.format(f"{number:06}") for number in range(n, 0, -1)]


def origins(form: str, **keys: Document) -> Callable[[int], Document]:
    return lambda n: {"allow_origins": each(form)(n), **keys}


def listed(key: str, form: str) -> Callable[[int], Document]:
    return lambda n: rule(**{key: each(form)(n)})


def ideographs(n: int) -> str:
    """Different characters, each of which Punycode looks for in all of them."""
    return "".join(chr(0x4E00 + number) for number in range(n))


def preflights(n: int) -> Document:
    """A rule of many request headers that lets a preflight get to them."""
    return rule(allow_methods=["PUT"], allow_headers=each("x-{}")(n))


def names(n: int) -> str:
    """64 of the listed names, from the first to the last."""
    return ",".join(f"x-{number:06}" for number in range(1, n + 1, n // 63))


def other_names(n: int) -> str:
    return names(n).replace(",", "x,")


def long(key: str, unit: str, form: str = "{}") -> Callable[[int], Document]:
    """A rule with one long text in a list."""
    return lambda n: rule(**{key: [form.format(unit * n)]})


def regex(form: Callable[[int], str]) -> Callable[[int], Document]:
    return lambda n: {"allow_origins": [{"regex": form(n)}]}


def repeated_keys(n: int) -> str:
    """Repeated keys under a long one."""
    repeated = ",".join(['"key": 1'] * n)
    return f'{{"{"long" * n}": {{"inner": {{{repeated}}}}}, "allow_origins": ["{ORIGIN}"]}}'


def deep_paths(n: int) -> Document:
    return {"rules": [rule(paths=["/a" * depth + "/*"]) for depth in range(1, n)]}


def path_of(unit: str) -> Callable[[int], str]:
    return lambda n: "/a" + unit * n


def plus_signs(n: int) -> str:
    return "https://b" + "+" * n + r"\.example\.com"


def nested_groups(n: int) -> str:
    return "https://" + "(" * n + "b" + ")*" * n + r"c\.example\.com"


LOADS = [
    Case("exact origins", "load", origins("https://a{}.example.com")),
    Case("partial wildcards under one base", "load", origins("https://a{}-*.example.com"), n=6_000),
    Case("partial wildcards by their suffix", "load", origins("https://a*-{}.example.com"), n=6_000),
    Case("wildcards under many bases", "load", origins("https://*.a{}.example.com")),
    Case(
        "ports of one wildcard",
        "load",
        lambda n: {"allow_origins": [f"https://*.example.com:{port}" for port in range(n + 1, 1, -1)]},
    ),
    Case("one origin again and again", "load", origins("https://a.example.com")),
    Case("one wildcard again and again", "load", origins("https://*.example.com")),
    Case(
        "covered origins",
        "load",
        lambda n: {"allow_origins": ["https://*.example.com", *each("https://a{}.example.com")(n)]},
    ),
    Case(
        "covered wildcards",
        "load",
        lambda n: {"allow_origins": ["https://*.example.com", *each("https://a{}-*.example.com")(n)]},
    ),
    Case("bad origins", "load", origins("https://a{}.example.com/")),
    Case("entries of a wrong type", "load", lambda n: {"allow_origins": [1, []] * n}),
    Case("insecure origins", "load", origins("http://a{}.example.com", allow_credentials=True)),
    Case(
        "one regex again and again",
        "load",
        lambda n: {"allow_origins": [{"regex": "https://a\\.b\\.example"}] * n},
        n=100,
    ),
    Case("bad regexes", "load", lambda n: {"allow_origins": [{"regex": text} for text in each("({}")(n)]}),
    Case("unknown keys", "load", lambda n: rule(**dict.fromkeys(each("key{}")(n), 1))),
    Case("unknown keys of an entry", "load", lambda n: rules(**dict.fromkeys(each("key{}")(n), 1))),
    Case("unknown keys beside rules", "load", lambda n: rules() | dict.fromkeys(each("key{}")(n), 1)),
    Case(
        "unknown keys of a regex", "load", lambda n: {"allow_origins": [dict.fromkeys(each("key{}")(n), 1)]}
    ),
    Case("repeated keys", "load", repeated_keys),
    Case("paths of one level", "load", lambda n: {"rules": [rule(paths=each("/a{}")(n))]}),
    Case("one path again and again", "load", lambda n: {"rules": [rule(paths=["/a"] * n)]}),
    Case(
        "rules",
        "load",
        lambda n: {"rules": [rule(paths=[path], name=path) for path in each("/a{}")(n)]},
        n=500,
    ),
    Case(
        "one name again and again",
        "load",
        lambda n: {"rules": [rule(paths=[path], name="a") for path in each("/a{}")(n)]},
        n=500,
    ),
    Case("methods", "load", listed("allow_methods", "M{}")),
    Case("request headers", "load", listed("allow_headers", "x-{}")),
    Case("response headers", "load", listed("expose_headers", "x-{}")),
    Case("unknown opt-outs", "load", listed("dangerously_allow", "insecure_origin{}")),
    Case("a long text that is not ASCII", "load", lambda n: {"allow_origins": [f"https://{ideographs(n)}"]}),
    Case("a long text of many labels", "load", long("allow_origins", "é.", "https://{}example")),
    Case(
        "a long text of combining marks", "load", long("allow_origins", "\u0301\u0323", "https://e{}.example")
    ),
    Case("a long origin", "load", long("allow_origins", "a.*", "https://{}.example")),
    Case("a long regex", "load", regex(lambda n: "a" * n)),
    Case("a long path", "load", lambda n: {"rules": [rule(paths=["/a%2f" * n])]}),
    Case("a long method", "load", long("allow_methods", "é")),
    Case("a long header name", "load", long("allow_headers", "é")),
    Case("a long key", "load", lambda n: rule(**{"~/é" * n: 1})),
    Case("a long name", "load", lambda n: rules(name="é" * n)),
]

DECISIONS = [
    Case("64 names among many", "headers", preflights, names, most=LOOKUP),
    Case("64 names in upper case", "headers", preflights, lambda n: names(n).upper(), most=LOOKUP),
    Case("64 names that are not listed", "headers", preflights, other_names, most=LOOKUP),
    Case("a method among many", "method", listed("allow_methods", "M{}"), lambda _: "M000001", most=LOOKUP),
    Case("a path that goes deep", "path", deep_paths, lambda n: "/a" * 50 * n + "/%2e", n=60),
    *(
        Case(f"a path of {unit}", "path", lambda _: deep_paths(200), path_of(unit))
        for unit in (
            "%2e%2e%2f",
            "/../a",
            "/./a",
            "/%2e",
            ";",
            ";/",
            "//",
            "%2f",
            "%5c",
            "\\",
            "%252e",
            "/A",
            "/a;b",
            "%",
        )
    ),
]

EXPORTS = [
    Case(f"{what} to {target}", target, regex(form), n=4, most=most)
    for target in ("envoy", "nginx", "traefik", "kong", "aws-rest", "openapi", "sam", "cdk-json")
    for what, form, most in (
        ("plus signs", plus_signs, LINEAR),
        # What is written for these grows with the square, up to the 3,000 bytes that a regex may have.
        ("nested groups", nested_groups, 10.0),
    )
]

CASES = [*LOADS, *DECISIONS, *EXPORTS]


def write(document: Document) -> str:
    return document if isinstance(document, str) else json.dumps(document, ensure_ascii=False)
