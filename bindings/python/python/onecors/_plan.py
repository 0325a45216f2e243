"""Plans: the header templates of all responses that a policy can produce."""

import json
from dataclasses import dataclass

from onecors._code import Code


class Slot(Code):
    """A value of the request that a plan echoes."""

    ORIGIN = "origin"
    """The value of ``Origin``."""
    ACCESS_CONTROL_REQUEST_METHOD = "access_control_request_method"
    """The value of ``Access-Control-Request-Method``."""
    ACCESS_CONTROL_REQUEST_HEADERS = "access_control_request_headers"
    """The value of ``Access-Control-Request-Headers``."""


@dataclass(frozen=True, slots=True)
class Header:
    """One header line of a plan: a fixed value, or an echo of a value of the request.

    Exactly one of ``value`` and ``echo`` is not None.
    """

    name: str
    """The name in the Fetch standard's spelling, such as ``Access-Control-Allow-Origin``."""
    value: str | None = None
    """The fixed value."""
    echo: Slot | None = None
    """The value of the request to send back unchanged."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a verdict asks for: the status and the header lines of the response.

    A policy has a small, fixed tuple of plans, so an adapter can convert them once, when the policy
    is loaded.
    """

    status: int | None
    """The status of a response to send at once, without a body (preflights only); None if the
    application makes the response."""
    headers: tuple[Header, ...]
    """The header lines to set, replacing any of the same name, in this order."""
    vary: tuple[str, ...]
    """The tokens to merge into ``Vary``, in this order; empty to leave ``Vary`` unchanged."""

    def lines(
        self,
        origin: str | bytes | None,
        access_control_request_method: str | bytes | None = None,
        access_control_request_headers: str | bytes | None = None,
    ) -> list[tuple[str, str]]:
        """Return the header lines for a response without header fields, ``Vary`` last.

        Pass the values that ``decide`` was called with.
        """
        parts = {
            Slot.ORIGIN: origin,
            Slot.ACCESS_CONTROL_REQUEST_METHOD: access_control_request_method,
            Slot.ACCESS_CONTROL_REQUEST_HEADERS: access_control_request_headers,
        }
        lines = [
            (header.name, _text(header.value if header.echo is None else parts[header.echo]))
            for header in self.headers
        ]
        if self.vary:
            lines.append(("Vary", ", ".join(self.vary)))
        return lines


def _text(part: str | bytes | None) -> str:
    # An echoed value has passed the engine's grammar, so it is ASCII.
    if isinstance(part, bytes):
        return part.decode("ascii", "replace")
    return part or ""


def plans(text: str) -> tuple[Plan, ...]:
    """Make plans from the engine's JSON. The native library calls this once per policy."""
    return tuple(
        Plan(
            status=plan["status"],
            headers=tuple(
                Header(
                    name=header["name"],
                    value=header.get("value"),
                    echo=Slot(header["echo"]) if "echo" in header else None,
                )
                for header in plan["headers"]
            ),
            vary=tuple(plan["vary"]),
        )
        for plan in json.loads(text)
    )
