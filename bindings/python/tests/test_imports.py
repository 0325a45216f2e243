"""No module of the package imports another in a circle, and each can be imported first."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import onecors

PACKAGE = Path(onecors.__file__).parent
FILES = {
    ".".join(file.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__"): file
    for pattern in ("**/*.py", "*.pyi")
    for file in PACKAGE.glob(pattern)
}


def imports(file: Path) -> Iterator[str]:
    """Give the modules of the package that a file names in any import, those for types included."""
    for node in ast.walk(ast.parse(file.read_bytes())):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file} has a relative import"
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield whole if whole in FILES else node.module or ""
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def test_no_circle() -> None:
    graph = {
        name: {each for each in imports(file) if each in FILES} for name, file in FILES.items()
    }
    assert len(graph) > 30
    # Raises CycleError, which names the circle.
    TopologicalSorter(graph).prepare()


def test_each_module_can_be_imported_first() -> None:
    code = f"""
import importlib, os, sys
sys.path.insert(0, {str(PACKAGE.parent)!r})
failed = []
for name in {sorted(FILES)}:
    child = os.fork()
    if child == 0:
        importlib.import_module(name)
        os._exit(0)
    if os.waitpid(child, 0)[1] != 0:
        failed.append(name)
sys.exit(", ".join(failed) or 0)
"""
    result = subprocess.run(
        [sys.executable, "-I", "-c", code], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
