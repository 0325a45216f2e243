"""What is wrong with a policy document."""

import json
from dataclasses import dataclass

from onecors._native import printable


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a policy document."""

    code: str
    """What kind of problem, as a stable code such as ``trailing_slash``."""
    pointer: str
    """Where, as a JSON pointer (RFC 6901) into the document; empty for the whole document.

    The keys in it are as they are in the document, whatever their characters."""
    message: str
    """What is wrong, and what a browser would do. Text of the document in it is escaped and cut."""
    help: str | None = None
    """What to write instead, where there is something."""


class PolicyError(ValueError):
    """A policy document has problems, so no policy was built.

    As a string it is all of them, each with its place, behind the path of the file where the
    document came from one. Whatever is not seen in print is escaped in it.
    """

    problems: tuple[Problem, ...]
    """Everything that is wrong, in the document's order: never empty."""
    path: str | None
    """The file that the document came from, if it came from one."""

    def __init__(self, text: str, problems: tuple[Problem, ...], path: str | None = None) -> None:
        """Make the error of these problems, which ``text`` tells as people read them."""
        super().__init__(text if path is None else f"{printable(path)}: {text}")
        self.problems = problems
        self.path = path
        self._text = text

    def __reduce__(self) -> tuple[type["PolicyError"], tuple[object, ...]]:
        # What a process pool sends back to its parent is the pickled exception.
        return type(self), (self._text, self.problems, self.path)


def policy_error(text: str, problems: str, path: str | None) -> PolicyError:
    """Make the error of the engine's text and JSON. The native half calls this."""
    return PolicyError(
        text,
        tuple(Problem(**problem) for problem in json.loads(problems)),
        path,
    )
