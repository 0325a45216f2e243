"""One decision for a request: on what came, by the policy of its location, whatever nginx makes of it."""

from __future__ import annotations

import json

from asking import page, preflight
from behind import Behind
from client.expected import ALLOWED, APP, APP_PREFLIGHT, DENIED, OPEN, VARY, differs, grants
from client.http1 import Request
from server import Nginx, wait_until

OTHER = "https://other.example"
KEY = (
    ("Connection", "Upgrade"),
    ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ("Sec-WebSocket-Version", "13"),
)


def other_policy(nginx: Nginx) -> None:
    """A second policy, which allows another origin on every path."""
    (nginx.folder / "other.json").write_text(json.dumps({"allow_origins": [OTHER], "max_age": 7}))


def test_policy_of_the_first_location(nginx: Nginx) -> None:
    """Whoever the request is handed on to, the policy of the location that it came to decides."""
    other_policy(nginx)
    nginx.serve("""
        error_page 403 /errors/403; error_page 404 = @errors;
        onecors_policy policy.json;
        location /app/error { deny all; }
        location /app/named { root html; }
        location /app/tried { try_files /none /errors/tried; }
        location /app/index/ { index /errors/index; root html; }
        location /app/rewritten { rewrite ^ /errors/rewritten last; }
        location /errors/ { onecors_policy other.json; return 200 "$request_method"; }
        location @errors { onecors_policy off; return 200 "$request_method"; }
    """)
    for target in ("error", "named", "tried", "rewritten"):
        for origin, lines in ((ALLOWED, APP[ALLOWED]), (OTHER, APP[DENIED])):
            answer = nginx.ask(page(f"/app/{target}", origin, "POST"))
            assert differs(answer, lines) is None, f"{target}: {answer}"
        answer = nginx.ask(preflight(f"/app/{target}", ALLOWED))
        assert (answer.status, differs(answer, APP_PREFLIGHT[ALLOWED])) == (204, None), f"{target}: {answer}"
        assert nginx.ask(preflight(f"/app/{target}", OTHER)).status == 403


def test_error_page_is_no_preflight(nginx: Nginx) -> None:
    """An error page is fetched with GET, and what asked for something else is answered as what it was."""
    nginx.serve("""
        onecors_policy policy.json;
        error_page 403 =200 /app/page;
        location /app/form { deny all; }
        location /app/page { return 200 "$request_method"; }
    """)
    asks = (("Access-Control-Request-Method", "PUT"),)
    answer = nginx.ask(Request("POST", "/app/form/x.html", (("Origin", ALLOWED), *asks)))
    assert (answer.status, answer.body) == (200, b"GET") and differs(answer, APP[ALLOWED]) is None, answer


def test_server_that_answers_itself(nginx: Nginx) -> None:
    """`return` and `rewrite` in a server come before any location, and not before a preflight."""
    other_policy(nginx)
    nginx.serve("""
        onecors_policy policy.json;
        error_page 404 /app/page;
        if ($arg_case = return) { return 301 https://away.example/; }
        if ($arg_case = text) { return 200 text; }
        if ($arg_case = page) { return 404; }
        rewrite ^/app/moved$ /app/new permanent;
        rewrite ^/app/rewritten$ /app/other last;
        location / { return 200 located; }
        location /app/other { onecors_policy other.json; return 200 other; }
    """)
    statuses = {"?case=return": 301, "?case=text": 200, "?case=page": 404, "moved": 301}
    for case, status in statuses.items():
        target = f"/app/{case}"
        for origin in (ALLOWED, DENIED, None):
            answer = nginx.ask(page(target, origin))
            assert (answer.status, differs(answer, APP[origin])) == (status, None), f"{target}: {answer}"
        answer = nginx.ask(preflight(target, ALLOWED))
        assert (answer.status, answer.body) == (204, b""), f"{target}: {answer}"
        assert differs(answer, APP_PREFLIGHT[ALLOWED]) is None and not answer.all("location"), answer
        assert nginx.ask(preflight(target, DENIED)).status == 403
    assert grants(nginx.ask(page("/app/rewritten", OTHER))) == [OTHER]
    assert grants(nginx.ask(page("/app/rewritten", ALLOWED))) == []


def test_paths_with_two_readings(nginx: Nginx, behind: Behind) -> None:
    """nginx decodes a path and merges its slashes. A rule of only one of the readings grants nothing."""
    nginx.serve(f"""
        onecors_policy policy.json;
        location / {{ proxy_pass {behind.url}/; }}
        location /app/ {{ proxy_pass {behind.url}/app/; }}
    """)
    for target in ("//app/item", "/%61pp/item", "/open/../app/item", "/open%2F..%2fapp/item", "/./app/item",
                   "/open/%2e%2e/app/item", "/app/../open/item", "/app%2fitem"):  # fmt: skip
        for request in (page(target, ALLOWED), page(target, DENIED), preflight(target, ALLOWED)):
            assert not grants(nginx.ask(request)), request
    for target in ("/app//item", "/app/./item", "/app/%69tem", "/app/a%20b", "/app/item?x=/open/../item"):
        assert differs(nginx.ask(page(target, ALLOWED)), APP[ALLOWED]) is None, target
    assert differs(nginx.ask(page("/open//item", DENIED)), OPEN) is None


def test_rule_of_either_reading(nginx: Nginx) -> None:
    """The wider rule for everything else does not reach a stricter rule's path in disguise."""
    wide = {"name": "wide", "paths": ["/*"], "allow_origins": [OTHER], "allow_credentials": True}
    strict = {"name": "strict", "paths": ["/app/*"], "allow_origins": [ALLOWED], "allow_credentials": True}
    (nginx.folder / "policy.json").write_text(json.dumps({"rules": [wide, strict]}))
    nginx.serve(
        "onecors_policy policy.json; location /app/ { return 200 secret; } location / { return 200; }"
    )
    assert grants(nginx.ask(page("/item", OTHER))) == [OTHER]
    assert grants(nginx.ask(page("/app/item", ALLOWED))) == [ALLOWED]
    for target in ("//app/item", "/%61pp/item", "/x/../app/item", "/x/%2e%2e/app/item", "/app%2Fitem"):
        answer = nginx.ask(page(target, OTHER))
        assert (answer.body, grants(answer)) == (b"secret", []), f"{target}: {answer}"


def test_websocket(nginx: Nginx) -> None:
    """A handshake that no browser asks a permission for is refused, in disguise too; own pages may."""
    nginx.serve("onecors_policy policy.json; location / { return 200 passed; }")
    for upgrade in ("websocket", "WebSocket", "h2c, websocket"):
        lines = (("Upgrade", upgrade), *KEY)
        for target in ("/app/ws", "//app/ws", "/%61pp/ws", "/open/../app/ws"):
            answer = nginx.ask(page(target, DENIED, "GET", *lines))
            assert (answer.status, grants(answer)) == (403, []), f"{target}: {answer}"
            assert nginx.ask(page(target, f"http://{nginx.host}", "GET", *lines)).body == b"passed"
            assert nginx.ask(page(target, None, "GET", *lines)).body == b"passed"
        assert nginx.ask(page("/app/ws", ALLOWED, "GET", *lines)).body == b"passed"
        assert nginx.ask(page("/plain/ws", DENIED, "GET", *lines)).body == b"passed"
        two = (("Origin", ALLOWED), ("Origin", ALLOWED), *lines)
        assert nginx.ask(Request("GET", "/app/ws", two)).status == 403
    assert nginx.ask(page("/app/ws", DENIED, "GET", ("Upgrade", "h2c"), *KEY)).body == b"passed"


def test_error_page_of_a_refused_handshake(nginx: Nginx) -> None:
    nginx.serve("""
        onecors_policy policy.json;
        error_page 403 /app/page;
        location / { return 200 passed; }
    """)
    answer = nginx.ask(page("/app/ws", DENIED, "GET", ("Upgrade", "websocket"), *KEY))
    assert (answer.status, answer.body, differs(answer, APP[DENIED])) == (403, b"passed", None), answer


def test_query(nginx: Nginx) -> None:
    """A rule is chosen by the path alone."""
    rules = [{"paths": ["/app/one"], "allow_origins": [ALLOWED]}]
    (nginx.folder / "policy.json").write_text(json.dumps({"rules": rules}))
    nginx.serve("onecors_policy policy.json; location / { return 200; }")
    for target in ("/app/one", "/app/one?", "/app/one?x=1?/../..", "/app/one?//"):
        assert grants(nginx.ask(page(target, ALLOWED))) == [ALLOWED], target
    assert grants(nginx.ask(page("/app/two?/app/one", ALLOWED))) == []


def test_fields(nginx: Nginx) -> None:
    """Several lines are joined, white space around values is none of theirs, and empty is not absent."""
    nginx.serve("onecors_policy policy.json; location / { return 200; }")
    twice = Request("GET", "/app/x", (("Origin", ALLOWED), ("origin", ALLOWED)))
    assert differs(nginx.ask(twice), (VARY,)) is None
    tabs = Request("GET", "/app/x", (("Origin", f"\t {ALLOWED}\t "),))
    assert differs(nginx.ask(tabs), APP[ALLOWED]) is None
    lists = tuple(("Access-Control-Request-Headers", name) for name in ("x-token", "", "\tcontent-type"))
    assert nginx.ask(preflight("/app/x", ALLOWED, "PUT", *lists)).status == 204
    assert nginx.ask(preflight("/app/x", ALLOWED, "PUT", *lists, (lists[0][0], "x-evil"))).status == 403
    assert nginx.ask(page("/app/x", ALLOWED, "OPTIONS", ("Access-Control-Request-Method", ""))).status == 403
    many = (("Access-Control-Request-Headers", "x-token, " * 100),) * 20
    assert nginx.ask(preflight("/app/x", ALLOWED, "PUT", *many)).status == 403
    answer = nginx.ask(
        Request("OPTIONS", "/app/x", (("Origin", ""), ("Access-Control-Request-Method", "PUT")))
    )
    assert answer.status == 403 and not grants(answer)


def test_variables(nginx: Nginx) -> None:
    """The access log has outcome and reason, also of error pages, and a dash where there is none."""
    nginx.serve("""
        onecors_policy policy.json;
        location / { root html; }
        location /off { onecors_policy off; return 200; }
    """)
    nginx.ask(page("/app/a", ALLOWED))
    nginx.ask(page("/app/b", DENIED))
    nginx.ask(page("/app/c", None))
    nginx.ask(page("/plain", DENIED))
    nginx.ask(preflight("/app/d", ALLOWED))
    nginx.ask(preflight("/app/e", ALLOWED, "PURGE"))
    nginx.ask(page("/off", DENIED))
    expected = [
        "GET /app/a actual_allowed -",
        "GET /app/b actual_denied origin_not_allowed",
        "GET /app/c not_cors -",
        "GET /plain ungoverned -",
        "OPTIONS /app/d preflight_allowed -",
        "OPTIONS /app/e preflight_denied method_not_allowed",
        "GET /off - -",
    ]
    wait_until(lambda: len(nginx.accessed()) == len(expected), "all requests are in the log")
    assert nginx.accessed() == expected


def test_log(nginx: Nginx) -> None:
    """A denial is logged once, in words of the engine's, with nothing that the client sent unescaped."""
    nginx.serve("onecors_policy policy.json; location / { return 200; }")
    for _ in range(3):
        line = Request("GET", b"/app/\xc2\x9b31m", (("Origin", b" https://c1-\xc2\x9b.example"),))
        nginx.ask(line)
    nginx.ask(page("/app/x", f"http://{nginx.host}"))
    nginx.ask(page("/app/x", DENIED))
    wait_until(lambda: DENIED in nginx.log(), "the denial is in the log")
    lines = [line for line in nginx.log().splitlines() if "onecors: " in line]
    assert len(lines) == 2 and all("[warn]" in line and "client: 127.0.0.1" in line for line in lines), lines
    assert b"\xc2\x9b" not in (nginx.folder / "error.log").read_bytes()


def test_log_of_strangers(nginx: Nginx) -> None:
    """Strangers use up their own lines alone, and the document bounds the number of near misses."""
    nginx.serve("onecors_policy policy.json; location / { return 200; }")

    def lines() -> list[str]:
        return [line for line in nginx.log().splitlines() if "onecors: " in line]

    for number in range(1200):
        nginx.ask(page("/app/x", f"https://scanner-{number}.example"))
    for port in range(2500):
        nginx.ask(page("/app/x", f"{ALLOWED}:{port + 1000}"))
    for _ in range(2):
        nginx.ask(page("/app/x", ALLOWED.replace("https", "http")))
    wait_until(lambda: "(http, not https)" in nginx.log(), "the near miss is in the log")
    assert len(lines()) == 1003, lines()[1000:]
    assert "1000 denials of unknown origins were logged by this worker" in lines()[1000], lines()[1000]


def test_log_that_is_less(nginx: Nginx) -> None:
    """Where warnings are not logged, none is."""
    nginx.serve("onecors_policy policy.json; location / { return 200; }", level="error")
    nginx.ask(page("/app/x", DENIED))
    assert "onecors" not in nginx.log()
