"""What operators see: counters by reason, and each denial once in the log."""

from __future__ import annotations

import unittest
from contextlib import AbstractContextManager

import proxy
from client.expected import ALLOWED, DENIED
from client.http1 import Request
from proxy import answer, bootstrap, listener, onecors

ASKS = (("Origin", ALLOWED), ("Access-Control-Request-Method", "PUT"))


def headers(names: str) -> Request:
    """A preflight that asks for these names."""
    return Request("OPTIONS", "/app/item", (*ASKS, ("Access-Control-Request-Headers", names)))


class Telling(unittest.TestCase):
    """One Envoy for each: its counters begin at 0, and nothing has been logged."""

    def test_denials_are_counted_by_reason(self) -> None:
        requests = {
            "malformed_origin": Request("GET", "/app/item", (("Origin", ALLOWED + "/"),)),
            "origin_not_allowed": Request("OPTIONS", "/app/item", (("Origin", DENIED), *ASKS[1:])),
            "malformed_request_method": Request(
                "OPTIONS", "/app/item", (*ASKS[:1], ("Access-Control-Request-Method", "P UT"))
            ),
            "method_not_allowed": Request(
                "OPTIONS", "/app/item", (*ASKS[:1], ("Access-Control-Request-Method", "PURGE"))
            ),
            "too_many_headers": headers(",".join(["x-token"] * 65)),
            "malformed_request_headers": headers("x token"),
            "header_not_allowed": headers("x-evil"),
        }
        with started() as envoy:
            for times, request in enumerate(requests.values(), 1):
                for _ in range(times):
                    envoy.ask("edge", request)
            expected = {f"denied.{reason}": times for times, reason in enumerate(requests, 1)}
            self.assertEqual(envoy.stats(), {**expected, "actual_denied": 1, "preflight_denied": 27})

    def test_what_is_allowed_is_counted_too(self) -> None:
        upgrade = (("Upgrade", "websocket"), ("Connection", "Upgrade"))
        with started() as envoy:
            for request in (
                Request("GET", "/app/item", ASKS[:1]),
                Request("OPTIONS", "/app/item", ASKS),
                Request("OPTIONS", "/app/item", ASKS),
                Request("GET", "/app/item"),
                Request("GET", "/plain", (("Origin", DENIED),)),
                Request("GET", "/app/item", (("Origin", DENIED), *upgrade)),
            ):
                envoy.ask("edge", request)
            denied = {"actual_denied": 1, "denied.origin_not_allowed": 1, "handshake_refused": 1}
            self.assertEqual(envoy.stats(), {"actual_allowed": 1, "preflight_allowed": 2, **denied})

    def test_pages_of_the_server_itself_are_denied_nothing(self) -> None:
        with started() as envoy:
            host, port = envoy.address("edge")
            envoy.ask("edge", Request("POST", "/app/item", (("Origin", f"http://{host}:{port}"),)))
            self.assertEqual(envoy.stats(), {})
            self.assertNotIn("onecors: denied", envoy.log())

    def test_each_denial_is_logged_once_and_escaped(self) -> None:
        with started() as envoy:
            for _ in range(3):
                envoy.ask("edge", Request("GET", "/app/item", (("Origin", "https://app.example.com:8443"),)))
                envoy.ask("edge", Request("GET", "/app/item", (("Origin", b" https://\xc2\x9b2J.example"),)))
            lines = [line for line in envoy.log().splitlines() if "onecors: denied" in line]
            self.assertEqual(len(lines), 2, lines)
            self.assertIn("[warning][dynamic_modules]", lines[0])
            self.assertIn('nearest miss: "https://app.example.com"', lines[0])
            self.assertIn("(malformed_origin)", lines[1])
            self.assertNotIn("\x9b", lines[1])


def started() -> AbstractContextManager[proxy.Envoy]:
    """Envoy with the filter and one route."""
    filters = [onecors({"policy": "policy.json"})]
    upgrades = [{"upgrade_type": "websocket"}]
    return proxy.started(
        bootstrap([listener("edge", filters, [answer("/", body="item")], upgrade_configs=upgrades)])
    )


if __name__ == "__main__":
    unittest.main()
