"""The story of a decision."""

from typing import Any

Explanation = dict[str, Any]
