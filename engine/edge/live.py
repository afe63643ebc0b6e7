"""Live detection: which running tasks changed the same files, and what git would say to it (M118, M119)."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from engine.core.conflicts import left_out
from engine.core.errors import GitError
from engine.core.naming import Added
from engine.core.overlaps import Overlap
from engine.core.patterns import matches
from engine.core.plan import Conflicts
from engine.core.settled import Settled
from engine.edge.git import shown
from engine.edge.git_site import Site, real
from engine.edge.live_compare import Comparison
from engine.edge.live_overlaps import Recency, Side
from engine.edge.live_sides import Difference, added_lines, difference
from engine.edge.live_snapshot import Camera, Scratch, scratch_site

AT_ONCE = 2
"""Worktrees looked at at the same time."""


class Tree(Struct, frozen=True):
    """The worktree at `path` of a task that began at the commit `base`."""

    path: Path
    base: str


class Live:
    """Looks at the worktrees of a run and remembers what it saw, so that only what changed costs anything.
    What it makes is kept in `live` of the site's state folder and is void when the engine ends; nothing of
    the repository or of a worktree is touched. `ignore` are patterns of files that are left out, by default
    those of a plan that does not say.

    `troubles` names the tasks that could not be looked at or merged the last time, with git's words."""

    def __init__(self, site: Site, ignore: Iterable[str] | None = None, combine: Iterable[str] = ()) -> None:
        self._combine = tuple(combine)
        self.ignore = left_out(Conflicts()) if ignore is None else tuple(ignore)
        self.troubles: dict[str, str] = {}
        self.scratch = Scratch(site.git, site.state / "live" / "objects")
        self._site = scratch_site(site, self.scratch)
        self._comparison = Comparison(
            self.scratch, site.state / "live" / "rules", self._ignored, self._combined
        )
        self._turn = asyncio.Lock()
        self._cameras: dict[str, Camera] = {}
        self._sides: dict[str, Side] = {}
        self._recency = Recency()
        self._changed: dict[str, tuple[Side | None, frozenset[str]]] = {}
        self._left_out: dict[bytes, bool] = {}
        self._added: dict[str, tuple[Side, list[Added]]] = {}

    async def close(self) -> None:
        """End the git that answers look-ups, and throw away all that the looks have made."""
        async with self._turn:
            await self.scratch.close()
            await asyncio.to_thread(shutil.rmtree, self.scratch.store.parent, ignore_errors=True)

    async def look(
        self,
        tasks: Mapping[str, Tree],
        tip: str,
        changed: Iterable[str] | None = None,
        settled: Sequence[Settled] = (),
    ) -> tuple[Overlap, ...]:
        """Every file that two of `tasks` both changed, or one of them and the integration branch at the
        commit `tip` (empty: none), in the order of the tasks. `changed` are the tasks whose worktrees may
        differ from the last look, without it all; those not yet looked at are looked at anyway. What a person
        has `settled` clashes no longer.

        A task whose worktree is gone is left out; one that cannot be read now is as it was last seen. Raises
        GitError when git fails altogether."""
        async with self._turn:
            if self.scratch.crowded():
                await self._begin_anew()
            self._drop(tasks)
            troubles = await self._photograph(tasks, set(tasks) if changed is None else set(changed))
            sides = {name: self._sides[name] for name in tasks if name in self._sides}
            found, failed = await self._comparison.compare(sides, tip, settled)
            self.troubles = failed | troubles
            named = self._recency.named(found)
        place = {name: number for number, name in enumerate((*tasks, ""))}
        return tuple(sorted(named, key=lambda one: (place[one.first], place[one.second], one.file)))

    def changed(self, task: str) -> frozenset[str]:
        """The files that the task had changed when it was last looked at, without those that never count."""
        side = self._sides.get(task)
        known = self._changed.get(task)
        if side is None or known is None or known[0] is not side:
            files = side.diff.files if side else ()
            known = (side, frozenset(shown(path) for path in files if not self._ignored(path)))
            self._changed[task] = known
        return known[1]

    async def added(self, task: str, wants: Callable[[str], bool]) -> list[Added]:
        """The lines that the task had added when it was last looked at, in files that are wanted. Raises
        GitError."""
        side = self._sides.get(task)
        if side is None:
            return []
        known = self._added.get(task)
        if known is None or known[0] is not side:
            paths = [path for path in side.diff.files if wants(shown(path)) and not self._ignored(path)]
            async with self._turn:
                lines = await added_lines(self.scratch, side.base, side.commit, paths)
            self._added[task] = known = (side, lines)
        return known[1]

    async def _begin_anew(self) -> None:
        """Throw away what the looks so far have made."""
        await self.scratch.close()
        await asyncio.to_thread(self.scratch.begin)
        self._cameras.clear()
        self._sides.clear()
        self._comparison.forget()

    def _drop(self, tasks: Mapping[str, Tree]) -> None:
        """Forget the tasks that are gone or have begun again elsewhere."""
        for name, camera in list(self._cameras.items()):
            tree = tasks.get(name)
            if tree is None or (real(tree.path), tree.base) != (camera.path, camera.base):
                del self._cameras[name]
                self._sides.pop(name, None)
                self._changed.pop(name, None)
                self._recency.forget(name)

    async def _photograph(self, tasks: Mapping[str, Tree], changed: set[str]) -> dict[str, str]:
        """Bring the sides of the tasks up to date; what went wrong, by task."""
        due = [name for name in tasks if name in changed or name not in self._sides or name in self.troubles]
        turns = asyncio.Semaphore(AT_ONCE)
        self._recency.next()
        said = await asyncio.gather(*(self._picture(name, tasks[name], turns) for name in due))
        return {name: words for name, words in zip(due, said, strict=True) if words}

    async def _picture(self, name: str, tree: Tree, turns: asyncio.Semaphore) -> str:
        """Bring one side up to date; what went wrong, empty when nothing did."""
        camera = self._cameras.setdefault(name, Camera(self._site, real(tree.path), tree.base))
        before = self._sides.get(name)
        async with turns:
            try:
                shot = await camera.take()
                if before is None or before.commit != shot.commit:
                    diff = await difference(self.scratch, tree.base, shot.commit)
                    self._sides[name] = Side(shot.commit, tree.base, diff)
                    self._recency.note(name, camera.path, before.diff if before else Difference(), diff)
            except GitError as error:
                if not tree.path.is_dir():
                    self._sides.pop(name, None)
                return str(error)
        return ""

    def _combined(self, path: bytes) -> bool:
        return any(matches(pattern, shown(path)) for pattern in self._combine)

    def _ignored(self, path: bytes) -> bool:
        if path not in self._left_out:
            name = shown(path)
            self._left_out[path] = any(matches(pattern, name) for pattern in self.ignore)
        return self._left_out[path]
