"""What a plan does to a response, in the type of its host's header fields."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import AnyStr, Generic, TypeAlias

from onecors._plan import Plan, Slot

Fields: TypeAlias = Iterable[tuple[AnyStr, AnyStr]]
Parts: TypeAlias = tuple[AnyStr | None, AnyStr | None, AnyStr | None]
"""``Origin``, ``Access-Control-Request-Method`` and ``Access-Control-Request-Headers``."""

SLOTS = (
    Slot.ORIGIN,
    Slot.ACCESS_CONTROL_REQUEST_METHOD,
    Slot.ACCESS_CONTROL_REQUEST_HEADERS,
)
WITHOUT_CONTENT = (204, 205)


@dataclass(frozen=True, slots=True)
class _Words(Generic[AnyStr]):
    """The words of HTTP that applying a plan takes."""

    allow: AnyStr
    owned: frozenset[AnyStr]
    vary: AnyStr
    star: AnyStr
    comma: AnyStr
    separator: AnyStr
    blank: AnyStr

    @classmethod
    def of(cls, text: Callable[[str], AnyStr]) -> "_Words[AnyStr]":
        return cls(
            allow=text("access-control-allow-"),
            owned=frozenset(
                (text("access-control-expose-headers"), text("access-control-max-age"))
            ),
            vary=text("vary"),
            star=text("*"),
            comma=text(","),
            separator=text(", "),
            blank=text(" \t"),
        )

    def apply(self, lines: Fields[AnyStr], fields: Fields[AnyStr]) -> list[tuple[AnyStr, AnyStr]]:
        """Make the fields of a response that has these, with the lines of a plan."""
        vary_name = self.vary
        applied: list[tuple[AnyStr, AnyStr]] = []
        vary: list[tuple[AnyStr, AnyStr]] = []
        for field in fields:
            name = field[0].lower()
            if name == vary_name:
                vary.append(field)
            elif not self.owns(name):
                applied.append(field)
        for line in lines:
            if line[0].lower() == vary_name:
                vary = self._merge_vary(vary, line)
            else:
                applied.append(line)
        return applied + vary

    def owns(self, name: AnyStr) -> bool:
        """Whether the policy alone sets the field of this name, which is in lower case."""
        return name.startswith(self.allow) or name in self.owned

    def _merge_vary(
        self, given: list[tuple[AnyStr, AnyStr]], line: tuple[AnyStr, AnyStr]
    ) -> list[tuple[AnyStr, AnyStr]]:
        if not given:
            return [line]
        value = self.separator.join([value for _, value in given])
        present = {token.strip(self.blank).lower() for token in value.split(self.comma)}
        missing = [token for token in line[1].split(self.separator) if token.lower() not in present]
        if self.star in present or not missing:
            return given
        kept = [value] if value.strip(self.blank) else []
        return [(given[0][0], self.separator.join(kept + missing))]


@dataclass(frozen=True, slots=True)
class Answer(Generic[AnyStr]):
    """A plan whose lines are ready to be sent.

    For each request the native half does what is said here, where the response has no field that a
    plan changes; the rest it leaves to ``apply``.
    """

    status: int | None
    """With a status, the answer ends here; without one, the application answers."""
    status_line: str | None
    """The status in the words of WSGI."""
    content_length: tuple[tuple[AnyStr, AnyStr], ...]
    """The fields of the answer that ends here, before the plan is applied to them."""
    lines: tuple[tuple[tuple[AnyStr, AnyStr], int | None], ...]
    """Each line, with the number of the part of the request that it echoes, if it does."""
    vary_line: tuple[tuple[AnyStr, AnyStr], ...]
    """The line of a response that has no ``Vary`` of its own."""
    _words: _Words[AnyStr]

    @classmethod
    def of(
        cls,
        plan: Plan,
        words: _Words[AnyStr],
        name: Callable[[str], AnyStr],
        text: Callable[[str], AnyStr],
    ) -> "Answer[AnyStr]":
        """Make the answer of a plan: ``name`` and ``text`` turn field names and values into it."""
        nothing = () if plan.status in WITHOUT_CONTENT else ((name("Content-Length"), text("0")),)
        vary_line = ((name("Vary"), text(", ".join(plan.vary))),) if plan.vary else ()
        return cls(
            status=plan.status,
            status_line=None if plan.status is None else _status_line(plan.status),
            content_length=nothing,
            lines=tuple(
                (
                    (name(header.name), text(header.value or "")),
                    None if header.echo is None else SLOTS.index(header.echo),
                )
                for header in plan.headers
            ),
            vary_line=vary_line,
            _words=words,
        )

    def apply(self, parts: Parts[AnyStr], fields: Fields[AnyStr]) -> list[tuple[AnyStr, AnyStr]]:
        """Make the header fields of a response that has these fields.

        The parts must be those of the request that was decided on.
        """
        # What is echoed has passed the engine's grammar.
        rendered: list[tuple[AnyStr, AnyStr]] = [
            line if part is None else (line[0], parts[part] or line[1]) for line, part in self.lines
        ]
        rendered.extend(self.vary_line)
        return self._words.apply(rendered, fields)


_REASONS = {200: "OK", 204: "No Content", 205: "Reset Content", 403: "Forbidden"}


def _status_line(status: int) -> str:
    return f"{status} {_REASONS.get(status, 'Success')}"


SERVER_ERROR = b"Internal Server Error"
"""The body of the answer to a request that the application failed on."""


def _encode(text: str) -> bytes:
    return text.encode("ascii")


def _encode_name(name: str) -> bytes:
    return name.lower().encode("ascii")


_WORDS_IN_BYTES = _Words.of(_encode)
_WORDS_IN_TEXT = _Words.of(str)


apply_in_text = _WORDS_IN_TEXT.apply
"""Makes the fields of a response that has these, with the lines of a plan."""
owns_in_text = _WORDS_IN_TEXT.owns
"""Whether the policy alone sets the field of a name in lower case."""


def in_bytes(plans: Iterable[Plan]) -> tuple[Answer[bytes], ...]:
    """Give the answer of each plan, for hosts that speak bytes and lower-case names: ASGI."""
    return tuple(Answer.of(plan, _WORDS_IN_BYTES, _encode_name, _encode) for plan in plans)


def in_text(plans: Iterable[Plan]) -> tuple[Answer[str], ...]:
    """Give the answer of each plan, for hosts that speak text: WSGI and Django."""
    return tuple(Answer.of(plan, _WORDS_IN_TEXT, str, str) for plan in plans)
