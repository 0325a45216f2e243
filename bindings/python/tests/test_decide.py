"""Deciding: what comes from the network never raises, and nothing but the listed is allowed."""

import copy
import dataclasses
import pickle
import threading
from typing import Any

import onecors
import pytest
from onecors import Outcome, Reason

APP = "https://app.example.com"
POLICY = onecors.Policy(allow_origins=[APP], allow_methods=["PUT"], allow_headers=["x-a"])


def test_each_part_by_position_and_by_name() -> None:
    by_position = POLICY.decide("OPTIONS", "/", APP, "PUT", "x-a")
    by_name = POLICY.decide(
        method="OPTIONS",
        path="/",
        origin=APP,
        access_control_request_method="PUT",
        access_control_request_headers="x-a",
    )
    assert by_position is by_name
    assert by_position.outcome is Outcome.PREFLIGHT_ALLOWED
    assert by_position.plan.status == 204


def test_text_and_bytes_are_the_same() -> None:
    assert POLICY.decide(b"GET", b"/", APP.encode()) is POLICY.decide("GET", "/", APP)


def test_absent_and_empty_differ() -> None:
    assert POLICY.decide("GET", "/", None).outcome is Outcome.NOT_CORS
    assert POLICY.decide("GET", "/", "").reason is Reason.MALFORMED_ORIGIN
    assert POLICY.decide("OPTIONS", "/", APP).outcome is Outcome.ACTUAL_ALLOWED
    assert POLICY.decide("OPTIONS", "/", APP, "").reason is Reason.MALFORMED_REQUEST_METHOD


@pytest.mark.parametrize(
    "origin",
    [
        "\ud800",
        APP + "\udc80",
        "https://\ud800app.example.com",
        APP + "\0",
        APP + "\0.evil.example",
        "\0" + APP,
        # Folded to Latin-1, each of these would be the allowed origin.
        "https://app.example.c\u016fm",
        "https://\u4161pp.example.com",
        "https://app.example.com\u0100",
        # Normalised, these would.
        "https://app.example\u3002com",
        "\uff48ttps://app.example.com",
        "https://app.example.com\u200b",
        b"https://app.example.c\xefm",
        b"\xff\xfe",
        APP.encode("utf-16"),
        APP + " ",
        APP + ", " + APP,
        "x" * 1_000_000,
        "\U0001f600" * 100_000,
    ],
    ids=lambda origin: ascii(origin)[:50],
)
def test_an_origin_that_no_browser_sends_is_malformed(origin: str | bytes) -> None:
    for method in ("GET", "OPTIONS"):
        verdict = POLICY.decide(method, "/", origin, "PUT")
        assert verdict.reason is Reason.MALFORMED_ORIGIN
        assert all("Allow" not in name for name, _ in verdict.plan.lines(origin, "PUT"))


def test_every_part_may_be_anything_the_wire_can_carry() -> None:
    for part in ("\ud800", "\0", b"\xff", "", b"", "\u016f" * 10_000):
        for request in (
            (part, "/", APP, "PUT", "x-a"),
            ("OPTIONS", part, APP, "PUT", "x-a"),
            ("OPTIONS", "/", part, "PUT", "x-a"),
            ("OPTIONS", "/", APP, part, "x-a"),
            ("OPTIONS", "/", APP, "PUT", part),
        ):
            POLICY.decide(*request)
            POLICY.explain(*request)


def test_a_forbidden_name_far_into_a_long_header_is_found() -> None:
    for spaces in (100, 497, 1000, 4000, 8000):
        names = "x-a," + " " * spaces + "x-evil"
        assert POLICY.decide("OPTIONS", "/", APP, "PUT", names).reason is Reason.HEADER_NOT_ALLOWED
    names = ", ".join(["x-a"] * 2000)
    assert POLICY.decide("OPTIONS", "/", APP, "PUT", names).reason is Reason.TOO_MANY_HEADERS


def test_a_subclass_is_taken_for_the_text_that_it_holds() -> None:
    class Sly(str):
        __slots__ = ()

        def __str__(self) -> str:
            return APP

        def encode(self, _encoding: str = "", _errors: str = "") -> bytes:
            return APP.encode()

        def __eq__(self, _other: object) -> bool:
            return True

        __hash__ = str.__hash__

    class SlyBytes(bytes):
        def __bytes__(self) -> bytes:
            return APP.encode()

    evil = "https://evil.example"
    for origin in (Sly(evil), SlyBytes(evil.encode())):
        assert POLICY.decide("GET", "/", origin).reason is Reason.ORIGIN_NOT_ALLOWED
    assert POLICY.decide("GET", "/", Sly("\ud800")).reason is Reason.MALFORMED_ORIGIN
    assert POLICY.decide("GET", "/", Sly(APP)).outcome is Outcome.ACTUAL_ALLOWED


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("method", 0),
        ("path", 1),
        ("origin", 2),
        ("access_control_request_method", 3),
        ("access_control_request_headers", 4),
    ],
)
@pytest.mark.parametrize("wrong", [1, True, [APP], bytearray(b"x"), memoryview(b"x"), object()])
def test_another_type_is_a_mistake_of_the_caller_and_is_named(
    name: str, place: int, wrong: object
) -> None:
    request: list[Any] = ["OPTIONS", "/", APP, "PUT", "x-a"]
    request[place] = wrong
    expected = f"^{name} must be str, bytes or None, not {type(wrong).__name__}$"
    for function in (POLICY.decide, POLICY.explain, POLICY.explain_json):
        with pytest.raises(TypeError, match=expected):
            function(*request)


def test_a_missing_part_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(TypeError, match="origin"):
        POLICY.decide("GET", "/")  # type: ignore[call-arg]


def test_the_same_verdict_is_the_same_object_and_its_plan_is_one_of_the_policy() -> None:
    seen = {POLICY.decide("GET", "/", f"https://{number}.example.net") for number in range(100)}
    assert len(seen) == 1
    (verdict,) = seen
    assert verdict.outcome is Outcome.ACTUAL_DENIED
    assert any(verdict.plan is plan for plan in POLICY.plans)
    assert POLICY.plans is POLICY.plans


def test_verdicts_are_values() -> None:
    verdict = POLICY.decide("GET", "/", APP)
    for same in (pickle.loads(pickle.dumps(verdict)), copy.deepcopy(verdict)):
        assert same == verdict
        assert hash(same) == hash(verdict)
    with pytest.raises(dataclasses.FrozenInstanceError):
        verdict.outcome = Outcome.ACTUAL_DENIED  # type: ignore[misc]
    with pytest.raises(dataclasses.FrozenInstanceError):
        verdict.plan.status = 200  # type: ignore[misc]


def test_codes_are_strings() -> None:
    outcome = POLICY.decide("GET", "/", APP).outcome
    assert outcome == "actual_allowed"
    assert str(outcome) == f"{outcome}" == f"{outcome:s}" == "actual_allowed"
    assert Outcome("actual_allowed") is outcome


def test_lines_render_echoes_of_text_and_bytes() -> None:
    policy = onecors.Policy(
        allow_origins=[APP], allow_credentials=True, allow_methods=["*"], allow_headers=["*"]
    )
    request: tuple[str | bytes, ...]
    for request in ((APP, "PUT", "X-A , x-b"), (APP.encode(), b"PUT", b"X-A , x-b")):
        verdict = policy.decide("OPTIONS", "/", *request)
        assert verdict.plan.lines(*request) == [
            ("Access-Control-Allow-Origin", APP),
            ("Access-Control-Allow-Credentials", "true"),
            ("Access-Control-Allow-Methods", "PUT"),
            ("Access-Control-Allow-Headers", "X-A , x-b"),
            ("Access-Control-Max-Age", "7200"),
            (
                "Vary",
                "Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
            ),
        ]


def test_threads_share_a_policy_whose_verdicts_are_all_new() -> None:
    policy = onecors.Policy.from_json(POLICY.document)
    requests = (
        ("GET", "/", APP, None),
        ("GET", "/", "https://evil.example", None),
        ("OPTIONS", "/", APP, "PUT"),
        ("OPTIONS", "/", APP, "DELETE"),
        ("OPTIONS", "/", "null", "PUT"),
        ("GET", "/", None, None),
    )
    barrier = threading.Barrier(8)
    verdicts: list[tuple[onecors.Verdict, ...]] = []

    def work() -> None:
        barrier.wait()
        verdicts.extend(tuple(policy.decide(*request) for request in requests) for _ in range(200))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(verdicts) == 8 * 200
    for verdict in zip(*verdicts, strict=True):
        assert len({id(one) for one in verdict}) == 1
    assert len({verdict.outcome for verdict in verdicts[0]}) == 5


def test_a_panic_of_the_engine_is_an_exception_and_no_verdict(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ONECORS_PANIC_PROBE", "1")
    expected = r"the engine of onecors panicked \(the probe is set\)"
    with pytest.raises(RuntimeError, match=expected):
        POLICY.decide("GET", "/", APP)
    with pytest.raises(RuntimeError, match=expected):
        POLICY.explain("GET", "/", APP)
    with pytest.raises(RuntimeError, match=expected):
        onecors.Policy(allow_origins=[APP])
    monkeypatch.delenv("ONECORS_PANIC_PROBE")
    assert POLICY.decide("GET", "/", APP).outcome is Outcome.ACTUAL_ALLOWED
    monkeypatch.setenv("ONECORS_PANIC_PROBE", "1")
    assert not POLICY.check_origin("/", APP, None)


def test_whether_a_handshake_may_go_on() -> None:
    policy = onecors.Policy(rules=[onecors.Rule(paths=["/app/*"], allow_origins=[APP])])
    evil = "https://evil.example"
    cases: list[tuple[Any, Any, Any, bool]] = [
        ("/app/ws", APP, None, True),
        (b"/app/ws", APP.encode(), b"server.example", True),
        ("/app/ws", None, None, True),
        ("/else", evil, None, True),
        (None, evil, None, True),
        ("/app/ws", evil, None, False),
        ("/app/ws", evil, "server.example", False),
        ("/app/ws", evil, "EVIL.example:443", True),
        ("/app/ws", "", "", False),
        ("/app/ws", "\ud800", "\ud800", False),
        ("/app/ws", b"\xff", b"\xff", False),
    ]
    for path, origin, host, passes in cases:
        assert policy.check_origin(path, origin, host) is passes
    with pytest.raises(TypeError, match="host must be str, bytes or None, not int"):
        policy.check_origin("/app/ws", evil, 443)  # type: ignore[arg-type]
