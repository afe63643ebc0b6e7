"""The verbs of the git edge in one place: a repository during a run. Each may be called again at any time."""

from __future__ import annotations

import os
import time
from collections import abc
from pathlib import Path

from engine.core.intents import Ground
from engine.core.plan import Setup
from engine.core.settled import Settled
from engine.edge import git_check, landing, marking, merging, worktrees
from engine.edge.git import Git, branch_ref, shown
from engine.edge.git_changes import changed
from engine.edge.git_cleanup import cleanup
from engine.edge.git_collect import Collection, Order, collect
from engine.edge.git_commits import count, created_and_modified, is_ancestor
from engine.edge.git_diff import diff
from engine.edge.git_heal import heal
from engine.edge.git_place import place
from engine.edge.git_pool import drain
from engine.edge.git_rebase import Rebase, rebase
from engine.edge.git_removal import delete_refs
from engine.edge.git_sides import Place, Sides, sides
from engine.edge.git_site import Site, real
from engine.edge.grounds import Start
from engine.edge.landing import Landing
from engine.edge.merging import Candidate, Clash, Sync
from engine.edge.view import build, common_dir, git_dir


class Reading:
    """What can be asked of a repository without changing it."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.git = site.git

    async def tip(self, ref: str) -> str | None:
        """The commit that a branch, or a ref given in full, points to; None when it does not exist."""
        return await self.git.tip(ref)

    async def commits(self, base: str, ref: str) -> int:
        """How many commits `ref` (a sha or a branch) has that `base` has not."""
        shas = [await self.git.sha(f"{await self.tip(name) or name}^{{commit}}") for name in (base, ref)]
        return await count(self.git, *shas)

    async def is_ancestor(self, old: str, new: str) -> bool:
        """Whether the commit `new` contains the commit `old`. Raises GitError for unknown ones."""
        return await is_ancestor(self.git, old, new)

    async def merged(self, branch: str) -> bool:
        """Whether another branch has all that this one has, or it does not exist."""
        ref = branch_ref(branch)
        if (tip := await self.git.tip(ref)) is None:
            return True
        having = await self.git.run(
            "for-each-ref", "--count=2", "--format=%(refname)", f"--contains={tip}", "refs/heads"
        )
        return set(having.decode().split()) != {ref}

    async def sides(
        self, folder: Path, ours: Place, theirs: Place, settled: abc.Sequence[Settled] = ()
    ) -> tuple[Sides, ...]:
        """The files in which two sides clash now, with both texts; `folder` is for this look alone."""
        return await sides(self.site, folder, ours, theirs, settled)

    async def keep(self, content: bytes | None, ref: str) -> str:
        """A person's text as an object that `ref` keeps; its name, empty for no file."""
        if content is None:
            return ""
        name = (await self.git.run("hash-object", "-w", "--stdin", input=content)).decode().strip()
        await self.git.run("update-ref", ref, name)
        return name

    async def changed(self, path: Path) -> tuple[str, ...]:
        """The paths of a checkout or worktree that differ from its HEAD, new ones included, ignored not."""
        return await changed(self.site, real(path))

    async def diff(self, path: Path, base: str, head: str) -> str:
        """The work in a worktree, or up to `head` when it is gone, as a unified diff against `base`."""
        return await diff(self.site, real(path), base, head)

    async def created_and_modified(self, old: str, new: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The files that the commit `new` has and `old` has not, and those in which they differ otherwise."""
        created, modified = await created_and_modified(self.git, old, new)
        return tuple(map(shown, created)), tuple(map(shown, modified))

    async def check(self) -> tuple[bool, str]:
        """Whether the repository is whole, and what is damaged when it is not (M093)."""
        return await git_check.check(self.git)

    async def close(self) -> None:
        """End the git that answers look-ups."""
        await self.git.close()


class Repository(Reading):
    """What a run does to a repository; see the functions of the same names for what they promise."""

    @classmethod
    async def open(cls, checkout: Path, state: Path, lock_fd: int | None = None) -> Repository:
        """`checkout`: the main working tree; `state`: the folder of this run. `lock_fd` is inherited by
        every git. Raises GitError when there is no repository, PreflightError for one not understood."""
        checkout = Path(os.path.realpath(checkout))
        git = Git(common_dir(git_dir(checkout)), Path(os.path.realpath(state), "view"), lock_fd)
        await build(git)
        return cls(Site(git, checkout, git.view.parent))

    async def make_branch(self, branch: str, sha: str) -> None:
        """Make the integration branch; GitError when it exists at another commit."""
        await worktrees.make_branch(self.site, branch, sha)

    async def make_worktree(
        self, path: Path, branch: str, base: str, setup: Setup, on: abc.Sequence[Ground] = (), at: int = 0
    ) -> Start:
        """Make a worktree on a new branch at `base` and on what is in `on`, set-up files in it."""
        return await worktrees.make_worktree(self.site, path, branch, base, setup, on, at)

    async def undo_worktree(self, path: Path, branch: str, base: str) -> None:
        """Take back a worktree in which no agent was started."""
        await worktrees.undo_worktree(self.site, path, branch, base)

    async def collect(
        self, path: Path, branch: str, base: str, *, commit: bool, message: str, at: int, rescue: str
    ) -> Collection:
        """What a dead agent left, all of it made reachable; left-over changes committed with `commit`."""
        return await collect(self.site, Order(real(path), branch, base, commit, message, at, rescue))

    async def rebase(
        self,
        path: Path,
        branch: str,
        base: str,
        tip: str,
        *,
        message: str,
        at: int,
        rescue: str,
        settled: abc.Sequence[Settled] = (),
    ) -> Rebase | Clash:
        """Put the work in a worktree whose agent stands still on top of `tip`."""
        order = Order(real(path), branch, base, False, message, at, rescue)
        return await rebase(self.site, order, tip, settled)

    async def place(
        self, path: Path, settled: abc.Sequence[Settled], kept: str
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Put what a person chose into a worktree; the files, and those that had changed meanwhile."""
        return await place(self.site, real(path), settled, kept)

    async def rescue(self, path: Path, branch: str, base: str, ref: str) -> Collection:
        """Make all there is in a worktree at rest reachable from `ref`, changing nothing else."""
        message = f"left in the worktree of {branch}"
        order = Order(real(path), branch, base, False, message, int(time.time()), ref)
        return await collect(self.site, order)

    async def candidate(
        self,
        *,
        tip: str,
        head: str,
        base: str,
        message: str,
        at: int,
        keep: str,
        settled: abc.Sequence[Settled] = (),
        combine: abc.Sequence[str] = (),
    ) -> Candidate | Clash:
        """The commit merging `head` into `tip`, made off to the side."""
        return await merging.candidate(
            self.site,
            tip=tip,
            head=head,
            base=base,
            message=message,
            at=at,
            keep=keep,
            settled=settled,
            combine=combine,
        )

    async def marked(
        self, sha: str, path: str, done: abc.Sequence[str], *, at: int, trailers: str, keep: str, fix: bool
    ) -> tuple[str, tuple[str, ...]]:
        """The commit in which the roadmap says that these are complete; see `marking.marked`."""
        if not path:
            return sha, ()
        return await marking.marked(self.site, sha, path, done, at=at, trailers=trailers, keep=keep, fix=fix)

    async def ticked(
        self,
        sha: str,
        files: abc.Sequence[str],
        done: abc.Sequence[str],
        *,
        at: int,
        trailers: str,
        keep: str,
    ) -> tuple[str, tuple[str, ...]]:
        """The commit in which the ticket files say that these are done; see `marking.ticked`."""
        return await marking.ticked(self.site, sha, files, done, at=at, trailers=trailers, keep=keep)

    async def sync(
        self,
        *,
        base_branch: str,
        tip: str,
        message: str,
        at: int,
        keep: str,
        settled: abc.Sequence[Settled] = (),
    ) -> Sync | Clash:
        """The commit that has both `tip` and what the base branch has got meanwhile."""
        return await merging.sync(
            self.site, base_branch=base_branch, tip=tip, message=message, at=at, keep=keep, settled=settled
        )

    async def gate_tree(self, path: Path, sha: str, setup: Setup) -> bool:
        """The gate worktree at commit `sha`."""
        return await worktrees.gate_tree(self.site, path, sha, setup)

    async def drop_gate_trees(self) -> None:
        """The run is over: remove the gate worktrees, and the files that were kept aside."""
        await worktrees.drop_gate_trees(self.site)
        await drain(self.site)

    async def advance(self, branch: str, old: str, new: str) -> str:
        """Move a branch by compare-and-swap; `new` when it is there, else where somebody put it."""
        return await merging.advance(self.git, branch, old, new)

    async def drop(self, ref: str) -> None:
        """Delete a ref given in full, if it is there."""
        if sha := await self.tip(ref):
            await delete_refs(self.git, [(ref, sha)])

    async def land(self, base_branch: str, new: str) -> Landing:
        """Fast-forward the base branch and its clean checkout."""
        return await landing.land(self.site, base_branch, new)

    async def cleanup(
        self,
        path: Path,
        branch: str,
        head: str,
        *,
        drop: abc.Sequence[str] = (),
        force: bool = False,
        spare: bool = False,
        proposed: bool = False,
    ) -> str:
        """Remove a finished worktree, its branch and the refs in `drop`; the reason when it was kept. With
        `spare` its files are kept aside for the next worktree that is made, until `drop_gate_trees`."""
        return await cleanup(
            self.site, path, branch, head, drop=drop, force=force, spare=spare, proposed=proposed
        )

    async def heal(self, at_rest: abc.Collection[Path] = (), branches: abc.Sequence[str] = ()) -> list[str]:
        """Once after taking the engine's lock: remove what killed gits left. `at_rest` are worktrees
        without a living agent, `branches` those only the engine moves."""
        return await heal(self.site, at_rest, branches)
