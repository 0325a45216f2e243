"""The test function of a language, in its runtime interface client."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from runner.cases import FOLDER, Case, Setting
from runner.runtime_api import RuntimeApi
from runner.same import same

OUT = Path(os.environ.get("OUT") or FOLDER.parent.parent / ".cache/aws").resolve()
STOP_S = 10


@dataclass(frozen=True)
class Language:
    """A folder with a test function."""

    name: str
    folder: Path
    command: tuple[str, ...]
    environment: dict[str, str]


@dataclass
class Result:
    """How a language has done."""

    passed: int = 0
    failures: list[str] = field(default_factory=list)
    excepted: list[str] = field(default_factory=list)
    """The reasons, one for each case that is not for this language."""


def languages() -> list[Language]:
    """Every language that takes part."""
    return [
        _read(file) for file in sorted(FOLDER.glob("*/function.json")) if (file.parent / "build").exists()
    ]


def _read(file: Path) -> Language:
    given = json.loads(file.read_bytes())
    place = str(OUT)
    return Language(
        file.parent.name,
        file.parent,
        tuple(part.replace("{out}", place) for part in given["command"]),
        {name: value.replace("{out}", place) for name, value in given["environment"].items()},
    )


def play(language: Language, cases: Sequence[Case]) -> Result:
    """Plays the cases, starting the function once for each setting of theirs."""
    result = Result()
    settings: dict[Setting, list[Case]] = {}
    for case in cases:
        if language.name in case.excepted:
            result.excepted.append(case.excepted[language.name])
        else:
            settings.setdefault(case.setting, []).append(case)
    for setting, of_setting in settings.items():
        _play_setting(language, setting, of_setting, result)
    return result


def _play_setting(language: Language, setting: Setting, cases: Sequence[Case], result: Result) -> None:
    api = RuntimeApi()
    try:
        with _started(language, setting, api.address) as (process, log):
            for number, case in enumerate(cases, 1):
                posted = api.invoke(case.event, lambda: process.poll() is None)
                if posted is None:
                    output = log.read_text(errors="replace")[-4000:]
                    result.failures.append(f"{case.name}: the function has not answered:\n{output}")
                    # Whatever ails it, the others of this setting would wait as long.
                    result.failures += [f"{other.name}: not played" for other in cases[number:]]
                    return
                told = posted.told()
                if same(told, case.expected):
                    result.passed += 1
                else:
                    result.failures.append(f"{case.name}:\n  expected {case.expected}\n  got      {told}")
    finally:
        api.close()


@contextmanager
def _started(
    language: Language, setting: Setting, address: str
) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    with tempfile.TemporaryDirectory(prefix="onecors-aws-") as folder:
        log, policy = Path(folder, "output"), Path(folder, "policy.json")
        policy.write_text(setting.policy)
        environment = {
            **os.environ,
            "AWS_LAMBDA_RUNTIME_API": address,
            "AWS_LAMBDA_FUNCTION_NAME": "onecors",
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
            "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/onecors",
            "AWS_LAMBDA_LOG_STREAM_NAME": "stream",
            "AWS_REGION": "eu-central-1",
            "LAMBDA_TASK_ROOT": str(language.folder),
            **language.environment,
            **setting.environment(policy),
        }
        with log.open("wb") as output:
            process = subprocess.Popen(
                language.command, cwd=language.folder, env=environment, stdout=output, stderr=output
            )
        try:
            yield process, log
        finally:
            process.terminate()
            try:
                process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
