"""Looks for damage in the repository: objects that are gone or no longer what their name says (M093)."""

from __future__ import annotations

import re

from engine.core.errors import GitError
from engine.edge.git import Git

QUICK = 64 * 2**20
FINDINGS = (1, 4)
"""Exit codes of an fsck that came to its end and found something to say."""


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
    whole = answer.code == 0 or (answer.code in FINDINGS and not words)
    ok = whole and refs.code == 0 and not refs.err.strip()
    return ok, "" if ok else "\n".join(words[:20])


def telling(line: str) -> bool:
    """Whether a line tells of damage; what git finds wrong in the content of a whole object, such as a time
    zone in a commit of long ago, is none."""
    if re.match(r"(?:error|warning) in (?:commit|tag|tree|blob) [0-9a-f]+: \w+:", line):
        return False
    return bool(line.strip()) and not line.startswith(("notice:", "dangling ", "warning:"))
