"""A service that speaks FastCGI: each request gets the same answer, with CORS of its own."""

from __future__ import annotations

import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager

END_REQUEST, STDIN, STDOUT = 3, 5, 6
HEADER = struct.Struct(">BBHHBx")
ANSWER = (
    b"Content-Type: text/plain\r\nAccess-Control-Allow-Origin: https://wrong.example\r\n"
    b"Vary: Accept-Language\r\n\r\nfastcgi"
)


class _Handler(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        while header := self.rfile.read(HEADER.size):
            _, kind, request, length, padding = HEADER.unpack(header)
            self.rfile.read(length + padding)
            if kind == STDIN and length == 0:
                self._send(STDOUT, request, ANSWER)
                self._send(STDOUT, request, b"")
                self._send(END_REQUEST, request, bytes(8))
                return

    def _send(self, kind: int, request: int, content: bytes) -> None:
        self.wfile.write(HEADER.pack(1, kind, request, len(content), 0) + content)


@contextmanager
def fastcgi() -> Iterator[str]:
    """The address of the service, for `fastcgi_pass`."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_address[1]}"
        server.shutdown()
