"""What names a policy: the adapters and the settings of frameworks all take the same."""

import json
import os
from collections.abc import Mapping
from typing import TypeAlias

from onecors._live import LivePolicy
from onecors._policy import Policy, as_json

Source: TypeAlias = Policy | LivePolicy | str | os.PathLike[str] | Mapping[str, object]
"""A policy, a live one, the path of a document, or the document as a mapping."""


def live_of(source: Source | None, name: str = "policy") -> LivePolicy:
    """Give the holder of the policy that an argument or a setting of this name stands for.

    A path is read once. Raises ``TypeError`` for what is no ``Source``, and what loading raises.
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
