"""How many files each agent has changed and not committed, counted in a small share of the time."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from engine.core.errors import GitError
from engine.core.state import Phase, TaskState
from engine.edge.git_repository import Repository
from engine.world.uncommitted import AT_ONCE, SHARE, Uncommitted


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


def counting(slow: Slow) -> Uncommitted:
    return Uncommitted(cast(Repository, slow), slow.clock)


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
