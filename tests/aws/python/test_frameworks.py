"""The adapter outside of what people build Lambda functions with, and of what sets CORS headers itself."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aws_lambda_powertools.event_handler import (
    ALBResolver,
    APIGatewayHttpResolver,
    APIGatewayRestResolver,
    CORSConfig,
    LambdaFunctionUrlResolver,
    Response,
    VPCLatticeV2Resolver,
)
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from mangum import Mangum
from onecors.aws import lambda_handler
from starlette.applications import Starlette
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

APP = "https://app.example.com"
POLICY = Path(__file__).resolve().parents[2] / "services/policy.json"
GRANTED = [
    ("access-control-allow-credentials", "true"),
    ("access-control-allow-origin", APP),
    ("access-control-expose-headers", "etag, x-request-id"),
]
PREFLIGHT = {"origin": APP, "access-control-request-method": "PUT"}


def rest(path: str, method: str, headers: dict[str, str]) -> dict[str, Any]:
    """An event of a REST API."""
    context = {
        "stage": "prod",
        "path": f"/prod{path}",
        "httpMethod": method,
        "identity": {"sourceIp": "192.0.2.1"},
    }
    return {
        "resource": "/{proxy+}",
        "path": path,
        "httpMethod": method,
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "requestContext": context,
        "body": None,
        "isBase64Encoded": False,
    }


def http2(
    path: str, method: str, headers: dict[str, str], domain: str = "a.execute-api.eu-central-1.amazonaws.com"
) -> dict[str, Any]:
    """An event of an HTTP API with payload 2.0."""
    http = {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": "a"}
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "",
        "headers": headers,
        "requestContext": {"domainName": domain, "stage": "$default", "http": http},
        "isBase64Encoded": False,
    }


def function_url(path: str, method: str, headers: dict[str, str]) -> dict[str, Any]:
    """An event of a function URL."""
    return http2(path, method, headers, "a.lambda-url.eu-central-1.on.aws")


def alb_multi(path: str, method: str, headers: dict[str, str]) -> dict[str, Any]:
    """An event of a load balancer with multi-value headers."""
    return {
        "requestContext": {"elb": {"targetGroupArn": "arn"}},
        "httpMethod": method,
        "path": path,
        "multiValueQueryStringParameters": {},
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "body": "",
        "isBase64Encoded": False,
    }


def lattice2(path: str, method: str, headers: dict[str, str]) -> dict[str, Any]:
    """An event of VPC Lattice."""
    return {
        "version": "2.0",
        "path": path,
        "method": method,
        "headers": {name: [value] for name, value in headers.items()},
        "queryStringParameters": {},
        "requestContext": {"serviceArn": "arn", "identity": {}},
        "body": None,
        "isBase64Encoded": False,
    }


def lines(response: dict[str, Any]) -> list[tuple[str, str]]:
    """Every header line that goes out, in lower case and sorted."""
    found = []
    for fields in (response.get("headers"), response.get("multiValueHeaders")):
        for name, value in (fields or {}).items():
            found += [(name.lower(), line) for line in (value if isinstance(value, list) else [value])]
    return sorted(found)


def cors(response: dict[str, Any]) -> list[tuple[str, str]]:
    """The lines that CORS is about, without `Vary`."""
    return [line for line in lines(response) if line[0].startswith("access-control-")]


def vary(response: dict[str, Any]) -> list[str]:
    """The lines of `Vary`."""
    return [value for name, value in lines(response) if name == "vary"]


def powertools(resolver: Any, **options: Any) -> Callable[..., Any]:  # noqa: ANN401 - any of them
    """An application of Powertools with CORS of its own."""
    own = CORSConfig(
        allow_origin="https://wrong.example", extra_origins=[APP], allow_credentials=True, max_age=1
    )
    app = resolver(cors=own, **options)

    @app.get("/app/item")
    def item() -> Response[str]:
        return Response(200, "text/plain", "item", headers={"Vary": "Accept"}, compress=False)

    @app.get("/app/missing")
    def missing() -> Response[str]:
        raise NotFoundError("none")

    @app.get("/app/throw")
    def throw() -> Response[str]:
        raise LookupError("the handler's own")

    return lambda_handler(POLICY, on_error="respond")(app.resolve)


class Context:
    """What Mangum and Powertools ask of Lambda's context: nothing."""

    aws_request_id = "1"


RESOLVERS = [
    (APIGatewayRestResolver, rest),
    (APIGatewayHttpResolver, http2),
    (LambdaFunctionUrlResolver, function_url),
    (ALBResolver, alb_multi),
    (VPCLatticeV2Resolver, lattice2),
]


@pytest.mark.parametrize(("resolver", "event"), RESOLVERS)
def test_powertools_with_cors_of_its_own(resolver: Any, event: Any) -> None:  # noqa: ANN401
    handler = powertools(resolver)
    for path, status in (("/app/item", 200), ("/app/missing", 404), ("/app/none", 404), ("/app/throw", 500)):
        response = handler(event(path, "GET", {"origin": APP}), Context())
        assert (response["statusCode"], cors(response)) == (status, GRANTED), path
        assert len(vary(response)) == 1
        assert "Origin" in vary(response)[0]
        assert "own" not in json.dumps(response)
        denied = handler(event(path, "GET", {"origin": "https://wrong.example"}), Context())
        assert (denied["statusCode"], cors(denied)) == (status, []), path


@pytest.mark.parametrize(("resolver", "event"), RESOLVERS)
def test_a_preflight_never_reaches_powertools(resolver: Any, event: Any) -> None:  # noqa: ANN401
    response = powertools(resolver)(event("/app/item", "OPTIONS", PREFLIGHT), Context())
    assert response["statusCode"] == 204
    assert ("access-control-allow-methods", "PUT, PATCH, DELETE") in cors(response)
    assert ("access-control-max-age", "600") in cors(response)


def asgi() -> Callable[..., Any]:
    """An application of Starlette with CORS of its own, in Mangum."""

    async def item(request: Request) -> PlainTextResponse:
        return PlainTextResponse("item", headers={"Vary": "Accept", "ETag": "1"})

    app = Starlette(routes=[Route("/app/item", item)])
    app.add_middleware(CORSMiddleware, allow_origins=["https://wrong.example"], allow_credentials=True)
    return lambda_handler(POLICY)(Mangum(app, lifespan="off"))


@pytest.mark.parametrize("event", [rest, http2, function_url, alb_multi])
def test_mangum(event: Any) -> None:  # noqa: ANN401
    handler = asgi()
    for path, status in (("/app/item", 200), ("/app/none", 404)):
        response = handler(event(path, "GET", {"origin": APP, "host": "a"}), Context())
        assert (response["statusCode"], cors(response)) == (status, GRANTED), path
        assert len(vary(response)) == 1
        denied = handler(event(path, "GET", {"origin": "https://wrong.example", "host": "a"}), Context())
        assert (denied["statusCode"], cors(denied)) == (status, []), path
    assert handler(event("/app/item", "OPTIONS", PREFLIGHT), Context())["statusCode"] == 204
