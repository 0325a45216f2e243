"""What the log is told of denials."""

import logging

import onecors
import pytest
from hosts import APP, EVIL, POLICY
from onecors._active import ActivePolicy
from onecors._denials import MAX_KEYS, DenialLog
from onecors._request import Request


def deny(log: DenialLog, origin: str | bytes = EVIL, host: str | None = None) -> None:
    verdict = POLICY.decide("GET", "/app/item", origin)
    assert verdict.reason is not None
    log.note(verdict, Request("GET", "/app/item", origin, None, None, host))


@pytest.fixture
def log() -> DenialLog:
    return DenialLog(POLICY)


def test_each_is_logged_once(log: DenialLog, caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(3):
        deny(log)
        deny(log, EVIL + ":8443")
    assert caplog.messages == [
        f'onecors: denied the request of "{origin}" to rule "app" (origin_not_allowed)'
        for origin in (EVIL, EVIL + ":8443")
    ]
    assert caplog.records[0].levelno == logging.WARNING
    assert caplog.records[0].name == "onecors"


def test_the_record_has_fields(log: DenialLog, caplog: pytest.LogCaptureFixture) -> None:
    deny(log, APP.replace("https", "http"))
    record = vars(caplog.records[0])
    assert record["reason"] == "origin_not_allowed"
    assert record["rule"] == "app"
    assert "http://app.example.com" in record["origin"]
    assert record["nearest_miss"] == f"{APP} (http, not https)"


def test_a_handshake_that_no_rule_denies_is_told_by_its_path(
    caplog: pytest.LogCaptureFixture,
) -> None:
    active = ActivePolicy(POLICY)
    for path in ("/open/../app/ws", "/open/..;/app/ws"):
        for origin in (EVIL, b"https://evil\x1b.example"):
            assert not active.admits(Request("GET", path, origin, None, None, None))
    told = "which can be read in several ways, with different rules"
    assert caplog.messages[0] == (
        f'onecors: denied the handshake of {EVIL} to "/open/../app/ws", {told}'
    )
    assert all(message.isprintable() and "allowed" not in message for message in caplog.messages)


def test_what_a_client_sends_is_escaped_and_cut(
    log: DenialLog, caplog: pytest.LogCaptureFixture
) -> None:
    deny(log, "https://a\r\nforged: line\x1b[31m" + "a" * 100_000)
    assert caplog.messages[0].isprintable()
    assert len(caplog.messages[0]) < 1000
    assert len(vars(caplog.records[0])["origin"]) < 1000


def test_the_number_is_bounded(log: DenialLog, caplog: pytest.LogCaptureFixture) -> None:
    for number in range(MAX_KEYS + 100):
        deny(log, f"https://{number}.evil.example")
    assert len(caplog.messages) == MAX_KEYS + 1
    assert "no more are until the policy is replaced" in caplog.messages[-1]
    # What tells origins apart is bounded, too.
    caplog.clear()
    log = DenialLog(POLICY)
    for end in "ab":
        deny(log, "https://" + "x" * 600 + end)
    assert len(caplog.messages) == 1


def test_strangers_use_up_their_own_lines_alone(
    log: DenialLog, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(1200):
        deny(log, f"https://scanner-{number}.example")
    deny(log, "https://scanner-0.example")
    assert len(caplog.messages) == 1001
    for _ in range(2):
        deny(log, APP.replace("https", "http"))
    assert len(caplog.messages) == 1002
    assert "(http, not https)" in caplog.messages[-1]
    verdict = POLICY.decide("OPTIONS", "/app/item", APP, "PURGE", None)
    for _ in range(2):
        log.note(verdict, Request("OPTIONS", "/app/item", APP, "PURGE", None, None))
    assert len(caplog.messages) == 1003


def test_the_document_bounds_near_misses(log: DenialLog, caplog: pytest.LogCaptureFixture) -> None:
    for number in range(100_000):
        deny(log, f"{APP}:{1 + number % 65535}")
        deny(log, f"https://a{number}.app.example.com")
    assert 2 <= len(caplog.messages) < 10
    assert len(log.keys) == 2 * MAX_KEYS


def test_another_policy_begins_anew(caplog: pytest.LogCaptureFixture) -> None:
    live = onecors.LivePolicy(POLICY)
    for _ in range(2):
        deny(live.active.denials)
        live.replace(POLICY)
    assert len(caplog.messages) == 2


def test_the_same_origin_is_neither_logged_nor_remembered(
    log: DenialLog, caplog: pytest.LogCaptureFixture
) -> None:
    deny(log, EVIL, "evil.example")
    assert caplog.messages == []
    deny(log, EVIL, "other.example")
    assert len(caplog.messages) == 1


def test_a_log_that_fails_does_not_break_the_request(
    log: DenialLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(logging.getLogger("onecors"), "warning", fail)
    deny(log)
