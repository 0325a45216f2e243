"""What is not seen in print is in no text that people read, and exact in the fields."""

import logging
import time
from pathlib import Path
from typing import Any

import onecors
import pytest
from onecors._denials import DenialLog
from onecors._request import Request
from texts import CORPUS, EXPLAINED, REFUSED, document_of, require_clean, require_clean_line

PATIENCE_S = 20.0


def eventually(caplog: pytest.LogCaptureFixture, level: str) -> str:
    end = time.monotonic() + PATIENCE_S
    while not (lines := [each.getMessage() for each in caplog.records if each.levelname == level]):
        assert time.monotonic() < end, f"no line of level {level}"
        time.sleep(0.02)
    return lines[0]


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case["name"])
def test_an_error(case: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(onecors.PolicyError) as raised:
        onecors.Policy.from_json(document_of(case))
    require_clean(str(raised.value))
    assert case["pointer"] in [problem.pointer for problem in raised.value.problems]
    for problem in raised.value.problems:
        require_clean_line(problem.message)

    file = tmp_path / CORPUS["file"]
    file.write_text(document_of(case), encoding="utf-8")
    with pytest.raises(onecors.PolicyError) as raised:
        onecors.Policy.from_file(file)
    assert raised.value.path == str(file)
    require_clean(str(raised.value))


@pytest.mark.parametrize("case", EXPLAINED, ids=lambda case: case["name"])
def test_an_explanation_and_a_line_of_the_log(
    case: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    policy = onecors.Policy.from_json(document_of(case))
    request = case["request"]
    parts = (
        request["method"],
        request["path"],
        request["origin"],
        request.get("access_control_request_method"),
        request.get("access_control_request_headers"),
    )
    require_clean_line(policy.explain_json(*parts))
    story = policy.explain(*parts)
    for text in (story["summary"], story["advice"], story["browser_message"]):
        assert text is not None
        require_clean_line(text)
    for check in story["checks"]:
        require_clean_line(check["expected"])
        require_clean_line(check["received"] or "")
    rule, miss = story["rule"], story["nearest_miss"]
    assert rule is not None
    assert (rule["name"], rule["path_pattern"]) == (case["rule"], case["path_pattern"])
    assert (miss and miss["pattern"]) == case["nearest_miss"]

    DenialLog(policy).note(policy.decide(*parts), Request(*parts, None))
    (record,) = caplog.records
    require_clean_line(logging.Formatter().format(record))
    fields = vars(record)
    assert fields["rule"] == case["rule"]
    require_clean_line(fields["origin"])
    require_clean_line(fields["nearest_miss"] or "")


def test_a_watched_file(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "onecors")
    file = tmp_path / CORPUS["file"]
    file.write_text('{"allow_origins": ["https://a.example"]}')
    with onecors.LivePolicy.watch(file):
        file.write_text('{"allow_origins": ["https://b.example"]}')
        require_clean(eventually(caplog, "INFO"))
        file.write_text('{"allow_origins": []}')
        require_clean(eventually(caplog, "ERROR"))


def test_the_name_of_a_file_that_is_not_utf8(tmp_path: Path) -> None:
    file = tmp_path / b"no\xff.json".decode("utf-8", "surrogateescape")
    file.write_text("{}")
    with pytest.raises(onecors.PolicyError) as raised:
        onecors.Policy.from_file(file)
    assert str(raised.value).startswith(f'"{tmp_path}/no\\xff.json": ')
