"""Where the tests of the services keep their client, which sends and reads HTTP byte for byte."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "tests/services"))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from behind import Behind
from server import Nginx


@pytest.fixture(scope="session")
def behind() -> Iterator[Behind]:
    """The service that nginx stands in front of."""
    with Behind() as service:
        yield service


@pytest.fixture
def nginx(tmp_path: Path) -> Iterator[Nginx]:
    """An nginx of the test's own, which it configures and starts."""
    server = Nginx(tmp_path)
    try:
        yield server
    finally:
        server.end()
