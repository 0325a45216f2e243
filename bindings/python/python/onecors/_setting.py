"""A policy as the settings of a framework name it."""

import json
import os
from collections.abc import Mapping

from onecors._live import LivePolicy
from onecors._policy import Policy, as_json


def policy_of(value: object, setting: str) -> Policy | LivePolicy:
    """Give the policy of a setting: a path, the document as a mapping, or the policy itself.

    Raises ``TypeError`` for anything else, and what loading raises.
    """
    if isinstance(value, Policy | LivePolicy):
        return value
    if isinstance(value, str | os.PathLike):
        return Policy.from_file(value)
    if isinstance(value, Mapping):
        return Policy.from_json(json.dumps(dict(value), default=as_json))
    raise TypeError(
        f"{setting} must be the path of a policy document, the document as a dict, an "
        f"onecors.Policy or an onecors.LivePolicy, not {type(value).__name__}"
    )
