"""The engine itself, through its C library: which rule governs a path."""

from __future__ import annotations

import ctypes
import json
import os
from typing import Any

SUCCESS = 0
UNGOVERNED = 0


class Str(ctypes.Structure):
    """`onecors_str`."""

    _fields_ = (("data", ctypes.c_char_p), ("len", ctypes.c_size_t))


class Request(ctypes.Structure):
    """`onecors_request`."""

    _fields_ = (
        ("struct_size", ctypes.c_uint32),
        ("method", Str),
        ("path", Str),
        ("origin", Str),
        ("access_control_request_method", Str),
        ("access_control_request_headers", Str),
    )


class Engine:
    """A policy of several rules."""

    def __init__(self, policy: dict[str, Any]) -> None:
        self._library = ctypes.CDLL(os.environ["LIBONECORS"])
        self._policy = ctypes.c_void_p()
        document = json.dumps(policy).encode()
        result = self._library.onecors_policy_new(
            document, ctypes.c_size_t(len(document)), ctypes.byref(self._policy), None
        )
        if result != SUCCESS:
            raise ValueError(f"the engine does not take {policy}")

    def plan(self, path: bytes) -> int | None:
        """The plan that a request for a path has: each rule has its own. None where no rule governs it."""
        absent = Str(None, ctypes.c_size_t(-1).value)
        method, target = Str(b"GET", 3), Str(path, len(path))
        request = Request(ctypes.sizeof(Request), method, target, absent, absent, absent)
        verdict = ctypes.c_uint32()
        result = self._library.onecors_decide(self._policy, ctypes.byref(request), ctypes.byref(verdict))
        if result != SUCCESS:
            raise ValueError(f"the engine has no decision on {path!r}")
        return None if verdict.value & 0xFF == UNGOVERNED else verdict.value >> 16
