"""What a scenario is, and the list of them all."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from client.expected import differs
from client.http1 import Answer, BadAnswerError, Lines, NoAnswerError, Request
from client.service import Service, ServiceError

# A scenario gives a sentence for everything that it finds wrong, and none when all is well.
Play = Callable[[Service], Iterable[str]]
# One status, or any of several.
Status = int | tuple[int, ...]


@dataclass(frozen=True)
class Scenario:
    """One row of the table."""

    name: str
    route: str | None
    guards: str
    play: Play
    needs: frozenset[str]

    def problems(self, service: Service) -> list[str]:
        """Everything that is wrong with the service; no answer at all is one of these things."""
        found: list[str] = []
        before = len(service.output())
        try:
            found += self.play(service)
        except (NoAnswerError, BadAnswerError, ServiceError, OSError) as error:
            output = service.output()[before:].decode(errors="replace")[-2000:]
            found.append(f"{type(error).__name__}: {error}\n    the service wrote: {output or 'nothing'}")
        return found


ALL: list[Scenario] = []


def scenario(route: str | None = None, *, needs: Iterable[str] = ()) -> Callable[[Play], Play]:
    """Puts a function into the list.

    `route` is the one that an excuse may name instead of the scenario. `needs` are of "websocket", "http2",
    "policy_file", "log", "denials" and "process": what a service must have for it.
    """

    def add(play: Play) -> Play:
        guards = " ".join((inspect.getdoc(play) or "").split())
        name = play.__name__.replace("_", "-")
        if not guards or any(other.name == name for other in ALL):
            raise ValueError(f"{name}: a scenario has a name of its own, and says what it guards")
        ALL.append(Scenario(name, route, guards, play, frozenset(needs)))
        return play

    return add


def check(
    service: Service, request: Request, lines: Lines, status: Status, body: bytes | None = None
) -> Iterable[str]:
    """Sends a request; says what of the answer is not as expected."""
    answer = service.ask(request)
    wrong = []
    if answer.status not in (status if isinstance(status, tuple) else (status,)):
        wrong.append(f"the status is not {status}")
    if difference := differs(answer, lines):
        wrong.append(difference)
    if body is not None and answer.body != body:
        wrong.append(f"the body is not {body!r}")
    if wrong:
        yield told(request, answer, "; ".join(wrong))


def told(request: Request, answer: Answer, wrong: str) -> str:
    """A finding with the request and the answer that show it."""
    return f"{wrong}\n    {request}\n    {answer}"
