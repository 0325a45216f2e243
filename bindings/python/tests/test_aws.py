"""The adapter of Lambda, over the corpus that every language's adapter keeps."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from onecors.aws import authorizer, lambda_handler

CORPUS = Path(__file__).resolve().parents[3] / "tests/aws"
POLICY = CORPUS.parent / "services/policy.json"


def cases(folder: str) -> list[Any]:
    return [
        pytest.param(case, id=f"{file.stem}: {case['name']}")
        for file in sorted((CORPUS / folder).glob("*.json"))
        for case in json.loads(file.read_text(encoding="utf-8"))
        if "python" not in case.get("except", {})
    ]


def played(case: Any, decorate: Any) -> Any:
    """Play a case, and see that neither the event nor the handler's answer is changed."""
    given = copy.deepcopy(case)

    def handler(event: Any, context: Any) -> Any:
        assert event is given["event"]
        assert context == "context"
        if "throws" in given["handler"]:
            raise LookupError(given["handler"]["throws"])
        return given["handler"]["returns"]

    try:
        return {"returns": decorate(handler)(given["event"], "context")}
    except (LookupError, ValueError) as error:
        return {"fails": str(error)}
    finally:
        assert given == case


@pytest.mark.parametrize("case", cases("cases"))
def test_case(case: Any) -> None:
    on_error = case.get("on_error", "raise")
    decorate = lambda_handler(POLICY, on_error=on_error, base_path=case.get("base_path"))
    assert played(case, decorate) == case["expected"]


@pytest.mark.parametrize("case", cases("authorizer"))
def test_authorizer(case: Any) -> None:
    assert played(case, authorizer(POLICY, base_path=case.get("base_path"))) == case["expected"]
