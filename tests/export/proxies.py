"""Runs the conformance vectors through proxies with exported configurations.

The proxies are Envoy, nginx, and the headers middleware of Traefik in a small program of Go. Each policy
of the vectors is a host of one of each. Behind them stands a service that answers everything with CORS
headers of its own, which must not come through. An answer is right when a browser makes of it what it
makes of the engine's, with cookies and without.

Then the same with configurations that were broken on purpose: each has to be noticed.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import socketserver
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from browser import Answer, Question, read
from client.http1 import Address, NoAnswerError, Request, exchange

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
VECTORS = ROOT / "tests/conformance/decisions"
ONECORS = os.environ["ONECORS"]
PATIENCE_S = 20.0

# What the service says of CORS by itself, wherever it is asked.
SERVICE_LINES = (
    ("access-control-allow-origin", "*"),
    ("access-control-allow-credentials", "true"),
    ("access-control-expose-headers", "x-service"),
    ("access-control-allow-methods", "BREW"),
    ("vary", "Accept-Encoding"),
    ("x-service", "1"),
)
METHODS = {b"GET", b"HEAD", b"POST", b"PUT", b"PATCH", b"DELETE", b"OPTIONS"}
FORBIDDEN_METHODS = {b"CONNECT", b"TRACE", b"TRACK"}
# What core/src/export/portable lets through beyond the engine.
NEARLY_AN_ORIGIN = re.compile(
    rb"[a-z][a-z0-9+.-]*://([a-z0-9_-]+(\.[a-z0-9_-]+)*\.?|\[[0-9a-f:]*\])(:[1-9][0-9]*)?"
)
HTTP_PATH = re.compile(rb"/(?:(?![#?])[!-~\x80-\xff])*")
HTTP_VALUE = re.compile(rb"(?:[!-~\x80-\xff](?:[ -~\t\x80-\xff]*[!-~\x80-\xff])?)?")
# More than this no server takes in a line.
MOST_BYTES = 4_000

# What each mutant breaks in a configuration, and how.
MUTANTS: dict[str, dict[str, tuple[str, str]]] = {
    "envoy": {
        "a regex goes on": (r"(        regex: )(?:\"(.*)\"|(.*))", r"\1(?:\2\3).*"),
        "a regex matches * too": (r"(        regex: )(?:\"(.*)\"|(.*))", r"\1(?:\2\3)|[^.]*"),
        "denied preflights go on": ("preflights: false", "preflights: true"),
        "the service's headers stay": (r"response_headers_to_remove:\n(- .*\n)+", ""),
        "no Vary": ("value: Origin", "value: Cookie"),
        "any header is repeated": (r"allow_headers: .*", 'allow_headers: "*"'),
    },
    "traefik": {
        "a regex goes on": (r"(- \^http.*)\\z", r"\1"),
        "a regex begins anywhere": (r"- \^http", "- http"),
        "the service's headers stay": (r" +customResponseHeaders:\n( +Access.*\n)+", ""),
        "no Vary": (r" +addVaryHeader.*\n", ""),
        "no credentials": (r" +accessControlAllowCredentials.*\n", ""),
    },
    "nginx": {
        "a regex goes on": (r"\\z\" \"\$http_origin", r'" "$http_origin'),
        "a regex begins anywhere": (r"\"~\^((?:\d+:)?\(\?=)", r'"~(?:^|.)\1'),
        "what looks like an origin is repeated": (
            r"(\"https?://[^\"~]*\") \"https?://[^\"]*\"",
            r'\1 "$http_origin"',
        ),
        "preflights go on": (r"if \(\$\w+_verdict.*\n", ""),
        "the service's headers stay": (r"proxy_hide_header .*\n", ""),
        "no Vary": (r"add_header Vary.*\n", ""),
        "errors have no headers": (" always;", ";"),
        "any header is repeated": (
            r"add_header Access-Control-Allow-Headers \S+",
            "add_header Access-Control-Allow-Headers $http_access_control_request_headers",
        ),
        "a path has one reading": (r"(\$\w+_rule)_sent:\$\w+_decoded\"", r'\1_sent:\1_sent"'),
    },
}


@dataclass
class Case:
    """A vector: what is sent, and what the engine answers."""

    name: str
    request: dict[str, bytes]
    outcome: str
    reason: str | None
    answer: Answer


@dataclass
class Tally:
    """What became of the vectors."""

    equal: Counter[str] = field(default_factory=Counter)
    differences: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)


@dataclass
class Group:
    """A policy of the vectors, its export, and the name of the host that has it."""

    name: str
    host: str
    cases: list[Case]
    text: str
    tally: Tally
    any_origin: bool


def bytes_of(value: object) -> bytes:
    """A text of the vectors, which may be written as bytes, as a repetition or as parts."""
    match value:
        case str():
            return value.encode()
        case {"hex": str(digits)}:
            return bytes.fromhex(digits)
        case {"concat": list(parts)}:
            return b"".join(map(bytes_of, parts))
        case {"repeat": part, "count": int(count)}:
            return bytes_of(part) * count
    raise SystemExit(f"no text of a vector: {value!r}")


def read_case(case: dict[str, Any]) -> Case:
    """A vector, with every text written out."""
    expect = case["expect"]
    lines = tuple((name.lower(), bytes_of(value).decode("latin-1")) for name, value in expect["headers"])
    if expect["outcome"] == "ungoverned":
        lines = SERVICE_LINES
    request = {key: bytes_of(value) for key, value in case["request"].items()}
    answer = Answer(expect["status"] or 200, lines)
    return Case(case["name"], request, expect["outcome"], expect["reason"], answer)


def export(policy: dict[str, Any], target: str) -> str | None:
    """What the command writes for a policy, or None where it refuses."""
    command = [ONECORS, "export", "-", "--to", target]
    done = subprocess.run(command, check=False, input=json.dumps(policy).encode(), capture_output=True)
    if done.returncode not in (0, 1):
        raise SystemExit(f"{command}: {done.stderr.decode()}")
    return done.stdout.decode() if done.returncode == 0 else None


def groups(target: str, tally: Tally, mutants: dict[str, Tally]) -> list[Group]:
    """The policies of the vectors as they are exported, and once more for each mutant."""
    found: list[Group] = []
    for file in sorted(VECTORS.glob("*.json")):
        for group in json.loads(file.read_text())["groups"]:
            cases = [read_case(case) for case in group["cases"]]
            text = export(group["policy"], target)
            if text is None:
                tally.left_out[f"refused: {file.stem}: {group['name']}"] += len(cases)
                continue
            broken = [(tally, text)]
            for name, (pattern, instead) in MUTANTS[target].items():
                other = re.sub(pattern, instead, text)
                broken.extend([(mutants[name], other)] if other != text else [])
            for its_tally, its_text in broken:
                name = f"{file.stem}: {group['name']}"
                any_origin = group["policy"].get("allow_origins") == ["*"]
                host = f"g{len(found)}.test"
                found.append(Group(name, host, cases, its_text, its_tally, any_origin))
    return found


class Service(socketserver.ThreadingTCPServer):
    """A service that answers every request, with CORS headers of its own."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Serving)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class Serving(socketserver.StreamRequestHandler):
    """A connection to the service: one request and its answer after the other."""

    def handle(self) -> None:
        with suppress(OSError):
            while self.rfile.readline():
                length = 0
                while line := self.rfile.readline().strip():
                    name, _, value = line.partition(b":")
                    length = int(value) if name.lower() == b"content-length" else length
                self.rfile.read(length)
                lines = "".join(f"{name}: {value}\r\n" for name, value in SERVICE_LINES)
                self.wfile.write(f"HTTP/1.1 200 OK\r\n{lines}content-length: 0\r\n\r\n".encode())
                self.wfile.flush()


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


@contextmanager
def running(command: list[str], folder: Path, port: int) -> Iterator[Address]:
    """A proxy that listens on a port; ended after the block."""
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=folder, stdout=output, stderr=output)
    try:
        deadline = time.monotonic() + PATIENCE_S
        while True:
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"{command[0]} does not listen:\n{log.read_text()[-4000:]}")
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.05)
        yield ("127.0.0.1", port)
    finally:
        process.terminate()
        process.wait(PATIENCE_S)


TYPES = "type.googleapis.com/envoy."
HTTP = TYPES + "extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"
DENY = {
    "action": "DENY",
    "policies": {
        "private": {
            "permissions": [{"url_path": {"path": {"prefix": "/private"}}}],
            "principals": [{"any": True}],
        }
    },
}


def cluster(name: str, port: int) -> dict[str, Any]:
    """A cluster of one server on 127.0.0.1."""
    address = {"socket_address": {"address": "127.0.0.1", "port_value": port}}
    endpoints = [{"lb_endpoints": [{"endpoint": {"address": address}}]}]
    return {
        "name": name,
        "connect_timeout": "1s",
        "load_assignment": {"cluster_name": name, "endpoints": endpoints},
    }


def envoy_configuration(all_groups: list[Group], port: int, service: int) -> dict[str, Any]:
    """All groups in one Envoy, each as a virtual host, with a filter behind CORS that denies."""
    routes = [
        {"match": {"prefix": "/down"}, "route": {"cluster": "down"}},
        {"match": {"prefix": "/"}, "route": {"cluster": "service"}},
    ]
    hosts = [
        {"name": group.host, "domains": [group.host], "routes": routes, **yaml.safe_load(group.text)}
        for group in all_groups
    ]
    filters = [
        {
            "name": "envoy.filters.http.cors",
            "typed_config": {"@type": TYPES + "extensions.filters.http.cors.v3.Cors"},
        },
        {
            "name": "rbac",
            "typed_config": {"@type": TYPES + "extensions.filters.http.rbac.v3.RBAC", "rules": DENY},
        },
        {
            "name": "router",
            "typed_config": {"@type": TYPES + "extensions.filters.http.router.v3.Router"},
        },
    ]
    manager = {
        "@type": HTTP,
        "stat_prefix": "http",
        "http_filters": filters,
        "route_config": {"virtual_hosts": hosts},
    }
    listener = {
        "name": "http",
        "address": {"socket_address": {"address": "127.0.0.1", "port_value": port}},
        "filter_chains": [{"filters": [{"name": "http", "typed_config": manager}]}],
    }
    clusters = [cluster("service", service), cluster("down", free_port())]
    # One of the vectors' regexes covers every origin there is, and has 101 instructions.
    runtime = {"name": "static", "static_layer": {"re2.max_program_size.error_level": 200}}
    return {
        "static_resources": {"listeners": [listener], "clusters": clusters},
        "layered_runtime": {"layers": [runtime]},
    }


@contextmanager
def envoy(all_groups: list[Group], service: int, folder: Path) -> Iterator[Address]:
    """Envoy with all groups."""
    port = free_port()
    configuration = envoy_configuration(all_groups, port, service)
    (folder / "envoy.json").write_text(json.dumps(configuration))
    command = [os.environ["ENVOY"], "-c", "envoy.json", "--concurrency", "1", "--disable-hot-restart"]
    with running([*command, "--log-level", "warn"], folder, port) as address:
        yield address


NGINX = """
daemon off;
master_process off;
pid nginx.pid;
error_log stderr;
{user}
events {{ worker_connections 256; }}
http {{
    access_log off;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    map_hash_bucket_size 512;
    server_names_hash_max_size 4096;
    keepalive_requests 1000000;
    server {{ listen 127.0.0.1:{port} default_server; return 421; }}
{groups}
}}
"""
NGINX_SERVER = """
    server {{
        listen 127.0.0.1:{port};
        server_name {host};
        {directives}
        location / {{ proxy_pass http://127.0.0.1:{service}; }}
        location /down {{ proxy_pass http://127.0.0.1:{down}; }}
        location /private {{
            auth_basic private;
            auth_basic_user_file none;
            proxy_pass http://127.0.0.1:{service};
        }}
    }}
"""


def nginx_group(group: Group, **more: int) -> str:
    """The two parts of an export in their places, with names of their own."""
    name = group.host.partition(".")[0]
    text = re.sub(r"map_hash_bucket_size \d+;", "", group.text.replace("$onecors", f"${name}"))
    maps, _, directives = text.partition("# --- server ---")
    return maps + NGINX_SERVER.format(host=group.host, directives=directives, **more)


@contextmanager
def nginx(all_groups: list[Group], service: int, folder: Path) -> Iterator[Address]:
    """nginx with all groups."""
    port, down = free_port(), free_port()
    parts = [nginx_group(group, port=port, service=service, down=down) for group in all_groups]
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(NGINX.format(user=user, port=port, groups="".join(parts)))
    command = [os.environ["NGINX"], "-p", f"{folder}/", "-c", "nginx.conf", "-e", "stderr"]
    with running(command, folder, port) as address:
        yield address


@contextmanager
def traefik(all_groups: list[Group], service: int, folder: Path) -> Iterator[Address]:
    """Traefik's middleware with all groups."""
    port = free_port()
    hosts = {
        group.host: yaml.safe_load(group.text)["http"]["middlewares"]["onecors"]["headers"]
        for group in all_groups
    }
    (folder / "hosts.json").write_text(json.dumps(hosts))
    addresses = {"listen": port, "service": service, "down": free_port()}
    flags = [f"--{name}=127.0.0.1:{number}" for name, number in addresses.items()]
    with running([os.environ["TRAEFIK"], *flags, "hosts.json"], folder, port) as address:
        yield address


def not_carried(case: Case) -> str | None:
    """Why HTTP or a proxy cannot carry a request as the vector has it."""
    request = case.request
    target = request.get("path", b"/")
    decoded = re.sub(rb"(?i)%2e", b".", re.sub(rb"(?i)%2f", b"/", target))
    values = [value for key, value in request.items() if key not in ("method", "path")]
    no_path = "path" not in request and case.outcome == "ungoverned"
    reasons = {
        "a path that HTTP does not carry": no_path or not HTTP_PATH.fullmatch(target),
        "a path with a dot segment, which proxies resolve or refuse": re.search(rb"/\.\.?(/|$)", decoded),
        "a path with half an escape, which proxies refuse": re.search(rb"%(?![0-9A-Fa-f]{2})", target),
        "a method that proxies refuse": request.get("method", b"GET") not in METHODS,
        "a value that HTTP does not carry as it is": not all(map(HTTP_VALUE.fullmatch, values)),
        "more bytes than a proxy takes": sum(map(len, request.values())) > MOST_BYTES,
    }
    return next((reason for reason, applies in reasons.items() if applies), None)


def ask(address: Address, host: str, request: dict[str, bytes], target: bytes | None = None) -> Answer:
    """A proxy's answer."""
    names = {
        "origin": "Origin",
        "access_control_request_method": "Access-Control-Request-Method",
        "access_control_request_headers": "Access-Control-Request-Headers",
    }
    fields = tuple((name, b" " + request[key]) for key, name in names.items() if key in request)
    sent = Request(
        request.get("method", b"GET").decode(),
        target or request.get("path", b"/"),
        (("Host", host), *fields, ("Connection", "close")),
    )
    answer = exchange(address, sent)
    return Answer(answer.status, tuple(answer.lines))


def of_no_browser(case: Case, any_origin: bool) -> str | None:
    """Why no page can make this request, so that a proxy may treat it in its own way."""
    origin = case.request.get("origin", b"")
    method = case.request.get("access_control_request_method", b"GET")
    malformed = case.reason == "malformed_origin"
    nearly = malformed and NEARLY_AN_ORIGIN.fullmatch(origin)
    reasons = {
        "an empty method": not method,
        "an empty Origin": not origin,
        "an origin with a port or a host that browsers do not write": nearly,
        "no origin, where any is allowed": malformed and any_origin,
        "a method that is no token": case.reason == "malformed_request_method",
        "a list of headers that browsers do not write": case.reason == "malformed_request_headers",
        "more headers than the engine takes": case.reason == "too_many_headers",
        "a method that browsers refuse": method.upper() in FORBIDDEN_METHODS,
    }
    return next((reason for reason, applies in reasons.items() if applies), None)


def questions(case: Case) -> Iterator[Question]:
    """The request as a browser sees it, with cookies and without."""
    is_preflight = case.outcome.startswith("preflight")
    for with_credentials in (False, True):
        method = case.request.get("access_control_request_method", b"").decode("latin-1")
        yield Question(
            case.request.get("origin", b"").decode("latin-1"),
            method if is_preflight else None,
            case.request.get("access_control_request_headers", b"").decode("latin-1"),
            with_credentials,
        )


def fault(case: Case, answer: Answer) -> str | None:
    """How an answer differs from the engine's for a browser or a cache."""
    if "origin" in case.request:
        for question in questions(case):
            came, wanted = read(question, answer), read(question, case.answer)
            if came != wanted:
                return f"{question} has {came}, not {wanted}"
    is_preflight = case.outcome.startswith("preflight")
    from_service = answer.get("x-service") is not None
    if from_service == is_preflight:
        return "went on to the service" if from_service else f"never reached the service ({answer.status})"
    # Answers to OPTIONS are not cached.
    return None if is_preflight else fault_for_caches(case, answer)


def fault_for_caches(case: Case, answer: Answer) -> str | None:
    """What `Vary` lacks: the service's own member, or what the engine adds."""
    came = {member.lower() for member in answer.members("vary")}
    wanted = {member.lower() for member in case.answer.members("vary")} | {"accept-encoding"}
    return None if wanted <= came else f"has Vary {sorted(came)}, not {sorted(wanted)}"


def judge(group: Group, address: Address) -> None:
    """Asks the vectors of a group."""
    for case in group.cases:
        if reason := not_carried(case):
            group.tally.left_out[reason] += 1
            continue
        try:
            found = fault(case, ask(address, group.host, case.request))
        except NoAnswerError as error:
            found = f"no answer: {error}"
        if found is None:
            group.tally.equal[case.outcome] += 1
        elif reason := of_no_browser(case, group.any_origin):
            group.tally.differences[reason] += 1
        else:
            group.tally.failures.append(f"{group.name}: {case.name}: {found}")


def judge_errors(group: Group, address: Address) -> None:
    """Errors of the proxy itself: a page that may read the service's answers reads these too, and no
    preflight meets one."""
    everywhere = [case for case in group.cases if "path" not in case.request]
    actual = next((case for case in everywhere if case.outcome == "actual_allowed"), None)
    preflight = next((case for case in everywhere if case.outcome == "preflight_allowed"), None)
    for target, statuses in ((b"/down", (502, 503)), (b"/private", (401, 403, 500))):
        if actual is not None:
            answer = ask(address, group.host, actual.request, target)
            seen = all(
                read(question, answer) == read(question, actual.answer) for question in questions(actual)
            )
            if answer.status in statuses and seen:
                group.tally.equal["errors of the proxy"] += 1
            else:
                group.tally.failures.append(f"{group.name}: {target!r}: {answer} cannot be read")
        if preflight is not None:
            found = fault(preflight, ask(address, group.host, preflight.request, target))
            group.tally.equal["preflights in front of errors"] += found is None
            group.tally.failures.extend([f"{group.name}: preflight of {target!r}: {found}"] if found else [])


PROXIES: dict[str, Callable[[list[Group], int, Path], AbstractContextManager[Address]]] = {
    "envoy": envoy,
    "nginx": nginx,
    "traefik": traefik,
}


def run(target: str, service: Service) -> tuple[int, int]:
    """Runs the vectors and the mutants of a proxy; how many passed, and how many did not."""
    tally = Tally()
    mutants = {name: Tally() for name in MUTANTS[target]}
    all_groups = groups(target, tally, mutants)
    folder = Path(tempfile.mkdtemp(prefix=f"onecors-export-{target}-"))
    try:
        with PROXIES[target](all_groups, service.port, folder) as address:
            for group in all_groups:
                judge(group, address)
                judge_errors(group, address)
    finally:
        shutil.rmtree(folder)
    for title, counter in (
        ("equal", tally.equal),
        ("differ, as no page makes such a request", tally.differences),
        ("left out", tally.left_out),
    ):
        for what, count in sorted(counter.items()):
            print(f"{count:6} {target}, {title}: {what}")
    for failure in tally.failures:
        print(f"FAILED {target}: {failure}")
    for name, broken in mutants.items():
        seen = "noticed" if broken.failures else "FAILED: missed"
        print(f"{seen}: {target}: {name} ({len(broken.failures)} answers)")
    missed = sum(not broken.failures for broken in mutants.values())
    return sum(tally.equal.values()) + len(mutants) - missed, len(tally.failures) + missed


def main() -> int:
    """Runs every proxy, or those that are named."""
    service = Service()
    passed = failed = 0
    for target in sys.argv[1:] or PROXIES:
        its_passed, its_failed = run(target, service)
        passed, failed = passed + its_passed, failed + its_failed
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
