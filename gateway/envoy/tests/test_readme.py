"""What the README shows is what Envoy takes."""

from __future__ import annotations

import re
import textwrap
import unittest
from pathlib import Path

import proxy
from client.expected import ALLOWED, APP, cors_lines
from client.http1 import Request

README = Path(__file__).resolve().parents[1] / "README.md"
ROUTER = (
    "- name: router\n"
    "  typed_config:\n"
    '    "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router\n'
)
ENVOY = """
admin: {{ address: {{ socket_address: {{ address: 127.0.0.1, port_value: 0 }} }} }}
static_resources:
  listeners:
  - name: edge
    address: {{ socket_address: {{ address: 127.0.0.1, port_value: 0 }} }}
    filter_chains:
    - filters:
      - name: http
        typed_config:
          "@type": {http}
          stat_prefix: edge
{filters}
          route_config:
            virtual_hosts:
            - name: all
              domains: ["*"]
              routes:
              - match: {{ prefix: /app/off }}
                direct_response: {{ status: 200 }}
{per_route}
              - match: {{ prefix: / }}
                direct_response: {{ status: 200 }}
"""


def shown() -> tuple[str, str, str]:
    """The configurations of the README: the filters, what a route may say, and the patch for Istio."""
    blocks: list[str] = re.findall(r"^```yaml\n(.*?)^```", README.read_text(), re.DOTALL | re.MULTILINE)
    filters, per_route, istio = (re.sub(r"/etc/\w+/cors\.json", "policy.json", block) for block in blocks)
    return filters, per_route, istio


def configuration(filters: str, per_route: str = "") -> str:
    """A configuration of Envoy with these."""
    return ENVOY.format(
        http=proxy.HTTP,
        filters=textwrap.indent(filters, " " * 10),
        per_route=textwrap.indent(per_route, " " * 16),
    )


class Shown(unittest.TestCase):
    """Each configuration is run."""

    def check(self, configuration: str, target: str, lines: object) -> None:
        with proxy.folder_with({}) as folder:
            (folder / "envoy.yaml").write_text(configuration)
            with proxy.started_in(folder, "-c", "envoy.yaml") as envoy:
                came = envoy.ask("edge", Request("GET", target, (("Origin", ALLOWED),)))
        self.assertEqual(cors_lines(came), lines)

    def test_the_filter(self) -> None:
        filters, per_route, _ = shown()
        self.check(configuration(filters, per_route), "/app/item", sorted(APP[ALLOWED]))

    def test_a_route_without_it(self) -> None:
        filters, per_route, _ = shown()
        self.check(configuration(filters, per_route), "/app/off", [])

    def test_the_patch_for_istio(self) -> None:
        _, _, istio = shown()
        self.assertIn("operation: INSERT_FIRST", istio)
        value = textwrap.indent(textwrap.dedent(istio.split("value:\n", 1)[1]), "  ")
        filters = "http_filters:\n-" + value[1:] + ROUTER
        self.check(configuration(filters), "/app/item", sorted(APP[ALLOWED]))


if __name__ == "__main__":
    unittest.main()
