"""What an adapter makes of a response's fields: the vectors, through each kind of adapter."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

import conformance
import hosts
import onecors
import onecors.asgi
import onecors.wsgi
import pytest
from onecors._response import in_text

CASES = list(conformance.responses())


def as_multiset(fields: Iterable[tuple[str, str]]) -> Counter[tuple[str, str]]:
    lines = [(name.lower(), value) for name, value in fields]
    vary = ", ".join(value for name, value in lines if name == "vary")
    others = [line for line in lines if line[0] not in ("vary", "content-length")]
    return Counter([*others, ("vary", vary)])


def headers_of(case: conformance.Response) -> list[tuple[str, str]]:
    names = {
        "origin": "Origin",
        "access_control_request_method": "Access-Control-Request-Method",
        "access_control_request_headers": "Access-Control-Request-Headers",
    }
    return [(name, case.request[part]) for part, name in names.items() if part in case.request]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_asgi(case: conformance.Response) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        fields = [(name.encode(), value.encode()) for name, value in case.response]
        await send({"type": "http.response.start", "status": 299, "headers": fields})
        await send({"type": "http.response.body"})

    policy = onecors.Policy.from_json(case.document)
    answer = hosts.asgi(
        onecors.asgi.CORSMiddleware(app, policy),
        case.request["path"],
        headers_of(case),
        case.request["method"],
    )
    assert answer.status == (case.status or 299)
    if case.status is None or not case.response:
        assert as_multiset(answer.headers) == as_multiset(case.headers)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_wsgi(case: conformance.Response) -> None:
    def app(environ: Any, start_response: Any) -> list[bytes]:
        start_response("299 Success", case.response)
        return []

    policy = onecors.Policy.from_json(case.document)
    answer = hosts.wsgi(
        onecors.wsgi.CORSMiddleware(app, policy),
        case.request["path"],
        headers_of(case),
        case.request["method"],
    )
    assert answer.status == (case.status or 299)
    if case.status is None or not case.response:
        assert as_multiset(answer.headers) == as_multiset(case.headers)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_function_itself(case: conformance.Response) -> None:
    policy = onecors.Policy.from_json(case.document)
    parts = {part: case.request.get(part) for part in sorted(conformance.REQUEST_FIELDS)}
    verdict = policy.decide(**parts)
    echoed = (
        parts["origin"],
        parts["access_control_request_method"],
        parts["access_control_request_headers"],
    )
    assert verdict.plan.status == case.status
    if verdict.outcome != "ungoverned":
        answer = dict(zip(map(id, policy.plans), in_text(policy.plans), strict=True))
        applied = answer[id(verdict.plan)].apply(echoed, case.response)
        assert as_multiset(applied) == as_multiset(case.headers)
