"""A small local Runtime API, of version 2018-06-01, which is what a runtime interface client talks to."""

from __future__ import annotations

import json
import queue
import re
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

ARN = "arn:aws:lambda:eu-central-1:123456789012:function:onecors"
DEADLINE_S = 20
PATH = "/2018-06-01/runtime"
STREAM = "application/vnd.awslambda.http-integration-response"
PRELUDE_END = b"\0" * 8


@dataclass(frozen=True)
class Posted:
    """What the function posted for an invocation."""

    is_error: bool
    content_type: str
    body: bytes

    def told(self) -> dict[str, Any]:
        """In the words of a case: what the function returned, streamed or failed with."""
        if self.is_error:
            return {"fails": json.loads(self.body)["errorMessage"]}
        if self.content_type == STREAM:
            prelude, _, rest = self.body.partition(PRELUDE_END)
            return {"streams": json.loads(prelude) | {"chunks": [rest.decode()] if rest else []}}
        return {"returns": json.loads(self.body)}


class RuntimeApi:
    """The server, on a free port of the loopback; one function at a time is its client."""

    def __init__(self) -> None:
        self._events: queue.Queue[tuple[str, bytes] | None] = queue.Queue()
        self._posted: queue.Queue[tuple[str, Posted]] = queue.Queue()
        self._count = 0
        api = self

        class Handler(_Handler):
            events = api._events
            posted = api._posted

        self._server = _Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        """For AWS_LAMBDA_RUNTIME_API."""
        return f"127.0.0.1:{self._server.server_port}"

    def invoke(self, event: object, alive: Callable[[], bool]) -> Posted | None:
        """Hands an event to the function; None when it has ended, or does not answer in time."""
        self._count += 1
        request_id = f"00000000-0000-4000-8000-{self._count:012}"
        self._events.put((request_id, json.dumps(event).encode()))
        end = time.monotonic() + DEADLINE_S
        while time.monotonic() < end:
            try:
                answered, posted = self._posted.get(timeout=0.2)
            except queue.Empty:
                if not alive():
                    return None
                continue
            if answered in (request_id, "init"):
                return posted
        return None

    def close(self) -> None:
        """Ends the server, and with it the calls that wait for an event."""
        self._events.put(None)
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Says nothing of a function that is ended while it waits for an event."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Handler(BaseHTTPRequestHandler):
    # An answer goes out at once, and in one piece.
    disable_nagle_algorithm = True
    wbufsize = -1

    events: queue.Queue[tuple[str, bytes] | None]
    posted: queue.Queue[tuple[str, Posted]]
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """An invocation, when there is one."""
        if self.path != f"{PATH}/invocation/next":
            self._answer(404, b"{}")
            return
        given = self.events.get()
        if given is None:
            self.close_connection = True
            return
        request_id, event = given
        deadline = int((time.time() + DEADLINE_S) * 1000)
        self._answer(
            200,
            event,
            {
                "Lambda-Runtime-Aws-Request-Id": request_id,
                "Lambda-Runtime-Deadline-Ms": str(deadline),
                "Lambda-Runtime-Invoked-Function-Arn": ARN,
                "Lambda-Runtime-Trace-Id": "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=0",
            },
        )

    def do_POST(self) -> None:
        """The answer to an invocation, or an error."""
        body = self._body()
        content_type = self.headers.get("Content-Type", "")
        found = re.fullmatch(rf"{PATH}/(?:invocation/([^/]+)|(init))/(response|error)", self.path)
        if not found:
            self._answer(404, b"{}")
            return
        self.posted.put((found[1] or found[2], Posted(found[3] == "error", content_type, body)))
        self._answer(202, b'{"status":"OK"}')

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        pieces = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            pieces.append(self.rfile.read(size))
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass
        return b"".join(pieces)

    def _answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing: what matters is in the answers."""
