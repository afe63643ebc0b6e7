"""Finds the commit from which a task starts that builds on others before they are merged (M060)."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from engine.core.intents import Ground
from engine.edge.git import branch_ref, named
from engine.edge.git_commits import is_ancestor, write_commit
from engine.edge.git_site import Site
from engine.edge.merging import Clash, merge, merge_own


class Start(Struct, frozen=True):
    """`commit` holds the commits of the tasks `holds`; `lacks` are sentences on those it does not hold."""

    commit: str
    holds: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()


async def find_start(site: Site, tip: str, grounds: Sequence[Ground], message: str, at: int) -> Start:
    """Where a branch starts that needs all of `tip` and what the branches of `grounds` hold now: at the very
    commit of the first one when it has all of the tip, else at merges made off to the side, in their order.

    A branch without a commit of its own, or one that clashes with those before it, is left out. `at`, seconds
    since the epoch, dates the merges. Raises GitError when git fails."""
    commit, holds, lacks = tip, [], []
    for ground in grounds:
        head = await site.git.tip(branch_ref(ground.branch))
        if head is None or await is_ancestor(site.git, head, tip):
            lacks.append(f"starts without work of {ground.task}: there is no commit of it yet")
            continue
        made = await _with(site, commit, head, ground.base, message, at)
        if isinstance(made, Clash):
            files = named(list(made.files))
            lacks.append(f"starts without the work of {ground.task}: it clashes in {files} with the rest")
            continue
        commit = made
        holds.append(ground.task)
    return Start(commit, tuple(holds), tuple(lacks))


async def _with(site: Site, commit: str, head: str, base: str, message: str, at: int) -> str | Clash:
    """A commit that has both `commit` and `head`; one of them when it has the other."""
    git = site.git
    if await is_ancestor(git, commit, head):
        return head
    if await is_ancestor(git, head, commit):
        return commit
    merged = await (merge_own(site, commit, head, base) if base else merge(site, commit, head))
    if isinstance(merged, Clash):
        return merged
    return await write_commit(git, merged.tree, [commit, head], message, at)
