"""One merge of the queue against `git merge` in a checkout, by the number of files in the repository."""

from __future__ import annotations

import asyncio
import subprocess
import tempfile
import time
from pathlib import Path

from benchmarks.measuring import Row
from engine.edge.git_repository import Repository

NAME = "merging"
AIM = 10.0
"""Milliseconds hoped for, whatever the number of files."""
GIT = ("git", "-c", "user.name=b", "-c", "user.email=b@example.org", "-c", "commit.gpgsign=false")


def run(quick: bool) -> list[Row]:
    """Two sizes; the branches change one file each."""
    return [
        row
        for files in ((500, 2_000) if quick else (2_000, 50_000))
        for row in measure(files, 3 if quick else 9)
    ]


def measure(files: int, rounds: int) -> list[Row]:
    """The median of so many merges, one after the other on the same branch."""
    with tempfile.TemporaryDirectory(prefix="wavetree-bench-") as folder:
        root = Path(folder, "repo")
        branches = made(root, files, rounds)
        ours = asyncio.run(_merges(root, branches[::2]))
        theirs = [_by_git(root, branch) for branch in branches[1::2]]
    mine, git = (sorted(times)[len(times) // 2] * 1e3 for times in (ours, theirs))
    what = f"candidate and swap, {files:,} files"
    return [
        Row(NAME, f"git merge in a checkout, {files:,} files", git, "ms"),
        Row(NAME, what, mine, "ms", "git merge", mine / git, f"{AIM:g} ms", mine <= AIM),
    ]


def made(root: Path, files: int, rounds: int) -> list[str]:
    """A repository with so many files and two branches a round, each with a change of its own."""
    lines = [b"commit refs/heads/main\ncommitter b <b@example.org> 1700000000 +0000\ndata 1\nm\n"]
    for number in range(files):
        text = b"line %d\n" % number
        lines.append(b"M 100644 inline d%d/f%d.txt\ndata %d\n%s" % (number % 200, number, len(text), text))
    names = [f"b{number}" for number in range(2 * rounds)]
    for number, name in enumerate(names):
        text, place = b"changed\n", b"d%d/f%d.txt" % (number % 200, number)
        lines.append(b"commit refs/heads/%s\n" % name.encode())
        lines.append(b"committer b <b@example.org> 1700000000 +0000\ndata 1\nx\nfrom refs/heads/main\n")
        lines.append(b"M 100644 inline %s\ndata %d\n%s" % (place, len(text), text))
    root.mkdir()
    subprocess.run(["git", "init", "-q", "-b", "main", str(root)], check=True)
    subprocess.run(["git", "fast-import", "--quiet"], input=b"".join(lines), cwd=root, check=True)
    subprocess.run(["git", "reset", "-q", "--hard"], cwd=root, check=True)
    subprocess.run(["git", "branch", "queue"], cwd=root, check=True)
    return names


async def _merges(root: Path, branches: list[str]) -> list[float]:
    repository = await Repository.open(root, root / ".git" / "wavetree" / "bench")
    found = []
    try:
        base = tip = await repository.tip("refs/heads/main") or ""
        for number, branch in enumerate(branches):
            head = await repository.tip(f"refs/heads/{branch}") or ""
            begun = time.perf_counter()
            made = await repository.candidate(
                tip=tip, head=head, base=base, message=branch, at=number, keep="refs/wavetree/candidate/bench"
            )
            tip = await repository.advance("queue", tip, getattr(made, "sha"))  # noqa: B009
            found.append(time.perf_counter() - begun)
    finally:
        await repository.close()
    return found


def _by_git(root: Path, branch: str) -> float:
    begun = time.perf_counter()
    subprocess.run(
        [*GIT, "merge", "-q", "--no-ff", "-m", branch, branch], cwd=root, check=True, capture_output=True
    )
    return time.perf_counter() - begun
