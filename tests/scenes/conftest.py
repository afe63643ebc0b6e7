"""Scenes: after each, nothing that it started is alive."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from crashes import fresh
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


@pytest.fixture(scope="session")
def alone(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The tree on the base branch after a run that nobody disturbs."""
    with fresh(tmp_path_factory.mktemp("alone") / "run") as crashes:
        assert not crashes.crash("never", 0)
        tree = crashes.tree()
        assert crashes.faults(tree) == []
        assert crashes.scene.show("four.txt") == "two\none\nmore"
        assert crashes.scene.show("app.txt") == "a\nB\nc"
        assert crashes.scene.show("person.txt") == "meanwhile"
    return tree
