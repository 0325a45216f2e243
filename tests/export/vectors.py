"""Runs the conformance vectors through what an export to a REST API and to CloudFront decides with.

The mapping templates run in two versions of Velocity, the function of CloudFront in Node.js, and each
answer is compared with the one that the vector expects of the engine.

Then the same with templates that were broken on purpose: each has to be noticed.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
OUT = Path(os.environ["OUT"])
ONECORS = os.environ["ONECORS"]
VECTORS = ROOT / "tests/conformance/decisions"
# What API Gateway takes in the fields of a request (its quotas).
MOST_FIELD_BYTES = 10_240
PREFLIGHT_VARY = "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"

# What each mutant breaks in a template, and how.
TEMPLATE_MUTANTS = {
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

# The same for functions of CloudFront.
FUNCTION_MUTANTS = {
    "any origin is allowed": (r"!isAllowed\(origin\) \|\| ", ""),
    "any method is allowed": (r"METHODS\.indexOf\(method\) < 0 \|\| ", ""),
    "any header is allowed": (r" \|\| !areAllowed\(list\)", ""),
    "origins are searched, not matched": (r"/\^(\[a-z\].*)\$/;", r"/\1/;"),
    "authorization is a header like any other": (r" && name !== 'authorization'", ""),
    "names keep the space around them": (r"\.trim\(\)", ""),
    "any number of names": (r"names <= 64", "names <= 6400"),
    "every OPTIONS is a preflight": (r" \|\| method === undefined", ""),
}


@dataclass
class Tally:
    """What became of the vectors."""

    compared: Counter[str] = field(default_factory=Counter)
    differences: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)


@dataclass
class Group:
    """A policy of the vectors, exported."""

    name: str
    cases: list[dict[str, Any]]
    openapi: dict[str, Any] | None
    function: str | None
    refusal: str


@dataclass
class Expected:
    """A vector that a template is asked, and the status that the template's response has by itself."""

    name: str
    request: dict[str, str]
    expect: dict[str, Any]
    default: int | None


@dataclass
class Job:
    """A template or a function, and what it is asked."""

    text: str
    requests: list[dict[str, Any]] = field(default_factory=list)
    expected: list[Expected] = field(default_factory=list)


def export(policy: dict[str, Any], *arguments: str) -> tuple[str | None, str]:
    """What the command writes for a policy, or why it refuses."""
    command = [ONECORS, "export", "-", *arguments]
    done = subprocess.run(command, input=json.dumps(policy), check=False, capture_output=True, text=True)
    if done.returncode not in (0, 1):
        raise SystemExit(f"{command}: {done.stderr}")
    return (done.stdout if done.returncode == 0 else None), done.stderr


def groups() -> list[Group]:
    """All policies of the vectors. Each case may be denied as the vectors say, whatever its errors do."""
    found = []
    for file in sorted(VECTORS.glob("*.json")):
        for group in read_groups(file):
            rest, refusal = export(group["policy"], "--to", "openapi", "--gateway-responses", "reflect")
            front, _ = export(group["policy"], "--to", "cloudfront")
            function = None
            if front is not None:
                function = json.loads(front)["Resources"]["Preflights"]["Properties"]["FunctionCode"]
            openapi = None if rest is None else json.loads(rest)
            found.append(Group(f"{file.stem}: {group['name']}", group["cases"], openapi, function, refusal))
    return found


def text_of(value: str | dict[str, Any]) -> str:
    """A text of the vectors, which may be written as bytes, as a repetition or as parts."""
    if isinstance(value, str):
        return value
    if "hex" in value:
        return bytes.fromhex(value["hex"]).decode("latin-1")
    if "concat" in value:
        return "".join(text_of(part) for part in value["concat"])
    return text_of(value["repeat"]) * int(value["count"])


def read_groups(file: Path) -> list[dict[str, Any]]:
    """The groups of a file, with every text of requests and headers written out."""
    loaded: list[dict[str, Any]] = json.loads(file.read_text())["groups"]
    for group in loaded:
        for case in group["cases"]:
            case["request"] = {key: text_of(value) for key, value in case["request"].items()}
            expect = case["expect"]
            expect["headers"] = [(name, text_of(value)) for name, value in expect["headers"]]
    return loaded


def fields_of(request: dict[str, str]) -> dict[str, str]:
    """The CORS fields of a request, as browsers write them."""
    names = {
        "origin": "Origin",
        "access_control_request_method": "Access-Control-Request-Method",
        "access_control_request_headers": "Access-Control-Request-Headers",
    }
    return {names[key]: value for key, value in request.items() if key in names}


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


def render(jobs: list[Job], version: str) -> list[list[dict[str, Any]]]:
    """The answers of a version of Velocity."""
    classpath = f"{OUT}/velocity/classes:{OUT}/velocity/lib-{version}/*"
    done = subprocess.run(
        ["java", "-XX:TieredStopAtLevel=1", "-cp", classpath, "Render"],
        input=json.dumps([{"template": job.text, "requests": job.requests} for job in jobs]),
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        raise SystemExit(f"Velocity {version}: {done.stderr}")
    return cast(list[list[dict[str, Any]]], json.loads(done.stdout))


def run_functions(jobs: list[Job]) -> list[list[dict[str, Any]]]:
    """The answers of functions of CloudFront; an empty one where the request goes on."""
    done = subprocess.run(
        ["node", str(HERE / "functions.mjs")],
        input=json.dumps([{"code": job.text, "requests": job.requests} for job in jobs]),
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        raise SystemExit(f"functions.mjs: {done.stderr}")
    return cast(list[list[dict[str, Any]]], json.loads(done.stdout))


def compare(expected: Expected, answer: dict[str, Any], tally: Tally, where: str) -> None:
    """Compares an answer with the engine's."""
    outcome = expected.expect["outcome"]
    headers = {key.lower(): value for key, value in answer["headers"].items()}
    wanted = {key.lower(): value for key, value in expected.expect["headers"]}
    if not outcome.startswith("preflight"):
        # The resource has one Vary for all answers to OPTIONS, of which this one needs a part.
        headers.pop("vary", None)
        wanted.pop("vary", None)
    status = 403 if outcome == "preflight_denied" else expected.expect["status"] or expected.default
    if (answer["status"], headers) == (status, wanted) and not answer.get("twice"):
        tally.compared[f"{where}, {outcome}"] += 1
    elif difference := allowed_difference(expected.request):
        tally.differences[f"{where}, {difference}"] += 1
    else:
        tally.failures.append(f"{where}: {expected.name}: expected {status} {wanted}, got {answer}")


def allowed_difference(request: dict[str, str]) -> str | None:
    """What an export may decide otherwise than the engine, since no page can make such a request, or
    nobody knows how API Gateway reads it."""
    host = request.get("origin", "").partition("://")[2].partition(":")[0]
    path = request.get("path", "")
    if len(host) > 253:
        return "a host that no DNS has"
    if "//" in path or path.endswith("/"):
        return "a path with an empty segment"
    return None


def rest_jobs(all_groups: list[Group], tally: Tally) -> list[Job]:
    """What the templates of REST APIs are asked, each vector with two spellings of its fields."""
    jobs: list[Job] = []
    for group in all_groups:
        if group.openapi is None:
            tally.left_out[f"REST, refused: {group.name}"] += len(group.cases)
            continue
        by_template: dict[str, Job] = {}
        for case in group.cases:
            request, expect = case["request"], case["expect"]
            if sum(map(len, request.values())) > MOST_FIELD_BYTES:
                tally.left_out["REST, more bytes than API Gateway takes"] += 1
                continue
            options = route(group.openapi["paths"], request.get("path", "/"))
            if options is None or expect["outcome"] == "ungoverned":
                judge_ungoverned(case, options, tally)
                continue
            response = options["x-amazon-apigateway-integration"]["responses"]["default"]
            template = response["responseTemplates"]["application/json"]
            job = by_template.setdefault(template, Job(template))
            fields = fields_of(request)
            if not expect["outcome"].startswith("preflight"):
                # An OPTIONS that is no preflight has the CORS headers of every other method.
                fields = {name: value for name, value in fields.items() if name == "Origin"}
            for spelling in (fields, {name.lower(): value for name, value in fields.items()}):
                job.requests.append(spelling)
                name = f"{group.name}: {case['name']}"
                job.expected.append(Expected(name, request, expect, int(response["statusCode"])))
        jobs.extend(by_template.values())
    return jobs


def judge_ungoverned(case: dict[str, Any], options: dict[str, Any] | None, tally: Tally) -> None:
    """A path without a resource has no rule, and the other way round."""
    path = case["request"].get("path", "")
    if options is None and case["expect"]["outcome"] == "ungoverned":
        tally.compared["REST, no resource, ungoverned"] += 1
    elif re.search(r"%2f|(^|/)(\.|%2e){1,2}(/|$)", path, re.IGNORECASE):
        tally.differences["REST, a path that can be read in two ways"] += 1
    elif difference := allowed_difference(case["request"]):
        tally.differences[f"REST, {difference}"] += 1
    elif not path.startswith("/"):
        tally.differences["REST, a path of no page's request"] += 1
    else:
        outcome = case["expect"]["outcome"]
        tally.failures.append(f"REST: {case['name']}: {path!r} is {outcome}, and has {options}")


def judge_templates(jobs: list[Job], answers: list[list[dict[str, Any]]], tally: Tally, where: str) -> None:
    """Compares the answers of templates."""
    for job, given in zip(jobs, answers, strict=True):
        for expected, answer in zip(job.expected, given, strict=True):
            # The resource sets it, whatever the template does.
            answer["headers"]["Vary"] = PREFLIGHT_VARY
            answer["status"] = answer["status"] or expected.default
            compare(expected, answer, tally, where)
            if answer["body"].strip():
                tally.failures.append(f"{expected.name}: a body: {answer['body']!r}")


def function_jobs(all_groups: list[Group], tally: Tally) -> list[Job]:
    """What the functions of CloudFront are asked."""
    jobs = []
    for group in all_groups:
        if group.function is None:
            tally.left_out["CloudFront, refused"] += len(group.cases)
            continue
        job = Job(group.function)
        for case in group.cases:
            request = case["request"]
            job.requests.append({"method": request.get("method", "GET"), "fields": fields_of(request)})
            name = f"{group.name}: {case['name']}"
            job.expected.append(Expected(name, request, case["expect"], None))
        jobs.append(job)
    return jobs


def judge_functions(jobs: list[Job], answers: list[list[dict[str, Any]]], tally: Tally, where: str) -> None:
    """Compares the answers of functions."""
    for job, given in zip(jobs, answers, strict=True):
        for expected, answer in zip(job.expected, given, strict=True):
            goes_on = "status" not in answer
            if goes_on and expected.expect["status"] is None:
                tally.compared[f"{where}, goes on to the origin"] += 1
            elif goes_on or expected.expect["status"] is None:
                tally.failures.append(f"{where}: {expected.name}: answered with {answer}")
            else:
                compare(expected, answer, tally, where)


def report(tally: Tally) -> int:
    """Prints what was compared, and what was not."""
    for title, counter in (
        ("equal", tally.compared),
        ("differ, as core/src/export says", tally.differences),
        ("left out", tally.left_out),
    ):
        for what, count in sorted(counter.items()):
            print(f"{count:6} {title}: {what}")
    for failure in tally.failures:
        print(f"FAILED {failure}")
    print(f"{sum(tally.compared.values())} passed, {len(tally.failures)} failed")
    return 1 if tally.failures or not tally.compared else 0


def run_mutants(
    where: str,
    mutants: dict[str, tuple[str, str]],
    jobs: list[Job],
    answer: Callable[[list[Job]], list[list[dict[str, Any]]]],
    judge: Callable[[list[Job], list[list[dict[str, Any]]], Tally, str], None],
) -> int:
    """Breaks templates or functions in every way of the list, and says which was not noticed."""
    broken: list[tuple[str, Job]] = []
    for name, (pattern, instead) in mutants.items():
        for job in jobs:
            text = re.sub(pattern, instead, job.text)
            if text != job.text:
                broken.append((name, Job(text, job.requests, job.expected)))
    tallies = {name: Tally() for name in mutants}
    for (name, job), given in zip(broken, answer([job for _, job in broken]), strict=True):
        judge([job], [given], tallies[name], where)
    for name, tally in tallies.items():
        found = "noticed" if tally.failures else "FAILED, nothing notices"
        print(f"{found}: {where}: {name} ({len(tally.failures)} answers)")
    missed = sum(not tally.failures for tally in tallies.values())
    print(f"{len(mutants) - missed} passed, {missed} failed")
    return 1 if missed else 0


def main() -> int:
    """Runs the vectors, and then the mutants."""
    all_groups = groups()
    tally = Tally()
    templates = rest_jobs(all_groups, tally)
    for version in ("1", "2"):
        judge_templates(templates, render(templates, version), tally, f"REST, Velocity {version}")
    functions = function_jobs(all_groups, tally)
    judge_functions(functions, run_functions(functions), tally, "CloudFront")
    failed = report(tally)
    failed |= run_mutants(
        "REST", TEMPLATE_MUTANTS, templates, lambda jobs: render(jobs, "2"), judge_templates
    )
    failed |= run_mutants("CloudFront", FUNCTION_MUTANTS, functions, run_functions, judge_functions)
    return failed


if __name__ == "__main__":
    sys.exit(main())
