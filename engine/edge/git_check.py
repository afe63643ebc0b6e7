"""Looks for damage in the repository: objects that are gone or no longer what their name says (M093)."""

from __future__ import annotations

from engine.core.errors import GitError
from engine.edge.git import Git

QUICK = 64 * 2**20


async def check(git: Git) -> tuple[bool, str]:
    """Whether everything that refs need is there and whole, and git's words when it is not.

    A run's own objects are loose and always read; packs are read too while they are small, else only
    what they must contain is looked up."""
    packs = sum(pack.stat().st_size for pack in (git.common / "objects" / "pack").glob("*.pack"))
    depth = "--full" if packs <= QUICK else "--no-full"
    try:
        args = ("fsck", depth, "--no-dangling", "--no-progress", "--no-reflogs")
        answer = await git.ask(*args, timeout=1800.0)
        refs = await git.ask("for-each-ref", "--format=%(objecttype)")
    except GitError as error:
        return False, str(error)
    said = answer.out.decode("utf-8", "replace") + answer.err
    words = [line for line in said.splitlines() if telling(line)]
    words += [line for line in refs.err.splitlines() if line]
    ok = answer.code == 0 and refs.code == 0 and not refs.err.strip()
    return ok, "" if ok else "\n".join(words[:20])


def telling(line: str) -> bool:
    return bool(line.strip()) and not line.startswith(("notice:", "dangling ", "warning:"))
