"""The command: tests/aws/run."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from runner.cases import cases
from runner.function import languages, play


def main() -> int:
    """Plays the cases, and says how each language has done."""
    parser = argparse.ArgumentParser(prog="tests/aws/run", description=__doc__)
    parser.add_argument("names", nargs="*", help="the beginnings of the languages' names; all without one")
    parser.add_argument("--only", default="", help="only the cases whose name contains this word")
    options = parser.parse_args()
    chosen = [one for one in languages() if not options.names or one.name.startswith(tuple(options.names))]
    played = [case for case in cases() if options.only in case.name]
    passed = failed = 0
    # Most of the time goes into waiting for runtimes to start.
    with ThreadPoolExecutor() as pool:
        results = list(pool.map(lambda language: play(language, played), chosen))
    for language, result in zip(chosen, results, strict=True):
        passed, failed = passed + result.passed, failed + len(result.failures)
        print(f"{language.name}: {result.passed} passed, {len(result.failures)} failed", flush=True)
        for reason, count in Counter(result.excepted).items():
            print(f"  {count} excepted: {reason}")
        for line in result.failures:
            print(f"  FAILED {line}")
    print(f"{passed} passed, {failed} failed")
    # No language, or no case, is no success.
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
