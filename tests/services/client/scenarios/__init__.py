"""Every scenario, by subject; the order here is that of the table."""

from client.scenarios import actual, preflight

__all__ = ["actual", "preflight"]
