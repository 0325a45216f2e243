"""What the services have to answer, written out: the header lines that policy.json means.

Nothing here is worked out by an engine. Names are in lower case; servers spell and sort them as they like.
"""

from __future__ import annotations

from client.http1 import Answer, Lines

ALLOWED = "https://app.example.com"
TENANT = "https://shop.eu.tenant.example.org"
DENIED = "https://evil.example"

VARY = ("vary", "Origin")
VARY_PREFLIGHT = ("vary", "Origin, Access-Control-Request-Method, Access-Control-Request-Headers")

# The answers to actual requests, whatever their status.
APP: dict[str | None, Lines] = {
    ALLOWED: (
        ("access-control-allow-origin", "https://app.example.com"),
        ("access-control-allow-credentials", "true"),
        ("access-control-expose-headers", "etag, x-request-id"),
        VARY,
    ),
    TENANT: (
        ("access-control-allow-origin", "https://shop.eu.tenant.example.org"),
        ("access-control-allow-credentials", "true"),
        ("access-control-expose-headers", "etag, x-request-id"),
        VARY,
    ),
    DENIED: (VARY,),
    None: (VARY,),
}
OPEN: Lines = (("access-control-allow-origin", "*"), ("access-control-expose-headers", "etag"))

# The answers to preflights.
APP_PREFLIGHT: dict[str, Lines] = {
    ALLOWED: (
        ("access-control-allow-origin", "https://app.example.com"),
        ("access-control-allow-credentials", "true"),
        ("access-control-allow-methods", "PUT, PATCH, DELETE"),
        ("access-control-allow-headers", "authorization, content-type, x-token"),
        ("access-control-max-age", "600"),
        VARY_PREFLIGHT,
    ),
    TENANT: (
        ("access-control-allow-origin", "https://shop.eu.tenant.example.org"),
        ("access-control-allow-credentials", "true"),
        ("access-control-allow-methods", "PUT, PATCH, DELETE"),
        ("access-control-allow-headers", "authorization, content-type, x-token"),
        ("access-control-max-age", "600"),
        VARY_PREFLIGHT,
    ),
}
OPEN_PREFLIGHT: Lines = (
    ("access-control-allow-origin", "*"),
    ("access-control-max-age", "7200"),
    VARY_PREFLIGHT,
)
DENIED_PREFLIGHT: Lines = (VARY_PREFLIGHT,)


def cors_lines(answer: Answer) -> list[tuple[str, str]]:
    """The lines of an answer that belong to CORS, every one of them, in a comparable order."""
    lines = [(name.lower(), value) for name, value in answer.lines]
    return sorted(line for line in lines if line[0] == "vary" or line[0].startswith("access-control-"))


def differs(answer: Answer, expected: Lines) -> str | None:
    """How an answer's CORS lines differ from the expected ones, or None."""
    came, wanted = cors_lines(answer), sorted(expected)
    if came == wanted:
        return None
    missing = [f"lacks {name}: {value}" for name, value in wanted if (name, value) not in came]
    surplus = [f"has {name}: {value}" for name, value in came if (name, value) not in wanted]
    return ", ".join(missing + surplus) or f"has a line twice: {came}"


def failed(answer: Answer) -> bool:
    """Whether an answer tells of a failure: 501 and 505 refuse what a server does not know."""
    return answer.status >= 500 and answer.status not in (501, 505)


def grants(answer: Answer) -> list[str]:
    """The origins that an answer lets read it; nobody's where the list is empty."""
    return answer.all("access-control-allow-origin")
