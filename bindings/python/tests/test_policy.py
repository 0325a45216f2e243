"""Loading a policy: from text, from a file, from keyword arguments; and what a policy is."""

import copy
import dataclasses
import gc
import json
import multiprocessing
import os
import pickle
import sys
import threading
import weakref
from pathlib import Path
from typing import Any

import onecors
import pytest

DOCUMENT = '{"allow_origins": ["https://app.example.com"]}'
BAD = '{"allow_origins": ["https://app.example.com/"], "max_age": -1}'


def test_from_text_and_bytes() -> None:
    for document in (DOCUMENT, DOCUMENT.encode()):
        policy = onecors.Policy.from_json(document)
        assert policy.document == DOCUMENT.encode()
        assert policy.decide("GET", "/", "https://app.example.com").outcome == "actual_allowed"


@pytest.mark.parametrize("document", [None, 1, bytearray(b"{}"), Path("policy.json")])
def test_another_type_of_document_is_a_mistake_of_the_caller(document: Any) -> None:
    with pytest.raises(TypeError, match=r"^document must be str or bytes, not "):
        onecors.Policy.from_json(document)


def test_a_dict_for_a_document_is_told_where_to_go() -> None:
    document = json.loads(DOCUMENT)
    with pytest.raises(TypeError, match=r"write Policy\(\*\*document\)"):
        onecors.Policy.from_json(document)
    assert onecors.Policy(**document).decide("GET", "/", None).outcome == "not_cors"


def test_keyword_arguments_are_the_document() -> None:
    policy = onecors.Policy(
        allow_origins=(
            "https://app.example.com",
            onecors.Regex(r"https://pr-[0-9]+\.preview\.example\.net"),
        ),
        allow_credentials=True,
        allow_methods=["PUT"],
        allow_headers=["x-a"],
        expose_headers=["etag"],
        max_age=0,
        preflight_status=200,
        dangerously_allow=None,
    )
    assert json.loads(policy.document) == {
        "allow_origins": [
            "https://app.example.com",
            {"regex": r"https://pr-[0-9]+\.preview\.example\.net"},
        ],
        "allow_credentials": True,
        "allow_methods": ["PUT"],
        "allow_headers": ["x-a"],
        "expose_headers": ["etag"],
        "max_age": 0,
        "preflight_status": 200,
    }


def test_rules_may_be_objects_or_mappings() -> None:
    rule = onecors.Rule(name="app", paths=["/app/*"], allow_origins=["https://app.example.com"])
    catalogue = {"paths": ["/catalogue/*"], "allow_origins": ["*"]}
    policy = onecors.Policy(rules=[rule, catalogue])
    assert json.loads(policy.document) == {
        "rules": [
            {"name": "app", "paths": ["/app/*"], "allow_origins": ["https://app.example.com"]},
            catalogue,
        ]
    }
    assert policy.decide("GET", "/elsewhere", "https://a.example").outcome == "ungoverned"


def test_nothing_is_checked_before_the_engine_checks_it() -> None:
    text: Any = "600"
    with pytest.raises(onecors.PolicyError) as caught:
        onecors.Policy(allow_origins="https://app.example.com", max_age=text)
    assert {problem.pointer for problem in caught.value.problems} == {"/allow_origins", "/max_age"}
    with pytest.raises(onecors.PolicyError, match="missing_key"):
        onecors.Policy()  # type: ignore[call-overload]


def test_what_json_cannot_hold_is_a_mistake_of_the_caller() -> None:
    methods: Any = {"PUT", "PATCH"}
    with pytest.raises(TypeError, match=r"a policy cannot contain the set .* no order"):
        onecors.Policy(allow_origins=["*"], allow_methods=methods)
    with pytest.raises(TypeError, match="allow_origin"):
        onecors.Policy(allow_origin=["*"])  # type: ignore[call-overload]


def test_an_error_holds_every_problem_and_prints_them_all() -> None:
    with pytest.raises(onecors.PolicyError) as caught:
        onecors.Policy.from_json(BAD)
    error = caught.value
    assert isinstance(error, ValueError)
    assert error.path is None
    assert [(problem.pointer, problem.code) for problem in error.problems] == [
        ("/allow_origins/0", "trailing_slash"),
        ("/max_age", "max_age_out_of_bounds"),
    ]
    assert error.problems[0].help == "https://app.example.com"
    text = str(error)
    assert text.startswith("the policy document has 2 problems\n")
    for problem in error.problems:
        assert problem.pointer in text
        assert problem.message in text
        assert problem.code in text
    with pytest.raises(dataclasses.FrozenInstanceError):
        error.problems[0].code = "other"  # type: ignore[misc]


def test_an_error_survives_pickling() -> None:
    with pytest.raises(onecors.PolicyError) as caught:
        onecors.Policy.from_json(BAD)
    again = pickle.loads(pickle.dumps(caught.value))
    assert str(again) == str(caught.value)
    assert again.problems == caught.value.problems
    assert copy.copy(caught.value).problems == caught.value.problems


def test_problems_beyond_the_first_thousand_are_counted() -> None:
    with pytest.raises(onecors.PolicyError) as caught:
        onecors.Policy(allow_origins=["x"] * 1_500)
    assert (len(caught.value.problems), caught.value.omitted) == (1_000, 500)
    assert str(caught.value).endswith("\n  ... and 500 more")
    assert pickle.loads(pickle.dumps(caught.value)).omitted == 500


def test_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "policy.json"
    file.write_text(DOCUMENT, encoding="utf-8")
    for path in (file, str(file)):
        assert onecors.Policy.from_file(path).document == DOCUMENT.encode()


def test_the_error_of_a_document_in_a_file_begins_with_the_path(tmp_path: Path) -> None:
    file = tmp_path / "policy.json"
    file.write_text(BAD, encoding="utf-8")
    with pytest.raises(onecors.PolicyError) as caught:
        onecors.Policy.from_file(file)
    assert caught.value.path == str(file)
    assert str(caught.value).startswith(f"{file}: the policy document has 2 problems\n")
    again = pickle.loads(pickle.dumps(caught.value))
    assert (str(again), again.path) == (str(caught.value), str(file))


def test_a_path_that_is_not_unicode(tmp_path: Path) -> None:
    file = tmp_path / os.fsdecode(b"\xff.json")
    file.write_text(BAD, encoding="utf-8")
    with pytest.raises(onecors.PolicyError) as caught:
        onecors.Policy.from_file(file)
    assert caught.value.path == str(file)


def test_a_file_that_cannot_be_read_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"missing\.json"):
        onecors.Policy.from_file(tmp_path / "missing.json")
    with pytest.raises(IsADirectoryError, match=tmp_path.name):
        onecors.Policy.from_file(tmp_path)


def test_a_path_that_is_no_path_is_a_mistake_of_the_caller() -> None:
    paths: list[Any] = [None, 0, {}]
    for path in paths:
        with pytest.raises(TypeError):
            onecors.Policy.from_file(path)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "invalid_json"),
        (b"\xff\xfe", "invalid_json"),
        (b"\xef\xbb\xbf" + DOCUMENT.encode(), "invalid_json"),
        (DOCUMENT.encode() + b"\0", "invalid_json"),
        (b"[" * 10_000, "invalid_json"),
        (b'{"allow_origins": ["*"], "allow_origins": ["*"]}', "repeated_key"),
    ],
)
def test_a_file_that_is_no_document(tmp_path: Path, content: bytes, code: str) -> None:
    file = tmp_path / "policy.json"
    file.write_bytes(content)
    with pytest.raises(onecors.PolicyError) as caught:
        onecors.Policy.from_file(file)
    assert [problem.code for problem in caught.value.problems] == [code]
    assert str(caught.value).startswith(f"{file}: ")


def test_a_file_of_100_megabytes_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "policy.json"
    with file.open("wb") as opened:
        opened.truncate(100 * 1024 * 1024)
    with pytest.raises(onecors.PolicyError) as caught:
        onecors.Policy.from_file(file)
    assert [problem.code for problem in caught.value.problems] == ["document_too_large"]


@pytest.mark.parametrize("text", ['{"description": "\ud800"}', '{"description": "\\ud800"}'])
def test_a_lone_surrogate_in_a_document_is_a_problem(text: str) -> None:
    with pytest.raises(onecors.PolicyError) as caught:
        onecors.Policy.from_json(text)
    assert [problem.code for problem in caught.value.problems] == ["invalid_json"]


def test_a_policy_is_immutable() -> None:
    policy = onecors.Policy.from_json(DOCUMENT)
    for name in ("decide", "plans", "document", "anything"):
        with pytest.raises((AttributeError, TypeError)):
            setattr(policy, name, None)
    assert policy.decide("GET", "/", "https://b.example").outcome == "actual_denied"


def test_copies_are_the_policy_itself_and_a_pickle_holds_the_document() -> None:
    policy = onecors.Policy.from_json(DOCUMENT)
    assert copy.copy(policy) is policy
    assert copy.deepcopy({"settings": [policy]})["settings"][0] is policy
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        again = pickle.loads(pickle.dumps(policy, protocol))
        assert again.document == policy.document
        assert again.plans == policy.plans


def _outcome(policy: onecors.Policy) -> str:
    return policy.decide("GET", "/", "https://app.example.com").outcome


@pytest.mark.parametrize("method", ["fork", "spawn"])
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_policy_in_a_process_pool(method: str) -> None:
    policy = onecors.Policy.from_json(DOCUMENT)
    with multiprocessing.get_context(method).Pool(2) as pool:
        assert pool.map(_outcome, [policy] * 4) == ["actual_allowed"] * 4


def test_the_repr_is_short_and_names_what_users_import() -> None:
    policy = onecors.Policy.from_json(DOCUMENT)
    assert repr(policy).startswith("<onecors.Policy of 46 bytes with ")
    for public in (onecors.Policy, onecors.PolicyError, onecors.Verdict, onecors.Plan):
        assert public.__module__ == "onecors"


def test_a_policy_can_be_referred_to_weakly_and_is_freed() -> None:
    policy = onecors.Policy.from_json(DOCUMENT)
    policy.decide("GET", "/", None)
    reference = weakref.ref(policy)
    del policy
    gc.collect()
    assert reference() is None


def test_other_threads_run_while_a_document_is_compiled() -> None:
    origins = ",".join(f'"https://app-{number}.example.com"' for number in range(50_000))
    document = f'{{"allow_origins": [{origins}]}}'.encode()
    compiling = False
    seen = threading.Event()
    stop = threading.Event()

    def watch() -> None:
        while not stop.wait(0.0001):
            if compiling:
                seen.set()

    # No thread loses the GIL for having had it long, so the watcher runs while another gives it up.
    interval = sys.getswitchinterval()
    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        sys.setswitchinterval(1000)
        for _ in range(20):
            compiling = True
            onecors.Policy.from_json(document)
            compiling = False
            if seen.is_set():
                break
    finally:
        sys.setswitchinterval(interval)
        stop.set()
        watcher.join()
    assert seen.is_set()
