"""What the README shows is what the package does."""

import re
from pathlib import Path

import onecors
import pytest
from onecors._active import ActivePolicy
from onecors._request import Request

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
OTHER_LINK = re.compile(r"\]\((?!https://)[^)]*\)")
DOCUMENT = re.findall(r"^```json\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)[0]


def test_the_document_loads() -> None:
    assert onecors.Policy.from_json(DOCUMENT).plans


def test_a_mistake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("policy.json").write_text('{"allow_origins": ["https://app.example.com/"]}')
    with pytest.raises(onecors.PolicyError) as raised:
        onecors.Policy.from_file("policy.json")
    assert f"```\nonecors.PolicyError: {raised.value}\n```" in README


def test_a_denial(caplog: pytest.LogCaptureFixture) -> None:
    active = ActivePolicy(onecors.Policy.from_json(DOCUMENT))
    parts = ("GET", "/", "http://app.example.com", None, None)
    active.denials.note(active.policy.decide(*parts), Request(*parts, None))
    assert f"```\n{caplog.messages[0]}\n```" in README


def test_links_work_on_every_page_that_shows_it() -> None:
    assert not OTHER_LINK.findall(README)
