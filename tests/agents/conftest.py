"""A brief to launch kinds of agents with."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from engine.agents.contract import Brief
from engine.core.plan import AgentSpec, Task


@pytest.fixture
def brief(tmp_path: Path) -> Callable[..., Brief]:
    def make(task: Task, kind: str = "command", prompt: str = "Do it", **spec: object) -> Brief:
        folder = tmp_path / "attempt"
        worktree = tmp_path / "worktree"
        worktree.mkdir(exist_ok=True)
        return Brief(
            task=task,
            spec=AgentSpec(name="coder", kind=kind, **spec),  # type: ignore[arg-type]
            attempt=2,
            worktree=worktree,
            folder=folder,
            prompt=prompt,
            prompt_file=folder / "prompt.md",
            result_file=folder / "result.json",
            inbox=folder / "inbox.jsonl",
        )

    return make
