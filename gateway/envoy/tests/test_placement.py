"""Where the headers of the policy come and where they do not: whoever answers, and however it is asked."""

from __future__ import annotations

import socket
import unittest
from contextlib import ExitStack
from typing import ClassVar

import proxy
from client import http2
from client.expected import ALLOWED, APP, APP_PREFLIGHT, DENIED, DENIED_PREFLIGHT, OPEN, cors_lines
from client.http1 import Answer, Connection, Lines, Request, exchange
from proxy import FILTERS, Json, added, answer, cluster, listener, onecors, to

UNAUTHORIZED = """
function envoy_on_request(handle)
  if handle:headers():get(":path"):find("^/app/private") and not handle:headers():get("authorization") then
    handle:respond({[":status"] = "401", ["www-authenticate"] = "Bearer"}, "who are you?")
  end
  handle:headers():remove("origin")
  handle:headers():remove("access-control-request-method")
end
"""
OWN = (
    ("access-control-allow-origin", "https://wrong.example"),
    ("access-control-allow-origin", "https://worse.example"),
    ("access-control-allow-credentials", "true"),
    ("access-control-allow-methods", "TRACE"),
    ("access-control-allow-private-network", "true"),
    ("access-control-expose-headers", "x-own"),
    ("access-control-max-age", "1"),
)


def lua() -> Json:
    """A filter of authentication; it takes Origin away from whatever stands behind it."""
    config = {"@type": FILTERS + "lua.v3.Lua", "default_source_code": {"inline_string": UNAUTHORIZED}}
    return {"name": "lua", "typed_config": config}


def rbac() -> Json:
    """A filter that forbids a path."""
    forbidden = [{"url_path": {"path": {"prefix": "/app/forbidden"}}}]
    policy = {"permissions": forbidden, "principals": [{"any": True}]}
    rules = {"action": "DENY", "policies": {"none": policy}}
    return {"name": "rbac", "typed_config": {"@type": FILTERS + "rbac.v3.RBAC", "rules": rules}}


def buffer() -> Json:
    """A filter that refuses large bodies."""
    config = {"@type": FILTERS + "buffer.v3.Buffer", "max_request_bytes": 64}
    return {"name": "buffer", "typed_config": config}


def fault() -> Json:
    """A filter that answers in the service's place."""
    abort = {"http_status": 418, "percentage": {"numerator": 100}}
    headers = [{"name": "x-fault", "present_match": True}]
    config = {"@type": FILTERS + "fault.v3.HTTPFault", "abort": abort, "headers": headers}
    return {"name": "fault", "typed_config": config}


def delay() -> Json:
    """A filter that lets a service take its time."""
    config = {
        "@type": FILTERS + "fault.v3.HTTPFault",
        "delay": {"fixed_delay": "3s", "percentage": {"numerator": 100}},
        "headers": [{"name": ":path", "string_match": {"exact": "/app/late"}}],
    }
    return {"name": "delay", "typed_config": config}


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


SERVICE = [
    answer("/app/own", body="own", response_headers_to_add=added(*OWN)),
    answer("/app/vary-star", body="star", response_headers_to_add=added(("vary", "Cookie"), ("vary", "*"))),
    answer(
        "/app/vary-origin",
        body="vary",
        response_headers_to_add=added(("vary", "Accept-Encoding"), ("vary", "ORIGIN ,cookie")),
    ),
    answer("/app/vary-empty", body="vary", response_headers_to_add=added(("vary", " "))),
    answer("/app/many", body="many", response_headers_to_add=added(*((f"x-{n}", "x") for n in range(90)))),
    answer("/plain", body="plain", response_headers_to_add=added(*OWN[:1], ("vary", "Cookie"))),
    answer("/", body="service"),
]


def edge(name: str, service: str, **manager: object) -> Json:
    """The listener under test, in front of a service."""
    routes = [
        answer("/app/here", body="here"),
        {"match": {"prefix": "/app/redirect"}, "redirect": {"path_redirect": "/app/here"}},
        to("nobody", "/app/dead"),
        to("unknown", "/app/unknown", cluster_not_found_response_code="SERVICE_UNAVAILABLE"),
        to(service, "/app/late", timeout="0.2s"),
        to(service, "/app/rewritten", prefix_rewrite="/plain"),
        to(service, "/app/"),
        to(service, "/open/"),
        to(service, "/plain"),
    ]
    filters = [onecors({"policy": "policy.json"}), lua(), rbac(), buffer(), fault()]
    return listener(name, filters, routes, 0, **manager)


def sockets(name: str) -> Json:
    """A listener that takes handshakes; what it answers says that they came through."""
    upgrades = [{"upgrade_type": "websocket"}, {"upgrade_type": "webtransport"}]
    http2_options = {"allow_connect": True}
    return listener(
        name,
        [onecors({"policy": "policy.json"})],
        [answer("/", body="service")],
        upgrade_configs=upgrades,
        http2_protocol_options=http2_options,
    )


def preflight(target: str, origin: str = ALLOWED, method: str = "PUT", body: bytes = b"") -> Request:
    """A preflight."""
    lines = (("Origin", origin), ("Access-Control-Request-Method", method))
    return Request("OPTIONS", target, lines, body)


def get(target: str, origin: str | None = ALLOWED, *lines: tuple[str, str], method: str = "GET") -> Request:
    """An actual request."""
    return Request(method, target, (*((("Origin", origin),) if origin else ()), *lines))


class Placement(unittest.TestCase):
    """One Envoy for all, with a service behind it that is a listener of its own."""

    envoy: ClassVar[proxy.Envoy]
    running: ClassVar[ExitStack]
    addresses: ClassVar[dict[str, tuple[str, int]]]

    @classmethod
    def setUpClass(cls) -> None:
        port = free_port()
        normalising = {
            "normalize_path": True,
            "merge_slashes": True,
            "path_with_escaped_slashes_action": "UNESCAPE_AND_REDIRECT",
        }
        config = proxy.bootstrap(
            [
                edge("edge", "service"),
                edge("normalising", "service", **normalising),
                edge("old", "service", http_protocol_options={"accept_http_10": True}),
                sockets("sockets"),
                listener("service", [delay()], SERVICE, port),
            ],
            [cluster("service", port), cluster("nobody", free_port())],
        )
        cls.running = ExitStack()
        cls.envoy = cls.running.enter_context(proxy.started(config, modules=proxy.OUT / "probe"))
        cls.addresses = {name: ("127.0.0.1", port) for name, port in cls.envoy.listeners().items()}

    @classmethod
    def tearDownClass(cls) -> None:
        cls.running.close()

    def ask(self, request: Request, name: str = "edge") -> Answer:
        return exchange(self.addresses[name], request)

    def assert_lines(self, came: Answer, status: int, lines: Lines, what: object) -> None:
        self.assertEqual(came.status, status, f"{what}\n{came}")
        self.assertEqual(cors_lines(came), sorted(lines), f"{what}\n{came}")

    def test_every_response_has_the_lines(self) -> None:
        for target, status, more in (
            ("/app/item", 200, ()),
            ("/app/here", 200, ()),
            ("/app/redirect", 301, ()),
            ("/app/private", 401, ()),
            ("/app/forbidden", 403, ()),
            ("/app/item", 418, (("x-fault", "1"),)),
            ("/app/dead", 503, ()),
            ("/app/unknown", 503, ()),
            ("/app/late", 504, ()),
            ("/app/many", 200, ()),
            ("/app/own", 200, ()),
            ("/app/rewritten", 200, ()),
        ):
            for origin in (ALLOWED, DENIED, None):
                with self.subTest(target=target, origin=origin):
                    request = get(target, origin, *more)
                    lines = APP[origin]
                    if target == "/app/rewritten":
                        lines = tuple(("vary", "Cookie, Origin") if n == "vary" else (n, v) for n, v in lines)
                    self.assert_lines(self.ask(request), status, lines, request)
        large = Request("POST", "/app/item", (("Origin", ALLOWED),), b"x" * 65)
        self.assert_lines(self.ask(large), 413, APP[ALLOWED], large)

    def test_no_route_has_the_lines(self) -> None:
        filters = [onecors({"policy": "policy.json"})]
        with proxy.started(proxy.bootstrap([listener("edge", filters, [])])) as envoy:
            came = envoy.ask("edge", get("/app/x"))
            self.assert_lines(came, 404, APP[ALLOWED], "a route that is not there")

    def test_preflights_are_answered_before_anything_else(self) -> None:
        for target in (
            "/app/item",
            "/app/private",
            "/app/forbidden",
            "/app/dead",
            "/app/redirect",
            "/app/late",
        ):
            with self.subTest(target=target):
                came = self.ask(preflight(target))
                self.assert_lines(came, 204, APP_PREFLIGHT[ALLOWED], target)
                self.assertEqual(came.body, b"")
                self.assertEqual(came.all("content-length"), [])
                came = self.ask(preflight(target, DENIED))
                self.assert_lines(came, 403, DENIED_PREFLIGHT, target)
                self.assertEqual(came.body, b"")

    def test_no_service_sees_a_preflight(self) -> None:
        def asked() -> str:
            return self.envoy.ask_admin("/stats?filter=cluster.service.upstream_rq_total")

        before = asked()
        self.ask(preflight("/app/item"))
        self.ask(preflight("/app/item", DENIED))
        http2.exchange(self.addresses["edge"], [preflight("/app/item"), preflight("/app/item", DENIED)])
        self.assertEqual(asked(), before)
        self.ask(get("/app/item"))
        self.assertNotEqual(asked(), before)

    def test_a_preflight_with_a_body_is_answered_without(self) -> None:
        came = self.ask(preflight("/app/item", body=b"x" * 100))
        self.assert_lines(came, 204, APP_PREFLIGHT[ALLOWED], "a body")
        self.assertEqual(came.body, b"")

    def test_a_plain_options_goes_through(self) -> None:
        for request in (
            get("/app/item", method="OPTIONS"),
            Request("OPTIONS", "/app/item", (("Access-Control-Request-Method", "PUT"),)),
        ):
            came = self.ask(request)
            self.assertEqual((came.status, came.body), (200, b"service"), request)

    def test_fields_of_the_service_are_replaced(self) -> None:
        for origin in (ALLOWED, DENIED, None):
            self.assert_lines(self.ask(get("/app/own", origin)), 200, APP[origin], origin)

    def test_vary_is_merged(self) -> None:
        for target, lines in (
            ("/app/vary-star", {"Cookie, *", "Cookie,*"}),
            ("/app/vary-origin", {"Accept-Encoding, ORIGIN ,cookie", "Accept-Encoding,ORIGIN ,cookie"}),
            ("/app/vary-empty", {"Origin"}),
        ):
            came = self.ask(get(target))
            self.assertIn(came.joined("vary"), lines, target)
        self.assertEqual(self.ask(get("/open/vary", DENIED)).all("vary"), [])

    def test_ungoverned_paths_are_left_alone(self) -> None:
        for origin in (ALLOWED, DENIED, None):
            came = self.ask(get("/plain", origin))
            own = (("access-control-allow-origin", "https://wrong.example"), ("vary", "Cookie"))
            self.assert_lines(came, 200, own, origin)
        came = self.ask(preflight("/plain"))
        self.assertEqual((came.status, came.body), (200, b"plain"))

    def test_a_rule_for_anyone(self) -> None:
        for origin in (ALLOWED, DENIED, None):
            self.assert_lines(self.ask(get("/open/item", origin)), 200, OPEN, origin)

    def test_the_answer_goes_by_the_request_as_it_came(self) -> None:
        # The filter behind has removed Origin by then (CVE-2023-35943).
        self.assert_lines(self.ask(get("/app/item")), 200, APP[ALLOWED], "Origin was removed")

    def test_repeated_lines(self) -> None:
        twice = Request("GET", "/app/item", (("Origin", ALLOWED), ("Origin", ALLOWED)))
        self.assert_lines(self.ask(twice), 200, APP[DENIED], twice)
        lines = (
            ("Origin", ALLOWED),
            ("Access-Control-Request-Method", "PUT"),
            ("Access-Control-Request-Headers", "content-type"),
            ("Access-Control-Request-Headers", "x-token"),
        )
        self.assert_lines(
            self.ask(Request("OPTIONS", "/app/item", lines)), 204, APP_PREFLIGHT[ALLOWED], lines
        )
        evil = (*lines, ("Access-Control-Request-Headers", "x-evil"))
        self.assert_lines(self.ask(Request("OPTIONS", "/app/item", evil)), 403, DENIED_PREFLIGHT, evil)

    def test_http2(self) -> None:
        requests = [
            get("/app/item"),
            preflight("/app/private"),
            preflight("/app/item", DENIED),
            get("/app/own", None),
        ]
        expected = [
            (200, APP[ALLOWED]),
            (204, APP_PREFLIGHT[ALLOWED]),
            (403, DENIED_PREFLIGHT),
            (200, APP[None]),
        ]
        answers = http2.exchange(self.addresses["edge"], requests)
        for request, came, (status, lines) in zip(requests, answers, expected, strict=True):
            self.assert_lines(came, status, lines, request)

    def test_http_1_0(self) -> None:
        for request, status, lines in (
            (get("/app/item"), 200, APP[ALLOWED]),
            (preflight("/app/item"), 204, APP_PREFLIGHT[ALLOWED]),
        ):
            with Connection(self.addresses["old"]) as connection:
                connection.send(request.raw("edge").replace(b"HTTP/1.1", b"HTTP/1.0", 1))
                self.assert_lines(connection.answer(request.method), status, lines, request)

    def test_paths_that_can_be_read_in_two_ways(self) -> None:
        two_ways = (
            "/open/../app/item",
            "/open/%2e%2e/app/item",
            "/open%2F..%2Fapp%2Fitem",
            "/open/..%2fapp/item",
        )
        for target in two_ways:
            with self.subTest(target=target):
                came = self.ask(get(target, DENIED))
                self.assertEqual(came.all("access-control-allow-origin"), [], came)
                # Normalised, it is a path of /app for Envoy, for the service, and for the policy.
                came = self.ask(get(target, DENIED), "normalising")
                self.assertIn(came.status, (200, 307))
                self.assertEqual(came.all("access-control-allow-origin"), [], came)
        came = self.ask(get("/open/../app/item"), "normalising")
        self.assert_lines(came, 200, APP[ALLOWED], "normalised")
        came = self.ask(get("/app/x%2Fy"), "normalising")
        self.assertEqual(came.status, 307)
        self.assertEqual(came.all("access-control-allow-origin"), [ALLOWED], came)

    def test_what_envoy_refuses_before_its_filters(self) -> None:
        with Connection(self.addresses["edge"]) as connection:
            connection.send(b"GET /app/item HTTP/1.1\r\nOrigin: " + ALLOWED.encode() + b"\r\n\r\n")
            self.assert_lines(connection.answer(), 400, APP[ALLOWED], "no Host")

    def test_an_offer_of_http2_is_no_handshake(self) -> None:
        offer = (
            ("Upgrade", "h2c"),
            ("Connection", "Upgrade, HTTP2-Settings"),
            ("HTTP2-Settings", "AAMAAABk"),
        )
        self.assert_lines(self.ask(get("/app/item", DENIED, *offer)), 200, APP[DENIED], "h2c")

    def test_no_header_of_the_client_chooses_the_rule(self) -> None:
        for name in ("x-envoy-original-path", "x-original-url", "x-rewrite-url", "x-forwarded-prefix"):
            came = self.ask(get("/app/item", DENIED, (name, "/open/item")))
            self.assert_lines(came, 200, APP[DENIED], name)

    def test_the_query_is_no_part_of_the_path(self) -> None:
        self.assert_lines(self.ask(get("/app/item?x=/open/y", DENIED)), 200, APP[DENIED], "query")
        self.assert_lines(self.ask(get("/open/item?/../../app/item")), 200, OPEN, "query")

    def handshake(self, origin: str | None, target: str = "/app/ws") -> Request:
        return get(target, origin, ("Upgrade", "websocket"), ("Connection", "Upgrade"))

    def test_handshakes_of_other_origins_are_refused(self) -> None:
        came = self.ask(self.handshake(DENIED), "sockets")
        self.assert_lines(came, 403, APP[DENIED], "WebSocket")
        self.assertEqual(came.body, b"")
        host, port = self.addresses["sockets"]
        for origin in (ALLOWED, None, f"http://{host}:{port}"):
            self.assertEqual(self.ask(self.handshake(origin), "sockets").body, b"service", origin)
        # No rule governs it, but some handler might take it for a path that has one.
        self.assertEqual(self.ask(self.handshake(DENIED, "/open/../app/ws"), "sockets").status, 403)
        self.assertEqual(self.ask(self.handshake(DENIED, "/plain"), "sockets").body, b"service")

    def test_handshakes_over_http2(self) -> None:
        for protocol in ("websocket", "webtransport"):
            for origin, status in ((ALLOWED, 200), (DENIED, 403)):
                with self.subTest(protocol=protocol, origin=origin):
                    lines = ((":protocol", protocol), ("origin", origin))
                    request = Request("CONNECT", "/app/ws", lines)
                    came = http2.exchange(self.addresses["sockets"], [request])[0]
                    self.assert_lines(came, status, APP[origin], request)

    def test_a_panic_grants_nothing(self) -> None:
        before = self.envoy.stats().get("failed", 0)
        came = self.ask(get("/app/item", "https://panic.example"))
        self.assert_lines(came, 500, (), "a panic")
        self.assertEqual(came.body, b"")
        self.assertEqual(self.envoy.stats()["failed"], before + 1)
        # Where Envoy has answered already, what it says stays.
        came = self.ask(get("/app/x%2Fy", "https://panic.example"), "normalising")
        self.assert_lines(came, 307, (), "a panic on the way out")
        self.assertEqual(self.envoy.stats()["failed"], before + 2)
        self.assert_lines(self.ask(get("/app/item")), 200, APP[ALLOWED], "after the panic")


if __name__ == "__main__":
    unittest.main()
