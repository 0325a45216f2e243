"""Builds the API documentation into a folder, and fails on gaps and on broken references."""

import ast
import importlib
import inspect
import re
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pdoc
from pdoc import doc, render

MODULES = (
    "onecors",
    "onecors.asgi",
    "onecors.aws",
    "onecors.django",
    "onecors.fastapi",
    "onecors.flask",
    "onecors.starlette",
    "onecors.wsgi",
)
INHERITED = ("decide", "explain_json", "check_origin", "plans", "document")
"""What ``Policy`` has from the native library, whose own documentation is not built."""
REFERENCE = re.compile(r"`(onecors(?:\.\w+)+)`")


def reveal_sources() -> None:
    """Undo what hides the sources of the public classes: pdoc reads docstrings of fields there."""
    for name, module in tuple(sys.modules.items()):
        if name.startswith("onecors._") and name != "onecors._onecors":
            for statement in ast.parse(inspect.getsource(module)).body:
                if isinstance(statement, ast.ClassDef):
                    getattr(module, statement.name).__module__ = name
    policy = sys.modules["onecors"].Policy
    for name in INHERITED:
        setattr(policy, name, inspect.getattr_static(policy, name))


def members(parent: doc.Namespace[Any]) -> Iterator[doc.Doc[Any]]:
    """Give everything public in a module or a class, and in what that contains."""
    for member in parent.own_members:
        if not member.name.startswith("_") and "@private" not in member.docstring:
            yield member
            if isinstance(member, doc.Namespace):
                yield from members(member)


def problems(module: doc.Module) -> Iterator[str]:
    """Give what is undocumented in a module, and what is referred to and is not there."""
    for member in (module, *members(module)):
        if not member.docstring.strip():
            yield f"{member.fullname} has no docstring"
        for name in REFERENCE.findall(member.docstring):
            if name not in MODULES and module.get(name.removeprefix(f"{module.fullname}.")) is None:
                yield f"{member.fullname} refers to {name}, which is not documented"


def main(folder: str) -> int:
    """Build the documentation. Returns 1 where something is missing from it."""
    warnings.simplefilter("error")
    for name in MODULES:
        importlib.import_module(name)
    reveal_sources()
    found = [each for name in MODULES for each in problems(doc.Module.from_name(name))]
    for problem in found:
        print(problem)  # noqa: T201 - a command
    render.configure(docformat="markdown", show_source=False)
    pdoc.pdoc(*MODULES, output_directory=Path(folder))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
