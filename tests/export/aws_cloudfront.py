"""The function of CloudFront, in Node.js."""

from __future__ import annotations

import json
from pathlib import Path

from aws_jobs import Expected, Job, Json, answers_of, compare, fields_of, text_of
from client.vectors import Group
from exported import Mutants, export
from tally import Tally

FUNCTIONS = Path(__file__).resolve().parent / "functions.mjs"

MUTANTS: Mutants = {
    "any origin is allowed": (r"!isAllowed\(origin\) \|\| ", ""),
    "any method is allowed": (r"METHODS\.indexOf\(method\) < 0 \|\| ", ""),
    "any header is allowed": (r" \|\| !areAllowed\(list\)", ""),
    "origins are searched, not matched": (r"/\^(\[a-z\].*)\$/;", r"/\1/;"),
    "authorization is a header like any other": (r" && name !== 'authorization'", ""),
    "names keep the space around them": (r"\.trim\(\)", ""),
    "any number of names": (r"names <= 64", "names <= 6400"),
    "every OPTIONS is a preflight": (r" \|\| method === undefined", ""),
}


def run(jobs: list[Job]) -> list[list[Json]]:
    """The answers of functions; an empty one where the request goes on."""
    asked = [{"code": job.text, "requests": job.requests} for job in jobs]
    return answers_of(FUNCTIONS.name, ["node", str(FUNCTIONS)], asked)


def jobs_of(groups: list[Group], tally: Tally) -> list[Job]:
    """What the functions are asked."""
    jobs = []
    for group in groups:
        template = export(group.policy, "cloudfront")
        if template is None:
            tally.left_out["CloudFront, refused"] += len(group.vectors)
            continue
        job = Job(json.loads(template)["Resources"]["Preflights"]["Properties"]["FunctionCode"])
        for vector in group.vectors:
            method = text_of(vector.request.get("method", b"GET"))
            job.requests.append({"method": method, "fields": fields_of(vector)})
            job.expected.append(Expected(f"{group.name}: {vector.name}", vector, None))
        jobs.append(job)
    return jobs


def judge(jobs: list[Job], answers: list[list[Json]], tally: Tally, where: str) -> None:
    """Compares the answers of functions."""
    for job, given in zip(jobs, answers, strict=True):
        for expected, answer in zip(job.expected, given, strict=True):
            goes_on = "status" not in answer
            if goes_on and expected.vector.status is None:
                tally.equal[f"{where}, goes on to the origin"] += 1
            elif goes_on or expected.vector.status is None:
                tally.failures.append(f"{where}: {expected.name}: answered with {answer}")
            else:
                compare(expected, answer, tally, where)
