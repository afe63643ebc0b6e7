"""The work of a task as a unified diff, committed or not, for a person to read."""

from __future__ import annotations

from pathlib import Path

from engine.core.errors import GitError
from engine.edge.git_changes import look, set_index, take
from engine.edge.git_site import Site

MOST = 2 * 2**20
"""Bytes of a diff that are read; what is longer is cut with a word about it."""


async def diff(site: Site, path: Path, base: str, head: str) -> str:
    """How the files at `path`, or without them the commit `head`, differ from the commit `base`.

    A living agent may write meanwhile: what is shown is a moment of its work, and nothing of its own index
    is read or locked. Raises GitError when neither is there."""
    if path.is_dir():
        index = site.free_index(path, "diff")
        await set_index(site, path, index, base)
        await take(site, path, index, await look(site, path, index))
        command = ("diff-index", "--cached", "-p", "-M", "--no-ext-diff", "--no-textconv", base)
        out = await site.git.run(*command, index=index, worktree=path)
    elif head:
        out = await site.git.run("diff-tree", "-p", "-M", "--no-ext-diff", "--no-textconv", base, head)
    else:
        raise GitError(("diff",), 128, f"nothing is left of the work in {path}")
    text = out[:MOST].decode(errors="replace")
    return text if len(out) <= MOST else f"{text}\n… cut after {MOST // 2**20} MB"
