"""Puts the work of an agent that stands still on top of what is merged, in its own worktree (M127).

Commits and merges are made off to the side. The worktree is changed last, file by file, from what is in a
commit to what is in another; what it held before stays reachable from a ref of its own.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from engine.core.settled import Settled
from engine.edge.git import ZERO, branch_ref, shown
from engine.edge.git_changes import look, note_at, set_index, sorted_out, take
from engine.edge.git_collect import Found, Order, only_staged, survey, there
from engine.edge.git_commits import changed_between, is_ancestor, tree_of, write_commit
from engine.edge.git_site import Site
from engine.edge.merging import Clash, lineage, merge_own, replay, straight
from engine.edge.worktrees import share_index


class Rebase(Struct, frozen=True):
    """`files` have changed in the worktree."""

    files: tuple[str, ...]


class Top(Struct, frozen=True):
    """The branch's commits on top of the tip, and the tree of the worktree's files there."""

    commit: str
    tree: str


async def rebase(site: Site, order: Order, tip: str, settled: Sequence[Settled] = ()) -> Rebase | Clash:
    """Bring the worktree `order.path`, whose agent stands still, on top of the commit `tip`, with what a
    person has `settled`. `order.rescue` is set to what was there. A clash, or a worktree in the middle of
    something, changes nothing.

    May be done again after a crash, with the same order. Raises GitError when git fails."""
    before = await site.git.tip(order.rescue)
    found = await survey(site, order)
    if found.problem or not there(order.path):
        return Clash((), found.problem.message if found.problem else f"{order.path} is gone")
    index = site.free_index(order.path)
    now = await _snapshot(site, order, found, index)
    kept = before or now
    stand = await site.git.sha(f"{kept}^1")
    top = await _on_top(site, order, stand, kept, tip, settled)
    if isinstance(top, Clash):
        return top
    tree = await tree_of(site.git, now)
    if before is None:
        if taken := await _in_the_way(site, order.path, tree, top.tree):
            return Clash((), f"{taken}, which git ignores, is in the way of what is merged")
        await site.git.run("update-ref", order.rescue, kept, ZERO)
    elif tree not in (await tree_of(site.git, before), top.tree):
        await site.git.run("update-ref", f"{order.rescue}-again", now)
    await _write(site, order.path, index, (tree, top.tree), again=before is not None)
    if await site.git.tip(branch_ref(order.branch)) != top.commit:
        await site.git.run("update-ref", branch_ref(order.branch), top.commit, stand)
    index.with_name(f"{index.name}.at").unlink(missing_ok=True)
    await set_index(site, order.path, index, top.commit)
    share_index(site, order.path)
    changed = await changed_between(site.git, await tree_of(site.git, kept), top.tree)
    return Rebase(tuple(shown(name) for name in changed))


async def _snapshot(site: Site, order: Order, found: Found, index: Path) -> str:
    """A commit of all there is in the worktree on the commit its branch is at; what is only staged hangs on
    it as a second parent."""
    await set_index(site, order.path, index, found.stand)
    mark = site.mark(order.path)
    changes, _ = sorted_out(order.path, await look(site, order.path, index), mark.own if mark else ())
    await take(site, order.path, index, changes)
    index.with_name(f"{index.name}.at").unlink(missing_ok=True)
    tree = (await site.git.run("write-tree", index=index)).decode().strip()
    commit = await write_commit(site.git, tree, [found.stand], order.message, order.at)
    if found.staged and await only_staged(site.git, found, commit):
        staged = await write_commit(site.git, found.staged, [found.stand], order.message, order.at)
        commit = await write_commit(site.git, tree, [found.stand, staged], order.message, order.at)
    return commit


async def _on_top(
    site: Site, order: Order, stand: str, kept: str, tip: str, settled: Sequence[Settled]
) -> Top | Clash:
    """The branch's own commits, and apart from them all that is in the worktree, on `tip`."""
    files = await merge_own(site, tip, kept, order.base, settled)
    if isinstance(files, Clash):
        return files
    if stand == order.base:
        return Top(tip, files.tree)
    merged = await merge_own(site, tip, stand, order.base, settled)
    commit: str | None = None
    if isinstance(merged, Clash):  # the worktree as a whole fits, its last commit does not
        commit = await write_commit(site.git, files.tree, [tip, stand], order.message, order.at)
        return Top(commit, files.tree)
    since = tip if await is_ancestor(site.git, order.base, tip) else order.base
    line = await lineage(site.git, since, stand)
    commit = await replay(site, line, tip, merged.tree, order.at) if straight(line) else None
    if commit is None:
        commit = await write_commit(site.git, merged.tree, [tip, stand], order.message, order.at)
    return Top(commit, files.tree)


async def _in_the_way(site: Site, path: Path, old: str, new: str) -> str:
    """A file that git does not follow where only the tree `new` has one: git would replace it."""
    added = await site.git.run("diff-tree", "-r", "-z", "--name-only", "--diff-filter=A", old, new)
    for name in filter(None, added.split(b"\0")):
        place = path / os.fsdecode(name)
        if os.path.lexists(place):
            return shown(name)
    return ""


async def _write(site: Site, path: Path, index: Path, trees: tuple[str, str], again: bool) -> None:
    """Bring the files from the first tree to the second. Where that was begun before, they may be anything in
    between."""
    way = ("--reset", "-u", trees[1]) if again else ("-m", "-u", *trees)
    await site.git.run("read-tree", *way, index=index, worktree=path)
    note_at(index, trees[1])
