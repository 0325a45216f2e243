"""Compares what README.md shows of a mistake with what the library says: readme.py README LIBRARY"""

import ctypes
import re
import sys
from pathlib import Path


class Str(ctypes.Structure):
    """onecors_str."""

    _fields_ = (("data", ctypes.c_void_p), ("len", ctypes.c_size_t))


def main() -> int:
    """Loads the document that the README shows, and looks for the library's text below it."""
    readme = Path(sys.argv[1]).read_text()
    library = ctypes.CDLL(sys.argv[2])
    library.onecors_error_text.restype = Str
    library.onecors_error_text.argtypes = (ctypes.c_void_p,)
    section = readme.split("\n## A mistake in the policy\n")[1].split("\n## ")[0]
    document = re.search(r"```json\n(.*?)```", section, flags=re.DOTALL)
    assert document is not None, "the section has no document"
    text = document[1].encode()
    policy, error = ctypes.c_void_p(), ctypes.c_void_p()
    library.onecors_policy_new(text, ctypes.c_size_t(len(text)), ctypes.byref(policy), ctypes.byref(error))
    said = library.onecors_error_text(error)
    message = "cors.json: " + ctypes.string_at(said.data, said.len).decode()
    shown = "\n".join(line[4:] for line in section.splitlines() if line.startswith("    "))
    if message.strip() == shown.strip():
        return 0
    print(f"{sys.argv[1]} shows:\n{shown}\nand the library says:\n{message}")
    return 1


if __name__ == "__main__":
    sys.exit(main())
