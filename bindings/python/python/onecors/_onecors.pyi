from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any, Final, Protocol, final

from typing_extensions import Self, disjoint_base

from onecors._plan import Plan
from onecors._response import ResponseTemplate
from onecors._verdict import Verdict

__all__ = [
    "MAX_DOCUMENT_BYTES",
    "VERSION",
    "AsgiAdapter",
    "AsgiExchange",
    "Engine",
    "WsgiAdapter",
    "WsgiExchange",
    "cli",
    "printable",
]

VERSION: Final[str]
MAX_DOCUMENT_BYTES: Final[int]

def cli(args: list[str], /) -> int: ...
def printable(text: str, /) -> str: ...

# A DenialLog, whose module imports this one.
class _Denials(Protocol):
    keys: set[tuple[int, str | bytes | None]]

    def note(self, verdict: Verdict, parts: Iterable[Any]) -> None: ...

@disjoint_base
class Engine:
    def __new__(cls, document: bytes, path: object = None, /) -> Self: ...
    def decide(
        self,
        method: str | bytes | None,
        path: str | bytes | None,
        origin: str | bytes | None,
        access_control_request_method: str | bytes | None = None,
        access_control_request_headers: str | bytes | None = None,
    ) -> Verdict: ...
    def explain_json(
        self,
        method: str | bytes | None,
        path: str | bytes | None,
        origin: str | bytes | None,
        access_control_request_method: str | bytes | None = None,
        access_control_request_headers: str | bytes | None = None,
    ) -> str: ...
    def check_origin(
        self,
        path: str | bytes | None,
        origin: str | bytes | None,
        host: str | bytes | None,
    ) -> bool: ...
    def nearest_pattern(self, path: str | bytes | None, origin: str | bytes | None) -> int: ...
    @property
    def plans(self) -> tuple[Plan, ...]: ...
    @property
    def has_paths(self) -> bool: ...
    @property
    def document(self) -> bytes: ...

@final
class AsgiAdapter:
    def __new__(
        cls, policy: Engine, templates: tuple[ResponseTemplate[bytes], ...], denials: _Denials, /
    ) -> Self: ...
    def begin(
        self,
        scope: MutableMapping[str, Any],
        path: str | None,
        send: Callable[..., Awaitable[None]],
        /,
    ) -> AsgiExchange | None: ...

@final
class AsgiExchange:
    @property
    def status(self) -> int | None: ...
    @property
    def started(self) -> bool: ...
    @property
    def own_fields(self) -> list[tuple[bytes, bytes]]: ...
    def apply(self, fields: Iterable[tuple[bytes, bytes]], /) -> list[tuple[bytes, bytes]]: ...
    def send(self, message: MutableMapping[str, Any], /) -> Awaitable[None]: ...

@final
class WsgiAdapter:
    def __new__(
        cls, policy: Engine, templates: tuple[ResponseTemplate[str], ...], denials: _Denials, /
    ) -> Self: ...
    def begin(
        self,
        environ: dict[str, Any],
        path: str | None,
        start_response: Callable[..., Any],
        /,
    ) -> WsgiExchange | list[bytes] | None: ...
    def describe(
        self, environ: dict[str, Any], path: str | None, /
    ) -> tuple[int | None, tuple[tuple[str, str], ...]] | None: ...

@final
class WsgiExchange:
    @property
    def start_response(self) -> Callable[..., Any]: ...
    @property
    def started(self) -> bool: ...
    def apply(self, fields: Iterable[tuple[str, str]], /) -> list[tuple[str, str]]: ...
    def start(
        self, status: str, headers: Iterable[tuple[str, str]], exc_info: object = None
    ) -> Callable[[bytes], None]: ...
    def write(self, data: bytes, /) -> None: ...
    def begin(self) -> None: ...
    def over(self, body: Iterable[bytes], /) -> Iterable[bytes]: ...
    def __iter__(self) -> Self: ...
    def __next__(self) -> bytes: ...
    def close(self) -> None: ...
