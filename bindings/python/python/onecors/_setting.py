"""The ways to specify a policy, the same for all adapters and framework settings."""

import json
import os
from collections.abc import Mapping
from typing import TypeAlias

from onecors._live import LivePolicy
from onecors._policy import Policy, as_json

Source: TypeAlias = Policy | LivePolicy | str | os.PathLike[str] | Mapping[str, object]
"""A ``Policy``, a ``LivePolicy``, the path of a document, or the document as a mapping."""


def live_of(source: Source | None, name: str = "policy") -> LivePolicy:
    """Return a live policy for an argument or a setting of this name.

    A path is read once. Raises what loading raises, and ``TypeError`` for anything but a
    ``Source``.
    """
    if isinstance(source, LivePolicy):
        return source
    if isinstance(source, Policy):
        return LivePolicy(source)
    if isinstance(source, str | os.PathLike):
        return LivePolicy(Policy.from_file(source))
    if isinstance(source, Mapping):
        return LivePolicy(Policy.from_json(json.dumps(dict(source), default=as_json)))
    raise TypeError(
        f"{name} must be the path of a policy document, the document as a dict, an "
        f"onecors.Policy or an onecors.LivePolicy, not {type(source).__name__}"
    )
