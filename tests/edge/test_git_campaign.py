"""Killed at any moment and started again, every verb ends where an undisturbed run ends."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from real_repository import Repo

SCRIPT = Path(__file__).with_name("campaign_run.py")
RUNS = 150 if os.environ.get("WAVETREE_CAMPAIGN") == "full" else 4


def template(repo: Repo) -> Repo:
    files = {f"dir{n % 7}/file{n}.txt": f"{n}\n" for n in range(200)}
    files |= {f"gone{n}.txt": "g\n" for n in range(3)} | {"shared.txt": "0\n"}
    repo.commit(files)
    repo.write(".env", "SECRET=1")
    repo.write("x.log", "the person's")
    return repo


def start(repo: Repo) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(SCRIPT), str(repo.root)],
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
    )


def kill(run: subprocess.Popen[str], *, children: bool) -> None:
    """The engine alone, its gits left at work, or all of them at the same moment."""
    with contextlib.suppress(psutil.NoSuchProcess):
        engine = psutil.Process(run.pid)
        engine.suspend()
        doomed = engine.children(recursive=True) if children else []
        for process in (engine, *doomed):
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
    run.wait()
    assert run.stderr
    run.stderr.close()


def finish(repo: Repo) -> None:
    run = start(repo)
    _, said = run.communicate(timeout=60)
    assert run.returncode == 0, said


def outcome(repo: Repo) -> dict[str, object]:
    """All that must not depend on kills."""
    steps = (repo.state / "steps").read_text().split("\n")
    return {
        "status": repo.status(),
        "worktrees": len(repo.git("worktree", "list").splitlines()),
        "refs": repo.git("for-each-ref"),
        "steps": sorted({told(step) for step in steps if step.endswith(".")}),
        "beside": sorted(
            path.name for path in repo.beside.iterdir() if path.name.startswith((".", "repo-", "gate"))
        ),
        "locks": [str(lock) for lock in repo.common.rglob("*.lock")],
        "marks": sorted(file.name for file in (repo.common / "wavetree/worktrees").iterdir()),
        "pool": sorted(file.name for file in (repo.common / "wavetree/pool").iterdir()),
        "trash": sorted(file.name for file in (repo.common / "wavetree/trash").iterdir()),
        "files": sorted(
            str(file.relative_to(repo.root)) for file in repo.root.rglob("*") if ".git/" not in str(file)
        ),
    }


def told(step: str) -> str:
    """A step's answer; whether a gate's worktree was at its commit already depends on when it was killed."""
    return step.partition("=")[0] if step.startswith("gate") else step


@pytest.mark.campaign
@pytest.mark.timeout(3600)
def test_a_run_killed_again_and_again_ends_like_one_left_alone(repo: Repo) -> None:
    template(repo)
    alone = copied(repo, "alone")
    began = time.monotonic()
    finish(alone)
    length = time.monotonic() - began
    expected = outcome(alone)
    assert expected["worktrees"] == 1
    assert expected["beside"] == expected["locks"] == expected["marks"] == expected["trash"] == []
    seeds = int(os.environ.get("WAVETREE_SEED", "1"))
    for seed in range(seeds, seeds + RUNS):
        chance = random.Random(seed)
        killed = copied(repo, f"killed{seed}")
        for _ in range(chance.randint(1, 5)):
            run = start(killed)
            with contextlib.suppress(subprocess.TimeoutExpired):
                run.wait(chance.uniform(0.1, length))
            kill(run, children=chance.random() < 0.6)
        finish(killed)
        assert outcome(killed) == expected, f"seed {seed}"
        shutil.rmtree(killed.beside)


def copied(repo: Repo, name: str) -> Repo:
    folder = repo.beside / name
    shutil.copytree(repo.root, folder / "repo", symlinks=True)
    return Repo(folder / "repo")
