"""The service behind nginx. It knows no CORS, and sets what a policy has to replace."""

from __future__ import annotations

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType

OWN = (
    ("Access-Control-Allow-Origin", "https://wrong.example"),
    ("access-control-ALLOW-credentials", "true"),
    ("Access-Control-Allow-Private-Network", "true"),
    ("Access-Control-Expose-Headers", "x-own"),
    ("Access-Control-Max-Age", "1"),
)
# The fields of an answer, by the last segment of the path.
FIELDS: dict[str, tuple[tuple[str, str], ...]] = {
    "own": (*OWN, *OWN[:1]),
    "vary": (("Vary", "Accept-Language"), ("vary", "\t Cookie , ORIGIN")),
    "vary-star": (("Vary", "Cookie, *"),),
    "vary-gzip": (("Vary", "Accept-Encoding"),),
    "accel": (("X-Accel-Redirect", "/internal/file.txt"), *OWN),
    "accel-named": (("X-Accel-Redirect", "@file"), *OWN),
}
STATUSES = {"refuse": 401, "fail": 500, "gone": 404, "created": 201, "limited": 429}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def answer(self) -> None:
        path = self.path.partition("?")[0]
        last = path.rpartition("/")[2]
        self.server.seen.append(f"{self.command} {self.path}")
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if last == "slow":
            time.sleep(1.0)
        body = b"text " * 100 if last.endswith("gzip") else last.encode()
        self.send_response(STATUSES.get(last, 200))
        for name, value in FIELDS.get(last, ()):
            self.send_header(name, value)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = answer  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    seen: list[str]

    def handle_error(self, request: object, client_address: object) -> None:
        """nginx leaves when it has waited long enough."""


class Behind:
    """The running service, and the requests that it has seen."""

    def __init__(self) -> None:
        self._server = Server(("127.0.0.1", 0), _Handler)
        self._server.seen = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def seen(self) -> list[str]:
        return self._server.seen

    def __enter__(self) -> Behind:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
