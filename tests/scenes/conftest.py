"""Scenes: after each, nothing that it started is alive."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from stagehand import Scene  # found beside this file


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    """A repository of its own; after the test no process of it is left."""
    runtime = Path(tempfile.mkdtemp(prefix="wt-", dir="/tmp"))
    made = Scene(tmp_path, runtime)
    try:
        yield made
    finally:
        left = made.close()
        shutil.rmtree(runtime, ignore_errors=True)
    assert not left, f"left alive: {left}"
