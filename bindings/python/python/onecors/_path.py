"""Which path a decision is on."""

import re

from onecors._policy import Policy

_SLASHES = re.compile("//+")


def client_path(mount: str | None, path: str) -> str:
    """Give the path as the client sees it: below the prefix that the application is mounted under.

    Frameworks route on what follows the prefix, whether the path has it or not. So each handler
    would have two paths otherwise, and a page could choose the one with the rule that it likes.
    """
    if not mount:
        return path
    mount = mount.rstrip("/")
    if path == mount or path.startswith(mount + "/"):
        return path
    return mount + path


def merge_slashes(path: str) -> str:
    """Give the path without its empty segments: some frameworks route on it, some do not."""
    return _SLASHES.sub("/", path)


def is_ambiguous(policy: Policy, path: str) -> bool:
    """Whether a path has another rule than it has without its empty segments.

    It has no rule then, like a path with dot segments. A plan belongs to one rule, so it tells.
    """
    return (
        policy.decide("GET", path, None).plan
        is not policy.decide("GET", merge_slashes(path), None).plan
    )
