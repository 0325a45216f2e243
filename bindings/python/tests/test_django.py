"""Django: the middleware, the wrapper and the system checks."""

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import django
import hosts
import onecors
import pytest
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.core.checks import run_checks
from django.core.handlers.wsgi import WSGIHandler
from django.core.wsgi import get_wsgi_application
from django.http import FileResponse, HttpRequest, HttpResponse
from django.test import AsyncRequestFactory, RequestFactory, override_settings
from django.urls import path
from hosts import APP, EVIL, GRANTED, POLICY, PREFLIGHT, asgi, wsgi
from test_wsgi_servers import ReadsTheHeadAtReturn, SendsTheHeadWithTheFirstPiece, Server, serve
from texts import CORPUS, REFUSED, document_of, require_clean_line

ENTRY = "onecors.django.CORSMiddleware"


def unauthorized(get_response: Any) -> Any:
    return lambda request: HttpResponse("a token is wanted", status=401)


def item(request: HttpRequest) -> HttpResponse:
    return HttpResponse("item", headers={"Access-Control-Allow-Origin": "*", "Vary": "Cookie"})


def throw(request: HttpRequest) -> HttpResponse:
    raise LookupError("nothing handles this")


def handler500(request: HttpRequest) -> HttpResponse:
    if "broken" in request.path:
        raise LookupError("the handler's own")
    return HttpResponse("mine", status=500)


def file(request: HttpRequest) -> FileResponse:
    return FileResponse(Path(__file__).open("rb"))


urlpatterns = [
    path("app/item", item),
    path("app/throw", throw),
    path("app/broken", throw),
    path("app/file", file),
    path("open/item", item),
    path("else", item),
]

settings.configure(
    ALLOWED_HOSTS=["*"],
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "onecors.django"],
    LOGGING_CONFIG=None,
    MIDDLEWARE=[ENTRY, "django.middleware.common.CommonMiddleware"],
    ONECORS_POLICY=POLICY,
    ROOT_URLCONF=__name__,
    SECRET_KEY="of a test",  # noqa: S106
)
django.setup()

import onecors.django  # noqa: E402 - Django's modules want its settings

VARY = [("vary", "Cookie, Origin")]


def both(
    path: str = "/app/item", *args: Any, wrapped: bool = False, **options: Any
) -> hosts.Answer:
    """Ask the WSGI and the ASGI application, which must answer alike."""
    wrap = onecors.django.wrap if wrapped else lambda app: app
    with override_settings():
        answers = [
            wsgi(wrap(get_wsgi_application()), path, *args, **options),
            asgi(wrap(get_asgi_application()), path, *args, **options),
        ]
    assert answers[0].status == answers[1].status
    assert sorted(answers[0].cors) == sorted(answers[1].cors)
    assert answers[0].body == answers[1].body
    return answers[0]


WRAPPED = pytest.mark.parametrize("wrapped", [False, True])


@WRAPPED
def test_an_allowed_request(*, wrapped: bool) -> None:
    answer = both(wrapped=wrapped)
    assert sorted(answer.cors) == sorted([*GRANTED[:-1], *VARY])
    assert both("/app/item", [("Origin", EVIL)], wrapped=wrapped).cors == VARY
    assert both("/else", wrapped=wrapped).cors == [
        ("access-control-allow-origin", "*"),
        ("vary", "Cookie"),
    ]


@WRAPPED
def test_a_preflight_never_reaches_what_is_below(*, wrapped: bool) -> None:
    with override_settings(MIDDLEWARE=[ENTRY, f"{__name__}.unauthorized"]):
        answer = both("/app/item", PREFLIGHT, "OPTIONS", wrapped=wrapped)
        assert (answer.status, answer.body) == (204, b"")
        asks = [("Origin", EVIL), PREFLIGHT[1]]
        answer = both("/app/item", asks, "OPTIONS", wrapped=wrapped)
        assert (answer.status, answer.body) == (403, b"")
        answer = both(wrapped=wrapped)
        assert (answer.status, answer.cors) == (401, GRANTED)


# adamchainz/django-cors-headers#512: a view's exception is answered inside of the middleware.
@WRAPPED
def test_an_unhandled_exception(*, wrapped: bool) -> None:
    answer = both("/app/throw", wrapped=wrapped)
    assert (answer.status, answer.body) == (500, b"mine")
    assert sorted(answer.cors) == sorted(GRANTED)
    assert both("/app/missing", wrapped=wrapped).cors


def test_what_only_the_wrapper_reaches() -> None:
    answer = wsgi(get_wsgi_application(), "/app/broken")
    assert (answer.status, answer.cors) == (0, [])
    answer = wsgi(onecors.django.wrap(get_wsgi_application()), "/app/broken")
    assert (answer.status, answer.cors) == (500, GRANTED)
    assert isinstance(answer.error, LookupError)
    with override_settings(DEBUG_PROPAGATE_EXCEPTIONS=True):
        answer = wsgi(onecors.django.wrap(get_wsgi_application()), "/app/throw")
        assert (answer.status, answer.cors) == (500, GRANTED)
    with override_settings(MIDDLEWARE=[f"{__name__}.unauthorized"]):
        answer = both(wrapped=True)
        assert (answer.status, answer.cors) == (401, GRANTED)


@pytest.mark.parametrize("server", [ReadsTheHeadAtReturn, SendsTheHeadWithTheFirstPiece])
def test_servers_that_keep_to_less_of_the_standard(server: type[Server]) -> None:
    app = onecors.django.wrap(get_wsgi_application())
    for target, status in (("/app/throw", 500), ("/app/broken", 500), ("/app/missing", 404)):
        answer = serve(server, app, target)
        assert (answer.status, sorted(answer.cors)) == (status, sorted(GRANTED))
    answer = serve(server, app, headers=PREFLIGHT, method="OPTIONS")
    assert (answer.status, answer.error) == (204, None)


def test_middleware_and_wrapper_decide_once(monkeypatch: pytest.MonkeyPatch) -> None:
    live = onecors.LivePolicy(POLICY)
    decisions = []

    class Counted:
        def __init__(self, adapter: Any) -> None:
            self.adapter = adapter

        def begin(self, *args: Any) -> Any:
            return self.count(self.adapter.begin(*args))

        def describe(self, *args: Any) -> Any:
            return self.count(self.adapter.describe(*args))

        def count(self, decided: Any) -> Any:
            if decided is not None:
                decisions.append(decided)
            return decided

    monkeypatch.setattr(live.active, "asgi", Counted(live.active.asgi))
    monkeypatch.setattr(live.active, "wsgi", Counted(live.active.wsgi))
    with override_settings(ONECORS_POLICY=live):
        both(wrapped=True)
        assert len(decisions) == 2
        both(wrapped=False)
        assert len(decisions) == 4


def test_a_file_is_sent_by_the_server() -> None:
    class Wrapper:
        def __init__(self, file: Any, size: int = 0) -> None:
            self.file = file

        def __iter__(self) -> Iterator[bytes]:
            return iter([self.file.read()])

        def close(self) -> None:
            self.file.close()

    app = onecors.django.wrap(get_wsgi_application())
    answer = wsgi(app, "/app/file", more={"wsgi.file_wrapper": Wrapper})
    assert isinstance(answer.messages[0], Wrapper)
    assert (answer.cors, answer.body) == (GRANTED, Path(__file__).read_bytes())


def test_the_middleware_is_sync_and_async() -> None:
    def get_response(request: HttpRequest) -> HttpResponse:
        return HttpResponse("item")

    async def get_response_async(request: HttpRequest) -> HttpResponse:
        return HttpResponse("item")

    request: HttpRequest = RequestFactory().get("/app/item", headers={"Origin": APP})
    response: Any = onecors.django.CORSMiddleware(get_response)(request)
    assert response["Access-Control-Allow-Origin"] == APP
    request = AsyncRequestFactory().get("/app/item", headers={"Origin": APP})
    middleware = onecors.django.CORSMiddleware(get_response_async)
    response = asyncio.run(middleware(request))
    assert response["Access-Control-Allow-Origin"] == APP


@WRAPPED
def test_the_path_is_the_clients(*, wrapped: bool) -> None:
    entries = [] if wrapped else [ENTRY]
    with override_settings(FORCE_SCRIPT_NAME="/app", MIDDLEWARE=entries):
        assert sorted(both("/missing", wrapped=wrapped).cors) == sorted(GRANTED)
    for ambiguous in ("//app/item", "/open/../app/item", "/app/../open/item"):
        assert both(ambiguous, wrapped=wrapped).cors == []


def test_a_websocket_handshake_is_checked() -> None:
    headers = [("Origin", EVIL), ("Host", "server.example"), ("Upgrade", "websocket")]
    for app in (get_wsgi_application(), onecors.django.wrap(get_wsgi_application())):
        assert wsgi(app, "/app/item", headers).status == 403
    connect = [{"type": "websocket.connect"}]
    wrapped = onecors.django.wrap(get_asgi_application())
    answer = asgi(wrapped, "/app/ws", headers, type="websocket", received=connect)
    assert answer.messages == [{"type": "websocket.close", "code": 1008}]


def test_the_setting_names_the_policy(tmp_path: Path) -> None:
    file = tmp_path / "policy.json"
    file.write_bytes(POLICY.document)
    for value in (file, str(file), {"allow_origins": ["*"]}, POLICY, onecors.LivePolicy(POLICY)):
        with override_settings(ONECORS_POLICY=value):
            assert len(both().cors) > 1
    with (
        override_settings(ONECORS_POLICY={"allow_origins": [""]}),
        pytest.raises(onecors.PolicyError),
    ):
        get_wsgi_application()


@contextmanager
def checked(**changed: Any) -> Iterator[dict[str | None, str]]:
    deploy = changed.pop("deploy", False)
    with override_settings(**changed):
        messages = run_checks(include_deployment_checks=deploy)
        yield {
            message.id: f"{message.msg} {message.hint or ''}"
            for message in messages
            if (message.id or "").startswith("onecors")
        }


wrapped_application: Any = None
plain_application = WSGIHandler()


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case["name"])
def test_a_check_shows_a_document_escaped(case: dict[str, Any], tmp_path: Path) -> None:
    file = tmp_path / CORPUS["file"]
    file.write_text(document_of(case), encoding="utf-8")
    with override_settings(ONECORS_POLICY=file):
        messages = [message for message in run_checks() if message.id == "onecors.E002"]
    assert messages
    for message in messages:
        require_clean_line(f"{message.msg} {message.hint}")


def test_the_system_checks() -> None:
    with checked() as messages:
        assert messages == {}
    with checked(ONECORS_POLICY=None) as messages:
        assert "ONECORS_POLICY must be the path" in messages["onecors.E001"]
    with checked(ONECORS_POLICY="missing.json") as messages:
        assert "missing.json" in messages["onecors.E001"]
    with checked(ONECORS_POLICY={"allow_origins": ["https://a.example/"]}) as messages:
        assert messages["onecors.E002"].startswith("ONECORS_POLICY: /allow_origins/0: ")
        assert "https://a.example" in messages["onecors.E002"]
    with checked(ONECORS_POLICY={"allow_origins": ["x"] * 1_500}) as messages:
        assert messages["onecors.E002"].startswith("ONECORS_POLICY: 500 more problems")
    with checked(MIDDLEWARE=["django.middleware.gzip.GZipMiddleware", ENTRY]) as messages:
        assert messages == {}
    security = "django.middleware.security.SecurityMiddleware"
    with checked(MIDDLEWARE=[security, ENTRY]) as messages:
        assert messages.keys() == {"onecors.W001"}
        assert messages["onecors.W001"].startswith(security)
    for second in ("corsheaders.middleware.CorsMiddleware", ENTRY):
        with checked(MIDDLEWARE=[ENTRY, second]) as messages:
            assert messages.keys() == {"onecors.W002"}
            assert second in messages["onecors.W002"]


def test_the_check_of_the_wrapper(monkeypatch: pytest.MonkeyPatch) -> None:
    application = onecors.django.wrap(get_wsgi_application())
    monkeypatch.setattr(sys.modules[__name__], "wrapped_application", application)
    with checked(WSGI_APPLICATION=f"{__name__}.plain_application", deploy=True) as messages:
        assert "is not wrapped" in messages["onecors.W003"]
    with checked(WSGI_APPLICATION=f"{__name__}.wrapped_application", deploy=True) as messages:
        assert "onecors.W003" not in messages
    with checked(WSGI_APPLICATION="missing.application", deploy=True) as messages:
        assert "onecors.W003" not in messages


# djust-org/djust#658: what Channels' own pages show, with the wrapper around HTTP alone.
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("right", set()),
        ("each", set()),
        ("validated", set()),
        # The settings of this module allow any host.
        ("hosts", {"onecors.W004"}),
        ("without", set()),
        ("opened", {"onecors.W004"}),
        ("any_host", {"onecors.W004"}),
        ("bare", {"onecors.W003", "onecors.W004"}),
    ],
)
def test_the_check_of_channels(name: str, expected: set[str]) -> None:
    with checked(ASGI_APPLICATION=f"channels_project.{name}", deploy=True) as messages:
        assert messages.keys() == expected
    if "onecors.W004" in expected:
        assert "onecors.django.wrap(ProtocolTypeRouter(...))" in messages["onecors.W004"]
