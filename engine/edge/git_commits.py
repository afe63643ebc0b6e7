"""Writes commits from bytes, so that the same inputs give the same commit whenever they are written."""

from __future__ import annotations

from collections.abc import Sequence

from engine.core.errors import GitError
from engine.edge.git import Git


async def write_commit(git: Git, tree: str, parents: Sequence[str], message: str, at: int) -> str:
    """A commit by the engine, dated `at` seconds since the epoch; its sha."""
    who = f"{await git.identity()} {at} +0000"
    head = [f"tree {tree}", *(f"parent {sha}" for sha in parents), f"author {who}", f"committer {who}"]
    text = "\n".join(head) + "\n\n" + message.strip("\n") + "\n"
    return await store(git, text.encode("utf-8", "replace"))


async def replayed(git: Git, original: bytes, tree: str, parent: str, at: int) -> str:
    """The same commit again with another tree and parent: author, date, encoding and message stay."""
    head, _, message = original.partition(b"\n\n")
    lines = unfolded(head)
    author = next(line for line in lines if line.startswith(b"author "))
    encoding = [line for line in lines if line.startswith(b"encoding ")]
    committer = f"committer {await git.identity()} {at} +0000".encode()
    start = [f"tree {tree}".encode(), f"parent {parent}".encode()]
    return await store(git, b"\n".join([*start, author, committer, *encoding]) + b"\n\n" + message)


def unfolded(head: bytes) -> list[bytes]:
    """The header lines of a commit, without the continuations of signatures."""
    return [line for line in head.split(b"\n") if not line.startswith(b" ")]


async def store(git: Git, commit: bytes) -> str:
    return (await git.run("hash-object", "-t", "commit", "-w", "--stdin", input=commit)).decode().strip()


async def made_by(git: Git, sha: str, message: str, at: int) -> bool:
    """Whether `sha` is the commit that `write_commit` makes of this message and time."""
    head, _, said = (await git.read(sha) or b"").partition(b"\n\n")
    dated = f"committer {await git.identity()} {at} +0000".encode()
    return dated in head.split(b"\n") and said == (message.strip("\n") + "\n").encode("utf-8", "replace")


async def tree_of(git: Git, commit: str) -> str:
    return await git.sha(f"{commit}^{{tree}}")


async def changed_between(git: Git, old: str, new: str) -> list[bytes]:
    """The paths in which two commits differ; a rename counts as both its names."""
    out = await git.run("diff-tree", "-r", "-z", "--name-only", "--no-renames", "--no-ext-diff", old, new)
    return [path for path in out.split(b"\0") if path]


async def created_and_modified(git: Git, old: str, new: str) -> tuple[list[bytes], list[bytes]]:
    """The paths that `new` has and `old` has not, and those in which they differ otherwise."""
    out = await git.run("diff-tree", "-r", "-z", "--name-status", "--no-renames", "--no-ext-diff", old, new)
    fields = out.split(b"\0")
    pairs = list(zip(fields[::2], fields[1::2], strict=False))
    created = [path for kind, path in pairs if kind == b"A"]
    return created, [path for kind, path in pairs if kind != b"A"]


async def count(git: Git, base: str, head: str) -> int:
    """How many commits `head` has that `base` has not."""
    return int(await git.run("rev-list", "--count", f"{base}..{head}"))


async def is_ancestor(git: Git, old: str, new: str) -> bool:
    """Whether `new` contains `old`; a commit contains itself. Raises GitError for unknown commits."""
    if old == new:
        return True
    answer = await git.ask("merge-base", "--is-ancestor", "--end-of-options", old, new)
    if answer.code in (0, 1):
        return answer.code == 0
    raise GitError(("merge-base", old, new), answer.code, answer.err)
