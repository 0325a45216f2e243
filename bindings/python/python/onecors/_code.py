"""The base of the enumerations of stable codes."""

from enum import Enum


class Code(str, Enum):
    """A stable code that is also a string, like ``enum.StrEnum`` of Python 3.11."""

    __str__ = str.__str__
