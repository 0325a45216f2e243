"""Runs the conformance vectors through what an export to a REST API and to CloudFront decides with.

The mapping templates run in two versions of Velocity, the function of CloudFront in Node.js, and each
answer is compared with the one that the vector expects of the engine.

Then the same with templates that were broken on purpose: each has to be noticed.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial

import aws_cloudfront
import aws_rest
from aws_jobs import Job, Json
from client.vectors import decisions
from exported import Mutants, broken
from tally import Tally, end, show_mutants


def run_mutants(
    where: str,
    mutants: Mutants,
    jobs: list[Job],
    answer: Callable[[list[Job]], list[list[Json]]],
    judge: Callable[[list[Job], list[list[Json]], Tally, str], None],
) -> int:
    """Breaks templates or functions in every way of the list, and says which was not noticed."""
    changed = [
        (name, Job(text, job.requests, job.expected))
        for job in jobs
        for name, text in broken(job.text, mutants)
    ]
    tallies = {name: Tally() for name in mutants}
    for (name, job), given in zip(changed, answer([job for _, job in changed]), strict=True):
        judge([job], [given], tallies[name], where)
    missed = show_mutants(where, tallies)
    return end(len(mutants) - missed, missed)


def main() -> int:
    """Runs the vectors, and then the mutants."""
    groups = decisions()
    tally = Tally()
    templates = aws_rest.jobs_of(groups, tally)
    for version in ("1", "2"):
        answers = aws_rest.render(templates, version)
        aws_rest.judge(templates, answers, tally, f"REST, Velocity {version}")
    functions = aws_cloudfront.jobs_of(groups, tally)
    aws_cloudfront.judge(functions, aws_cloudfront.run(functions), tally, "CloudFront")
    tally.show("as cli/src/export says")
    failed = end(sum(tally.equal.values()), len(tally.failures))
    newest = partial(aws_rest.render, version="2")
    failed |= run_mutants("REST", aws_rest.MUTANTS, templates, newest, aws_rest.judge)
    failed |= run_mutants(
        "CloudFront", aws_cloudfront.MUTANTS, functions, aws_cloudfront.run, aws_cloudfront.judge
    )
    return failed


if __name__ == "__main__":
    sys.exit(main())
