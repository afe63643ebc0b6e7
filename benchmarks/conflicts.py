"""Live detection: how soon a clash of two worktrees is known, what watching costs, and how right it is.

`python -m benchmarks.conflicts --repo PATH --merges N [--json]` replays the last N merge commits of a
repository: the two parents of each are two worktrees, and what is said of them must be what git says.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from random import Random
from statistics import median

from benchmarks.measuring import Row, percentile
from benchmarks.real_merges import Replay, git, replay
from engine.core.plan import Setup
from engine.edge.git_commits import write_commit
from engine.edge.git_repository import Repository
from engine.edge.live import Live, Tree
from engine.edge.live_compare import Comparison
from engine.edge.live_overlaps import Side
from engine.edge.live_sides import difference
from engine.edge.live_watch import Watch

NAME = "conflicts"
LATENCY_AIM = 150.0
IDLE_AIM = 1.0
PAIRS_AIM = 150.0
LINES = 40


def run(quick: bool) -> list[Row]:
    """Worktrees of 2,000 files; 100 branches."""
    edits, seconds = (10, 5.0) if quick else (40, 20.0)
    rows = [] if quick else edit_to_result(10, 2_000, edits, 0.0)
    rows += edit_to_result(10 if quick else 50, 2_000, edits, seconds)
    return rows + all_pairs(30 if quick else 100, 2_000, 1 if quick else 5)


def repository(folder: Path, files: int) -> Path:
    """A repository of so many small files, forty to a folder."""
    root = folder / "repo"
    root.mkdir()
    git(root, "init", "-q", "-b", "main")
    git(root, "config", "user.name", "Ada")
    git(root, "config", "user.email", "ada@example.org")
    for number in range(files):
        file = root / name_of(number)
        file.parent.mkdir(exist_ok=True)
        file.write_text(content(number))
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "start")
    git(root, "repack", "-adq")  # as a clone is
    return root


def name_of(number: int) -> str:
    return f"d{number // 40}/f{number}.txt"


def content(number: int, changed: int = 0, word: str = "") -> str:
    """The lines of a file, one of them in other words when `changed` is its number from 1."""
    lines = [f"line {line} of {number}" for line in range(1, LINES + 1)]
    if changed:
        lines[changed - 1] = word
    return "\n".join(lines) + "\n"


def edit_to_result(trees: int, files: int, edits: int, seconds: float) -> list[Row]:
    """Milliseconds from an edit to the overlap that it made, while `trees` worktrees are watched; and with
    `seconds`, the share of a core that this takes while nothing happens."""
    with tempfile.TemporaryDirectory(prefix="wavetree-bench-") as folder:
        root = repository(Path(folder), files)
        times, idle = asyncio.run(watched(root, files, trees, edits, seconds))
    what = f"edit to result, {trees} worktrees of {files:,} files"
    rows = [
        Row(NAME, f"{what}, {name}", value, "ms", "", None, f"{LATENCY_AIM:g} ms", value <= LATENCY_AIM)
        for name, value in (("median", median(times)), ("p95", percentile(times, 95)))
    ]
    if seconds:
        where = f"{trees} worktrees, nothing happens"
        rows.append(Row(NAME, where, idle, "% of a core", "", None, f"{IDLE_AIM:g} %", idle <= IDLE_AIM))
    return rows


async def watched(
    root: Path, files: int, count: int, edits: int, seconds: float
) -> tuple[list[float], float]:
    """How long each edit took to be told, and the share of a core that waiting took."""
    wave = await Repository.open(root, root / ".git/wavetree/runs/bench")
    base = git(root, "rev-parse", "main")
    trees = {f"t{number}": Tree(root.parent / f"wt{number}", base) for number in range(count)}
    for name, tree in trees.items():
        await wave.make_worktree(tree.path, f"feature/{name}", base, Setup())
    live, watch = Live(wave.site), Watch()
    watch.keep({name: tree.path for name, tree in trees.items()})
    told = watch.changes()
    while watch.degraded == "" and not watch.hears:
        await live.look(trees, base, await anext(told))
    times = []
    for number in range(edits):
        first, second = f"t{number % count}", f"t{(number * 7 + 3) % count}"
        if first == second:
            second = f"t{(number + 1) % count}"
        file = name_of(number * 41 % files)
        (trees[first].path / file).write_text(content(number, 5, first))
        await live.look(trees, base, await anext(told))
        before = time.perf_counter()
        (trees[second].path / file).write_text(content(number, 5, second))
        found = False
        while not found:
            seen = await live.look(trees, base, await anext(told))
            met = {one.pair for one in seen if one.file == file and one.conflict}
            found = bool(met & {(first, second), (second, first)})
        times.append((time.perf_counter() - before) * 1e3)
    idle = await at_rest(live, watch, trees, base, seconds) if seconds else 0.0
    watch.close()
    await live.close()
    await wave.close()
    return times, idle


async def at_rest(live: Live, watch: Watch, trees: dict[str, Tree], base: str, seconds: float) -> float:
    """Percent of a core that watching takes, the gits of the regular turns included."""
    begun, before = time.perf_counter(), spent()

    async def follow() -> None:
        async for changed in watch.changes():
            await live.look(trees, base, changed)

    try:
        async with asyncio.timeout(seconds):
            await follow()
    except TimeoutError:
        pass
    return (spent() - before) / (time.perf_counter() - begun) * 100


def spent() -> float:
    """Seconds of processor time of this process and its children that have ended."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def all_pairs(branches: int, files: int, rounds: int) -> list[Row]:
    """Milliseconds for all pairs of branches, against a `git merge-tree` for each pair, in the same run."""
    with tempfile.TemporaryDirectory(prefix="wavetree-bench-") as folder:
        root = repository(Path(folder), files)
        ours, theirs, clashing, agreed = asyncio.run(compared(root, files, branches, rounds))
    pairs = branches * (branches - 1) // 2
    what = f"all {pairs:,} pairs of {branches} branches, {clashing} of which clash"
    one_each = "a merge-tree each"
    note = "" if agreed else "DISAGREES with git"
    return [
        Row(NAME, f"{what}, {one_each}", theirs, "ms"),
        Row(
            NAME,
            f"{what}, index and one merge-tree",
            ours,
            "ms",
            one_each,
            ours / theirs,
            f"{PAIRS_AIM:g} ms",
            ours <= PAIRS_AIM,
            note,
        ),
    ]


async def compared(root: Path, files: int, count: int, rounds: int) -> tuple[float, float, int, bool]:
    """Medians of both ways, the number of pairs that clash, and whether both ways name the same. A branch
    changes eight files at random, a line of each."""
    wave = await Repository.open(root, root / ".git/wavetree/runs/bench")
    base = git(root, "rev-parse", "main")
    live = Live(wave.site)
    scratch = live.scratch
    sides: dict[str, Side] = {}
    for branch in range(count):
        commit = await changed_commit(live, root, base, files, branch)
        diff = await difference(scratch, base, commit)
        sides[f"b{branch:03}"] = Side(commit, base, diff)
    ours, theirs = [], []
    clashing, agreed = 0, True
    for _ in range(rounds):
        begun = time.perf_counter()
        comparison = Comparison(scratch, wave.site.state / "rules", lambda path: False)
        found, _ = await comparison.compare(sides, base)
        ours.append((time.perf_counter() - begun) * 1e3)
        begun = time.perf_counter()
        clashes = one_by_one(root, scratch.store, sides)
        theirs.append((time.perf_counter() - begun) * 1e3)
        clashing = len(clashes)
        agreed &= clashes == {one.pair for one in found if one.conflict}
    await live.close()
    await wave.close()
    return median(ours), median(theirs), clashing, agreed


async def changed_commit(live: Live, root: Path, base: str, files: int, branch: int) -> str:
    """A commit that changes eight files, a line of each."""
    index = root.parent / f"index{branch}"
    await live.scratch.run("read-tree", base, index=index)
    chance = Random(branch)
    for number in chance.sample(range(files), 8):
        text = content(number, chance.randint(1, LINES), f"branch {branch}").encode()
        blob = (await live.scratch.run("hash-object", "-w", "--stdin", input=text)).decode().strip()
        entry = f"100644,{blob},{name_of(number)}"
        await live.scratch.run("update-index", "--add", "--cacheinfo", entry, index=index)
    tree = (await live.scratch.run("write-tree", index=index)).decode().strip()
    index.unlink()
    return await write_commit(live.scratch, tree, [base], f"branch {branch}", 0)


def one_by_one(root: Path, store: Path, sides: dict[str, Side]) -> set[tuple[str, str]]:
    """The pairs that `git merge-tree` refuses, each asked in a process of its own."""
    names = list(sides)
    env = os.environ | {"GIT_ALTERNATE_OBJECT_DIRECTORIES": str(store)}
    clashes = set()
    for number, one in enumerate(names):
        for two in names[number + 1 :]:
            argv = ["git", "merge-tree", "--write-tree", sides[one].commit, sides[two].commit]
            if subprocess.run(argv, cwd=root, env=env, capture_output=True).returncode == 1:
                clashes.add((one, two))
    return clashes


def main(argv: Sequence[str] | None = None) -> int:
    """0 when git and live detection agree on every merge, else 1."""
    parser = argparse.ArgumentParser(prog="benchmarks.conflicts", description=__doc__)
    parser.add_argument("--repo", type=Path, required=True, help="a clone with merge commits")
    parser.add_argument("--merges", type=int, default=200, help="how many, the newest first")
    parser.add_argument("--json", action="store_true", help="print data")
    args = parser.parse_args(argv)
    found = replay(args.repo, args.merges)
    data = {name: getattr(found, name) for name in Replay.__struct_fields__}
    if args.json:
        sys.stdout.write(json.dumps(data, indent=1) + "\n")
    else:
        sys.stdout.write(
            f"{found.merges} merges, {found.conflicts} in conflict: {found.agreed} agreed, "
            f"{len(found.false_alarms)} false alarms, {len(found.missed)} missed, "
            f"{len(found.files_differ)} with other files; {found.seconds:g} s\n"
        )
        for word, merges in (("false alarm", found.false_alarms), ("missed", found.missed)):
            sys.stdout.write("".join(f"{word}: {merge}\n" for merge in merges))
    return 0 if found.agreed == found.merges else 1


if __name__ == "__main__":
    sys.exit(main())
