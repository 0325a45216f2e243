"""The conformance vectors, which every language runs from the same files."""

import json
from functools import cache
from pathlib import Path

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
        story = policy(case.document).explain(**request)
        assert (story["outcome"], story["reason"]) == (case.outcome, case.reason)
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


def group(**fields: object) -> dict[str, object]:
    return {"description": "", "groups": [{"name": "", "policy": {}, "cases": []} | fields]}


def case(**fields: object) -> dict[str, object]:
    return group(cases=[{"name": "", "source": ""} | fields])


@pytest.mark.parametrize(
    "vectors",
    [
        {"groups": []},
        {"description": "", "groups": [], "more": 1},
        group(more=1),
        case(request={}),
        case(request={"host": ""}, expect={}),
        case(request={"origin": 1}, expect={}),
        case(request={"origin": {"base64": ""}}, expect={}),
        case(request={"origin": {"hex": "00", "more": 1}}, expect={}),
        case(request={"origin": {"concat": [None]}}, expect={}),
        case(request={"origin": {"repeat": "a"}}, expect={}),
        case(request={}, expect={"outcome": "", "reason": "", "status": 0}),
    ],
    ids=ascii,
)
def test_the_reader_refuses_what_it_does_not_know(
    vectors: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "decisions" / "case.json"
    file.parent.mkdir()
    file.write_text(json.dumps(vectors))
    monkeypatch.setattr(conformance, "VECTORS", tmp_path)
    with pytest.raises(ValueError, match=r"^case\.json"):
        list(conformance.decisions())
    with pytest.raises(FileNotFoundError):
        list(conformance.documents())


def test_the_reader_knows_every_form_of_bytes() -> None:
    parts = ["a", {"hex": "00ff"}, {"concat": ["b", "c"]}, {"repeat": "de", "count": 2}]
    assert conformance.read_bytes("case", {"concat": parts}) == b"a\0\xffbcdede"
