"""Removes a finished task's worktree and branch, but nothing that no ref can reach."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from engine.edge.git import branch_ref, is_sha, named, shown
from engine.edge.git_admin import admin_of, head_of, unfinished
from engine.edge.git_changes import look, set_index, sorted_out, take
from engine.edge.git_commits import is_ancestor
from engine.edge.git_pool import retire
from engine.edge.git_removal import delete_refs, discard_folder, discard_notes, sweep
from engine.edge.git_site import Mark, Site, real

RESCUED = "refs/wavetree/rescue"


async def cleanup(
    site: Site,
    path: Path,
    branch: str,
    head: str,
    *,
    drop: Sequence[str] = (),
    force: bool = False,
    spare: bool = False,
    proposed: bool = False,
) -> str:
    """Remove worktree, branch and the refs in `drop`; "" when they are gone, else why all were kept.

    Kept when anything in the worktree is neither in `head` nor reachable from a rescue ref; with `force`
    uncommitted changes may go when a rescue ref has exactly these files. With `spare` the files are kept
    aside for the next worktree, until the pool is drained. The branch stays when it is `proposed`, in a
    pull request. Raises GitError when git fails."""
    path = real(path)
    mark = site.mark(path)
    tip = await site.git.tip(branch_ref(branch))
    spare = spare and not force and mark is not None and mark.stage == "ready"
    if mark is None or mark.stage != "removing":
        if reason := await keeps(site, path, tip, head, force=force):
            return reason
        site.write_mark(Mark(str(path), branch, head, "removing"))
    async with site.mutex:
        discard_notes(site, path)
    if path.is_dir() and not path.is_symlink() and not (spare and await retire(site, path)):
        await discard_folder(path)
    await sweep(path)
    refs = drop if proposed else (branch_ref(branch), *drop)
    there = [(ref, sha) for ref in refs if (sha := await site.git.tip(ref))]
    await delete_refs(site.git, there)
    site.forget(path)
    return ""


async def keeps(site: Site, path: Path, tip: str | None, head: str, *, force: bool) -> str:
    """Why the worktree must stay; empty when nothing in it would be lost."""
    if tip and not await reachable(site, tip, head):
        return f"its branch has gone on to {tip[:10]}, which was not merged"
    if path.is_symlink() or not path.is_dir():
        return ""
    admin = admin_of(site.admins, path)
    if admin is None:
        return f"git does not know {path} as a worktree"
    if word := unfinished(admin):
        return f"a {word} is unfinished in {path}"
    if (admin / "modules").exists():
        return f"{path} has submodules"
    at = head_of(admin)
    stand = await site.git.tip(at.name) if at.ref or is_sha(at.sha) else None
    if stand and not await reachable(site, stand, head):
        return f"{path} is at {stand[:10]}, which was not merged"
    return await unsaved(site, path, stand or head, force=force)


async def reachable(site: Site, commit: str, head: str) -> bool:
    """Whether `head` or a rescue ref contains `commit`."""
    if await is_ancestor(site.git, commit, head):
        return True
    return bool(await site.git.run("for-each-ref", "--count=1", f"--contains={commit}", RESCUED))


async def unsaved(site: Site, path: Path, commit: str, *, force: bool) -> str:
    """What in the worktree is not in `commit`, in words; empty when all is, or when it was rescued."""
    index = site.free_index(path)
    await set_index(site, path, index, commit)
    mark = site.mark(path)
    changes, untakable = sorted_out(path, await look(site, path, index), mark.own if mark else ())
    if untakable:
        return f"{path} has what cannot be committed: {named(untakable)}"
    if not (left := changes.all()):
        return ""
    names = named([shown(name) for name in left])
    if not force:
        return f"{path} has uncommitted changes: {names}"
    refused = await take(site, path, index, changes)
    tree = (await site.git.run("write-tree", index=index)).decode().strip()
    trees = (await site.git.run("for-each-ref", "--format=%(tree)", RESCUED)).decode().split()
    return "" if not refused and tree in trees else f"{path} has changes that no rescue ref holds: {names}"
