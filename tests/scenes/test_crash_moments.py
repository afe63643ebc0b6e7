"""The engine is killed in the middle of what it does: at each of its git calls, and at random moments."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import subprocess
import time
from pathlib import Path

import psutil
import pytest
from crashes import ENGINE, FULL, RESUME, TASKS, WITHIN, Crashes, fresh

STRIDE = 1 if FULL else 101
SHARES = 4 if FULL else 1
SEEDS = range(1, 101) if FULL else range(1, 3)

# Stands before the real git in the engine's PATH and kills the engine at the call of that number: `orphan`
# goes on as a child of nobody, `done` had finished, `gone` dies with the engine before it has begun, `cut`
# some milliseconds later. Agents' gits are left alone.
WRAPPER = """#!/bin/bash
if [ "$GIT_LITERAL_PATHSPECS" = 1 ] && [ -e {folder}/number ]; then
    echo x >> {folder}/calls
    if [ "$(wc -l < {folder}/calls)" -ge {number} ] && rm {folder}/number 2> /dev/null; then
        case {how} in
            orphan) kill -9 $PPID ;;
            done) {real} "$@"; code=$?; kill -9 $PPID; exit $code ;;
            gone) kill -9 $PPID; exit 1 ;;
            cut) {real} "$@" <&0 & sleep 0.00{part}; kill -9 $PPID $!; wait; exit 1 ;;
        esac
    fi
fi
exec {real} "$@"
"""


def wrap(crashes: Crashes, how: str, number: int) -> None:
    """Put the wrapper in the way of the engine's gits."""
    folder = crashes.scene.folder / "tmp" / "wrapper"
    folder.mkdir()
    real = shutil.which("git")
    (folder / "number").touch()
    script = WRAPPER.format(folder=folder, how=how, real=real, number=number, part=number % 4)
    (folder / "git").write_text(script)
    (folder / "git").chmod(0o755)
    crashes.scene.env["PATH"] = f"{folder}{os.pathsep}{crashes.scene.env['PATH']}"


@pytest.mark.campaign
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("share", range(SHARES))
@pytest.mark.parametrize("how", ["orphan", "done", "gone", "cut"])
def test_killed_at_one_of_its_git_calls_the_run_ends_like_one_left_alone(
    tmp_path: Path, alone: str, how: str, share: int
) -> None:
    number, killed = 1 + share * STRIDE + len(how), 0
    while True:
        with fresh(tmp_path / f"{how}{number}") as crashes:
            wrap(crashes, how, number)
            code = crashes.engine().wait(WITHIN)
            assert code in (0, -signal.SIGKILL), crashes.log()
            if code == 0:
                break
            crashes.finish()
            assert crashes.faults(alone) == [], f"{how} call {number}\n{crashes.log()}"
        killed += 1
        number += STRIDE * SHARES
    assert killed >= (2 if FULL else 1)


def kill_soon(engine: subprocess.Popen[bytes], seconds: float, *, children: bool) -> bool:
    """Let the engine work for so long, then kill it, its gits left at work or with it; False when it was
    over before."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        engine.wait(seconds)
    doomed = []
    if children:
        with contextlib.suppress(psutil.NoSuchProcess):
            doomed = [child for child in psutil.Process(engine.pid).children() if child.name() == "git"]
    for process in (engine, *doomed):
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    return engine.wait(WITHIN) == -signal.SIGKILL


@pytest.mark.campaign
@pytest.mark.timeout(3600)
def test_killed_again_and_again_at_random_moments_the_run_ends_like_one_left_alone(
    tmp_path: Path, alone: str
) -> None:
    killed = 0
    for seed in SEEDS:
        chance = random.Random(seed)
        latest = chance.choice((0.36, 0.7))
        with fresh(tmp_path / f"seed{seed}") as crashes:
            for _ in range(chance.randint(2, 5)):
                engine = crashes.engine(ENGINE, RESUME)
                killed += kill_soon(engine, chance.uniform(0.15, latest), children=chance.random() < 0.7)
            crashes.finish()
            assert crashes.faults(alone) == [], f"seed {seed}\n{crashes.log()}"
    assert killed > len(SEEDS)


def shims(crashes: Crashes) -> list[psutil.Process]:
    """The processes that own the run's jobs now."""
    found = []
    for process in crashes.scene.processes():
        with contextlib.suppress(psutil.Error):
            parent = process.parent()
            marked = process.environ().get("WAVETREE_MARK")
            if marked and parent is not None and not parent.environ().get("WAVETREE_MARK"):
                found.append(parent)
    return found


def held(shim: psutil.Process) -> list[psutil.Process]:
    """The job's processes, stopped for a moment, so that they do not end before they lose their shim."""
    found = []
    with contextlib.suppress(psutil.NoSuchProcess):
        for agent in shim.children():
            agent.suspend()
            found.append(agent)
    return found


@pytest.mark.campaign
@pytest.mark.timeout(3600)
def test_killed_together_with_an_agents_shim_the_run_still_comes_to_the_same_tree(
    tmp_path: Path, alone: str
) -> None:
    lost = 0
    for seed in SEEDS if FULL else range(1, 20):
        if lost and not FULL:
            break
        chance = random.Random(1000 + seed)
        with fresh(tmp_path / f"seed{seed}") as crashes:
            engine = crashes.engine(ENGINE, RESUME)
            deadline, found = time.monotonic() + WITHIN, list[psutil.Process]()
            while engine.poll() is None and not (found := shims(crashes)) and time.monotonic() < deadline:
                time.sleep(0.01)
            agents = [agent for shim in found for agent in held(shim)]
            with contextlib.suppress(subprocess.TimeoutExpired):
                engine.wait(chance.uniform(0.0, 0.1))
            engine.kill()
            for shim in shims(crashes):
                lost += 1
                with contextlib.suppress(psutil.NoSuchProcess):
                    shim.kill()
            for agent in agents:
                with contextlib.suppress(psutil.NoSuchProcess):
                    agent.resume()
            engine.wait(WITHIN)
            state = crashes.finish()
            assert state.reason == f"all {len(TASKS)} tasks are merged", f"seed {seed}\n{crashes.log()}"
            assert crashes.tree() == alone
            assert sorted(crashes.merged()) == sorted(TASKS)
            assert crashes.scene.git("fsck", "--strict", "--no-dangling", "--no-progress") == ""
            assert crashes.scene.processes() == []
    assert lost
