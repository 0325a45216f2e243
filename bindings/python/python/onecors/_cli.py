"""The command ``onecors``, which the package installs."""

import signal
import sys

from onecors._native import cli

__all__ = ["main"]


def main() -> int:
    """Run the command with the arguments of the process, and return its status."""
    # The native code may read a document from a terminal; Python does not see an interrupt there.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    return cli(sys.argv[1:])
