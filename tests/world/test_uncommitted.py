"""How many files each agent has changed and not committed, counted in a small share of the time."""

from __future__ import annotations

import os
from pathlib import Path
from typing import cast

from msgspec.structs import replace

from engine.core.errors import GitError
from engine.core.state import Phase, TaskState
from engine.edge.git_repository import Repository
from engine.world.uncommitted import AT_ONCE, SHARE, Stirred, Uncommitted, nobody_knows


class Slow:
    """A repository in which each look takes `takes` seconds of a clock that exists only here."""

    def __init__(self, takes: float) -> None:
        self.now, self.takes = 0.0, takes
        self.looked: list[str] = []
        self.files: dict[str, tuple[str, ...]] = {}

    def clock(self) -> float:
        return self.now

    async def changed(self, path: Path) -> tuple[str, ...]:
        self.looked.append(path.name)
        self.now += self.takes
        if path.name not in self.files:
            raise GitError(("status", str(path)), 128, "gone")
        return self.files[path.name]


def counting(slow: Slow, stirred: Stirred = nobody_knows) -> Uncommitted:
    return Uncommitted(cast(Repository, slow), stirred, slow.clock)


def at_work(*names: str) -> list[TaskState]:
    return [TaskState(name, 1, Phase.RUNNING, 1, path=f"/w/{name}") for name in names]


async def test_files_are_counted_and_a_worktree_that_is_gone_has_none() -> None:
    """M218: what the page of a task tells of its worktree"""
    slow = Slow(0.001)
    slow.files = {"a": ("x", "y"), "b": ()}
    counts = counting(slow)
    assert counts.count("a") == 0
    await counts.look(at_work("a", "b", "gone"))
    assert [counts.count(name) for name in ("a", "b", "gone")] == [2, 0, 0]
    slow.now += 1
    await counts.look(at_work("b"))
    assert counts.count("a") == 0, "it works no longer"


async def test_large_worktrees_take_turns_and_take_a_small_share_of_the_time() -> None:
    """M218: the one not seen for longest comes first; between the looks there is rest"""
    slow = Slow(AT_ONCE)
    slow.files = dict.fromkeys("abc", ("x",))
    counts = counting(slow)
    for _ in range(3000):
        await counts.look(at_work("a", "b", "c"))
        slow.now += 0.01
    assert slow.looked[:6] == ["a", "b", "c", "a", "b", "c"]
    assert len(slow.looked) * AT_ONCE <= slow.now * SHARE + AT_ONCE
    assert len(slow.looked) * AT_ONCE >= slow.now * SHARE / 2


async def test_only_what_has_stirred_or_was_committed_in_is_counted_again(tmp_path: Path) -> None:
    """Nothing is asked of git while nothing happens."""
    notes = tmp_path / "notes"
    notes.mkdir()
    for name in ("HEAD", "index"):
        (notes / name).touch()
    tasks = at_work("a", "b")
    tasks[1] = replace(tasks[1], path=str(tmp_path / "b"))
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / ".git").write_text(f"gitdir: {notes}\n")
    slow, stirred = Slow(0.001), set[str]()
    counts = counting(slow, lambda: frozenset(stirred))
    await counts.look(tasks)
    for _ in range(5):
        slow.now += 10
        await counts.look(tasks)
    assert slow.looked == ["a", "b"]
    stirred.add("a")
    slow.now += 10
    await counts.look(tasks)
    stirred.clear()
    os.utime(notes / "index", (1, 1))
    slow.now += 10
    await counts.look(tasks)
    assert slow.looked == ["a", "b", "a", "b"]
