"""Loads the native library, and makes sure that it belongs to these files."""

import sys
import sysconfig
from pathlib import Path

from onecors._version import __version__

__all__ = [
    "MAX_DOCUMENT_BYTES",
    "AsgiExchange",
    "AsgiGate",
    "Engine",
    "WsgiExchange",
    "WsgiGate",
    "cli",
    "printable",
]

try:
    from onecors._onecors import (
        MAX_DOCUMENT_BYTES,
        VERSION,
        AsgiExchange,
        AsgiGate,
        Engine,
        WsgiExchange,
        WsgiGate,
        cli,
        printable,
    )
except ImportError as error:
    folder = Path(__file__).parent
    present = ", ".join(sorted(file.name for file in folder.glob("_onecors.*.so"))) or "none"
    raise ImportError(
        f"onecors cannot load its native library: {error}\n"
        f"This Python runs on {sysconfig.get_platform()} and looks for onecors/_onecors.abi3.so; "
        f"in {folder} there is: {present}.\n"
        "If it is missing or for another platform, install onecors with the pip of this Python, on "
        f"the platform it runs on: python -m pip install --force-reinstall onecors=={__version__}"
    ) from error

if __version__ != VERSION:
    raise ImportError(
        f"the Python files of onecors are version {__version__}, and its native library "
        f"{sys.modules['onecors._onecors'].__file__} is version {VERSION}. Both come in one "
        "package, so a part of another installation is in the way. Install it anew: "
        f"python -m pip install --force-reinstall onecors=={__version__}"
    )
