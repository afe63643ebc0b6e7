"""A small run for the crash campaign: three tasks through every verb, each step noted when it is done.

Started again after a kill it does the first step that is not noted once more, as the engine does.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

from engine.core.plan import Setup
from engine.edge.git_repository import Repository

ROOT = Path(sys.argv[1])
STATE = ROOT / ".git/wavetree/runs/r1"
BRANCH = "wavetree/r1"
SETUP = Setup(copy=(".env",))


class Steps:
    """The journal of this little run: a line for each step that is done, with its result."""

    def __init__(self, file: Path) -> None:
        self.file = file
        lines = file.read_text().splitlines() if file.exists() else []
        self.done = dict(line.split("=") for line in lines if line.endswith("."))

    async def step(self, name: str, act: Callable[[], Awaitable[object]]) -> str:
        if name not in self.done:
            self.done[name] = f"{await act()}."
            with self.file.open("a") as out:
                out.write(f"\n{name}={self.done[name]}")
        return self.done[name].removesuffix(".")


async def task(repo: Repository, steps: Steps, number: int, base: str) -> str:
    """One task from its worktree to its clean-up; the integration branch's new tip."""
    name, path = f"t{number}", ROOT.parent / f"repo-wt{number}"
    rescue, keep = f"refs/wavetree/rescue/r1/{name}/1", f"refs/wavetree/candidate/{name}"

    async def make() -> str:
        return (await repo.make_worktree(path, name, base, SETUP)).commit

    async def agent() -> None:
        (path / f"{name}.txt").write_text(name)
        (path / "shared.txt").write_text(f"{number}\n" * 3)
        (path / f"gone{number}.txt").unlink(missing_ok=True)

    async def collect() -> str:
        found = await repo.collect(
            path, name, base, commit=True, message=name, at=100 + number, rescue=rescue
        )
        assert not found.problem, found
        assert found.left_over == (f"gone{number}.txt", "shared.txt", f"{name}.txt"), found
        return found.head

    async def candidate(tip: str, head: str) -> str:
        made = await repo.candidate(tip=tip, head=head, base=base, message=name, at=200, keep=keep)
        return made.sha

    async def land(new: str) -> str:
        landing = await repo.land("main", new)
        assert landing.done, landing
        return f"{landing.sha} {landing.commits}"

    async def cleanup(head: str) -> str:
        reason = await repo.cleanup(path, name, head, drop=[keep], spare=number < 2)
        assert reason == "", reason
        return ""

    await steps.step(f"make{number}", make)
    await steps.step(f"agent{number}", agent)
    head = await steps.step(f"collect{number}", collect)
    new = await steps.step(f"candidate{number}", lambda: candidate(base, head))
    await steps.step(f"gate{number}", lambda: repo.gate_tree(ROOT.parent / "gate", new, SETUP))
    await steps.step(f"advance{number}", lambda: repo.advance(BRANCH, base, new))
    await steps.step(f"land{number}", lambda: land(new))
    await steps.step(f"cleanup{number}", lambda: cleanup(head))
    return new


async def run() -> None:
    STATE.mkdir(parents=True, exist_ok=True)
    lock = os.open(STATE / "engine-lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC)
    fcntl.flock(lock, fcntl.LOCK_EX)
    steps = Steps(STATE / "steps")
    repo = await Repository.open(ROOT, STATE, lock)
    await repo.heal([ROOT.parent / f"repo-wt{n}" for n in range(3)], [BRANCH])
    tip = await steps.step("base", lambda: repo.tip("main"))
    await steps.step("branch", lambda: repo.make_branch(BRANCH, tip))
    for number in range(3):
        tip = await task(repo, steps, number, tip)
    await steps.step("ungate", repo.drop_gate_trees)
    assert await repo.check() == (True, "")
    await repo.close()


asyncio.run(run())
