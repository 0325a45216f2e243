"""The service behind the proxies, whose own CORS headers must not come through."""

from __future__ import annotations

import socketserver
import threading
from contextlib import suppress

# What the service says of CORS by itself, wherever it is asked.
SERVICE_LINES = (
    ("access-control-allow-origin", "*"),
    ("access-control-allow-credentials", "true"),
    ("access-control-expose-headers", "x-service"),
    ("access-control-allow-methods", "BREW"),
    ("vary", "Accept-Encoding"),
    ("x-service", "1"),
)


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
