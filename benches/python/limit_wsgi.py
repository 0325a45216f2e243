"""The least that a CORS middleware for WSGI can do in Python, for one policy."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from scenarios import METHODS, POLICY

Lines = list[tuple[str, str]]

ALLOW_ORIGIN = "Access-Control-Allow-Origin"
ACTUAL = [
    ("Access-Control-Allow-Credentials", "true"),
    ("Access-Control-Expose-Headers", ", ".join(POLICY["expose_headers"])),
    ("Vary", "Origin"),
]
DENIED = [("Vary", "Origin")]
VARY_OF_PREFLIGHTS = (
    "Vary",
    "Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
)
PREFLIGHT = [
    ("Access-Control-Allow-Credentials", "true"),
    ("Access-Control-Allow-Methods", ", ".join(POLICY["allow_methods"])),
    ("Access-Control-Allow-Headers", ", ".join(POLICY["allow_headers"])),
    ("Access-Control-Max-Age", str(POLICY["max_age"])),
    VARY_OF_PREFLIGHTS,
]
PREFLIGHT_DENIED = [("Content-Length", "0"), VARY_OF_PREFLIGHTS]
OWNED = frozenset(name.lower() for name, _ in [(ALLOW_ORIGIN, ""), *ACTUAL, *PREFLIGHT])
ALLOWED_METHODS = frozenset(METHODS)
ALLOWED_HEADERS = frozenset(POLICY["allow_headers"])
SERVER_ERROR = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", "21")]


class LimitMiddleware:
    def __init__(self, app: Any, origins: list[str]) -> None:
        self.app = app
        self.origins = frozenset(origins)

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        origin = environ.get("HTTP_ORIGIN")
        if origin is not None and environ["REQUEST_METHOD"] == "OPTIONS":
            method = environ.get("HTTP_ACCESS_CONTROL_REQUEST_METHOD")
            if method is not None:
                headers = environ.get("HTTP_ACCESS_CONTROL_REQUEST_HEADERS")
                return self.preflight(start_response, origin, method, headers)
        if origin in self.origins:
            response = Response(start_response, [(ALLOW_ORIGIN, origin), *ACTUAL])
        else:
            response = Response(start_response, DENIED)
        try:
            body = self.app(environ, response.start)
        except Exception:
            response.fail()
            raise
        if type(body) is list:
            response.begin()
            return body
        response.body = body
        return response

    def preflight(
        self, start_response: Any, origin: str, method: str, headers: str | None
    ) -> list[bytes]:
        if (
            origin in self.origins
            and method in ALLOWED_METHODS
            and (headers is None or ALLOWED_HEADERS.issuperset(headers.split(",")))
        ):
            start_response("204 No Content", [(ALLOW_ORIGIN, origin), *PREFLIGHT])
        else:
            start_response("403 Forbidden", PREFLIGHT_DENIED.copy())
        return []


class Response:
    """Tells the server of the head with the first piece of the body, since it may fail until then."""

    __slots__ = ("body", "head", "lines", "start_response", "write")

    body: Any
    head: tuple[str, Lines] | None
    write: Callable[[bytes], object] | None

    def __init__(self, start_response: Any, lines: Lines) -> None:
        self.start_response = start_response
        self.lines = lines
        self.head = self.write = None

    def start(self, status: str, fields: Lines, exc_info: Any = None) -> Any:
        if self.write is not None:
            return self.start_response(status, applied(self.lines, fields), exc_info)
        self.head = (status, fields)
        return self.write_body

    def begin(self) -> None:
        if self.head is not None and self.write is None:
            status, fields = self.head
            self.write = self.start_response(status, applied(self.lines, fields))

    def write_body(self, data: bytes) -> None:
        self.begin()
        if self.write is not None:
            self.write(data)

    def __iter__(self) -> Iterator[bytes]:
        try:
            body = iter(self.body)
            for piece in body:
                self.begin()
                yield piece
                break
            else:
                self.begin()
            yield from body
        except Exception:
            self.fail()
            raise

    def close(self) -> None:
        self.body.close()

    def fail(self) -> None:
        if self.write is None:
            fields = [*SERVER_ERROR, *self.lines]
            self.start_response("500 Internal Server Error", fields)(b"Internal Server Error")


def applied(lines: Lines, fields: Lines) -> Lines:
    for name, _ in fields:
        if name.lower() in OWNED:
            return merged(lines, fields)
    return [*fields, *lines]


def merged(lines: Lines, fields: Lines) -> Lines:
    """Where the application has written fields of CORS or ``Vary`` itself."""
    vary = [value for name, value in fields if name.lower() == "vary"]
    kept = [(name, value) for name, value in fields if name.lower() not in OWNED]
    if "origin" not in ",".join(vary).lower():
        vary.append("Origin")
    return [*kept, *lines[:-1], ("Vary", ", ".join(vary))]
