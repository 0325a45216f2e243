"""The system checks: of the policy, and of where it stands."""

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
"""Middleware that answers no request itself, and so may stand outside."""

WRAPPERS = (asgi.CORSMiddleware, wsgi.CORSMiddleware)


def check_policy(**_: object) -> Sequence[CheckMessage]:
    """Tell every problem of the policy."""
    try:
        configured_policy()
    except PolicyError as error:
        place = "ONECORS_POLICY" if error.path is None else printable(error.path)
        return [
            Error(
                f"{place}: {printable(problem.pointer) or 'the document'}: {problem.message}",
                hint=problem.help and printable(problem.help),
                id="onecors.E002",
            )
            for problem in error.problems
        ]
    except (OSError, TypeError) as error:
        return [Error(str(error), id="onecors.E001")]
    return []


def check_order(**_: object) -> Sequence[CheckMessage]:
    """Tell what stands outside of the middleware, and what else of its kind is present."""
    listed = list(settings.MIDDLEWARE)
    messages: list[CheckMessage] = []
    if ENTRY in listed:
        outside = [name for name in listed[: listed.index(ENTRY)] if name not in NEVER_ANSWER]
        if outside:
            messages.append(
                CheckWarning(
                    f"{', '.join(outside)} can answer outside of {ENTRY}, without CORS headers",
                    hint=f"Let {ENTRY} be the first of MIDDLEWARE.",
                    id="onecors.W001",
                )
            )
    seconds = [name for name in listed if "cors" in name.rpartition(".")[2].lower()]
    seconds = [name for name in seconds if name != ENTRY] + [ENTRY] * (listed.count(ENTRY) - 1)
    messages.extend(
        CheckWarning(
            f"a second CORS middleware is present, {name}",
            hint="Remove it from MIDDLEWARE, since the policy alone decides.",
            id="onecors.W002",
        )
        for name in seconds
    )
    return messages


def check_wrapper(**_: object) -> Sequence[CheckMessage]:
    """Tell whether the application that is deployed is wrapped."""
    unwrapped = [
        f"{setting} ({path})"
        for setting in ("WSGI_APPLICATION", "ASGI_APPLICATION")
        if (path := getattr(settings, setting, None)) and not _is_wrapped(path)
    ]
    return [
        CheckWarning(
            f"{application} is not wrapped, so errors that Django answers outside of its "
            "middleware have no CORS headers",
            hint="Write application = onecors.django.wrap(...) around it.",
            id="onecors.W003",
        )
        for application in unwrapped
    ]


def check_websockets(**_: object) -> Sequence[CheckMessage]:
    """Tell whether WebSockets of Django Channels are open to every origin."""
    path = getattr(settings, "ASGI_APPLICATION", None)
    websocket = _protocols(_imported(path)).get("websocket")
    if websocket is None or _asks_for_origins(websocket):
        return []
    return [
        CheckWarning(
            f"the WebSockets of ASGI_APPLICATION ({path}) are open to every origin: a page of "
            "anybody can open one, with the cookies of your user",
            hint="Write application = onecors.django.wrap(ProtocolTypeRouter(...)), around the "
            "router and not around its http entry alone.",
            id="onecors.W004",
        )
    ]


def _is_wrapped(path: str) -> bool:
    application = _imported(path)
    # What a ProtocolTypeRouter has for HTTP may be wrapped by itself.
    application = _protocols(application).get("http", application)
    return application is None or isinstance(application, WRAPPERS)


def _imported(path: str | None) -> object:
    try:
        return path and import_string(path)
    except Exception:  # noqa: BLE001 - what cannot be imported is told by whoever serves it
        return None


def _protocols(application: object) -> Mapping[str, object]:
    """Give the applications of a ProtocolTypeRouter, by what they are for."""
    mapping = getattr(application, "application_mapping", None)
    return mapping if isinstance(mapping, Mapping) else {}


def _asks_for_origins(application: object) -> bool:
    """Whether something in a stack of Channels looks at the origin of who connects."""
    while application is not None:
        origins = getattr(application, "allowed_origins", ["*"])
        if isinstance(application, WRAPPERS) or "*" not in origins:
            return True
        application = getattr(application, "inner", getattr(application, "application", None))
    return False
