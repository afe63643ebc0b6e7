"""Takes snapshots of living worktrees as commits, uncommitted work included, that nobody else ever sees.

Their objects go to a store beside the repository's own, which is thrown away: the repository does not grow
with every key an agent presses, and no object of a later real commit is there already, unsynced. The
worktree, its index and all refs stay as they are.
"""

from __future__ import annotations

import dataclasses
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from engine.core.errors import GitError
from engine.edge.git import Git, config_env, is_sha
from engine.edge.git_admin import admin_of, head_of, points_to
from engine.edge.git_changes import look, set_index, sorted_out, take
from engine.edge.git_commits import is_ancestor, tree_of, write_commit
from engine.edge.git_site import Site, copy_index

PURPOSE = "live"
"""The name of the private index that follows the files of a worktree."""
CROWDED = 200
"""Objects in one of the store's 256 folders from which on it is begun anew."""
THROWN_AWAY = config_env({"core.fsync": "none", "gc.auto": "0", "core.looseCompression": "0"})


class Scratch(Git):
    """The repository's git, which puts new objects into a store of its own. Nothing in it is synced to disk:
    after a crash it is begun anew."""

    def __init__(self, git: Git, store: Path) -> None:
        self.store = store
        super().__init__(git.common, git.view, *git._fds)
        self.begin()

    def begin(self) -> None:
        """Empty the store. Every snapshot and every private index made with it is void."""
        shutil.rmtree(self.store, ignore_errors=True)
        info = self.store / "info"
        info.mkdir(mode=0o700, parents=True, exist_ok=True)
        (info / "alternates").write_bytes(os.fsencode(os.path.realpath(self.common / "objects")) + b"\n")

    def crowded(self) -> bool:
        """Whether the store holds so many objects that it is better begun anew."""
        sample = self.store / "17"
        return sample.is_dir() and len(os.listdir(sample)) > CROWDED  # noqa: PTH208

    def _surroundings(
        self, extra: Mapping[str, str] | None, index: Path | None, worktree: Path | None
    ) -> dict[str, str]:
        own = THROWN_AWAY | {"GIT_OBJECT_DIRECTORY": str(self.store)}
        return super()._surroundings(own | dict(extra or {}), index, worktree)


class Snapshot(Struct, frozen=True):
    """A moment of a worktree: `commit` has the files `tree` on the commit `parent` that its HEAD was at."""

    commit: str
    tree: str
    parent: str


class Camera:
    """Follows one worktree whose task began at the commit `base`. `last` is the newest snapshot; `purpose`
    names the private index, which only one may use at a time."""

    def __init__(self, site: Site, path: Path, base: str, purpose: str = PURPOSE) -> None:
        self._purpose = purpose
        self.path = path
        self.base = base
        self.last: Snapshot | None = None
        self._site = site
        self._admin: Path | None = None
        self._stands: dict[str, str] = {}
        self._own: tuple[str, ...] = ()

    async def take(self) -> Snapshot:
        """The files as they are now, tracked and new, without what git ignores, set-up files, and what can
        be in no commit. Raises GitError when the worktree is gone or git fails; the next call starts
        afresh."""
        try:
            self.last = await self._take()
        except (GitError, OSError) as error:
            self.last = None
            if isinstance(error, OSError):
                raise GitError(("snapshot", str(self.path)), -1, str(error)) from error
            raise
        return self.last

    async def _take(self) -> Snapshot:
        site, before = self._site, self.last
        if not self.path.is_dir() or self.path.is_symlink():
            raise GitError(("snapshot", str(self.path)), -1, f"{self.path} is gone")
        index = site.free_index(self.path, self._purpose)
        if before is None or not index.exists():
            before = None
            await self._seed(index)
        changes, _ = sorted_out(self.path, await look(site, self.path, index), self._own)
        parent = await self._parent()
        touched = changes.all()
        if before and not touched and parent == before.parent:
            return before
        if touched:
            await take(site, self.path, index, changes)
        tree = before.tree if before and not touched else await self._tree(index)
        if before and (tree, parent) == (before.tree, before.parent):
            return before
        commit = parent
        if tree != await tree_of(site.git, parent):
            commit = await write_commit(site.git, tree, [parent], "snapshot", 0)
        return Snapshot(commit, tree, parent)

    async def _tree(self, index: Path) -> str:
        return (await self._site.git.run("write-tree", index=index)).decode().strip()

    async def _seed(self, index: Path) -> None:
        """Begin the private index with what the engine's, or the worktree's own, knows of the files."""
        index.unlink(missing_ok=True)
        self._admin = admin_of(self._site.admins, self.path)
        theirs = [self._admin / "index"] if self._admin else []
        for seed in (self._site.index(self.path), *theirs):
            if seed.exists():
                copy_index(seed, index)
                break
        await set_index(self._site, self.path, index, self.base)
        mark = self._site.mark(self.path)
        self._own = mark.own if mark else ()

    async def _parent(self) -> str:
        """The commit that HEAD is at, or the base when HEAD does not go back to it."""
        if self._admin is None or not points_to(self._admin, self.path):
            self._admin = admin_of(self._site.admins, self.path)
        head = head_of(self._admin) if self._admin else None
        stand = await self._site.git.tip(head.name) if head and (head.ref or is_sha(head.sha)) else None
        if stand is None:
            return self.base
        if stand not in self._stands:
            follows = await is_ancestor(self._site.git, self.base, stand)
            self._stands = {stand: stand if follows else self.base}
        return self._stands[stand]


def scratch_site(site: Site, scratch: Scratch) -> Site:
    """The same site, with a git that keeps what it makes to itself."""
    return dataclasses.replace(site, git=scratch)
