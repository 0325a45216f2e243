"""Registers the system checks."""

from django.apps import AppConfig
from django.core import checks

from onecors.django import _checks


class OneCORSConfig(AppConfig):
    """The entry ``onecors.django`` of ``INSTALLED_APPS``."""

    name = "onecors.django"
    label = "onecors"
    verbose_name = "onecors"

    def ready(self) -> None:
        """Register the checks of the policy and of its placement."""
        checks.register(_checks.check_policy)
        checks.register(_checks.check_order)
        checks.register(_checks.check_wrapper, deploy=True)
        checks.register(_checks.check_websockets, deploy=True)
