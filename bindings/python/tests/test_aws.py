"""The adapter of Lambda, over the corpus that every language's adapter keeps."""

import copy
import json
import threading
from decimal import Decimal
from pathlib import Path
from typing import Any

import onecors
import pytest
from hosts import APP, EVIL, GRANTED
from hosts import POLICY as OTHER
from onecors.aws import authorizer, lambda_handler
from onecors.aws._event import read

ROOT = Path(__file__).resolve().parents[3]
CORPUS = ROOT / "tests/aws"
EVENTS = ROOT / ".cache/aws-events"
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
    policy = case.get("policy", POLICY)
    decorate = lambda_handler(policy, on_error=on_error, base_path=case.get("base_path"))
    assert played(case, decorate) == case["expected"]


@pytest.mark.parametrize("case", cases("authorizer"))
def test_authorizer(case: Any) -> None:
    assert played(case, authorizer(POLICY, base_path=case.get("base_path"))) == case["expected"]


def test_every_event_of_the_fixtures() -> None:
    known = json.loads((CORPUS / "events.json").read_text(encoding="utf-8"))
    files = {str(file.relative_to(EVENTS)): file for file in EVENTS.glob("*/*.json")}
    assert known.keys() < files.keys(), "run make -C tests/aws setup, which fetches them"
    for name, file in files.items():
        event = read(json.loads(file.read_text(encoding="utf-8")), "")
        seen = event and {
            "kind": event.kind,
            "method": event.method,
            "path": event.path,
            "headers": {header: event.header(header) for header in known[name]["headers"]},
        }
        assert seen == known.get(name), name


def rest(origin: str = APP, path: str = "/app/item", method: str = "GET") -> dict[str, Any]:
    headers = {"Origin": origin, "Host": "api.example.com"}
    return {"httpMethod": method, "path": path, "headers": headers, "requestContext": {}}


def http2(path: str = "/app/item") -> dict[str, Any]:
    context = {"http": {"method": "GET"}}
    return {
        "version": "2.0",
        "rawPath": path,
        "headers": {"origin": APP},
        "requestContext": context,
    }


def item(event: Any, context: Any) -> Any:
    """Give the item."""
    return {"statusCode": 200}


def giving(response: Any) -> Any:
    return lambda event, context: response


def cors(response: Any) -> list[tuple[str, str]]:
    return [(name.lower(), value) for name, value in response["headers"].items()]


def test_a_handler_stays_what_it_is() -> None:
    handler = lambda_handler(OTHER)(item)
    assert (vars(handler)["__wrapped__"], handler.__doc__) == (item, "Give the item.")
    assert str(handler).startswith("<function item ")
    assert cors(handler(event=rest(), context=None)) == GRANTED


@pytest.mark.parametrize("source", [OTHER, onecors.LivePolicy(OTHER), POLICY, str(POLICY)])
def test_what_a_policy_may_be(source: Any) -> None:
    for decorate in (lambda_handler(source), authorizer(source)):
        assert decorate(item)({}, None) == {"statusCode": 200}


def test_mistakes_are_found_where_they_are_made(tmp_path: Path) -> None:
    async def coroutine(event: Any, context: Any) -> Any: ...

    makers: list[Any] = [lambda_handler, authorizer]
    for make in makers:
        with pytest.raises(TypeError, match=r"policy must be the path .*, not function"):
            make(item)
        with pytest.raises(TypeError, match="must not be a coroutine function"):
            make(OTHER)(coroutine)
        with pytest.raises(TypeError, match="a handler must be a function, not dict"):
            make(OTHER)({})
        with pytest.raises(TypeError, match='base_path must be a str such as "v1", not int'):
            make(OTHER, base_path=1)
        with pytest.raises(FileNotFoundError):
            make(tmp_path / "none.json")
        with pytest.raises(onecors.PolicyError):
            make({"allow_origins": [""]})
    with pytest.raises(ValueError, match="on_error must be"):
        lambda_handler(OTHER, on_error="ignore")  # type: ignore[arg-type]


def test_denials_are_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    handler = lambda_handler(OTHER)(item)
    for _ in range(3):
        handler(rest(EVIL), None)
        handler(rest("https://api.example.com"), None)
    assert caplog.messages == [
        f'onecors: denied the request of "{EVIL}" to rule "app" (origin_not_allowed)'
    ]


def test_an_exception_that_is_answered_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    def failing(event: Any, context: Any) -> Any:
        raise LookupError("the handler's own")

    response = lambda_handler(OTHER, on_error="respond")(failing)(rest(), None)
    assert "own" not in json.dumps(response)
    assert len(caplog.records) == 1
    assert caplog.records[0].exc_info
    assert isinstance(caplog.records[0].exc_info[1], LookupError)


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_what_ends_the_process_is_no_answer(error: type[BaseException]) -> None:
    def ending(event: Any, context: Any) -> Any:
        raise error

    with pytest.raises(error):
        lambda_handler(OTHER, on_error="respond")(ending)(rest(), None)


def test_a_request_sees_one_policy() -> None:
    live = onecors.LivePolicy(OTHER)

    def replacing(event: Any, context: Any) -> Any:
        live.replace(onecors.Policy(allow_origins=["*"]))
        return {"statusCode": 200, "principalId": "user"}

    assert cors(lambda_handler(live)(replacing)(rest(), None)) == GRANTED
    assert cors(lambda_handler(live)(item)(rest(), None)) == [("access-control-allow-origin", "*")]
    live.replace(OTHER)
    told = authorizer(live)(replacing)(rest() | {"methodArn": "arn"}, None)["context"]
    assert told["corsAllowOrigin"] == APP


def test_it_starts_no_thread() -> None:
    before = threading.active_count()
    lambda_handler(POLICY)(item)(rest(), None)
    assert threading.active_count() == before


def test_many_threads_at_once() -> None:
    handler = lambda_handler(OTHER)(lambda event, context: {"statusCode": 200, "body": context})
    wrong: list[Any] = []

    def ask(number: int) -> None:
        for origin, expected in ((APP, GRANTED), (EVIL, [("vary", "Origin")])) * 50:
            response = handler(rest(origin), number)
            if (cors(response), response["body"]) != (expected, number):
                wrong.append(response)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_response_that_is_serialised_already() -> None:
    for body, expected in (
        (b'{"statusCode": 201}', {"statusCode": 201, "headers": {"Vary": "Origin"}}),
        (b"no JSON \xff", b"no JSON \xff"),
    ):
        assert lambda_handler(OTHER)(giving(body))(rest(EVIL), None) == expected


def test_an_inferred_response_of_what_the_runtime_serialises() -> None:
    value = {"whole": Decimal(3), "part": Decimal("2.5"), "big": Decimal("1E+30"), "pair": (1, 2)}
    response = lambda_handler(OTHER)(giving(value))(http2(), None)
    assert response["body"] == '{"whole":3,"part":2.5,"big":1e+30,"pair":[1,2]}'
    # What it does not serialise either is left to it, for its error.
    others: list[Any] = [{"a": object()}, {"a": Decimal("sNaN")}, {1, 2}]
    for other in others:
        assert lambda_handler(OTHER)(giving(other))(http2(), None) is other


def test_a_status_without_a_name() -> None:
    policy = onecors.Policy(allow_origins=[APP], preflight_status=299)
    event = rest(method="OPTIONS")
    event["headers"]["Access-Control-Request-Method"] = "GET"
    event["requestContext"] = {"elb": {}}
    response = lambda_handler(policy)(item)(event, None)
    assert (response["statusCode"], response["statusDescription"]) == (299, "299 Success")


def test_names_of_members_that_are_no_text() -> None:
    event = rest()
    event["headers"][None] = event["headers"][7] = "x"
    response = lambda_handler(OTHER)(giving({"headers": {None: "a", 7: "b"}}))(event, None)
    assert response["headers"].items() >= {None: "a", 7: "b"}.items()
    assert response["headers"]["Access-Control-Allow-Origin"] == APP


def test_a_path_that_is_all_base_path_is_the_root() -> None:
    policy = onecors.Policy(rules=[onecors.Rule(paths=["/*"], allow_origins=["*"])])
    for path in ("/v1", "/v1/", "/v1?a=1"):
        response = lambda_handler(policy, base_path="v1")(item)(rest(path=path), None)
        assert cors(response) == [("access-control-allow-origin", "*")]


def test_a_path_that_may_be_read_as_another_has_the_rule_of_both_or_none() -> None:
    rule = onecors.Rule
    policy = onecors.Policy(
        rules=[
            rule(paths=["/*"], allow_origins=["*"]),
            rule(paths=["/app/*", "/café/*", "/a%20b"], allow_origins=[APP]),
        ]
    )
    handler = lambda_handler(policy)(item)
    for path in (
        "//app/item",
        "/%61pp/item",
        "/%2Fapp/item",
        "/%2F%61pp",
        "/%E4/..%2fapp",
        "/c%61f%C3%A9",
        "//a%20b",
    ):
        assert handler(rest(EVIL, path), None) == item(None, None), path
    for path in ("/app//item", "/app/a%20b", "/app/%E4%", "/caf%C3%A9", "/café/x"):
        assert cors(handler(rest(EVIL, path), None)) == [("vary", "Origin")], path
    for path in ("//item", "/%69tem", "/th%C3%A9", "/caf%E9"):
        found = cors(handler(rest(EVIL, path), None))
        assert found == [("access-control-allow-origin", "*")], path
