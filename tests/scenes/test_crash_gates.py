"""Gates and set-ups through crashes and stops: adopted undisturbed, run again if lost, ended if unwanted."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from pathlib import Path
from typing import Any

import psutil
import pytest
from crashes import cut_power, until
from stagehand import Scene, shell

from engine.core.gauged import GateLevel, GateVerdict
from engine.core.intents import GateRequested, SetupRequested
from engine.core.plan import Gate, Plan, Setup
from engine.executors.local import LocalExecutor
from engine.world.checks import Checks
from engine.world.gates import GateJobs
from engine.world.jobs import Jobs


def gated(scene: Scene) -> dict[str, Any]:
    """One task; its gate makes a file in the gate worktree and needs it again once `go` is there."""
    go, ran = scene.folder / "go", scene.folder / "ran"
    check = f"echo x >> {ran}; echo y > made.tmp; until [ -e {go} ]; do sleep 0.02; done; test -f made.tmp"
    return {"tasks": [shell("one")], "gates": {"task": [{"name": "slow", "run": check}]}}


def times(scene: Scene) -> int:
    ran = scene.folder / "ran"
    return len(ran.read_text().split()) if ran.exists() else 0


def kill_engine(scene: Scene) -> None:
    pid = int(scene.status()["engine_pid"])
    os.kill(pid, signal.SIGKILL)
    until(lambda: not psutil.pid_exists(pid) or psutil.Process(pid).status() == "zombie", "its death")


def test_a_gate_that_outlived_the_engine_is_adopted_and_its_worktree_left_alone(scene: Scene) -> None:
    scene.go(gated(scene))
    until(lambda: times(scene) == 1, "the gate")
    kill_engine(scene)
    scene("resume", "--detach")
    scene.until(lambda status: bool(status["engine_pid"]), "the next engine")
    (scene.folder / "go").touch()
    assert scene.ended()["state"] == "done"
    assert times(scene) == 1
    assert scene.show("one.txt") == "one"


def test_a_gate_that_went_down_with_the_engine_is_run_again(scene: Scene) -> None:
    scene.go(gated(scene))
    until(lambda: times(scene) == 1, "the gate")
    cut_power(scene)
    (scene.folder / "go").touch()
    scene("resume", "--headless")
    assert scene.status()["state"] == "done"
    assert times(scene) == 2
    assert [row["data"]["verdict"] for row in scene.events("GateEnded")] == ["green"]


def marked(process: psutil.Process) -> bool:
    """Whether it belongs to a job; one that has just ended does not."""
    try:
        return "WAVETREE_MARK" in process.environ()
    except psutil.NoSuchProcess:
        return False


def parent(process: psutil.Process) -> int:
    """The id of the process above it; 0 for one that has just ended."""
    try:
        return process.ppid()
    except psutil.NoSuchProcess:
        return 0


def test_a_gate_that_is_killed_while_the_engine_looks_on_is_red(scene: Scene) -> None:
    scene.go(gated(scene))
    until(lambda: times(scene) == 1, "the gate")
    gate = [process for process in scene.processes() if marked(process)]
    shims = set(filter(None, map(parent, gate))) - {process.pid for process in gate}
    assert len(shims) == 1
    for pid in (*shims, *(process.pid for process in gate)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    status = scene.ended()
    assert (status["state"], status["tasks"][0]["error_type"]) == ("failed", "Test Failure")
    assert scene.git("rev-parse", "main") == scene.git("rev-parse", "wavetree/r1")


PLAN = Plan(name="p", tasks=(), waves=(), setup=Setup(run="sleep 1000"))


@pytest.fixture
def checks(tmp_path: Path) -> Checks:
    return Checks("r1", f"{tmp_path}/r1", LocalExecutor(), PLAN.settings.stop_grace)


@pytest.fixture
def gates(tmp_path: Path, checks: Checks) -> GateJobs:
    tree = tmp_path / "gate"
    tree.mkdir()
    return GateJobs(PLAN, tmp_path / "run", checks, tree)


async def nothing() -> None:
    return


async def test_a_gate_that_is_aborted_before_it_has_started_is_ended_as_soon_as_it_has(
    gates: GateJobs,
) -> None:
    intent = GateRequested(GateLevel.TASK, "one", Gate("slow", "sleep 1000"), "sha", 0)
    began = time.monotonic()
    await gates.abort(intent.key)
    async with asyncio.timeout(30):
        ended = await gates.run(intent, nothing)
    assert ended.verdict is not GateVerdict.GREEN
    assert time.monotonic() - began < 10


async def test_a_matrix_that_is_aborted_is_ended_with_all_its_cells(gates: GateJobs, tmp_path: Path) -> None:
    """M196: those at work are killed, the one behind them is not begun"""
    run = f"touch {tmp_path}/$cell; sleep 1000"
    gate = Gate("slow", run, matrix={"cell": ("a", "b", "c")})
    intent = GateRequested(GateLevel.TASK, "one", gate, "sha", 0, builds=2)
    ended = asyncio.ensure_future(gates.run(intent, nothing))
    async with asyncio.timeout(30):
        while not ((tmp_path / "a").exists() and (tmp_path / "b").exists()):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        await gates.abort(intent.key)
        assert (await ended).verdict is GateVerdict.RED
    assert not (tmp_path / "c").exists()


async def test_the_cells_of_a_matrix_that_ran_are_not_run_again(gates: GateJobs, tmp_path: Path) -> None:
    """M196: the engine that comes back runs those that its predecessor did not begin"""
    ran = tmp_path / "ran"
    gate = Gate("quick", f"echo $cell >> {ran}", matrix={"cell": ("a", "b")})
    intent = GateRequested(GateLevel.TASK, "one", gate, "sha", 0)
    assert (await gates.run(intent, nothing)).verdict is GateVerdict.GREEN
    more = GateRequested(
        GateLevel.TASK, "one", Gate("quick", gate.run, matrix={"cell": ("a", "b", "c")}), "sha", 0
    )
    assert (await gates.run(more, nothing)).verdict is GateVerdict.GREEN
    assert ran.read_text().split() == ["a", "b", "c"]


async def test_a_stop_reaches_a_set_up_that_is_only_about_to_start(checks: Checks, tmp_path: Path) -> None:
    jobs = Jobs(PLAN, tmp_path / "run", LocalExecutor(), checks)
    await jobs.kill("one", 1)
    async with asyncio.timeout(30):
        ended = await jobs.setup(SetupRequested("one", 1, str(tmp_path)))
    assert not ended.ok


async def test_a_gate_is_run_once_however_often_it_is_asked_for(gates: GateJobs, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    intent = GateRequested(GateLevel.TASK, "one", Gate("quick", f"echo x >> {ran}"), "sha", 0)
    prepared = 0

    async def prepare() -> None:
        nonlocal prepared
        prepared += 1

    for _ in range(3):
        assert (await gates.run(intent, prepare)).verdict is GateVerdict.GREEN
    assert (prepared, ran.read_text()) == (1, "x\n")
