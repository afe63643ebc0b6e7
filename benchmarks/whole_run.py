"""A whole run of trivial tasks, from command to landed base, against a shell script with plain git.

The script makes a worktree, commits, merges and removes the worktree, one task after the other."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

from benchmarks.layered import as_file, layered, repository
from benchmarks.measuring import Row, alternate, timed
from engine import StartPolicy

NAME = "whole run"
WORK = "echo {task} > {task}.txt"
SCRIPT = """\
set -e
for task in "$@"; do
    git worktree add -q -b "task/$task" "../by-hand-$task" >/dev/null
    ( cd "../by-hand-$task" && echo "$task" > "$task.txt" && git add -A && git commit -q -m "$task" )
    git merge -q --no-ff --no-edit "task/$task"
    git worktree remove "../by-hand-$task"
done
"""


def run(quick: bool) -> list[Row]:
    """The full size: 100 tasks in 10 layers on 2,000 files."""
    return measure(tasks=40 if quick else 100, layers=10, files=2_000, rounds=1 if quick else 3)


def measure(tasks: int, layers: int, files: int, rounds: int) -> list[Row]:
    """One row for each way to start tasks, with 2 slots."""
    with tempfile.TemporaryDirectory(prefix="wavetree-bench-") as folder:
        place = Path(folder)
        template = repository(place / "template", files)
        names = [task.id for task in layered(tasks, layers).tasks]
        ways = {
            policy.value: partial(by_wavetree, place, template, tasks, layers, policy)
            for policy in (StartPolicy.DEPENDENCY, StartPolicy.WAVE)
        }
        found = alternate({"script": partial(by_hand, place, template, names), **ways}, rounds)
    script = found.pop("script")
    rows = [Row(NAME, f"{tasks} tasks, shell script with git alone", script / tasks * 1e3, "ms a task")]
    for policy, seconds in found.items():
        ratio = seconds / script
        what = f"{tasks} tasks, 2 slots, start_policy {policy}"
        rows.append(
            Row(
                NAME,
                what,
                seconds / tasks * 1e3,
                "ms a task",
                "script",
                ratio,
                "1.0x, better 0.5x",
                ratio <= 1,
            )
        )
    return rows


def by_hand(place: Path, template: Path, names: list[str]) -> float:
    """Seconds of the script."""
    checkout = fresh(place, template)
    try:
        return timed(["bash", "-c", SCRIPT, "script", *names], checkout)
    finally:
        gone(checkout)


def by_wavetree(place: Path, template: Path, tasks: int, layers: int, policy: StartPolicy) -> float:
    """Seconds of `wavetree run`, its start and end included. Raises RuntimeError when a task is missing."""
    checkout = fresh(place, template)
    plan = as_file(layered(tasks, layers, policy=policy, run=WORK), place / "plan.json")
    argv = [sys.executable, "-m", "tui", "run", str(plan), "--headless", "--auto-approve"]
    try:
        seconds = timed(argv, checkout)
        landed = subprocess.run(
            ["git", "ls-tree", "--name-only", "main"],
            cwd=checkout,
            check=True,
            capture_output=True,
            text=True,
        )
        if (there := landed.stdout.count(".txt")) != tasks:
            raise RuntimeError(f"only {there} of {tasks} tasks have landed")
        return seconds
    finally:
        gone(checkout)


def fresh(place: Path, template: Path) -> Path:
    """A copy of the template, in a folder of its own."""
    checkout = Path(tempfile.mkdtemp(dir=place)) / "repo"
    shutil.copytree(template, checkout, symlinks=True)
    subprocess.run(["git", "status", "--short"], cwd=checkout, check=True, stdout=subprocess.DEVNULL)
    return checkout


def gone(checkout: Path) -> None:
    shutil.rmtree(checkout.parent, ignore_errors=True)
