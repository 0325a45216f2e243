from typing import Final

from typing_extensions import Self, disjoint_base

from onecors._plan import Plan
from onecors._verdict import Verdict

__all__ = ["MAX_DOCUMENT_BYTES", "VERSION", "Engine"]

VERSION: Final[str]
MAX_DOCUMENT_BYTES: Final[int]

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
    @property
    def plans(self) -> tuple[Plan, ...]: ...
    @property
    def document(self) -> bytes: ...
