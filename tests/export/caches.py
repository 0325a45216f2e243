"""What caches make of the answers of exports: one line of `Vary`, merged as the engine merges it, and pages
that get no answer which was meant for another origin.

Real nginx and Envoy stand in front of a service that sets `Vary` itself, in every way. In front of nginx
stands a cache, nginx's own, which pages of several origins ask in every order: each order does harm to some
page where an answer is kept that was not meant for all.
"""

from __future__ import annotations

import re
import shutil
import socketserver
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import suppress
from itertools import permutations
from pathlib import Path
from typing import Any

import proxy_envoy
import proxy_nginx
from browser import Answer, Question, read
from client.http1 import Address, Request, exchange
from client.vectors import Group
from exported import Exported, export
from process import CLOSED_PORT, free_port
from tally import Tally, end

PAGE, OTHER, STRANGER = "https://page.example", "https://other.example", "https://evil.example"
LISTED: dict[str, Any] = {
    "allow_origins": [PAGE, OTHER],
    "allow_credentials": True,
    "expose_headers": ["etag"],
}
ANY: dict[str, Any] = {"allow_origins": ["*"], "expose_headers": ["etag"]}
RULES = {"rules": [{"paths": ["/listed/*"], **LISTED}, {"paths": ["/any/*"], **ANY}]}
# The parts of RULES that its paths begin with, and the policy of each; nothing governs the last one.
PARTS: dict[str, dict[str, Any] | None] = {"/listed": LISTED, "/any": ANY, "/own": None}

# What the service says. Only nginx 1.23 and newer shows a configuration several lines.
VARIES = (
    "",
    "Accept-Encoding",
    "accept-encoding , Cookie",
    "ORIGIN",
    "Cookie,origin",
    "*",
    "X-Origin, originX",
)
COMPRESSED = b"\x1f\x8b"

CACHE = """
    proxy_cache_path cache keys_zone=pages:1m;
    server {{
        listen 127.0.0.1:{port};
        location / {{
            proxy_pass http://127.0.0.1:{behind};
            proxy_http_version 1.1;
            proxy_set_header Host $http_host;
            proxy_cache pages;
            proxy_cache_key $http_host$request_uri;
            proxy_cache_valid 200 1m;
            add_header X-Cache $upstream_cache_status;
        }}
    }}
"""
README = Path(__file__).resolve().parents[2] / "gateway/nginx/README.md"
GZIP = "\ngzip on;\ngzip_proxied any;\ngzip_min_length 1;\ngzip_types text/plain;\n"


class Service(socketserver.ThreadingTCPServer):
    """Answers `/.../N` with the Nth of VARIES."""

    allow_reuse_address = True
    daemon_threads = True


class Serving(socketserver.StreamRequestHandler):
    """A connection to the service: one request and its answer."""

    def handle(self) -> None:
        with suppress(OSError):
            target = self.rfile.readline().split()[1]
            while self.rfile.readline().strip():
                pass
            vary = VARIES[int(target.rpartition(b"/")[2].partition(b"?")[0])]
            line = f"Vary: {vary}\r\n" if vary else ""
            head = f"HTTP/1.1 200 OK\r\n{line}Content-Type: text/plain\r\nConnection: close\r\n\r\n"
            self.wfile.write(head.encode() + b"page" * 100)


def merged(vary: str, member: str) -> str:
    """What the engine makes of a line (core/src/response.rs)."""
    members = [part.strip().lower() for part in vary.split(",")]
    if member.lower() in members or "*" in members:
        return vary
    return f"{vary}, {member}" if vary else member


def ask(address: Address, host: str, target: str, origin: str | None, *lines: tuple[str, str]) -> Answer:
    """The answer to a page."""
    own = () if origin is None else (("Origin", origin),)
    fields = (("Host", host), *own, *lines, ("Connection", "close"))
    answer = exchange(address, Request("GET", target, fields))
    encoded = (("x-compressed", "yes"),) if answer.body.startswith(COMPRESSED) else ()
    return Answer(answer.status, (*answer.lines, *encoded))


def lines_of_vary(answer: Answer) -> list[str]:
    """Each line, with a space after each comma."""
    lines = [value for name, value in answer.lines if name.lower() == "vary"]
    return [re.sub(r" *, *", ", ", line) for line in lines]


def judge_merging(address: Address, host: str, part: str, varies: bool, *extra: str) -> Iterator[str]:
    """What is wrong with the lines of Vary of the service's answers."""
    for number, vary in enumerate(VARIES):
        right = re.sub(r" *, *", ", ", merged(vary, "Origin") if varies else vary)
        for member in extra:
            right = merged(right, member)
        for origin in (PAGE, STRANGER, None):
            encoding = ("Accept-Encoding", "gzip")
            came = lines_of_vary(ask(address, host, f"{part}/{number}", origin, encoding))
            wrong = came != ([right] if right else [])
            yield f"{host}, {part}, {origin}: {vary!r} became {came}, not {right!r}" if wrong else ""


def judge_errors(address: Address) -> Iterator[str]:
    """What is wrong with the lines of Vary of nginx's own errors, of which no service said anything."""
    for host, right in (("listed.test", ["Origin"]), ("any.test", []), ("gzip.test", ["Accept-Encoding"])):
        for target, status in (("/down/0", 502), ("/private/0", 401)):
            answer = ask(address, host, target, PAGE)
            came = lines_of_vary(answer)
            wrong = came != right or answer.status not in (status, 403)
            yield f"{host}, {target}: {answer.status} with {came}, not {right}" if wrong else ""


def judge_pages(address: Address, host: str, part: str, policy: dict[str, Any] | None) -> Iterator[str]:
    """What pages read wrong, of what a cache gives them."""
    hits = 0
    for number, order in enumerate(permutations((None, PAGE, STRANGER, OTHER))):
        for origin in (*order, *order):
            # Every order begins with an empty cache.
            answer = ask(address, host, f"{part}/{number % 2}?{number}", origin)
            hits += answer.get("x-cache") == "HIT"
            page = Question(origin or "", None, "", with_credentials=policy is LISTED)
            may = policy is ANY or (policy is LISTED and origin in (PAGE, OTHER))
            wrong = origin is not None and read(page, answer).passes != may
            yield f"{host}, {part}, {order}: {origin} reads {answer.lines}" if wrong else ""
    yield "" if hits else f"{host}, {part}: the cache kept nothing"


def judge_compressed(address: Address, host: str) -> Iterator[str]:
    """A page that takes no gzip gets none from a cache, in whatever order they are asked for."""
    for number, encodings in enumerate((("gzip", ""), ("", "gzip"))):
        for encoding in encodings * 2:
            lines = (("Accept-Encoding", encoding),) if encoding else ()
            answer = ask(address, host, f"/listed/0?gzip{number}", PAGE, *lines)
            wrong = (answer.get("x-compressed") is not None) != bool(encoding)
            yield f"{host}: who takes {encoding!r} got {answer.lines}" if wrong else ""


def nginx_parts(service: int, port: int, cache: int) -> list[str]:
    """nginx with the export as it is; with gzip, as its comment says; with gzip and its own line of Vary;
    and with a cache in front of all of them."""
    text = export(RULES, "nginx") or ""
    with_encoding = text.replace("Vary $onecors_vary always", "Vary $onecors_vary_and_encoding always")
    texts = {
        "plain.test": text,
        "listed.test": export(LISTED, "nginx") or "",
        "any.test": export(ANY, "nginx") or "",
        "gzip.test": with_encoding + GZIP + "gzip_vary off;\n",
        "doubled.test": text + GZIP + "gzip_vary on;\n",
    }
    more = {"port": port, "service": service, "down": CLOSED_PORT}
    parts = [proxy_nginx.placed(host, text, **more) for host, text in texts.items()]
    return [*parts, adapter_part(service, port), CACHE.format(port=cache, behind=port)]


def block(beginning: str) -> str:
    """A block of nginx's configuration in the README of the module, by its first line."""
    found = re.search(f"```nginx\n{beginning}\n(.*?)```", README.read_text(), re.DOTALL)
    assert found is not None, beginning
    return found[1]


def adapter_part(service: int, port: int) -> str:
    """nginx in front of a service with an adapter, as the README has it."""
    return f"""{block("# http")}
    server {{
        listen 127.0.0.1:{port};
        server_name adapter.test;
        {GZIP}{block("# server")}
        location / {{ proxy_pass http://127.0.0.1:{service}; }}
    }}"""


def judge_nginx(service: int, folder: Path) -> Iterator[str]:
    """nginx, and the cache in front of it."""
    port, cache = free_port(), free_port()
    with proxy_nginx.serving(nginx_parts(service, port, cache), folder, port) as address:
        for part, policy in PARTS.items():
            yield from judge_merging(address, "plain.test", part, policy is LISTED)
            yield from judge_merging(address, "gzip.test", part, policy is LISTED, "Accept-Encoding")
            yield from judge_pages(("127.0.0.1", cache), "plain.test", part, policy)
        for host, policy in (("listed.test", LISTED), ("any.test", ANY)):
            yield from judge_merging(address, host, "", policy is LISTED)
            yield from judge_pages(("127.0.0.1", cache), host, "", policy)
        yield from judge_pages(("127.0.0.1", cache), "gzip.test", "/listed", LISTED)
        yield from judge_compressed(("127.0.0.1", cache), "gzip.test")
        yield from judge_errors(address)
        yield from judge_merging(address, "adapter.test", "", False, "Accept-Encoding")
        # What the export's comment warns of.
        lines = lines_of_vary(ask(address, "doubled.test", "/listed/0", PAGE, ("Accept-Encoding", "gzip")))
        yield "" if lines == ["Accept-Encoding", "Origin"] else f"gzip_vary on: {lines}"


def judge_envoy(service: int, folder: Path) -> Iterator[str]:
    """Envoy, which varies with the origin where any is allowed, too: it repeats it."""
    texts = {host: export(policy, "envoy") or "" for host, policy in {"listed": LISTED, "any": ANY}.items()}
    exports = [Exported(Group(host, {}, []), host, text, Tally()) for host, text in texts.items()]
    with proxy_envoy.started(exports, service, folder) as address:
        for host in texts:
            yield from judge_merging(address, host, "", True)
            answer = ask(address, host, "/down/0", PAGE)
            came = (answer.status, lines_of_vary(answer))
            yield "" if came == (503, ["Origin"]) else f"{host}: an error of Envoy's own has {came}"


def main() -> int:
    """Runs both."""
    service = Service(("127.0.0.1", 0), Serving)
    threading.Thread(target=service.serve_forever, daemon=True).start()
    results = []
    for judge in (judge_nginx, judge_envoy):
        folder = Path(tempfile.mkdtemp(prefix="onecors-export-caches-"))
        try:
            results += list(judge(service.server_address[1], folder))
        finally:
            shutil.rmtree(folder)
    failures = [result for result in results if result]
    for failure in failures:
        print(f"FAILED {failure}")
    return end(len(results) - len(failures), len(failures))


if __name__ == "__main__":
    sys.exit(main())
