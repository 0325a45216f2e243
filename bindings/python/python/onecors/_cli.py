"""The command ``onecors``, which the package installs."""

import signal
import sys

from onecors._native import cli

__all__ = ["main"]


def main() -> int:
    """Run the command with the arguments of the process, and return its status."""
    # A document may be read from a terminal, in native code, where Python hears of no interrupt.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    return cli(sys.argv[1:])
