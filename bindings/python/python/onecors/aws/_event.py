"""The events of Lambda functions, and the requests in them."""

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple, TypeAlias
from urllib.parse import unquote

from onecors._code import Code
from onecors._path import merge_slashes
from onecors._policy import Policy
from onecors._request import Request

Object: TypeAlias = Mapping[str, Any]

BEYOND_ASCII: Final = re.compile(r"(?:%[89a-f][0-9a-f])+", re.IGNORECASE)
"""Characters that policies write literally, and some gateways percent-encode."""
NONE: Final[Object] = MappingProxyType({})


class Kind(Code):
    """A kind of event, which determines the shape of the response."""

    REST = "rest"
    """A REST API."""
    HTTP1 = "http1"
    """An HTTP API, payload 1.0."""
    HTTP2 = "http2"
    """An HTTP API, payload 2.0."""
    FUNCTION_URL = "function_url"
    """A function URL."""
    ALB = "alb"
    """A load balancer."""
    ALB_MULTI = "alb_multi"
    """A load balancer with multi-value headers."""
    EDGE_VIEWER_REQUEST = "edge_viewer_request"
    """Lambda@Edge, viewer request."""
    EDGE_ORIGIN_RESPONSE = "edge_origin_response"
    """Lambda@Edge, origin response."""
    LATTICE1 = "lattice1"
    """VPC Lattice, event format 1.0."""
    LATTICE2 = "lattice2"
    """VPC Lattice, event format 2.0."""


class Event(NamedTuple):
    """The request in an event."""

    kind: Kind
    method: str
    path: str
    fields: tuple[Object, ...]
    """Maps of header fields. The first that has a field wins: it has all its lines."""
    response: Object = NONE
    """The origin's response, at the edge."""

    def header(self, wanted: str) -> str | None:
        """Return the value of a header field, its lines joined, by its name in lower case."""
        for fields in self.fields:
            lines = [
                line.strip(" \t")
                for name, value in fields.items()
                if isinstance(name, str) and name.lower() == wanted
                for line in lines_of(value)
            ]
            if lines:
                return ", ".join(lines)
        return None

    def request(self) -> Request:
        """Return the values that a decision depends on."""
        return Request(
            self.method,
            self.path,
            self.header("origin"),
            self.header("access-control-request-method"),
            self.header("access-control-request-headers"),
            self.header("host"),
        )


def lines_of(value: object) -> Iterator[str]:
    """Return the lines of a header field: a string, a list, or the objects of Lambda@Edge."""
    for line in value if isinstance(value, list | tuple) else (value,):
        text = line.get("value") if isinstance(line, dict) else line
        if isinstance(text, str):
            yield text


def read(event: object, base_path: str) -> Event | None:
    """Read an event; None if it is of an unknown kind."""
    if not isinstance(event, dict):
        return None
    if "Records" in event:
        return _edge(event["Records"], base_path)
    if "type" in event and ("methodArn" in event or "routeArn" in event):
        return None
    return _request(event, base_path)


def read_authorizer(event: object, base_path: str) -> Event | None:
    """Read the event of an authorizer; None if it holds no request."""
    if not isinstance(event, dict) or not ("methodArn" in event or "routeArn" in event):
        return None
    return _request(event, base_path)


def normalised(base_path: object) -> str:
    """Return a base path as a prefix: empty, or with a leading slash."""
    if base_path is None:
        return ""
    if not isinstance(base_path, str):
        raise TypeError(f'base_path must be a str such as "v1", not {type(base_path).__name__}')
    base_path = base_path.strip("/")
    return base_path and f"/{base_path}"


def is_ambiguous(policy: Policy, path: str) -> bool:
    """Whether different readings of a path have different rules.

    Some gateways and frameworks decode paths, some do not, and some merge slashes. A client could
    choose the reading with the laxer rule. Every plan belongs to a single rule, so comparing plans
    compares rules.
    """
    if "%" not in path and "//" not in path:
        return False
    decoded = unquote(path, errors="surrogateescape")
    readings = {path, merge_slashes(path), decoded, merge_slashes(decoded)}
    return len({id(policy.decide("GET", reading, None).plan) for reading in readings}) > 1


def _edge(records: object, base_path: str) -> Event | None:
    record = records[0] if isinstance(records, list) and records else None
    cf = _object(_object(record).get("cf"))
    request, response = _object(cf.get("request")), cf.get("response")
    kind = {
        "viewer-request": Kind.EDGE_VIEWER_REQUEST,
        "origin-response": Kind.EDGE_ORIGIN_RESPONSE if isinstance(response, dict) else None,
    }.get(_text(_object(cf.get("config")).get("eventType")))
    method, path = request.get("method"), request.get("uri")
    if kind is None or not isinstance(method, str) or not isinstance(path, str):
        return None
    fields = (_object(request.get("headers")),)
    return Event(kind, method, _path(path, base_path), fields, _object(response))


def _request(event: Object, base_path: str) -> Event | None:
    """Read the event of a gateway or a load balancer."""
    kind = _kind(event)
    if kind is None:
        return None
    context = _object(event.get("requestContext"))
    method_of, method_key, path_key = {
        Kind.HTTP2: (_object(context.get("http")), "method", "rawPath"),
        Kind.FUNCTION_URL: (_object(context.get("http")), "method", "rawPath"),
        Kind.LATTICE1: (event, "method", "raw_path"),
        Kind.LATTICE2: (event, "method", "path"),
    }.get(kind, (event, "httpMethod", "path"))
    method, path = method_of.get(method_key), event.get(path_key)
    if not isinstance(method, str) or not isinstance(path, str):
        return None
    if kind is Kind.HTTP2:
        path = _below(_stage(context), path)
    maps = (_object(event.get("multiValueHeaders")), _object(event.get("headers")))
    return Event(kind, method, _path(path, base_path), maps)


def _kind(event: Object) -> Kind | None:
    context, version = _object(event.get("requestContext")), event.get("version")
    if "connectionId" in context:
        # A WebSocket API: pages do not read its responses.
        kind: Kind | None = None
    elif isinstance(context.get("elb"), dict):
        several = isinstance(event.get("multiValueHeaders"), dict)
        kind = Kind.ALB_MULTI if several else Kind.ALB
    elif version == "2.0" and isinstance(context.get("http"), dict):
        is_url = ".lambda-url." in _text(context.get("domainName"))
        kind = Kind.FUNCTION_URL if is_url else Kind.HTTP2
    elif "serviceArn" in context or "serviceNetworkArn" in context:
        kind = Kind.LATTICE2
    elif "raw_path" in event:
        kind = Kind.LATTICE1
    elif isinstance(event.get("requestContext"), dict):
        kind = Kind.HTTP1 if version == "1.0" else Kind.REST
    else:
        kind = None
    return kind


def _stage(context: Object) -> str:
    """Return the stage that payload 2.0 has in front of the path, on the API's own domain."""
    domain, stage = _text(context.get("domainName")), _text(context.get("stage"))
    return f"/{stage}" if ".execute-api." in domain and stage not in ("", "$default") else ""


def _path(path: str, base_path: str) -> str:
    path = BEYOND_ASCII.sub(_decoded, path.partition("?")[0])
    return _below(base_path, path) or "/"


def _decoded(encoded: re.Match[str]) -> str:
    return unquote(encoded[0], errors="surrogateescape")


def _below(prefix: str, path: str) -> str:
    """Return a path without this prefix."""
    if prefix and (path == prefix or path.startswith(prefix + "/")):
        return path[len(prefix) :]
    return path


def _object(value: object) -> Object:
    return value if isinstance(value, dict) else NONE


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
