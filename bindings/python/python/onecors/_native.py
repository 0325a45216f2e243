"""Loads the native library, and checks that it has the version of the Python files."""

import sys
import sysconfig
from pathlib import Path

from onecors._version import __version__

__all__ = [
    "MAX_DOCUMENT_BYTES",
    "AsgiAdapter",
    "AsgiExchange",
    "Engine",
    "WsgiAdapter",
    "WsgiExchange",
    "cli",
    "printable",
]

try:
    from onecors._onecors import (
        MAX_DOCUMENT_BYTES,
        VERSION,
        AsgiAdapter,
        AsgiExchange,
        Engine,
        WsgiAdapter,
        WsgiExchange,
        cli,
        printable,
    )
except ImportError as error:
    folder = Path(__file__).parent
    present = ", ".join(sorted(file.name for file in folder.glob("_onecors.*.so"))) or "none"
    raise ImportError(
        f"onecors cannot load its native library: {error}\n"
        f"This Python runs on {sysconfig.get_platform()} and needs onecors/_onecors.abi3.so; "
        f"found in {folder}: {present}.\n"
        "If the file is missing or was built for another platform, reinstall onecors with the pip "
        "of this Python, on the platform that it runs on: "
        f"python -m pip install --force-reinstall onecors=={__version__}"
    ) from error

if __version__ != VERSION:
    raise ImportError(
        f"the Python files of onecors are version {__version__}, but the native library "
        f"{sys.modules['onecors._onecors'].__file__} is version {VERSION}. Both come in one "
        "package, so files of another installation are in the way. Reinstall it: "
        f"python -m pip install --force-reinstall onecors=={__version__}"
    )
