"""The decision of the Python package. Each argument names a case: see `guard`."""

import ctypes
import os
import sys
from pathlib import Path

from onecors import Policy

NAMES = ("method", "path", "origin", "access_control_request_method", "access_control_request_headers")

Fields = dict[str, str | None]


def read_request(line: str) -> Fields:
    return {name: field or None for name, field in zip(NAMES, line.split("\t"), strict=True)}


def decide_all(policy: Policy, requests: list[Fields]) -> None:
    for request in requests:
        policy.decide(**request)


def measure(case: str, marks: ctypes.CDLL) -> None:
    document, *lines = Path(case).read_text().splitlines()
    policy = Policy.from_file(document)
    requests = [read_request(line) for line in lines]
    decide_all(policy, requests)
    marks.marks_begin()
    decide_all(policy, requests)
    marks.marks_end()


def main() -> None:
    marks = ctypes.CDLL(os.environ["MARKS"])
    for case in sys.argv[1:]:
        measure(case, marks)


if __name__ == "__main__":
    main()
