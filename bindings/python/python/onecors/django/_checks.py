"""The system checks: of the policy, and of where it stands."""

from collections.abc import Sequence

from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.core.checks import Warning as CheckWarning
from django.utils.module_loading import import_string

from onecors import asgi, wsgi
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


def check_policy(**_: object) -> Sequence[CheckMessage]:
    """Tell every problem of the policy."""
    try:
        configured_policy()
    except PolicyError as error:
        place = error.path or "ONECORS_POLICY"
        messages = [
            Error(
                f"{place}: {problem.pointer or 'the document'}: {problem.message}",
                hint=problem.help,
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


def _is_wrapped(path: str) -> bool:
    try:
        application = import_string(path)
    except Exception:  # noqa: BLE001 - what cannot be imported is told by whoever serves it
        return True
    return isinstance(application, asgi.CORSMiddleware | wsgi.CORSMiddleware)
