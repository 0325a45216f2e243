"""The package: its two halves, its constants, the interpreters it runs in."""

import dataclasses
import inspect
import json
import re
import shutil
import subprocess
import sys
import sysconfig
import textwrap
from pathlib import Path
from typing import Any, get_args, get_type_hints

import onecors
import pytest
from onecors import _explanation, _native, _onecors

ROOT = Path(__file__).parents[3]
PACKAGE = Path(onecors.__file__).parent


def python(code: str, *folders: Path) -> subprocess.CompletedProcess[str]:
    """Run code in a new interpreter that finds packages in these folders."""
    code = f"import sys; sys.path[:0] = {[str(folder) for folder in folders]}\n{code}"
    return subprocess.run(
        [sys.executable, "-I", "-c", code], capture_output=True, text=True, check=False
    )


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """Copy the package to where it can be damaged."""
    shutil.copytree(
        PACKAGE, tmp_path / "onecors", ignore=shutil.ignore_patterns("__pycache__", "*.tmp")
    )
    return tmp_path / "onecors"


def test_the_version_is_the_one_in_cargo_toml() -> None:
    match = re.search(r'^version = "(.+)"$', (ROOT / "Cargo.toml").read_text(), re.MULTILINE)
    assert match is not None
    assert onecors.__version__ == _onecors.VERSION == match[1]


def test_halves_of_two_versions_are_refused(copied: Path) -> None:
    (copied / "_version.py").write_text('__version__ = "9.8.7"\n')
    result = python("import onecors", copied.parent)
    assert result.returncode != 0
    error = result.stderr.splitlines()[-1]
    assert error.startswith("ImportError: the Python files of onecors are version 9.8.7, but the ")
    assert f"{copied}/_onecors.abi3.so is version {_onecors.VERSION}" in error
    assert "pip install --force-reinstall onecors==9.8.7" in error


def test_a_missing_native_library_is_told_with_the_way_out(copied: Path) -> None:
    (copied / "_onecors.abi3.so").rename(copied / "_onecors.cpython-399-riscv64-linux-gnu.so")
    result = python("import onecors", copied.parent)
    assert result.returncode != 0
    assert "ImportError: onecors cannot load its native library: " in result.stderr
    assert f"found in {copied}: _onecors.cpython-399-riscv64-linux-gnu.so.\n" in result.stderr
    assert sysconfig.get_platform() in result.stderr
    assert f"pip install --force-reinstall onecors=={onecors.__version__}" in result.stderr


def test_a_sub_interpreter_has_its_own_policies() -> None:
    code = f"""
    import sys
    sys.path.insert(0, {str(PACKAGE.parent)!r})
    import onecors
    try:
        onecors.Policy(allow_origins=["https://a.example/"])
    except onecors.PolicyError as error:
        assert error.problems[0].code == "trailing_slash"
    policy = onecors.Policy(allow_origins=["https://a.example"])
    verdict = policy.decide("GET", "/", "https://a.example")
    assert verdict.outcome is onecors.Outcome.ACTUAL_ALLOWED
    assert type(verdict) is onecors.Verdict
    """
    # The module has had three names, and what it creates was once isolated only when asked to be.
    result = python(
        f"""
code = {textwrap.dedent(code)!r}
exec(code)
if sys.version_info >= (3, 13):
    import _interpreters as interpreters
    create = lambda: interpreters.create("legacy")
else:
    import _xxsubinterpreters as interpreters
    create = lambda: interpreters.create(isolated=False)
for _ in range(2):
    interpreter = create()
    failure = interpreters.run_string(interpreter, code)
    assert failure is None, failure
    interpreters.destroy(interpreter)
exec(code)
""",
        PACKAGE.parent,
    )
    assert result.returncode == 0, result.stderr


def test_importing_does_not_enable_the_gil() -> None:
    if not sysconfig.get_config_var("Py_GIL_DISABLED"):
        pytest.skip("this interpreter has no free-threaded mode")
    code = "import onecors; assert not sys._is_gil_enabled()"
    assert python(code, PACKAGE.parent).returncode == 0


def test_codes_are_those_of_the_engine() -> None:
    catalogue = json.loads((ROOT / "tests/conformance/catalogue.json").read_bytes())
    assert {code.value for code in onecors.Outcome} == catalogue["outcomes"].keys()
    assert {code.value for code in onecors.Reason} == catalogue["reasons"].keys()
    assert {code.value for code in onecors.Slot} == catalogue["slots"].keys()
    assert catalogue["max_document_bytes"] == _native.MAX_DOCUMENT_BYTES


def test_keyword_arguments_are_the_keys_of_a_document() -> None:
    schema = json.loads((ROOT / "core/schema/policy.schema.json").read_bytes())["$defs"]
    for_people = {"$schema", "description"}
    parameters = inspect.signature(onecors.Policy).parameters.values()
    policy = {each.name for each in parameters if each.kind is each.KEYWORD_ONLY}
    assert policy == (schema["SingleRule"]["properties"].keys() | {"rules"}) - for_people
    rule = {field.name for field in dataclasses.fields(onecors.Rule)}
    assert rule == schema["ListedRule"]["properties"].keys() - for_people


def test_the_types_of_an_explanation_are_its_published_shape() -> None:
    schema = json.loads((ROOT / "core/schema/explanation.schema.json").read_bytes())
    shapes = {"Explanation": schema, **schema["$defs"]}
    for name, shape in shapes.items():
        types = get_type_hints(getattr(_explanation, name))
        assert types.keys() == shape["properties"].keys()
        for key, value in shape["properties"].items():
            assert (type(None) in get_args(types[key])) == _may_be_null(value), f"{name}.{key}"


def _may_be_null(schema: dict[str, Any]) -> bool:
    return "null" in schema.get("type", "") or {"type": "null"} in schema.get("anyOf", [])
