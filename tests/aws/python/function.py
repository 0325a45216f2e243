"""The test function in Python: its handler does what the event says."""

import os
from typing import Any

from onecors.aws import authorizer, lambda_handler

POLICY = os.environ["POLICY"]
BASE_PATH = os.environ.get("BASE_PATH")


def act(event: Any, context: object) -> object:  # noqa: ANN401 - any JSON
    """Do what the event says, or return it."""
    if not isinstance(event, dict) or "handler" not in event:
        return event
    if "throws" in event["handler"]:
        raise LookupError(event["handler"]["throws"])
    return event["handler"]["returns"]


if os.environ["FUNCTION"] == "authorizer":
    handler = authorizer(POLICY, base_path=BASE_PATH)(act)
else:
    on_error = os.environ["ON_ERROR"]
    handler = lambda_handler(POLICY, on_error=on_error, base_path=BASE_PATH)(act)  # type: ignore[arg-type]
