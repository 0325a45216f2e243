"""The conformance vectors, which every language runs from the same files."""

from functools import cache

import conformance
import onecors
import pytest


@cache
def policy(document: bytes) -> onecors.Policy:
    return onecors.Policy.from_json(document)


@pytest.mark.parametrize("case", list(conformance.decisions()), ids=lambda case: case.name)
def test_decision(case: conformance.Decision) -> None:
    as_bytes: dict[str, str | bytes | None] = dict.fromkeys(conformance.REQUEST_FIELDS)
    as_bytes |= case.request
    # What is not UTF-8 becomes lone surrogates here, as in a WSGI or CGI environment.
    as_text = as_bytes | {
        field: part.decode("utf-8", "surrogateescape") for field, part in case.request.items()
    }
    for request in (as_bytes, as_text):
        verdict = policy(case.document).decide(**request)
        del request["method"], request["path"]
        answer = verdict.plan.lines(**request)
        assert verdict.outcome == case.outcome
        assert verdict.reason == case.reason
        assert verdict.plan.status == case.status
        assert [(name, value.encode()) for name, value in answer] == case.headers


@pytest.mark.parametrize("case", list(conformance.documents()), ids=lambda case: case.name)
def test_document(case: conformance.Document) -> None:
    try:
        onecors.Policy.from_json(case.document)
        problems: tuple[onecors.Problem, ...] = ()
    except onecors.PolicyError as error:
        problems = error.problems
    found = sorted(problems, key=lambda problem: (problem.pointer, problem.code))
    expected = sorted(case.problems, key=lambda problem: (problem["pointer"], problem["code"]))
    assert [(problem.pointer, problem.code) for problem in found] == [
        (problem["pointer"], problem["code"]) for problem in expected
    ]
    for problem, wanted in zip(found, expected, strict=True):
        if "help" in wanted:
            assert problem.help == wanted["help"]
