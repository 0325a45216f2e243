"""Problems of a policy document."""

import json
from dataclasses import dataclass

from onecors._native import printable


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem of a policy document."""

    code: str
    """The kind of problem, as a stable code such as ``trailing_slash``."""
    pointer: str
    """The place, as a JSON pointer (RFC 6901) into the document; empty for the whole document.

    Keys are not escaped beyond what RFC 6901 requires."""
    message: str
    """What is wrong, and what a browser would do. Quotes from the document are escaped and
    shortened."""
    help: str | None = None
    """What to write instead, if there is an answer."""


class PolicyError(ValueError):
    """A policy document has problems, so no policy was made.

    The text of the error lists all problems with their places, after the path of the file, if there
    is one. Characters that are not printable are escaped.
    """

    problems: tuple[Problem, ...]
    """The problems in document order: at least one, at most 1,000."""
    omitted: int
    """The number of problems beyond those listed."""
    path: str | None
    """The file of the document; None if it did not come from a file."""

    def __init__(
        self, text: str, problems: tuple[Problem, ...], path: str | None = None, omitted: int = 0
    ) -> None:
        """Make the error for these problems; ``text`` describes them for people."""
        super().__init__(text if path is None else f"{printable(path)}: {text}")
        self.problems = problems
        self.path = path
        self.omitted = omitted
        self._text = text

    def __reduce__(self) -> tuple[type["PolicyError"], tuple[object, ...]]:
        # A process pool sends exceptions back to its parent as pickles.
        return type(self), (self._text, self.problems, self.path, self.omitted)


def policy_error(text: str, problems: str, path: str | None, omitted: int) -> PolicyError:
    """Make the error from the engine's text and JSON. The native library calls this."""
    return PolicyError(
        text,
        tuple(Problem(**problem) for problem in json.loads(problems)),
        path,
        omitted,
    )
