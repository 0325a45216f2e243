"""The system checks of the policy and of its placement."""

from collections.abc import Mapping, Sequence

from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.core.checks import Warning as CheckWarning
from django.utils.module_loading import import_string

from onecors import asgi, wsgi
from onecors._native import printable
from onecors._problem import PolicyError
from onecors.django._settings import configured_policy

ENTRY = "onecors.django.CORSMiddleware"
NEVER_ANSWER = frozenset(
    (
        "django.middleware.cache.UpdateCacheMiddleware",
        "django.middleware.gzip.GZipMiddleware",
    )
)
"""Middleware that never responds itself, and so may be further out."""

WRAPPERS = (asgi.CORSMiddleware, wsgi.CORSMiddleware)


def check_policy(**_: object) -> Sequence[CheckMessage]:
    """Report every problem of the policy."""
    try:
        configured_policy()
    except PolicyError as error:
        place = "ONECORS_POLICY" if error.path is None else printable(error.path)
        messages = [
            Error(
                f"{place}: {printable(problem.pointer) or 'the document'}: {problem.message}",
                hint=problem.help and printable(problem.help),
                id="onecors.E002",
            )
            for problem in error.problems
        ]
        if error.omitted:
            messages.append(Error(f"{place}: {error.omitted} more problems", id="onecors.E002"))
        return messages
    except (OSError, TypeError) as error:
        return [Error(str(error), id="onecors.E001")]
    return []


def check_order(**_: object) -> Sequence[CheckMessage]:
    """Report middleware that is further out, and other CORS middleware."""
    listed = list(settings.MIDDLEWARE)
    messages: list[CheckMessage] = []
    if ENTRY in listed:
        outside = [name for name in listed[: listed.index(ENTRY)] if name not in NEVER_ANSWER]
        if outside:
            messages.append(
                CheckWarning(
                    f"{', '.join(outside)} can answer outside of {ENTRY}, without CORS headers",
                    hint=f"Put {ENTRY} first in MIDDLEWARE.",
                    id="onecors.W001",
                )
            )
    seconds = [name for name in listed if "cors" in name.rpartition(".")[2].lower()]
    seconds = [name for name in seconds if name != ENTRY] + [ENTRY] * (listed.count(ENTRY) - 1)
    messages.extend(
        CheckWarning(
            f"there is a second CORS middleware, {name}",
            hint="Remove it from MIDDLEWARE, because onecors replaces the CORS headers that it "
            "sets.",
            id="onecors.W002",
        )
        for name in seconds
    )
    return messages


def check_wrapper(**_: object) -> Sequence[CheckMessage]:
    """Report deployed applications that are not wrapped."""
    unwrapped = [
        f"{setting} ({path})"
        for setting in ("WSGI_APPLICATION", "ASGI_APPLICATION")
        if (path := getattr(settings, setting, None)) and not _is_wrapped(path)
    ]
    return [
        CheckWarning(
            f"{application} is not wrapped, so Django's error responses outside of its middleware "
            "have no CORS headers",
            hint="Write application = onecors.django.wrap(application).",
            id="onecors.W003",
        )
        for application in unwrapped
    ]


def check_websockets(**_: object) -> Sequence[CheckMessage]:
    """Report WebSockets of Django Channels that are open to every origin."""
    path = getattr(settings, "ASGI_APPLICATION", None)
    websocket = _protocols(_imported(path)).get("websocket")
    if websocket is None or _checks_origins(websocket):
        return []
    return [
        CheckWarning(
            f"the WebSockets of ASGI_APPLICATION ({path}) are open to every origin: any website "
            "can open one with the cookies of your users",
            hint="Write application = onecors.django.wrap(ProtocolTypeRouter(...)), around the "
            "whole router instead of its http entry.",
            id="onecors.W004",
        )
    ]


def _is_wrapped(path: str) -> bool:
    application = _imported(path)
    # The HTTP entry of a ProtocolTypeRouter may be wrapped by itself.
    application = _protocols(application).get("http", application)
    return application is None or isinstance(application, WRAPPERS)


def _imported(path: str | None) -> object:
    try:
        return path and import_string(path)
    except Exception:  # noqa: BLE001 - the server reports a failing import
        return None


def _protocols(application: object) -> Mapping[str, object]:
    """Return the applications of a ProtocolTypeRouter by protocol."""
    mapping = getattr(application, "application_mapping", None)
    return mapping if isinstance(mapping, Mapping) else {}


def _checks_origins(application: object) -> bool:
    """Whether an application in a stack of Channels checks the origin of a handshake."""
    while application is not None:
        origins = getattr(application, "allowed_origins", ["*"])
        if isinstance(application, WRAPPERS) or "*" not in origins:
            return True
        application = getattr(application, "inner", getattr(application, "application", None))
    return False
