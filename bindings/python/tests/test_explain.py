"""Explaining: the same verdict, and a story made to be logged."""

import json

import onecors

APP = "https://app.example.com"
POLICY = onecors.Policy(
    rules=[onecors.Rule(name="app", paths=["/app/*"], allow_origins=[APP], allow_methods=["PUT"])]
)


def test_the_story_of_a_near_miss() -> None:
    story = POLICY.explain("GET", "/app/orders", "http://app.example.com")
    assert story["outcome"] == "actual_denied"
    assert story["reason"] == "origin_not_allowed"
    assert story["rule"] == {"name": "app", "pointer": "/rules/0", "path_pattern": "/app/*"}
    assert story["origin_pattern"] is None
    assert story["nearest_miss"] is not None
    assert story["nearest_miss"]["pointer"] == "/rules/0/allow_origins/0"
    assert story["nearest_miss"]["covered_origin"] == APP
    assert story["headers"] == [["Vary", "Origin"]]
    assert story["browser_message"]
    assert story["advice"]


def test_every_key_is_always_there() -> None:
    keys = onecors.Explanation.__annotations__.keys()
    for request in (
        (None, None, None),
        ("GET", "/app/", None),
        ("GET", "/app/", APP),
        ("OPTIONS", "/app/", APP, "PUT"),
        ("OPTIONS", "/app/", APP, "PUT", "x-evil"),
    ):
        assert POLICY.explain(*request).keys() == keys


def test_the_text_is_the_same_story_on_one_line_without_control_characters() -> None:
    request = ("GET", "/app/\x1b[2J", "https://evil.example\r\n\u2028forged: line\0\ud800")
    text = POLICY.explain_json(*request)
    assert json.loads(text) == POLICY.explain(*request)
    assert all(character.isprintable() for character in text)
    for value in (json.loads(text)["checks"], json.loads(text)["advice"]):
        assert all(character.isprintable() for character in str(value))


def test_a_long_request_is_cut_in_the_story() -> None:
    long = "x" * 1_000_000
    assert len(POLICY.explain_json(long, "/app/" + long, long, long, long)) < 20_000
