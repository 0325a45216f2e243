"""The command line: which services, which scenarios, and the table."""

from __future__ import annotations

import argparse
import os
import sys
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import client.scenarios  # noqa: F401, puts every scenario into the list
from client.report import Column, print_table
from client.scenario import ALL, Scenario
from client.service import Entry, Service, ServiceError, entries, started
from client.soak import soak
from client.workers import for_each


def main() -> int:
    arguments = parse()
    chosen = chosen_by(arguments.only)
    if arguments.list:
        for scenario in chosen:
            print(f"{scenario.name}\n    {scenario.guards}")
        return 0
    if arguments.soak:
        return soak(selected(arguments.names), arguments.soak)
    if arguments.url:
        columns = [Column.of(given(arguments), chosen)]
    else:
        # A service spends most of its time waiting: for looks at the policy's file, and for logs.
        at_a_time = 3 * (os.cpu_count() or 1)
        columns = list(for_each(partial(played, only=arguments.only), selected(arguments.names), at_a_time))
    return print_table(chosen, columns)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="tests/services/run", description="Plays the scenarios against services."
    )
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help="services, by the beginning of their name; or all"
    )
    parser.add_argument("--only", default="", metavar="WORD", help="scenarios whose name contains the word")
    parser.add_argument("--list", action="store_true", help="say what each scenario guards, and play none")
    parser.add_argument(
        "--soak", type=int, metavar="REQUESTS", help="put them under load instead, with so many"
    )
    one = parser.add_argument_group("one that runs already")
    one.add_argument("--url", help="such as http://127.0.0.1:8000")
    one.add_argument(
        "--name", default="service", help="what to call it; its entry of a services.json is used"
    )
    one.add_argument("--policy", type=Path, metavar="FILE", help="the file that it watches")
    one.add_argument("--log", type=Path, metavar="FILE", help="what it writes")
    return parser.parse_args()


def given(arguments: argparse.Namespace) -> Service:
    """The service that runs already. What services.json says of one with its name holds for it."""
    url = urlsplit(arguments.url)
    known = {entry.name: entry for entry in entries()}
    entry = known.get(arguments.name, Entry(arguments.name, Path(), (), websocket=True))
    return Service(entry, (url.hostname or "127.0.0.1", url.port or 80), arguments.policy, arguments.log)


def selected(names: list[str]) -> list[Entry]:
    """The services that are meant; a name that means none is an error."""
    known = entries()
    for name in names:
        if not any(entry.name.startswith(name) for entry in known):
            sys.exit(f"no service is called {name}; there are: {', '.join(entry.name for entry in known)}")
    return [entry for entry in known if not names or any(entry.name.startswith(name) for name in names)]


def chosen_by(word: str) -> list[Scenario]:
    """The scenarios whose name contains the word."""
    return [scenario for scenario in ALL if word in scenario.name]


def played(entry: Entry, only: str) -> Column:
    """The chosen scenarios against one service, which is started for it."""
    chosen = chosen_by(only)
    print(f"playing against {entry.name}", file=sys.stderr)
    try:
        with started(entry) as service:
            return Column.of(service, chosen)
    except ServiceError as failure:
        return Column.failed(entry, chosen, str(failure))


if __name__ == "__main__":
    sys.exit(main())
