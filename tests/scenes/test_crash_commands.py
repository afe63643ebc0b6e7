"""The engine is killed under a person's hands, and `wavetree resume` puts everything right (M162, M163)."""

from __future__ import annotations

import os
import signal
from functools import partial
from pathlib import Path
from typing import Any

import psutil
from crashes import cut_power, until
from stagehand import PATIENCE, Scene, shell


def kill_engine(scene: Scene) -> int:
    """Kill the engine alone; its process id."""
    pid = int(scene.status()["engine_pid"])
    os.kill(pid, signal.SIGKILL)
    until(lambda: scene.status()["state"] == "interrupted", "the engine's death")
    return pid


def lines(path: Path) -> list[str]:
    return path.read_text().split() if path.exists() else []


def two_waves(scene: Scene) -> dict[str, Any]:
    """Wave 2 has one quick task and two that wait for a file; each notes that it worked."""
    go, worked = scene.folder / "go", scene.folder / "worked"
    waits = f"until [ -e {go} ]; do sleep 0.02; done; "
    return {
        "slots": 3,
        "tasks": [
            shell("base", f"echo base >> {worked}; echo base > base.txt"),
            shell("quick", f"echo quick >> {worked}; echo quick > quick.txt", needs=["base"]),
            shell("slow", f"echo slow >> {worked}; {waits} echo slow > slow.txt", needs=["base"]),
            shell("late", f"echo late >> {worked}; {waits} cat base.txt > late.txt", needs=["base"]),
        ],
    }


def test_after_a_kill_in_wave_2_the_running_agents_are_adopted_and_what_is_complete_is_left(
    scene: Scene,
) -> None:
    scene.go(two_waves(scene))
    before = scene.until(
        lambda status: (
            [task["state"] for task in status["tasks"]] == ["merged", "complete", "running", "running"]
        ),
        "one of three complete",
    )
    agents = {task["id"]: task["pid"] for task in before["tasks"] if task["pid"]}
    assert sorted(agents) == ["late", "slow"]
    dead = kill_engine(scene)
    assert all(psutil.pid_exists(pid) for pid in agents.values())
    resumed = scene.start("resume", "--headless", "--json")
    now = scene.until(lambda status: bool(status["engine_pid"]) and status["state"] == "active", "an engine")
    assert now["engine_pid"] != dead
    assert {task["id"]: task["pid"] for task in now["tasks"] if task["pid"]} == agents
    found = partial(scene.events, "AgentStarted")
    scene.until(lambda _: sum(row["data"]["adopted"] for row in found()) == len(agents), "both found again")
    (scene.folder / "go").touch()
    out, err = resumed.communicate(timeout=PATIENCE)
    assert resumed.returncode == 0, out + err
    assert "complete already, skipping: base, quick" in err
    assert f"took over the lock of process {dead}, which is gone" in out
    for name, pid in agents.items():
        assert f"Found again shell for {name} (PID: {pid})" in out
    assert sorted(lines(scene.folder / "worked")) == ["base", "late", "quick", "slow"]
    assert {task["attempt"] for task in scene.status()["tasks"]} == {1}
    assert [scene.show(f"{name}.txt") for name in ("base", "quick", "slow", "late")] == [
        "base",
        "quick",
        "slow",
        "base",
    ]
    assert scene.worktrees()[1:] == []


def test_a_paused_agent_stays_stopped_through_a_kill_and_a_resume_until_it_is_unpaused(scene: Scene) -> None:
    beats, go = scene.folder / "beats", scene.folder / "go"
    run = f"until [ -e {go} ]; do echo x >> {beats}; sleep 0.02; done; echo done > beat.txt"
    scene.go({"tasks": [shell("beat", run)]})
    until(lambda: len(lines(beats)) > 3, "a heartbeat")
    scene("pause", "beat")
    stood = len(lines(beats))
    pid = int(scene.task("beat")["pid"])
    assert psutil.Process(pid).status() == psutil.STATUS_STOPPED
    kill_engine(scene)
    assert psutil.Process(pid).status() == psutil.STATUS_STOPPED
    scene("resume", "--detach")
    scene.until(lambda status: status["tasks"][0]["paused"], "the pause")
    task = scene.task("beat")
    assert (task["state"], task["pid"], task["attempt"]) == ("paused", pid, 1)
    assert psutil.Process(pid).status() == psutil.STATUS_STOPPED
    assert len(lines(beats)) == stood
    scene("unpause", "beat")
    until(lambda: len(lines(beats)) > stood + 3, "another heartbeat")
    go.touch()
    assert scene.ended()["state"] == "done"


def test_an_agent_that_went_down_with_the_engine_is_started_again(scene: Scene) -> None:
    worked = scene.folder / "worked"
    first = f"[ $(wc -l < {worked}) = 2 ] || sleep 1000"
    run = f"echo x >> {worked}; echo half > job.txt; {first}; echo all > job.txt"
    scene.go({"tasks": [shell("job", run), shell("next", needs=["job"])]})
    scene.until(lambda status: status["tasks"][0]["pid"], "the agent")
    until(lambda: len(lines(worked)) == 1, "its work")
    cut_power(scene)
    done = scene("resume", "--headless", "--json")
    assert "job" in done.out
    assert scene.status()["state"] == "done"
    assert (scene.task("job")["attempt"], scene.task("next")["attempt"]) == (2, 1)
    assert scene.show("job.txt") == "all"
    assert scene.show("job.txt", "refs/wavetree/rescue/r1/job/1") == "half"


def test_a_resume_waits_for_a_git_that_the_killed_engine_left_at_work(scene: Scene) -> None:
    slow, tools = scene.folder / "slow", scene.folder / "tools"
    tools.mkdir()
    wrapper = tools / "git"
    real = scene.shell("command -v git").out.strip()
    wrapper.write_text(
        f'#!/bin/bash\nif [ -e {slow} ] && [[ " $* " == *" update-ref "* ]]; then\n'
        f'  echo $$ > {slow}.pid; sleep 2; fi\nexec {real} "$@"\n'
    )
    wrapper.chmod(0o755)
    scene.env["PATH"] = f"{tools}:{scene.env['PATH']}"
    go = scene.folder / "go"
    scene.go({"tasks": [shell("one", f"until [ -e {go} ]; do sleep 0.02; done; echo 1 > one.txt")]})
    engine = int(scene.until(lambda status: status["tasks"][0]["pid"], "the agent")["engine_pid"])
    slow.touch()
    go.touch()
    until(lambda: bool(lines(Path(f"{slow}.pid"))), "a git at work")
    orphan = psutil.Process(int(lines(Path(f"{slow}.pid"))[0]))
    os.kill(engine, signal.SIGKILL)
    slow.unlink()
    assert orphan.is_running()
    done = scene("resume", "--headless")
    assert not orphan.is_running() or orphan.status() == psutil.STATUS_ZOMBIE
    assert "took over the lock" in done.out
    assert scene.status()["state"] == "done"
    assert scene.show("one.txt") == "1"


def test_a_run_killed_while_it_was_being_stopped_goes_on_when_resumed(scene: Scene) -> None:
    tries = scene.folder / "tries"
    run = f"trap '' INT TERM; echo x >> {tries}; [ $(wc -l < {tries}) = 2 ] || sleep 1000; echo 1 > one.txt"
    scene.go({"tasks": [shell("one", run)], "settings": {"stop_grace": "2s"}})
    until(lambda: len(lines(tries)) == 1, "the agent's work")
    stopping = scene.start("stop")
    scene.until(lambda status: status["state"] == "stopping", "the stop")
    kill_engine(scene)
    assert stopping.wait(PATIENCE) == 1
    _, err = stopping.communicate()
    assert "Traceback" not in err
    scene("resume", "--headless")
    assert scene.status()["state"] == "done"
    assert scene.task("one")["attempt"] == 2
