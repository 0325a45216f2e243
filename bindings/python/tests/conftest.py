"""Closes the run with the count of conformance cases."""

import os
from pathlib import Path

import conformance
import pytest

# It configures Django, which can be done once in a process.
collect_ignore = ["channels_project.py"]
CASES = ("test_conformance.py::test_decision[", "test_conformance.py::test_document[")


class Count:
    """How many conformance cases ran, and how many passed."""

    run = 0
    passed = 0

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" and any(case in report.nodeid for case in CASES):
            self.run += 1
            self.passed += report.passed

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        total = sum(1 for _ in conformance.decisions()) + sum(1 for _ in conformance.documents())
        if self.run and not self.run == self.passed == total:
            session.exitstatus = session.exitstatus or pytest.ExitCode.TESTS_FAILED

    def pytest_unconfigure(self) -> None:
        if not self.run:
            return
        line = f"conformance python: {self.run} run, {self.passed} passed"
        print(line)  # noqa: T201 - the last line of the run
        if report := os.environ.get("ONECORS_CONFORMANCE_REPORT"):
            Path(report, "python.txt").write_text(line + "\n", encoding="utf-8")


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Count())
