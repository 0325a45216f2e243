"""The answers a policy can give, as header templates."""

import json
from dataclasses import dataclass

from onecors._code import Code


class Slot(Code):
    """A part of the request that a plan echoes."""

    ORIGIN = "origin"
    ACCESS_CONTROL_REQUEST_METHOD = "access_control_request_method"
    ACCESS_CONTROL_REQUEST_HEADERS = "access_control_request_headers"


@dataclass(frozen=True, slots=True)
class Header:
    """One header line of a plan: fixed text, or an echo of a part of the request.

    Exactly one of ``value`` and ``echo`` is not None.
    """

    name: str
    """The name in the Fetch standard's spelling, such as ``Access-Control-Allow-Origin``."""
    value: str | None = None
    """The fixed text to send."""
    echo: Slot | None = None
    """The part of the request to send, as it was received."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The answer that a verdict names: what to do to the response.

    A policy has a small, fixed tuple of plans, so whatever a framework needs can be made of them
    once, when the policy is loaded.
    """

    status: int | None
    """With a status, the answer ends here, without a body (preflights only); without one, the
    application answers."""
    headers: tuple[Header, ...]
    """The header lines to set, replacing any of the same name, in this order."""
    vary: tuple[str, ...]
    """The tokens to merge into ``Vary``, in this order; empty when ``Vary`` is to be left alone."""

    def lines(
        self,
        origin: str | bytes | None,
        access_control_request_method: str | bytes | None = None,
        access_control_request_headers: str | bytes | None = None,
    ) -> list[tuple[str, str]]:
        """Render the lines of a response that has no header fields yet, ``Vary`` last.

        The arguments must be those of the request that was decided on.
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
    # What is echoed has passed the engine's grammar, so it is ASCII.
    if isinstance(part, bytes):
        return part.decode("ascii", "replace")
    return part or ""


def plans(text: str) -> tuple[Plan, ...]:
    """Make the plans of the engine's JSON. The native half calls this once for each policy."""
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
