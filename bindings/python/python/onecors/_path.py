"""The path that is decided on."""

import re

from onecors._policy import Policy

_SLASHES = re.compile("//+")


def client_path(mount: str | None, path: str) -> str:
    """Return the path as the client sees it: with the prefix that the application is mounted under.

    Frameworks route on what follows the prefix, whether or not the path starts with it. Without
    this, each handler would have two paths, and a page could choose the one with the laxer rule.
    """
    if not mount:
        return path
    mount = mount.rstrip("/")
    if path == mount or path.startswith(mount + "/"):
        return path
    return mount + path


def merge_slashes(path: str) -> str:
    """Return the path without empty segments, which some frameworks ignore."""
    return _SLASHES.sub("/", path)


def is_ambiguous(policy: Policy, path: str) -> bool:
    """Whether a path has a different rule without its empty segments.

    Such a path is treated as ungoverned, like one with dot segments. Every plan belongs to a single
    rule, so comparing plans compares rules.
    """
    return (
        policy.decide("GET", path, None).plan
        is not policy.decide("GET", merge_slashes(path), None).plan
    )
