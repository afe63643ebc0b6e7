"""A repository with living worktrees, and a look at what their changes have to do with each other."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from real_repository import NOTHING, Repo

from engine.core.overlaps import Overlap
from engine.edge.git_repository import Repository
from engine.edge.live import Live, Tree

TEN = "".join(f"line {number}\n" for number in range(1, 11))


def ten(**lines: str) -> str:
    """The ten lines, with some in other words: `ten(l3="THREE")`."""
    words = {int(name[1:]): word for name, word in lines.items()}
    return "".join(f"{words.get(number, f'line {number}')}\n" for number in range(1, 11))


class Scene:
    """Tasks at work in worktrees of their own, each on the commit that `main` was at when it began."""

    def __init__(self, repo: Repo, wave: Repository, live: Live) -> None:
        self.repo = repo
        self.wave = wave
        self.live = live
        self.trees: dict[str, Tree] = {}

    async def task(self, name: str) -> Path:
        """Another task begins; where it works."""
        base = self.repo.tip("main")
        await self.wave.make_worktree(self.repo.wt(name), f"feature/{name}", base, NOTHING)
        self.trees[name] = Tree(self.repo.wt(name), base)
        return self.repo.wt(name)

    async def tasks(self, *names: str) -> list[Path]:
        return [await self.task(name) for name in names]

    def main(self, files: dict[str, str]) -> str:
        """Something is merged meanwhile."""
        return self.repo.commit(files)

    async def look(self, changed: Iterable[str] | None = None) -> tuple[Overlap, ...]:
        return await self.live.look(self.trees, self.repo.tip("main"), changed)

    async def seen(self, changed: Iterable[str] | None = None) -> list[tuple[str, str, str, bool]]:
        """Who meets whom in which file, and whether it is a conflict."""
        return [(one.first, one.second, one.file, one.conflict) for one in await self.look(changed)]
