"""The mapping templates of REST APIs, in two versions of Velocity."""

from __future__ import annotations

import json
import os
import re
from typing import Any, cast

from aws_jobs import Expected, Job, Json, allowed_difference, answers_of, compare, fields_of, text_of
from client.vectors import Group, Vector
from exported import Mutants, export
from tally import Tally

VELOCITY = f"{os.environ['OUT']}/velocity"
# What API Gateway takes in the fields of a request (its quotas).
MOST_FIELD_BYTES = 10_240
PREFLIGHT_VARY = "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"

MUTANTS: Mutants = {
    "origins are searched, not matched": (r"\.matches\('(https?:)", r".matches('.*\1"),
    "an origin may go on": (r"(\\\.example\\\.\w+)'\)", r"\1.*')"),
    "a dot covers any byte": (r"\\\.", "."),
    "exact origins are taken for beginnings": (r"\$origin == '([^']+)'", r"$origin.startsWith('\1')"),
    "any method is usable": (r"\$known && \$usable && \$fits", "$known && $fits"),
    "any header fits": (r"\$known && \$usable && \$fits", "$known && $usable"),
    "any origin is known": (r"\$known && \$usable && \$fits", "$usable && $fits"),
    "forbidden methods are usable": (r" && !\$method\.matches\('\(\?i\)[^']*'\)", ""),
    "authorization is a header like any other": (r" && \$wanted != 'authorization'", ""),
    "case of header names counts": (r"\.trim\(\)\.toLowerCase\(\)", ".trim()"),
    "names keep the space around them": (r"\.trim\(\)", ""),
    "any number of names": (r"\$names > 64", "$names > 6400"),
    "any number of empty elements": (r"\$empty > 16", "$empty > 1600"),
    "fields are called as browsers do": (r"\$field\.toLowerCase\(\)", "$field"),
    "a denial has no status": (r"#set\(\$context\.responseOverride\.status = 403\)\n", ""),
    "a header is set twice": (
        r"(#set\(\$context\.responseOverride\.header\.Access-Control-Max-Age = [^)]*\)\n)",
        r"\1\1",
    ),
}


def render(jobs: list[Job], version: str) -> list[list[Json]]:
    """The answers of a version of Velocity."""
    classpath = f"{VELOCITY}/classes:{VELOCITY}/lib-{version}/*"
    command = ["java", "-XX:TieredStopAtLevel=1", "-cp", classpath, "Render"]
    asked = [{"template": job.text, "requests": job.requests} for job in jobs]
    return answers_of(f"Velocity {version}", command, asked)


def route(paths: dict[str, Any], path: str) -> dict[str, Any] | None:
    """The OPTIONS of the resource that API Gateway finds for a path: the narrowest, left to right."""
    segments = [part for part in path.split("/") if part]

    def narrowness(resource: str) -> list[int] | None:
        parts = [part for part in resource.split("/") if part]
        ranks: list[int] = []
        for place, part in enumerate(parts):
            if part == "{proxy+}":
                return [*ranks, 0] if len(segments) > place else None
            if place >= len(segments) or (not part.startswith("{") and part != segments[place]):
                return None
            ranks.append(1 if part.startswith("{") else 2)
        return ranks if len(segments) == len(parts) else None

    ranked = [(rank, resource) for resource in paths if (rank := narrowness(resource)) is not None]
    return cast(dict[str, Any], paths[max(ranked)[1]]["options"]) if ranked else None


def jobs_of(groups: list[Group], tally: Tally) -> list[Job]:
    """What the templates are asked, each vector with two spellings of its fields."""
    jobs: list[Job] = []
    for group in groups:
        # Every policy can have this choice; no vector is an error of the gateway itself.
        openapi = export(group.policy, "openapi", "--gateway-responses", "reflect")
        if openapi is None:
            tally.left_out[f"REST, refused: {group.name}"] += len(group.vectors)
            continue
        jobs.extend(jobs_of_group(group, json.loads(openapi)["paths"], tally))
    return jobs


def jobs_of_group(group: Group, paths: dict[str, Any], tally: Tally) -> list[Job]:
    """What the templates of one policy are asked."""
    by_template: dict[str, Job] = {}
    for vector in group.vectors:
        if sum(map(len, vector.request.values())) > MOST_FIELD_BYTES:
            tally.left_out["REST, more bytes than API Gateway takes"] += 1
            continue
        options = route(paths, text_of(vector.request.get("path", b"/")))
        if options is None or vector.outcome == "ungoverned":
            judge_ungoverned(vector, options, tally)
            continue
        response = options["x-amazon-apigateway-integration"]["responses"]["default"]
        template = response["responseTemplates"]["application/json"]
        job = by_template.setdefault(template, Job(template))
        fields = fields_of(vector)
        if not vector.is_preflight:
            # An OPTIONS that is no preflight has the CORS headers of every other method.
            fields = {name: value for name, value in fields.items() if name == "Origin"}
        for spelling in (fields, {name.lower(): value for name, value in fields.items()}):
            job.requests.append(spelling)
            name = f"{group.name}: {vector.name}"
            job.expected.append(Expected(name, vector, int(response["statusCode"])))
    return list(by_template.values())


def judge_ungoverned(vector: Vector, options: Json | None, tally: Tally) -> None:
    """A path without a resource has no rule, and the other way round."""
    path = text_of(vector.request.get("path", b""))
    if options is None and vector.outcome == "ungoverned":
        tally.equal["REST, no resource, ungoverned"] += 1
    elif re.search(r"%[0-9a-f]{2}|[\\]|//|(^|/)\.{1,2}(/|$)", path, re.IGNORECASE):
        tally.differences["REST, a path that is read in several ways"] += 1
    elif difference := allowed_difference(vector):
        tally.differences[f"REST, {difference}"] += 1
    elif not path.startswith("/"):
        tally.differences["REST, a path of no page's request"] += 1
    else:
        tally.failures.append(f"REST: {vector.name}: {path!r} is {vector.outcome}, and has {options}")


def judge(jobs: list[Job], answers: list[list[Json]], tally: Tally, where: str) -> None:
    """Compares the answers of templates."""
    for job, given in zip(jobs, answers, strict=True):
        for expected, answer in zip(job.expected, given, strict=True):
            # The resource sets it, whatever the template does.
            answer["headers"]["Vary"] = PREFLIGHT_VARY
            answer["status"] = answer["status"] or expected.default
            compare(expected, answer, tally, where)
            if answer["body"].strip():
                tally.failures.append(f"{expected.name}: a body: {answer['body']!r}")
