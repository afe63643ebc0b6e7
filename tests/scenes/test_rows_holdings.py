"""Resources and locks in real runs; plans that nobody carries out yet; readiness."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from typing import Any

import psutil
from crashes import until
from stagehand import PATIENCE, Scene, shell, simulated


def at_work(scene: Scene) -> dict[str, tuple[float, float]]:
    """When each task's agent started and ended."""
    begun = {row["task"]: row["time"] for row in scene.events("AgentStarted")}
    return {row["task"]: (begun[row["task"]], row["time"]) for row in scene.events("AgentExited")}


def apart(spans: dict[str, tuple[float, float]], one: str, two: str) -> bool:
    return spans[one][1] <= spans[two][0] or spans[two][1] <= spans[one][0]


def test_what_tasks_hold_keeps_them_apart_and_the_next_builds_on_the_one_before(scene: Scene) -> None:
    """M003, M046, M075, M076, M088: both edit one line of one file, one after the other, and both land"""
    scene.write({"hooks.py": "hooks = []\n"})
    scene.git("add", "-A")
    scene.git("commit", "-qm", "hooks")
    edit = "sleep 0.3; sed -i 's/]/ {0}]/' hooks.py"
    plan: dict[str, Any] = {
        "slots": 4,
        "resources": {"database": 1},
        "file_rules": [{"file": "hooks.py", "resolution": "sequential_access", "tasks": ["a", "b"]}],
        "tasks": [
            {"id": "a", "run": edit.format("a")},
            {"id": "b", "run": edit.format("b")},
            simulated("c", seconds=0.3, resources={"database": 1}),
            simulated("d", seconds=0.3, resources={"database": 1}, conflicts_with=["e"]),
            simulated("e", seconds=0.3),
        ],
    }
    scene.run(plan)
    spans = at_work(scene)
    assert apart(spans, "a", "b")
    assert apart(spans, "c", "d")
    assert apart(spans, "d", "e")
    assert not apart(spans, "a", "c") or not apart(spans, "a", "d") or not apart(spans, "a", "e")
    assert sorted(scene.show("hooks.py")) == sorted("hooks = [ a b]")
    assert all(task["state"] == "merged" for task in scene.status()["tasks"])


def test_a_unit_is_free_again_when_its_task_is_killed(scene: Scene) -> None:
    """M075"""
    plan = {
        "resources": {"build": 1},
        "tasks": [
            simulated("a", seconds=60, resources={"build": 1}),
            simulated("b", seconds=0.1, resources={"build": 1}),
        ],
    }
    scene.go(plan, "--slots", "2")
    scene.until(lambda status: status["tasks"][0]["pid"], "a at work")
    waiting = scene.task("b")["waiting_for"]
    assert waiting == ["build (1 of 1 in use)"]
    scene("stop", "a")
    ended = scene.until(lambda status: status["tasks"][1]["state"] == "merged", "b")
    assert ended["tasks"][0]["state"] == "stopped"


def test_imported_work_runs_once_somebody_is_named_for_it(scene: Scene) -> None:
    """Tickets name no agent: a run is refused with the remedy, a dry run is not"""
    tickets = scene.plan(
        json.dumps({"tickets": [{"id": "T-1", "title": "One"}, {"id": "T-2", "title": "Two"}]})
    )
    refused = scene("run", tickets, "--headless", code=4)
    assert "nobody is there to do T-1, T-2" in refused.err
    assert "--agent" in refused.err
    assert scene.status()["run"] is None
    assert "nobody does T-1, T-2 yet" in scene("run", tickets, "--dry-run").out
    agents = scene.folder / "agents.yaml"
    agents.write_text(
        'wavetree: 1\nagents: {writer: {command: [bash, -c, "echo $0 > $0.txt", "{task}"]}}\nagent: writer\n'
    )
    scene("run", tickets, str(agents), "--headless", "--auto-approve")
    assert (scene.show("T-1.txt"), scene.show("T-2.txt")) == ("T-1", "T-2")


def test_a_run_begins_only_when_what_it_needs_is_ready(scene: Scene) -> None:
    """M079"""
    plan = {"tasks": [shell("a")], "readiness": ["true", "echo the daemon sleeps >&2; false"]}
    refused = scene("run", scene.plan(plan), "--headless", code=4)
    assert "not ready: echo the daemon sleeps >&2; false: exit code 1, the daemon sleeps" in refused.err
    assert scene.worktrees() == [str(scene.repo)]
    ready = scene("run", scene.plan(plan | {"readiness": ["true"]}), "--dry-run").out
    assert "readiness: 1 command succeeded" in ready
    assert (
        "readiness: skipped, no commands"
        in scene("run", scene.plan({"tasks": [shell("a")]}), "--dry-run").out
    )


def test_what_a_readiness_command_started_goes_when_a_person_breaks_off(scene: Scene) -> None:
    """M079"""
    child = scene.folder / "child"
    plan = {"tasks": [shell("a")], "readiness": [f"sleep 1000 & echo $! > {child}; wait"]}
    asking = scene.start("run", scene.plan(plan), "--headless")
    until(lambda: child.exists() and bool(child.read_text().strip()), "the readiness command")
    sleeper = psutil.Process(int(child.read_text()))
    asking.send_signal(signal.SIGINT)
    assert asking.wait(PATIENCE) == 130
    until(
        lambda: not sleeper.is_running() or sleeper.status() == psutil.STATUS_ZOMBIE, "the end of its child"
    )


BREAKS_OFF = """
import os, signal, sys
from pathlib import Path
from engine import launch

def at_birth(frame, event, called):  # the command's process exists, and nobody has been told its number
    if event == "c_call" and called is os.read and frame.f_code.co_name == "_execute_child":
        sys.setprofile(None)
        os.kill(os.getpid(), signal.SIGINT)

sys.setprofile(at_birth)
launch._tried(f"sleep 1000 & echo $! > {sys.argv[1]}; wait", Path.cwd())
"""


def test_a_readiness_command_broken_off_while_it_starts_goes_too(scene: Scene) -> None:
    """M079: whatever it had begun ends with it"""
    child = scene.folder / "child"
    done = subprocess.run(
        [sys.executable, "-c", BREAKS_OFF, str(child)],
        cwd=scene.folder,
        env=scene.env,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.stderr.endswith("KeyboardInterrupt\n")
    words = (" ".join(process.info["cmdline"] or ()) for process in psutil.process_iter(["cmdline"]))
    assert [said for said in words if str(child) in said] == []


def test_a_frozen_resource_is_given_to_nobody_until_it_is_released(scene: Scene) -> None:
    """M076: waiting tasks say why; who has it keeps it; it survives a killed engine"""
    scene.env["SCENE_FOLDER"] = str(scene.folder)
    waits = "until [ -e $SCENE_FOLDER/go ]; do sleep 0.02; done"
    uses = {"resources": {"database": 1}}
    tasks = [shell("a", waits, **uses), shell("b", "echo b > b.txt", **uses), shell("c", waits)]
    scene.go({"slots": 2, "resources": {"database": 1}, "tasks": tasks})
    scene.until(lambda s: s["tasks"][0]["pid"] and s["tasks"][2]["pid"], "the agents")
    assert "no task of the run uses 'printer'" in scene("resource", "freeze", "printer", code=2).err
    scene("resource", "freeze", "database", "--note", "it is being migrated")
    assert "database" in scene("resource").out
    assert scene("resource", "--json").data == [
        {"name": "database", "count": 1.0, "taken": 1.0, "tasks": ["a"], "frozen": True}
    ]
    psutil.Process(scene.status()["engine_pid"]).kill()
    scene("resume", "--detach")
    (scene.folder / "go").touch()
    scene.until(lambda s: s["tasks"][0]["state"] == "complete", "a complete: it kept what it had")
    assert scene.task("b")["waiting_for"] == ["frozen: database"]
    scene("resource", "unfreeze", "database")
    assert scene.ended()["state"] == "done"


def test_an_exclusive_resource_is_free_again_after_the_engine_was_killed(scene: Scene) -> None:
    """M075: its task ends while no engine lives; taken up again, the next one gets it"""
    scene.env["SCENE_FOLDER"] = str(scene.folder)
    uses = {"resources": {"database": 1}}
    ends = "until [ -e $SCENE_FOLDER/go ]; do sleep 0.02; done; touch $SCENE_FOLDER/gone"
    tasks = [shell("a", ends, **uses), shell("b", "echo b > b.txt", **uses)]
    scene.go({"slots": 2, "resources": {"database": 1}, "tasks": tasks})
    scene.until(lambda status: status["tasks"][0]["pid"], "a at work")
    engine = psutil.Process(scene.status()["engine_pid"])
    engine.kill()
    until(lambda: not engine.is_running() or engine.status() == psutil.STATUS_ZOMBIE, "the engine's end")
    assert scene("resource", "--json").data[0]["tasks"] == ["a"]
    (scene.folder / "go").touch()
    until((scene.folder / "gone").exists, "the end of a")
    scene("resume", "--detach")
    assert scene.ended()["state"] == "done"
    assert apart(at_work(scene), "a", "b")
    assert scene("resource", "--json").data[0]["taken"] == 0


def test_a_third_task_waits_for_cores_and_memory_that_the_machine_keeps_back(scene: Scene) -> None:
    """M074: of 4 cores and 16 GB half is kept back; two tasks of 1 core and 4 GB take the rest"""
    scene.write({".wavetree.yaml": "machine: {cores: 4, ram: 16GB, reserved_cores: 2, reserved_ram: 8GB}\n"})
    wait = f"until test -e {scene.folder}/go; do sleep 0.05; done; echo > $WAVETREE_TASK.txt"
    tasks = [shell(name, wait, resources={"cores": 1, "ram": "4GB"}) for name in "abc"]
    scene.go({"slots": 3, "tasks": tasks})
    seen = scene.until(lambda s: sum(task["state"] == "running" for task in s["tasks"]) == 2, "two at work")
    (third,) = (task for task in seen["tasks"] if task["state"] != "running")
    assert third["waiting_for"] == ["cores (2 of 2 in use)"]
    (scene.folder / "go").touch()
    assert scene.ended()["state"] == "done"


def test_what_a_plan_says_nothing_of_is_shared_out_as_the_machine_has_it(scene: Scene) -> None:
    """M074: half of this machine's memory, as the run and its preview say"""
    plan = {"slots": 2, "tasks": [shell("a", resources={"ram": 1}), shell("b", resources={"ram": 1})]}
    scene.run(plan)
    (made,) = (row["data"]["plan"] for row in scene.events("RunCreated"))
    total = psutil.virtual_memory().total
    assert (made["machine"]["ram"], made["machine"]["reserved_ram"]) == (total, total / 2)
    assert "cores" not in made["machine"] or not made["machine"]["cores"]
