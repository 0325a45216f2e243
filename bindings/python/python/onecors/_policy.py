"""A policy: loaded once, then used for every request."""

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

    The syntax is that of the Rust crate ``regex``, which matches in linear time: no look-around, no
    back-references. It must end in a literal registrable domain, optionally with a port.
    """

    regex: str
    """The regular expression, without anchors."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """The part of a policy that governs some paths.

    An argument that is omitted or None takes the document's default.
    """

    paths: Sequence[str]
    """The paths that it governs, such as ``/catalogue/*``."""
    allow_origins: Sequence[str | Regex]
    """The origins whose pages may read the responses."""
    name: str | None = None
    """A name for logs, unique in the policy."""
    allow_credentials: bool | None = None
    """Whether pages may send cookies and read the response; False by default."""
    allow_methods: Sequence[str] | None = None
    """Methods beyond GET, HEAD and POST; ``"*"`` for any."""
    allow_headers: Sequence[str] | None = None
    """Request header names; ``"*"`` for any but ``authorization``, which must be listed."""
    expose_headers: Sequence[str] | None = None
    """Response header names that pages may read; ``"*"`` only without credentials."""
    max_age: int | None = None
    """Seconds that browsers may cache a preflight response: 0 to 86400, 7200 by default."""
    preflight_status: int | None = None
    """The status of an allowed preflight: 200 to 299, 204 by default."""
    dangerously_allow: Sequence[str] | None = None
    """Safety checks to switch off, such as ``insecure_origins``."""


# The interpreters of a process share the type Engine. CPython 3.12 and later cache attribute
# lookups on a type under a number that another interpreter may use for another type. super()
# bypasses that cache, so nothing is looked up on Engine itself.
@final
class Policy(Engine):
    """A compiled policy document.

    Immutable, thread-safe, and never closed; to replace the policy of a running service, use a
    ``LivePolicy``. A copy is the policy itself; a pickle holds the document.

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
        """Compile the document with these keys.

        An argument that is omitted or None takes the document's default. Pass ``rules`` alone, or
        the keys of a single rule for every path. Raises ``TypeError`` for unknown keywords and for
        values that JSON cannot represent, such as a set.
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
        """Compile a JSON document.

        Raises ``TypeError`` for anything but ``str`` and ``bytes``; bytes are read as UTF-8.
        """
        if isinstance(document, str):
            # A lone surrogate makes bytes that are not UTF-8, which the engine reports.
            document = str.encode(document, "utf-8", "surrogatepass")
        elif not isinstance(document, bytes):
            hint = {dict: ": for a dict, write Policy(**document)"}.get(type(document), "")
            raise TypeError(f"document must be str or bytes, not {type(document).__name__}{hint}")
        return super().__new__(cls, document)

    @classmethod
    def from_file(cls, path: str | os.PathLike[str]) -> "Policy":
        """Compile the JSON document in a file.

        Raises ``OSError`` if the file cannot be read. A ``PolicyError`` names the path.
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
        """Explain the decision on a request: the rule, every check, and what to change.

        The arguments are those of ``decide``. ``explain_json`` returns the same as JSON text. Costs
        far more than a decision: meant for logs and support.
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
    """Read at most one byte more than a document may have: enough for the engine to refuse it."""
    with Path(path).open("rb") as file:
        return file.read(MAX_DOCUMENT_BYTES + 1)


def _given(options: Mapping[str, object]) -> dict[str, object]:
    return {key: value for key, value in options.items() if value is not None}


def _not_keywords(names: Iterable[str]) -> str:
    """Describe unknown keywords with the engine's help for unknown keys of a document."""
    help_of: dict[str, str | None] = {}
    try:
        Policy.from_json(json.dumps(dict.fromkeys(names)))
    except PolicyError as error:
        unknown = (problem for problem in error.problems if problem.code == "unknown_key")
        help_of = {problem.pointer.removeprefix("/"): problem.help for problem in unknown}
    described = (f"{name} (write {help_of[name]})" if help_of.get(name) else name for name in names)
    return f"Policy got unknown keyword arguments: {', '.join(described)}"


def as_json(value: object) -> object:
    """Convert a ``Regex``, a ``Rule`` or a mapping to a type that JSON has."""
    if isinstance(value, Regex):
        return {"regex": value.regex}
    if isinstance(value, Rule):
        return _given({field.name: getattr(value, field.name) for field in fields(value)})
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(
        f"a policy cannot contain the {type(value).__name__} {value!r}: use strings, numbers, "
        "booleans, lists and tuples (a set has no order, and headers keep the order of a list)"
    )
