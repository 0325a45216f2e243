"""The module and Envoy fit together, and say so where they do not."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

import proxy
from client.expected import ALLOWED, APP, cors_lines
from client.http1 import Request
from proxy import answer, bootstrap, listener, onecors

PREFIX = "envoy_dynamic_module_"
MODULE = proxy.OUT / "plain/libonecors.so"


def symbols(library: Path, which: str) -> set[str]:
    """The symbols of Envoy's interface that a program or a library has, or wants."""
    listing = subprocess.run(
        ["nm", "--dynamic", f"--{which}-only", library], check=True, capture_output=True, text=True
    )
    names = (line.split()[-1] for line in listing.stdout.splitlines())
    return {name for name in names if name.startswith(PREFIX)}


def simple() -> proxy.Json:
    """A configuration with the filter and one route."""
    return bootstrap([listener("edge", [onecors({"policy": "policy.json"})], [answer("/", body="item")])])


class Interface(unittest.TestCase):
    """What each asks of the other."""

    def test_envoy_has_every_callback(self) -> None:
        wanted = symbols(MODULE, "undefined")
        self.assertIn(PREFIX + "callback_http_set_header", wanted)
        self.assertEqual(wanted - symbols(proxy.ENVOY, "defined"), set())

    def test_nothing_but_hooks_is_exported(self) -> None:
        listing = subprocess.run(
            ["nm", "--dynamic", "--defined-only", MODULE], check=True, capture_output=True, text=True
        )
        names = {line.split()[-1] for line in listing.stdout.splitlines()}
        self.assertTrue(names)
        self.assertEqual({name for name in names if not name.startswith(PREFIX + "on_")}, set())

    def test_the_version_is_envoys(self) -> None:
        # Envoy wants all its hooks to be there, or it would not have started.
        with proxy.started(simple()) as envoy:
            self.assertIn("ABI version v0.2.0 matched", envoy.log())

    def test_another_version_is_told_of(self) -> None:
        settings = {"ONECORS_PROBE_VERSION": "v9.9.9"}
        with proxy.started(simple(), modules=proxy.OUT / "probe", settings=settings) as envoy:
            self.assertIn("[warning][dynamic_modules]", envoy.log())
            self.assertIn("ABI version v9.9.9 is deprecated", envoy.log())
            came = envoy.ask("edge", Request("GET", "/app/item", (("Origin", ALLOWED),)))
            self.assertEqual(cors_lines(came), sorted(APP[ALLOWED]))

    def test_an_envoy_without_a_callback_is_told_of_when_it_starts(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            library = Path(folder) / "libonecors.so"
            shutil.copyfile(MODULE, library)
            name, other = b"callback_http_set_header\0", b"callback_http_set_heades\0"
            content = library.read_bytes()
            self.assertIn(name, content)
            library.write_bytes(content.replace(name, other))
            log = proxy.refused(simple(), modules=Path(folder))
            self.assertIn("undefined symbol: envoy_dynamic_module_callback_http_set_heades", log)


if __name__ == "__main__":
    unittest.main()
