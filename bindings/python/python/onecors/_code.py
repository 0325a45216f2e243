"""What the enumerations of stable codes have in common."""

from enum import Enum


class Code(str, Enum):
    """A stable code that is a string too, as in ``enum.StrEnum``, which came with Python 3.11."""

    __str__ = str.__str__
