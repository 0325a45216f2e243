"""Whoever makes an answer, it carries the policy's fields, and a preflight is answered before anybody."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from asking import governed, page, preflight, preflighted, untouched
from behind import Behind
from client.expected import ALLOWED, APP, APP_PREFLIGHT, DENIED, OPEN, cors_lines, differs
from client.http1 import Connection, Request
from client.http2 import exchange as exchange_http2
from fastcgi import fastcgi
from server import Nginx, free_port

HTTP = """
limit_req_zone $binary_remote_addr zone=one:32k rate=1r/m;
onecors_policy policy.json;
"""

SERVER = """
root html;
error_page 418 /app/teapot.txt;
location /app/proxy/ { proxy_pass URL; }
location /app/return-401 { return 401; }
location /app/return-200 { return 200 "returned"; }
location /app/return-301 { return 301 /app/file.txt; }
location /app/return-444 { return 444; }
location /app/rewritten { rewrite ^ /app/file.txt last; }
location /app/redirected { rewrite ^ /app/file.txt redirect; }
location /app/conditional { if ($request_method) { return 403; } }
location /app/denied { deny all; }
location /app/basic { auth_basic realm; auth_basic_user_file /dev/null; }
location /app/subrequest { auth_request /authorize; }
location /app/subrequest-fails { auth_request /authorize-fails; }
location = /authorize { internal; proxy_pass URL/refuse; }
location = /authorize-fails { internal; proxy_pass URL/fail; }
location /app/limited { limit_req zone=one; try_files /app/file.txt =404; }
location /app/limited-429 { limit_req zone=one; limit_req_status 429; try_files /app/file.txt =404; }
location /app/small { client_max_body_size 10; proxy_pass URL; }
location /app/small-page { client_max_body_size 10; error_page 413 /app/too-large.txt; proxy_pass URL; }
location /app/no-proxy { proxy_pass http://127.0.0.1:DEAD; }
location /app/slow { proxy_read_timeout 100ms; proxy_pass URL; }
location /app/only-get { limit_except GET { deny all; } }
location /app/internal { internal; }
location /app/slash/ { proxy_pass URL; }
location /app/teapot { return 418; }
location /app/teapot-named { error_page 418 = @named; return 418; }
location /app/teapot-away { error_page 418 https://away.example/; return 418; }
location @named { proxy_pass URL; }
location @file { try_files /app/file.txt =404; }
location /app/tried { try_files /missing.txt /app/file.txt; }
location /app/tried-named { try_files /missing.txt @named; }
location /app/added {
    add_header Access-Control-Allow-Origin https://added.example always;
    add_header Access-Control-Allow-Credentials true always;
    add_header Access-Control-Expose-Headers x-added always;
    add_header Vary Accept-Language always;
    add_header X-Added yes always;
    proxy_pass URL;
}
location /app/gzip { gzip on; gzip_min_length 1; gzip_vary on; proxy_pass URL/vary-none-gzip; }
location /app/gzip-doubled { gzip on; gzip_min_length 1; gzip_vary on; proxy_pass URL/vary-gzip; }
location /app/gzip-star { gzip on; gzip_min_length 1; gzip_vary on; proxy_pass URL/vary-star; }
location /app/gzip-silent { gzip on; gzip_min_length 1; proxy_pass URL/vary-none-gzip; }
location /app/ssi { ssi on; ssi_types text/plain; try_files /app/ssi.txt =404; }
location /internal/ { internal; alias html/app/; }
location /plain/ { proxy_pass URL; }
location /open/ { proxy_pass URL; }
"""


@pytest.fixture(scope="module")
def nginx(tmp_path_factory: pytest.TempPathFactory, behind: Behind) -> Iterator[Nginx]:
    """One server with all the locations."""
    server = Nginx(tmp_path_factory.mktemp("placement"))
    files(server.folder / "html")
    text = SERVER.replace("URL", behind.url).replace("DEAD", str(free_port()))
    try:
        server.serve(text, HTTP)
        yield server
    finally:
        server.end()


def files(root: Path) -> None:
    (root / "app/folder").mkdir(parents=True)
    (root / "app/folder/index.html").write_text("index")
    (root / "app/file.txt").write_text("0123456789")
    (root / "app/teapot.txt").write_text("teapot")
    (root / "app/too-large.txt").write_text("too large")
    (root / "app/ssi.txt").write_text('<!--#include virtual="/app/file.txt" -->!')


# The status that each path has for everybody but a preflight.
STATUSES = {
    "/app/file.txt": 200,
    "/app/missing.txt": 404,
    "/app/folder": 301,
    "/app/folder/": 200,
    "/app/proxy/item": 200,
    "/app/proxy/gone": 404,
    "/app/proxy/fail": 500,
    "/app/proxy/limited": 429,
    "/app/proxy/own": 200,
    "/app/return-401": 401,
    "/app/return-200": 200,
    "/app/return-301": 301,
    "/app/rewritten": 200,
    "/app/redirected": 302,
    "/app/conditional": 403,
    "/app/denied": 403,
    "/app/basic": 401,
    "/app/subrequest": 401,
    "/app/subrequest-fails": 500,
    "/app/no-proxy": 502,
    "/app/slow": 504,
    "/app/internal": 404,
    "/app/slash": 301,
    "/app/teapot": 418,
    "/app/teapot-named": 200,
    "/app/teapot-away": 302,
    "/app/tried": 200,
    "/app/tried-named": 200,
    "/app/proxy/accel": 200,
    "/app/proxy/accel-named": 200,
    "/app/ssi": 200,
}


@pytest.mark.parametrize("target", STATUSES)
def test_every_answer(nginx: Nginx, behind: Behind, target: str) -> None:
    """Preflights first: what they would reach must not have seen them."""
    before = len(behind.seen)
    preflighted(nginx, target)
    assert len(behind.seen) == before
    governed(nginx, target, STATUSES[target])
    answer = nginx.ask(page(target, ALLOWED, "HEAD"))
    assert (answer.status, answer.body, differs(answer, APP[ALLOWED])) == (STATUSES[target], b"", None)


def test_limits(nginx: Nginx) -> None:
    """A limit counts no preflight, and what it refuses can be read."""
    for target in ("/app/limited", "/app/limited-429"):
        preflighted(nginx, target)
    assert nginx.ask(page("/app/limited", ALLOWED)).status == 200
    governed(nginx, "/app/limited", 503)
    governed(nginx, "/app/limited-429", 429)
    preflighted(nginx, "/app/limited")


def test_methods(nginx: Nginx) -> None:
    governed(nginx, "/app/file.txt", 405, "POST")
    governed(nginx, "/app/file.txt", 405, "DELETE")
    governed(nginx, "/app/only-get", 403, "PUT")
    preflighted(nginx, "/app/only-get")


def test_plain_options(nginx: Nginx, behind: Behind) -> None:
    """OPTIONS that is no preflight is passed on."""
    behind.seen.clear()
    governed(nginx, "/app/proxy/item", 200, "OPTIONS")
    assert behind.seen == ["OPTIONS /app/proxy/item"] * 3


@pytest.mark.parametrize("target", ["/app/small", "/app/small-page"])
def test_too_large(nginx: Nginx, target: str) -> None:
    """413, which nginx says before it comes to the location's directives: told by length, and by chunks."""
    chunked = ("Transfer-Encoding", "chunked")
    for origin, lines in APP.items():
        by_length = page(target, origin, "POST", body=b"x" * 20)
        by_chunks = page(target, origin, "POST", chunked, body=b"14\r\n" + b"x" * 20 + b"\r\n0\r\n\r\n")
        for request in (by_length, by_chunks):
            answer = nginx.ask(request)
            assert (answer.status, differs(answer, lines)) == (413, None), f"{request}: {answer}"
    preflighted(nginx, target)
    with_body = Request("OPTIONS", target, preflight(target, ALLOWED).headers, b"x" * 20)
    answer = nginx.ask(with_body)
    assert (answer.status, differs(answer, APP_PREFLIGHT[ALLOWED])) == (204, None), answer


def test_ranges(nginx: Nginx) -> None:
    answer = governed(nginx, "/app/file.txt", 206, "GET", ("Range", "bytes=2-4"))
    assert answer.body == b"234"
    governed(nginx, "/app/file.txt", 416, "GET", ("Range", "bytes=20-"))


def test_not_modified(nginx: Nginx) -> None:
    etag = nginx.ask(page("/app/file.txt", ALLOWED)).all("etag")[0]
    governed(nginx, "/app/file.txt", 304, "GET", ("If-None-Match", etag))
    governed(nginx, "/app/file.txt", 412, "GET", ("If-Match", '"other"'))


def test_conditional_preflight(tmp_path: Path) -> None:
    """The answer to a preflight is no representation that a condition could be about, with 200 neither."""
    server = Nginx(tmp_path)
    document = {"allow_origins": [ALLOWED], "preflight_status": 200}
    (tmp_path / "policy.json").write_text(json.dumps(document))
    try:
        server.serve("onecors_policy policy.json;")
        for condition in (("If-Match", '"other"'), ("If-None-Match", "*"), ("Range", "bytes=5-")):
            answer = server.ask(preflight("/", ALLOWED, "GET", condition))
            assert (answer.status, answer.body, answer.all("content-length")) == (200, b"", ["0"]), answer
    finally:
        server.end()


def test_add_header(nginx: Nginx) -> None:
    """What the configuration adds is replaced like what a service sets; the rest stays."""
    for target in ("/app/added", "/app/added/own"):
        for origin, lines in APP.items():
            answer = nginx.ask(page(target, origin))
            others = [line for line in cors_lines(answer) if line[0] != "vary"]
            assert others == sorted(line for line in lines if line[0] != "vary"), answer
            assert answer.all("vary") == ["Accept-Language, Origin"], answer
            assert answer.all("x-added") == ["yes"], answer
    answer = nginx.ask(preflight("/app/added", ALLOWED))
    assert answer.all("access-control-allow-origin") == [ALLOWED] and answer.all("x-added") == ["yes"]


def test_vary(nginx: Nginx) -> None:
    """Merged, by the engine, unless the service's lines say all there is to say, as `*` does."""
    for origin in (ALLOWED, DENIED, None):
        answer = nginx.ask(page("/app/proxy/vary", origin))
        assert answer.all("vary") == ["Accept-Language", "Cookie , ORIGIN"], answer
        answer = nginx.ask(page("/app/proxy/vary-star", origin))
        assert answer.all("vary") == ["Cookie, *"], answer


def test_gzip(nginx: Nginx) -> None:
    """nginx writes its own Vary last of all, into the header itself."""
    accepts = ("Accept-Encoding", "gzip")
    answer = nginx.ask(page("/app/gzip", ALLOWED, "GET", accepts))
    assert gzip.decompress(answer.body) == b"text " * 100
    for target, vary in {
        "/app/gzip": "Accept-Encoding, Origin",
        "/app/gzip-doubled": "Accept-Encoding, Origin",
        "/app/gzip-silent": "Origin",
    }.items():
        for lines in ((accepts,), ()):
            answer = nginx.ask(page(target, ALLOWED, "GET", *lines))
            assert answer.all("vary") == [vary], answer
    assert "Cookie, *" in nginx.ask(page("/app/gzip-star", ALLOWED, "GET", accepts)).all("vary")


def test_ungoverned(nginx: Nginx) -> None:
    """Where no rule governs, nothing is touched, and OPTIONS is the service's."""
    untouched(nginx, "/plain/item", 200)
    answer = nginx.ask(page("/plain/own", ALLOWED))
    assert answer.all("access-control-allow-origin") == ["https://wrong.example"] * 2


def test_any_origin(nginx: Nginx) -> None:
    """Where any origin is allowed Vary is left alone."""
    for origin in (ALLOWED, DENIED, None):
        assert differs(nginx.ask(page("/open/own", origin)), OPEN) is None
        answer = nginx.ask(page("/open/vary", origin))
        assert answer.joined("vary") == "Accept-Language, Cookie , ORIGIN"


def test_refused_by_the_parser(nginx: Nginx) -> None:
    """A header that nginx has not read to its end is not decided on: a second Origin might follow."""
    for line in (("Cookie", "x" * 40_000), ("In valid", "")):
        for request in (page("/app/file.txt", ALLOWED, "GET", line), preflight("/app", ALLOWED, "PUT", line)):
            answer = nginx.ask(request)
            assert (answer.status, differs(answer, ())) == (400, None), answer


def test_no_answer(nginx: Nginx) -> None:
    """444 ends the connection; a preflight is answered before it."""
    preflighted(nginx, "/app/return-444")


def test_pipelined(nginx: Nginx) -> None:
    """Requests sent at once are answered in turn, each its own; preflights with bodies hide no request."""
    asks = preflight("/app/file.txt", ALLOWED)
    with_body = Request("OPTIONS", "/app/file.txt", asks.headers, b"GET /app/x HTTP/1.1\r\n\r\n")
    requests = [with_body, page("/app/file.txt", DENIED), asks, page("/app/return-401", ALLOWED)] * 5
    with Connection(nginx.address) as connection:
        connection.send(b"".join(request.raw(nginx.host) for request in requests))
        for request in requests:
            answer = connection.answer(request.method)
            expected = {
                "OPTIONS": (204, APP_PREFLIGHT[ALLOWED]),
                "/app/file.txt": (200, APP[DENIED]),
                "/app/return-401": (401, APP[ALLOWED]),
            }
            status, lines = expected.get(request.method) or expected[str(request.target)]
            assert (answer.status, differs(answer, lines)) == (status, None), f"{request}: {answer}"


def test_http_10(nginx: Nginx) -> None:
    """A client of HTTP/1.0 gets the same, and the connection's end."""
    for method, status, lines in (("GET", 200, APP[ALLOWED]), ("OPTIONS", 204, APP_PREFLIGHT[ALLOWED])):
        with Connection(nginx.address) as connection:
            asks = f"Origin: {ALLOWED}\r\nAccess-Control-Request-Method: PUT\r\n"
            connection.send(f"{method} /app/file.txt HTTP/1.0\r\n{asks}\r\n".encode())
            answer = connection.answer(method)
            assert (answer.status, differs(answer, lines)) == (status, None), answer
            assert connection.closed()


def test_fastcgi(tmp_path: Path) -> None:
    server = Nginx(tmp_path)
    try:
        with fastcgi() as address:
            server.serve(f"onecors_policy policy.json; location / {{ fastcgi_pass {address}; }}")
            preflighted(server, "/app/item")
            answer = server.ask(page("/app/item", ALLOWED))
            expected = (*APP[ALLOWED][:-1], ("vary", "Accept-Language, Origin"))
            assert (answer.body, differs(answer, expected)) == (b"fastcgi", None), answer
    finally:
        server.end()


def test_http_2(tmp_path: Path, behind: Behind) -> None:
    """Over HTTP/2, in nginx a port of its own, the same."""
    server = Nginx(tmp_path)
    files(tmp_path / "html")
    locations = f"location / {{ root html; }} location /app/proxy/ {{ proxy_pass {behind.url}; }}"
    more = """
        location /app/return-401 { return 401; } location /app/return-301 { return 301 /; }
        location /app/teapot.txt {
            root html; gzip on; gzip_vary on; gzip_types text/plain; gzip_min_length 1;
        }
    """
    try:
        server.write(
            f"onecors_policy policy.json; "
            f"server {{ listen 127.0.0.1:{server.port} http2; {locations} {more} }}"
        )
        server.start()
        cases = [
            (page("/app/file.txt", ALLOWED), 200, APP[ALLOWED]),
            (page("/app/proxy/own", DENIED), 200, APP[DENIED]),
            (page("/app/return-401", ALLOWED), 401, APP[ALLOWED]),
            (page("/app/missing", None), 404, APP[None]),
            (page("/app/teapot.txt", None), 200, (("vary", "Accept-Encoding, Origin"),)),
            (preflight("/app/return-401", ALLOWED), 204, APP_PREFLIGHT[ALLOWED]),
            (preflight("/app/return-301", ALLOWED), 204, APP_PREFLIGHT[ALLOWED]),
            (preflight("/app/return-301", DENIED), 403, APP_PREFLIGHT[ALLOWED][-1:]),
            (Request("GET", "/app/file.txt", (("origin", ALLOWED), ("origin", ALLOWED))), 200, APP[DENIED]),
        ]
        answers = exchange_http2(server.address, [request for request, _, _ in cases])
        for (request, status, lines), answer in zip(cases, answers, strict=True):
            assert (answer.status, differs(answer, lines)) == (status, None), f"{request}: {answer}"
            assert not (request.method == "OPTIONS" and answer.body)
    finally:
        server.end()
