"""Responses in the shape of each kind of event."""

import json
from collections.abc import Iterable
from decimal import Decimal
from http import HTTPStatus
from typing import Any, Final, TypeAlias

from onecors._response import SERVER_ERROR, apply_in_text, owns_in_text
from onecors.aws._event import Event, Kind, Object, lines_of

Lines: TypeAlias = list[tuple[str, str]]

EDGE: Final = (Kind.EDGE_VIEWER_REQUEST, Kind.EDGE_ORIGIN_RESPONSE)
INFERRED: Final = (Kind.HTTP2, Kind.FUNCTION_URL)
DESCRIBED: Final = (Kind.ALB, Kind.ALB_MULTI, Kind.LATTICE1, Kind.LATTICE2)
MAPS: Final = ("headers", "multiValueHeaders")
INFERENCE: Final = {
    "statusCode": 200,
    "headers": {"content-type": "application/json"},
    "isBase64Encoded": False,
}
"""The rest of the response that AWS infers from a body."""
WHOLE_DIGITS: Final = 18
READ_ONLY: Final = ("transfer-encoding", "via")
"""Header fields that an origin-response function must not change."""


def answer(event: Event, status: int, lines: Lines) -> dict[str, Any]:
    """Make a response with these lines and no body."""
    if event.kind is Kind.EDGE_VIEWER_REQUEST:
        # CloudFront responds 502 to a 204 with a body, even an empty one.
        return _made(event, status, lines)
    # Without a body, CloudFront would send the origin's.
    return _made(event, status, lines) | {"body": ""} | _encoding(event)


def failed(event: Event, lines: Lines) -> dict[str, Any]:
    """Make the response to a request whose handler failed."""
    lines = [("Content-Type", "text/plain; charset=utf-8"), *lines]
    return _made(event, 500, lines) | {"body": SERVER_ERROR.decode()} | _encoding(event)


def apply(event: Event, response: object, lines: Lines) -> object:
    """Return the handler's response with these lines; unchanged if it is not a response.

    The handler's object is not modified.
    """
    response = _decoded(response)
    if event.kind in INFERRED and not (isinstance(response, dict) and "statusCode" in response):
        body = _body(response)
        if body is None:
            return response
        response = INFERENCE | {"body": body}
    if not isinstance(response, dict) or (event.kind in EDGE and "status" not in response):
        return response
    target = _target(event.kind)
    fields = response.get(target)
    if fields is not None and not isinstance(fields, dict):
        return response
    return response | _merged(event.kind, {target: fields or {}} | _other(response, target), lines)


def _merged(kind: Kind, maps: dict[str, Object], lines: Lines) -> dict[str, Object]:
    """Return the maps of a response with these lines in the first, which its kind reads."""
    sets_vary = any(name == "Vary" for name, _ in lines)
    vary = [value for fields in maps.values() for value in _vary(fields)] if sets_vary else []
    merged = apply_in_text(lines, [("Vary", ", ".join(vary))] if vary else [])
    kept = {name: _without(fields, sets_vary=sets_vary) for name, fields in maps.items()}
    return kept | {_target(kind): kept[_target(kind)] | _map(kind, merged)}


def _made(event: Event, status: int, lines: Lines) -> dict[str, Any]:
    fields = _map(event.kind, lines)
    if event.kind in EDGE:
        own = event.response.get("headers")
        kept = own.items() if isinstance(own, dict) else ()
        read_only = {name: value for name, value in kept if name in READ_ONLY}
        return {
            "status": str(status),
            "statusDescription": _phrase(status),
            "headers": read_only | fields,
        }
    made: dict[str, Any] = {"statusCode": status, _target(event.kind): fields}
    if event.kind in DESCRIBED:
        made["statusDescription"] = f"{status} {_phrase(status)}"
    return made


def _encoding(event: Event) -> dict[str, Any]:
    return {} if event.kind in EDGE else {"isBase64Encoded": False}


def _target(kind: Kind) -> str:
    """Return the name of the map that a kind reads."""
    return "multiValueHeaders" if kind is Kind.ALB_MULTI else "headers"


def _other(response: Object, target: str) -> dict[str, Object]:
    """Return the map that a kind does not read, by its name, if the response has it."""
    return {
        name: response[name]
        for name in MAPS
        if name != target and isinstance(response.get(name), dict)
    }


def _map(kind: Kind, lines: Iterable[tuple[str, str]]) -> dict[str, Any]:
    if kind in EDGE:
        return {name.lower(): [{"key": name, "value": value}] for name, value in lines}
    if kind is Kind.ALB_MULTI:
        return {name: [value] for name, value in lines}
    return dict(lines)


def _without(fields: Object, *, sets_vary: bool) -> dict[str, Any]:
    """Return the fields of a map that the policy does not set."""

    def stays(name: object) -> bool:
        name = name.lower() if isinstance(name, str) else ""
        return not (owns_in_text(name) or (sets_vary and name == "vary"))

    return {name: value for name, value in fields.items() if stays(name)}


def _vary(fields: Object) -> list[str]:
    """Return the lines of ``Vary`` in a map."""
    return [
        line
        for name, value in fields.items()
        if isinstance(name, str) and name.lower() == "vary"
        for line in lines_of(value)
    ]


def _decoded(response: object) -> object:
    """Parse a response that the handler serialised itself: the runtime sends bytes unchanged."""
    if isinstance(response, bytes):
        try:
            return json.loads(response)
        except ValueError:
            pass
    return response


def _body(response: object) -> str | None:
    """Return the body that AWS infers; None if the runtime cannot serialise it."""
    if isinstance(response, str):
        return response
    try:
        return json.dumps(response, ensure_ascii=False, separators=(",", ":"), default=_number)
    except (TypeError, ValueError, RecursionError):
        return None


def _number(value: object) -> float:
    """Return the number for a decimal, as the runtime serialises it."""
    if not isinstance(value, Decimal):
        raise TypeError
    is_whole = value.is_finite() and value.adjusted() < WHOLE_DIGITS and value % 1 == 0
    return int(value) if is_whole else float(value)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Success"
