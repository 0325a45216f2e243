import os
import subprocess
import sys
from pathlib import Path

import onecors as package

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(package.__file__).parent.parent)}
PROGRAM = "import sys; from onecors._cli import main; sys.exit(main())"


def onecors(*args: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", PROGRAM, *args]
    return subprocess.run(
        command, input=stdin, capture_output=True, text=True, check=False, env=ENVIRONMENT
    )


def test_the_command_has_the_version_of_the_package() -> None:
    done = onecors("--version")
    assert (done.returncode, done.stdout) == (0, f"onecors {package.__version__}\n")


def test_a_document_is_checked(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.json", tmp_path / "bäd.json"
    good.write_text('{ "allow_origins": ["https://app.example.com"] }')
    bad.write_text('{ "allow_origins": ["https://app.example.com/"] }')
    assert onecors("check", str(good)).returncode == 0
    done = onecors("check", str(bad))
    assert done.returncode == 1
    assert "/allow_origins/0" in done.stderr
    assert onecors("check", str(tmp_path / "missing.json")).returncode == 2


def test_a_policy_is_exported_from_standard_input() -> None:
    policy = '{ "allow_origins": ["https://app.example.com"] }'
    done = onecors("export", "-", "--to", "aws-http", stdin=policy)
    assert done.returncode == 0, done.stderr
    assert '"AllowOrigins"' in done.stdout


def test_an_argument_that_is_not_utf_8_is_a_file_name(tmp_path: Path) -> None:
    name = str(tmp_path) + "/p\udcff.json"
    Path(name).write_text('{ "allow_origins": ["https://app.example.com"] }')
    assert onecors("check", name).returncode == 0
