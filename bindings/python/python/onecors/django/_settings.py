"""The setting ``ONECORS_POLICY``."""

from django.conf import settings

from onecors._live import LivePolicy
from onecors._setting import live_of

_loaded: tuple[object, LivePolicy] | None = None


def configured_policy() -> LivePolicy:
    """Return the policy of the settings, loaded once per value.

    Raises what loading raises, and ``TypeError`` without the setting.
    """
    global _loaded  # noqa: PLW0603 - settings are global
    value = getattr(settings, "ONECORS_POLICY", None)
    if _loaded is None or _loaded[0] is not value:
        _loaded = (value, live_of(value, "ONECORS_POLICY"))
    return _loaded[1]
