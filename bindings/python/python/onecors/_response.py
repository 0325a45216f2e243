"""Applies plans to responses, in the host's type of header fields."""

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
class _HeaderSyntax(Generic[AnyStr]):
    """The field names and separators of HTTP, in the host's type."""

    allow: AnyStr
    owned: frozenset[AnyStr]
    vary: AnyStr
    star: AnyStr
    comma: AnyStr
    separator: AnyStr
    blank: AnyStr

    @classmethod
    def of(cls, text: Callable[[str], AnyStr]) -> "_HeaderSyntax[AnyStr]":
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
        """Return the fields of a response with the lines of a plan applied."""
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
        """Whether only the policy sets the field of this name, given in lower case."""
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
class ResponseTemplate(Generic[AnyStr]):
    """A plan as header fields of a host.

    The native library applies it to responses without fields that a plan changes, and calls
    ``apply`` for the others.
    """

    status: int | None
    """The status if the adapter responds itself; None if the application responds."""
    status_line: str | None
    """The status as WSGI has it, with a reason phrase."""
    content_length: tuple[tuple[AnyStr, AnyStr], ...]
    """The fields of the adapter's own response, before the plan is applied."""
    lines: tuple[tuple[tuple[AnyStr, AnyStr], int | None], ...]
    """Each line, with the index in ``Parts`` of the value that it echoes, or None."""
    vary_line: tuple[tuple[AnyStr, AnyStr], ...]
    """The ``Vary`` line for a response that has none."""
    _syntax: _HeaderSyntax[AnyStr]

    @classmethod
    def of(
        cls,
        plan: Plan,
        syntax: _HeaderSyntax[AnyStr],
        name: Callable[[str], AnyStr],
        text: Callable[[str], AnyStr],
    ) -> "ResponseTemplate[AnyStr]":
        """Convert a plan: ``name`` and ``text`` encode field names and values for the host."""
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
            _syntax=syntax,
        )

    def apply(self, parts: Parts[AnyStr], fields: Fields[AnyStr]) -> list[tuple[AnyStr, AnyStr]]:
        """Return the fields of a response with the plan applied.

        ``parts`` must be those of the request that was decided on.
        """
        # An echoed value has passed the engine's grammar.
        rendered: list[tuple[AnyStr, AnyStr]] = [
            line if part is None else (line[0], parts[part] or line[1]) for line, part in self.lines
        ]
        rendered.extend(self.vary_line)
        return self._syntax.apply(rendered, fields)


_REASONS = {200: "OK", 204: "No Content", 205: "Reset Content", 403: "Forbidden"}


def _status_line(status: int) -> str:
    return f"{status} {_REASONS.get(status, 'Success')}"


SERVER_ERROR = b"Internal Server Error"
"""The body of the response to a request whose application failed."""


def _encode(text: str) -> bytes:
    return text.encode("ascii")


def _encode_name(name: str) -> bytes:
    return name.lower().encode("ascii")


_SYNTAX_IN_BYTES = _HeaderSyntax.of(_encode)
_SYNTAX_IN_TEXT = _HeaderSyntax.of(str)


apply_in_text = _SYNTAX_IN_TEXT.apply
"""Returns the fields of a response with the lines of a plan applied."""
owns_in_text = _SYNTAX_IN_TEXT.owns
"""Whether only the policy sets the field of a name, given in lower case."""


def in_bytes(plans: Iterable[Plan]) -> tuple[ResponseTemplate[bytes], ...]:
    """Convert plans for hosts with fields in bytes and names in lower case: ASGI."""
    return tuple(
        ResponseTemplate.of(plan, _SYNTAX_IN_BYTES, _encode_name, _encode) for plan in plans
    )


def in_text(plans: Iterable[Plan]) -> tuple[ResponseTemplate[str], ...]:
    """Convert plans for hosts with fields in text: WSGI and Django."""
    return tuple(ResponseTemplate.of(plan, _SYNTAX_IN_TEXT, str, str) for plan in plans)
