"""A policy is checked with the configuration: `nginx -t` says all that is wrong, and where."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from client.http1 import Request
from server import MODULE, Nginx, environment

BAD = """{ "allow_origins": ["https://app.example.com/"], "max_age": -5, "allow_method": ["PUT"] }"""


(TEXTS,) = (
    json.loads(file.read_bytes())
    for file in (Path(__file__).parents[3] / "tests/conformance/texts").glob("*.json")
)
REFUSED = [case for case in TEXTS["cases"] if "pointer" in case]


def refused(nginx: Nginx, http: str) -> str:
    """What `nginx -t` says to a configuration that it refuses."""
    nginx.write(http)
    checked = nginx.check()
    assert checked.returncode == 1 and "[emerg]" in checked.stderr, checked.stderr
    return checked.stderr


def test_every_problem(nginx: Nginx) -> None:
    """A line for each: the file, the place in it, what is wrong, what to write."""
    (nginx.folder / "bad.json").write_text(BAD)
    lines = [line for line in refused(nginx, "onecors_policy bad.json;").splitlines() if "onecors: " in line]
    assert len(lines) == 3, lines
    for place in ("/allow_origins/0", "/max_age", "/allow_method"):
        line = next(line for line in lines if f": {place}: " in line)
        assert "[emerg]" in line and str(nginx.folder / "bad.json") in line and "nginx.conf:" in line
    assert any("help: https://app.example.com " in line for line in lines), lines


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case["name"])
def test_what_is_not_seen_is_escaped(nginx: Nginx, case: dict[str, Any]) -> None:
    """Nothing of a document, nor of the name of its file, forges a line or turns the direction of text."""
    file = nginx.folder / TEXTS["file"]
    file.write_text(case.get("text") or json.dumps(case["document"]))
    said = refused(nginx, f'onecors_policy "{TEXTS["file"]}";')
    lines = [line for line in said.splitlines() if " [emerg] " in line and ": onecors: " in line]
    assert lines and len(lines) + 1 == len(said.splitlines()), said
    for text in lines:
        assert not [character for character in TEXTS["invisible"] if character in text], repr(text)


@pytest.mark.parametrize("document", ["", "{", "[]", "null", "\ufeff{}", '{"allow_origins": []}'])
def test_no_policy(nginx: Nginx, document: str) -> None:
    (nginx.folder / "bad.json").write_text(document)
    assert "onecors: " in refused(nginx, "onecors_policy bad.json;")


def test_no_file(nginx: Nginx) -> None:
    assert "missing.json" in refused(nginx, "onecors_policy missing.json;")
    (nginx.folder / "folder").mkdir()
    assert "is not a file" in refused(nginx, "onecors_policy folder;")
    subprocess.run(["mkfifo", nginx.folder / "fifo"], check=True)
    assert "is not a file" in refused(nginx, "onecors_policy fifo;")


def test_no_directive(nginx: Nginx) -> None:
    assert "is duplicate" in refused(nginx, "onecors_policy policy.json; onecors_policy off;")
    assert "is duplicate" in refused(nginx, "onecors_policy off; onecors_policy policy.json;")
    assert "needs the path" in refused(nginx, 'onecors_policy "";')
    assert "number of arguments" in refused(nginx, "onecors_policy;")
    assert "number of arguments" in refused(nginx, "onecors_policy policy.json off;")
    nested = "server { location / { if ($uri) { onecors_policy policy.json; } } }"
    assert "not allowed here" in refused(nginx, nested)


def test_relative_path(nginx: Nginx) -> None:
    """A path is relative to the folder of nginx.conf, as that of any other file."""
    nginx.write("onecors_policy policy.json;")
    folder = nginx.folder / "conf"
    folder.mkdir()
    (nginx.folder / "policy.json").rename(folder / "policy.json")
    (nginx.folder / "nginx.conf").rename(folder / "nginx.conf")
    command = [part.replace("nginx.conf", "conf/nginx.conf") for part in nginx.command("-t")]
    checked = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr


def test_compiled_once(nginx: Nginx) -> None:
    """A file that is named a hundred times is compiled once. This one takes a while."""
    origins = [f"https://host-{number}.example" for number in range(30_000)]
    (nginx.folder / "large.json").write_text(json.dumps({"allow_origins": origins}))
    taken = []
    for times in (1, 100):
        locations = "".join(f"location /{n} {{ onecors_policy large.json; }}" for n in range(times))
        nginx.write(f"server {{ {locations} }}")
        start = time.monotonic()
        assert nginx.check().returncode == 0
        taken.append(time.monotonic() - start)
    assert taken[1] < 20 * taken[0], taken


def test_inherited(nginx: Nginx) -> None:
    """Outer levels count for inner ones, an inner one replaces them, and `off` ends them."""
    for name in ("http", "server", "inner"):
        document = {"allow_origins": [f"https://{name}.example"]}
        (nginx.folder / f"{name}.json").write_text(json.dumps(document))
    nginx.serve(
        """
        onecors_policy server.json;
        location / { return 200; }
        location /inner { onecors_policy inner.json; location /inner/nested { return 200; } return 200; }
        location /off {
            onecors_policy off;
            location /off/on { onecors_policy inner.json; return 200; }
            return 200;
        }
        """,
        "onecors_policy http.json; server { listen unix:http.sock; }",
    )
    expected = {"/": "server", "/inner": "inner", "/inner/nested": "inner", "/off": "", "/off/on": "inner"}
    for target, name in expected.items():
        for other in ("http", "server", "inner"):
            answer = nginx.ask(Request("GET", target, (("Origin", f"https://{other}.example"),)))
            granted = [f"https://{name}.example"] if other == name else []
            assert answer.all("access-control-allow-origin") == granted, (target, answer)
            assert answer.all("vary") == (["Origin"] if name else []), (target, answer)


def test_symbols() -> None:
    """Nothing of the library is seen from outside, so that another copy of it can be in the process."""
    listed = subprocess.run(
        ["nm", "-D", "--defined-only", MODULE], capture_output=True, text=True, check=True
    )
    names = {line.split()[-1] for line in listed.stdout.splitlines()}
    assert {"ngx_modules", "ngx_module_names", "ngx_module_order"} <= names
    assert not {name for name in names if name.startswith("onecors")}, names


def test_needed_libraries() -> None:
    """The module needs no library but the C library's own, and those of a sanitizer in its tests."""
    listed = subprocess.run(["readelf", "-dW", MODULE], capture_output=True, text=True, check=True).stdout
    needed = {line.split("[")[1].rstrip("]") for line in listed.splitlines() if "(NEEDED)" in line}
    of_libc = {"libc.so.6", "libgcc_s.so.1", "libm.so.6", "ld-linux-x86-64.so.2"}
    assert {name for name in needed if "san" not in name} <= of_libc
    assert "NODELETE" in listed
