"""Asks a real nginx with an export which rule governs a path, in every short spelling of it.

Each rule exposes a header name of its own, by which an answer tells the rule. nginx has to say what the
engine says, and may say "none" alone where the engine has a rule: for a path with a dot segment, which
browsers remove, and for one that has another rule in another reading. A reading is what a service makes of
a path before it routes on it: it decodes, it merges slashes, it takes an encoded slash or a backslash for a
slash, or not.
"""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

import proxy_nginx
from client.http1 import Address, Connection, Request
from engine import Engine
from exported import export
from process import CLOSED_PORT, free_port
from service import Service
from tally import end

# What a path is put together from, behind its first slash, and how many of these at most.
PARTS = ("/", "%2F", "\\", "a", "%61", "b", "%62", ".", "%2e", "%2561", ";", "A")
MOST = 3
# Longer ones that people have written, or have been attacked with.
PATHS = (
    "/%61dmin/x",
    "//admin/x",
    "///admin/x",
    "/admin//x",
    "/x/..//admin/x",
    "/%2Fadmin/x",
    "/admin%2Fx",
    "/%61dmin%2fx",
    "//%61dmin/x",
    "/%2561dmin/x",
    "/a%2fb",
    "/a%5cb",
    "/%5Cadmin/x",
    "/x\\..%5cadmin",
    "/a//b",
    "/a/b/",
    "/a/%62",
    "/a/b?/../admin",
    "/?//admin/%61",
    "/a/b%3Fx",
    "/caf\u00e9/x",
    "/caf%C3%A9/x",
    "/caf%c3%a9/x",
    "/a b",
    "/a%20b/c",
    "/%",
    "/%zz/a",
    "/100%25/x",
    "/100%/x",
    "/x#/admin",
)
ORIGIN = "https://page.example"

# What some services take for a slash.
SEPARATOR = re.compile(rb"(?i)%2f|%5c|\\")


def policy(*paths: str) -> dict[str, Any]:
    """A policy with a rule for each pattern, which exposes the rule's number."""
    rules = [
        {"paths": [path], "allow_origins": [ORIGIN], "expose_headers": [f"rule-{number}"]}
        for number, path in enumerate(paths)
    ]
    return {"rules": rules}


POLICIES = (
    policy("/*", "/admin/*"),
    policy("/a/*", "/a/b", "/b/{x}"),
    policy("/*", "/a/{x}", "/{x}/b/*", "/a/b/", "/a/b/a"),
    policy("/caf\u00e9/*", "/a%20b/*", "/100%25/*", "/{x}"),
    # The longest that a word of nginx has room for, with each letter in both spellings.
    policy("/*", f"/{'a' * 430}/*"),
)


def spellings() -> Iterator[str]:
    """Every path that is asked for."""
    yield from PATHS
    for length in range(MOST + 1):
        yield from ("/" + "".join(parts) for parts in product(PARTS, repeat=length))


def readings(path: str) -> Iterator[list[bytes]]:
    """The segments of a path as it was sent, and as services read it."""
    for decoded, merged, split in product((False, True), repeat=3):
        text = path.encode().partition(b"?")[0]
        text = SEPARATOR.sub(b"/", text) if split else text
        text = re.sub(rb"/+", b"/", text) if merged else text
        segments = text[1:].split(b"/")
        yield [unquote_to_bytes(segment) for segment in segments] if decoded else segments


def rules(path: str, document: dict[str, Any]) -> set[str | None]:
    """The rules that a path has, in all of its readings."""
    patterns = {pattern: f"rule-{n}" for n, rule in enumerate(document["rules"]) for pattern in rule["paths"]}
    found = set()
    for segments in readings(path):
        kinds = [(kind(pattern, segments), name) for pattern, name in patterns.items()]
        found.add(min((its, name) for its, name in [*kinds, ("none", None)] if its)[1])
    return found


def kind(pattern: str, segments: list[bytes]) -> str:
    """Empty where a pattern does not cover these segments; else less than that of a pattern that another one
    beats: a letter for each segment, a literal before `{x}`, before the end of a pattern, before `/*`."""
    kinds = ""
    *wanted, last = [*pattern.removesuffix("/*").split("/")[1:], "*" if pattern.endswith("/*") else ""]
    for place, part in enumerate(wanted):
        is_covered = segments[place : place + 1] == [part.encode()]
        if not is_covered and not (part == "{x}" and any(segments[place : place + 1])):
            return ""
        kinds += "b" if part == "{x}" else "a"
    if len(segments) > len(wanted) and not last:
        return ""
    return kinds + ("d" if last else "c")


def has_dots(path: str) -> bool:
    """Whether a path has a dot segment, or something else that nothing but an attack has."""
    text = SEPARATOR.sub(b"/", re.sub(rb"(?i)%2e", b".", path.encode().partition(b"?")[0]))
    return re.search(rb"/\.{1,2}(/|$)", text) is not None or b"#" in text


class Asking:
    """A connection to nginx, which is opened anew where nginx has ended it."""

    def __init__(self, address: Address, host: str) -> None:
        self._address, self._host = address, host
        self._connection = Connection(address)

    def rule(self, path: str) -> str | None:
        """The name that nginx exposes; "refused" where it takes the path for none."""
        self._connection.send(Request("GET", path, (("Host", self._host), ("Origin", ORIGIN))).raw(""))
        answer = self._connection.answer()
        if answer.joined("connection") == "close":
            self._connection.close()
            self._connection = Connection(self._address)
        if answer.status != 200:
            return "refused"
        exposed = answer.joined("access-control-expose-headers")
        # The service's own.
        return None if exposed == "x-service" else exposed


def judge(asking: Asking, engine: Engine, document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Every path with what is wrong with nginx's rule, if anything is."""
    plans = [engine.plan(sample(rule["paths"][0])) for rule in document["rules"]]
    names: dict[int | None, str] = {
        plan: f"rule-{number}" for number, plan in enumerate(plans) if plan is not None
    }
    for path in spellings():
        came = asking.rule(path)
        if came == "refused":
            continue
        right, possible = names.get(engine.plan(path.encode().partition(b"?")[0])), rules(path, document)
        if came is not None and possible != {came}:
            yield path, f"has {came}, and may be read as {possible}"
        elif came is None and (has_dots(path) or len(possible) > 1):
            yield path, ""
        else:
            yield path, "" if came == right else f"has {came}, not {right}"


def sample(pattern: str) -> bytes:
    """A path that a pattern covers."""
    return pattern.replace("{x}", "y").replace("*", "y").encode()


def main() -> int:
    """Runs every policy, with merged slashes and without."""
    service, folder = Service(), Path(tempfile.mkdtemp(prefix="onecors-export-paths-"))
    ports = {"on": free_port(), "off": free_port()}
    parts, texts = [], [export(document, "nginx") for document in POLICIES]
    for merge, port in ports.items():
        for number, text in enumerate(texts):
            more = f"\nmerge_slashes {merge};\n"
            host = f"p{number}{merge}.test"
            listening = {"port": port, "service": service.port, "down": CLOSED_PORT}
            parts.append(proxy_nginx.placed(host, (text or "") + more, **listening))
    passed, failures = 0, []
    try:
        with proxy_nginx.serving(parts, folder, free_port()):
            for merge, port in ports.items():
                for number, document in enumerate(POLICIES):
                    asking = Asking(("127.0.0.1", port), f"p{number}{merge}.test")
                    for path, wrong in judge(asking, Engine(document), document):
                        passed += not wrong
                        where = f"policy {number}, merge_slashes {merge}, {path}"
                        failures += [f"FAILED {where}: {wrong}"] if wrong else []
    finally:
        shutil.rmtree(folder)
    print(*failures[:20], sep="\n", end="\n" if failures else "")
    return end(passed, len(failures))


if __name__ == "__main__":
    sys.exit(main())
