"""Replays the merges of a real repository: what live detection says of two parents must be what git says."""

from __future__ import annotations

import asyncio
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from engine.core.plan import Setup
from engine.edge.git_repository import Repository
from engine.edge.live import Live, Tree


def git(at: Path, *args: str) -> str:
    done = subprocess.run(["git", "-C", str(at), *args], capture_output=True, text=True, check=True)
    return done.stdout.strip()


class Replay(Struct):
    """What became of a repository's merges of two parents with a common ancestor. Of those in conflict for
    both, `files_differ` names the ones in which not the same files are."""

    merges: int = 0
    conflicts: int = 0
    agreed: int = 0
    false_alarms: list[str] = []
    missed: list[str] = []
    files_differ: list[str] = []
    seconds: float = 0.0


def replay(repo: Path, most: int) -> Replay:
    """Each of the last `most` merges of a clone as two worktrees of a copy; the clone is left alone."""
    with tempfile.TemporaryDirectory(prefix="wavetree-bench-") as folder:
        root = Path(folder) / "repo"
        argv = ["git", "clone", "-q", "--no-checkout", "--shared", str(repo.resolve()), str(root)]
        subprocess.run(argv, check=True)
        how = ("rev-list", "--merges", "--max-parents=2", "--parents", f"-{most}", "--all")
        listed = [line.split() for line in git(root, *how).splitlines()]
        begun = time.perf_counter()
        found = asyncio.run(replayed(root, listed))
        found.seconds = round(time.perf_counter() - begun, 1)
        return found


async def replayed(root: Path, merges: Sequence[Sequence[str]]) -> Replay:
    """Each merge, followed by its parents, judged by live detection and by plain git."""
    wave = await Repository.open(root, root / ".git/wavetree/runs/bench")
    places = [root.parent / "first", root.parent / "second"]
    total = Replay()
    for merge, *parents in merges:
        fork = common(root, parents)
        if not fork:
            continue
        for place, parent in zip(places, parents, strict=True):
            await wave.gate_tree(place, parent, Setup())
        live = Live(wave.site, ignore=())
        found = await live.look({place.name: Tree(place, fork) for place in places}, fork)
        await live.close()
        count(total, merge, {one.file for one in found if one.conflict}, *seen_by_git(places[0], parents))
    await wave.close()
    return total


def count(total: Replay, merge: str, found: set[str], refused: bool, files: set[str]) -> None:
    """Enter one merge: the files found in conflict, whether git refuses it, and the files git names."""
    total.merges += 1
    total.conflicts += refused
    if bool(found) != refused:
        (total.missed if refused else total.false_alarms).append(merge)
        return
    total.agreed += 1
    if found != files:
        total.files_differ.append(merge)


def common(root: Path, parents: Sequence[str]) -> str:
    """A commit that both go back to; empty when there is none."""
    argv = ["git", "-C", str(root), "merge-base", *parents]
    return subprocess.run(argv, capture_output=True, text=True).stdout.strip()


def seen_by_git(checkout: Path, parents: Sequence[str]) -> tuple[bool, set[str]]:
    """Whether plain git refuses to merge, and the files in conflict. Asked in a checkout of the first parent,
    as a merge would be, since the attributes there have a say."""
    how = ("merge-tree", "--write-tree", "-z", "--name-only", "--no-messages")
    done = subprocess.run(["git", "-C", str(checkout), *how, *parents], capture_output=True)
    if done.returncode not in (0, 1):
        raise RuntimeError(f"git merge-tree: {done.stderr.decode()}")
    names = done.stdout.split(b"\0")[1:]
    return done.returncode == 1, {name.decode("utf-8", "backslashreplace") for name in names if name}
