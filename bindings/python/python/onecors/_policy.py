"""A policy: loaded once, then asked about every request."""

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import final, overload

from onecors._explanation import Explanation
from onecors._native import MAX_DOCUMENT_BYTES, Engine
from onecors._problem import PolicyError


@final
@dataclass(frozen=True, slots=True)
class Regex:
    """An origin pattern that is a regular expression, matched against the whole origin.

    It is of the kind that needs linear time only: no look-around, no back-references. It must end
    in a literal registrable domain, optionally with a port.
    """

    regex: str


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """The part of a policy that governs some paths.

    What is left out, or None, is no key of the document, so the document's defaults hold.
    """

    paths: Sequence[str]
    allow_origins: Sequence[str | Regex]
    name: str | None = None
    allow_credentials: bool | None = None
    allow_methods: Sequence[str] | None = None
    allow_headers: Sequence[str] | None = None
    expose_headers: Sequence[str] | None = None
    max_age: int | None = None
    preflight_status: int | None = None
    dangerously_allow: Sequence[str] | None = None


# The interpreters of a process share the type Engine, and CPython 3.12 and later cache what they
# look up on a type under a number that another type may have in another interpreter. So nothing is
# looked up on Engine itself: super() does not use that cache.
@final
class Policy(Engine):
    """A compiled policy document.

    Immutable: it may be shared between threads, and to reload one is to replace the reference to
    it. It may be copied and pickled; a pickle holds the document.

    Every constructor raises ``PolicyError``, with all problems, for a document that has any.
    """

    __slots__ = ("__weakref__",)

    @overload
    def __new__(
        cls,
        *,
        allow_origins: Sequence[str | Regex],
        allow_credentials: bool | None = None,
        allow_methods: Sequence[str] | None = None,
        allow_headers: Sequence[str] | None = None,
        expose_headers: Sequence[str] | None = None,
        max_age: int | None = None,
        preflight_status: int | None = None,
        dangerously_allow: Sequence[str] | None = None,
    ) -> "Policy": ...

    @overload
    def __new__(cls, *, rules: Sequence[Rule | Mapping[str, object]]) -> "Policy": ...

    def __new__(
        cls,
        *,
        allow_origins: Sequence[str | Regex] | None = None,
        allow_credentials: bool | None = None,
        allow_methods: Sequence[str] | None = None,
        allow_headers: Sequence[str] | None = None,
        expose_headers: Sequence[str] | None = None,
        max_age: int | None = None,
        preflight_status: int | None = None,
        dangerously_allow: Sequence[str] | None = None,
        rules: Sequence[Rule | Mapping[str, object]] | None = None,
        **unknown: object,
    ) -> "Policy":
        """Compile the document that has these keys.

        What is left out, or None, is no key of the document, so the document's defaults hold.
        """
        if unknown:
            raise TypeError(_not_keywords(unknown))
        document = {
            "allow_origins": allow_origins,
            "allow_credentials": allow_credentials,
            "allow_methods": allow_methods,
            "allow_headers": allow_headers,
            "expose_headers": expose_headers,
            "max_age": max_age,
            "preflight_status": preflight_status,
            "dangerously_allow": dangerously_allow,
            "rules": rules,
        }
        return cls.from_json(json.dumps(_given(document), default=as_json))

    @classmethod
    def from_json(cls, document: str | bytes) -> "Policy":
        """Compile a document from its text."""
        if isinstance(document, str):
            # A lone surrogate makes bytes that are not UTF-8, which the engine reports.
            document = str.encode(document, "utf-8", "surrogatepass")
        elif not isinstance(document, bytes):
            hint = {dict: "; for keys and values, call Policy(**document)"}.get(type(document), "")
            raise TypeError(f"document must be str or bytes, not {type(document).__name__}{hint}")
        return super().__new__(cls, document)

    @classmethod
    def from_file(cls, path: str | os.PathLike[str]) -> "Policy":
        """Compile the document in a file.

        Raises ``OSError`` when the file cannot be read. The error of a document names the path.
        """
        return super().__new__(cls, read_document(path), os.fspath(path))

    def explain(
        self,
        method: str | bytes | None,
        path: str | bytes | None,
        origin: str | bytes | None,
        access_control_request_method: str | bytes | None = None,
        access_control_request_headers: str | bytes | None = None,
    ) -> Explanation:
        """Decide on a request and tell the story.

        The arguments are those of ``decide``. ``explain_json`` gives the same story as text.
        """
        explanation: Explanation = json.loads(
            self.explain_json(
                method,
                path,
                origin,
                access_control_request_method,
                access_control_request_headers,
            )
        )
        return explanation

    def __repr__(self) -> str:
        return f"<onecors.Policy of {len(self.document)} bytes with {len(self.plans)} plans>"

    def __copy__(self) -> "Policy":
        return self

    def __deepcopy__(self, memo: dict[int, object]) -> "Policy":
        return self

    def __reduce__(self) -> tuple[object, tuple[bytes]]:
        return Policy.from_json, (self.document,)


def read_document(path: str | os.PathLike[str]) -> bytes:
    """Read a document, and one byte more than it may have, so that the engine can tell."""
    with Path(path).open("rb") as file:
        return file.read(MAX_DOCUMENT_BYTES + 1)


def _given(options: Mapping[str, object]) -> dict[str, object]:
    return {key: value for key, value in options.items() if value is not None}


def _not_keywords(names: Iterable[str]) -> str:
    """Say of keywords what the engine says of keys that a document has by mistake."""
    help_of: dict[str, str | None] = {}
    try:
        Policy.from_json(json.dumps(dict.fromkeys(names)))
    except PolicyError as error:
        unknown = (problem for problem in error.problems if problem.code == "unknown_key")
        help_of = {problem.pointer.removeprefix("/"): problem.help for problem in unknown}
    told = (f"{name}, write {help_of[name]}" if help_of.get(name) else name for name in names)
    return f"Policy has no such keywords: {'; '.join(told)}"


def as_json(value: object) -> object:
    """Give JSON's form of what may stand in a document beside JSON's own types."""
    if isinstance(value, Regex):
        return {"regex": value.regex}
    if isinstance(value, Rule):
        return _given({field.name: getattr(value, field.name) for field in fields(value)})
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(
        f"a policy document cannot hold the {type(value).__name__} {value!r}: "
        "give strings, numbers, booleans, lists and tuples (a set has no order, and the order of a "
        "list is the order in the header)"
    )
