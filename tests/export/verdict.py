"""Whether a target answers the vectors so that a browser makes of it what it makes of the engine's answers.

A browser reads an answer with cookies and without. What differs is let through where no page can make
the request.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from browser import Answer, Question, read
from client.http1 import NoAnswerError
from client.vectors import HTTP_PATH, HTTP_VALUE, Vector
from exported import Exported
from service import SERVICE_LINES

METHODS = {b"GET", b"HEAD", b"POST", b"PUT", b"PATCH", b"DELETE", b"OPTIONS"}
FORBIDDEN_METHODS = {b"CONNECT", b"TRACE", b"TRACK"}
# What cli/src/export/portable lets through beyond the engine.
NEARLY_AN_ORIGIN = re.compile(
    rb"[a-z][a-z0-9+.-]*://([a-z0-9_-]+(\.[a-z0-9_-]+)*\.?|\[[0-9a-f:]*\])(:[1-9][0-9]*)?"
)
# More than this no server takes in a line.
MOST_BYTES = 4_000


def not_carried(vector: Vector) -> str | None:
    """Why HTTP or a proxy cannot carry a request as the vector has it."""
    request = vector.request
    target = request.get("path", b"/")
    decoded = re.sub(rb"(?i)%2e", b".", re.sub(rb"(?i)%2f", b"/", target))
    no_path = "path" not in request and vector.outcome == "ungoverned"
    carried = all(HTTP_VALUE.fullmatch(value) for _, value in vector.fields)
    reasons = {
        "a path that HTTP does not carry": no_path or not HTTP_PATH.fullmatch(target),
        "a path with a dot segment, which proxies resolve or refuse": re.search(rb"/\.\.?(/|$)", decoded),
        "a path with half an escape, which proxies refuse": re.search(rb"%(?![0-9A-Fa-f]{2})", target),
        "a method that proxies refuse": request.get("method", b"GET") not in METHODS,
        "a value that HTTP does not carry as it is": not carried,
        "more bytes than a proxy takes": sum(map(len, request.values())) > MOST_BYTES,
    }
    return next((reason for reason, applies in reasons.items() if applies), None)


def of_no_browser(vector: Vector, any_origin: bool) -> str | None:
    """Why no page can make this request, so that a proxy may treat it in its own way."""
    origin = vector.request.get("origin", b"")
    method = vector.request.get("access_control_request_method", b"GET")
    malformed = vector.reason == "malformed_origin"
    nearly = malformed and NEARLY_AN_ORIGIN.fullmatch(origin)
    reasons = {
        "an empty method": not method,
        "an empty Origin": vector.request.get("origin") == b"",
        "an origin with a port or a host that browsers do not write": nearly,
        "no origin, where any is allowed": malformed and any_origin,
        "a method that is no token": vector.reason == "malformed_request_method",
        "a list of headers that browsers do not write": vector.reason == "malformed_request_headers",
        "more headers than the engine takes": vector.reason == "too_many_headers",
        "a method that browsers refuse": method.upper() in FORBIDDEN_METHODS,
    }
    return next((reason for reason, applies in reasons.items() if applies), None)


def questions(vector: Vector) -> Iterator[Question]:
    """The request as a browser sees it, with cookies and without."""
    for with_credentials in (False, True):
        method = vector.request.get("access_control_request_method", b"").decode("latin-1")
        yield Question(
            vector.request.get("origin", b"").decode("latin-1"),
            method if vector.is_preflight else None,
            vector.request.get("access_control_request_headers", b"").decode("latin-1"),
            with_credentials,
        )


def wanted(vector: Vector) -> Answer:
    """What the engine answers, or the service by itself where no rule governs it."""
    lines = SERVICE_LINES if vector.outcome == "ungoverned" else vector.lines
    return Answer(vector.status or 200, lines)


def misread(vector: Vector, answer: Answer) -> str | None:
    """What a browser makes of an answer, if it is not what it makes of the engine's."""
    for question in questions(vector):
        came, right = read(question, answer), read(question, wanted(vector))
        if came != right:
            return f"{question} has {came}, not {right}"
    return None


def fault(vector: Vector, answer: Answer, lines_of_vary: int) -> str | None:
    """How an answer differs from the engine's for a browser or a cache."""
    if "origin" in vector.request and (found := misread(vector, answer)):
        return found
    from_service = answer.get("x-service") is not None
    if from_service == vector.is_preflight:
        return "went on to the service" if from_service else f"never reached the service ({answer.status})"
    # Answers to OPTIONS are not cached.
    return None if vector.is_preflight else fault_for_caches(vector, answer, lines_of_vary)


def fault_for_caches(vector: Vector, answer: Answer, lines_of_vary: int) -> str | None:
    """What `Vary` lacks: the service's own member, or what the engine adds. Some caches read one line of
    it alone. An answer that does not vary with the origin is every page's, whoever asked for it first."""
    members = [member.lower() for member in answer.members("vary")]
    right = {member.lower() for member in wanted(vector).members("vary")} | {"accept-encoding"}
    if not right <= set(members) or len(set(members)) != len(members):
        return f"has Vary {members}, not {sorted(right)}"
    if sum(name.lower() == "vary" for name, _ in answer.lines) > lines_of_vary:
        return "has too many lines of Vary"
    if vector.outcome != "ungoverned" and "origin" not in members:
        page = Question("https://any.example", None, "", with_credentials=False)
        if read(page, answer) != read(page, wanted(vector)):
            return f"does not vary with the origin, and has {read(page, answer)} for another page"
    return None


def judge(export: Exported, ask: Callable[[Vector], Answer], lines_of_vary: int = 1) -> None:
    """Asks the vectors of an export. An answer may have so many lines of Vary."""
    any_origin = export.group.policy.get("allow_origins") == ["*"]
    for vector in export.group.vectors:
        if reason := not_carried(vector):
            export.tally.left_out[reason] += 1
            continue
        try:
            found = fault(vector, ask(vector), lines_of_vary)
        except NoAnswerError as error:
            found = f"no answer: {error}"
        if found is None:
            export.tally.equal[vector.outcome] += 1
        elif reason := of_no_browser(vector, any_origin):
            export.tally.differences[reason] += 1
        else:
            export.tally.failures.append(f"{export.group.name}: {vector.name}: {found}")
