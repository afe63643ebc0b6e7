"""What goes wrong is classified, told with what helps, and taken up again: one test for each row."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from typing import Any

import psutil
from stagehand import PATIENCE, Scene, shell, simulated

KINDS = {
    "says": "ValidationError",
    "orphan": "DependencyError",
    "idle": "ImplementationError",
    "absent": "EnvironmentError",
    "red": "Test Failure",
    "slow": "Timeout",
    "crash": "InstanceCrash",
    "clash": "MergeConflict",
}


def of(status: Any, name: str) -> Any:
    return next(task for task in status["tasks"] if task["id"] == name)


def wait_for(seen: Callable[[], Any]) -> Any:
    """What `seen` gives once that is something."""
    deadline = time.monotonic() + PATIENCE
    while not (found := seen()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return found


def data_of(scene: Scene, kind: str) -> list[Any]:
    return [row["data"] for row in scene.events(kind)]


def every_failure() -> dict[str, Any]:
    """A plan of which each task but one fails in another way."""
    error = {"type": "ValidationError", "message": "DATABASE_URL is not set", "context": "connecting"}
    reach = {"at": 0, "milestone": "begun"}
    failing = {"type": "DependencyError", "message": "gone", "context": "late"}
    tasks = [
        simulated("says", simulate={"error": {**error, "recoveryHints": ["Set it"]}}),
        simulated("parent", reach, seconds=1.5, simulate={"error": failing}),
        simulated("orphan", needs=[{"task": "parent", "milestone": "begun"}]),
        shell("idle", "true", files=["idle.txt"]),
        {"id": "absent", "agent": "gone"},
        shell("red", "touch red.txt"),
        shell("slow", "touch slow.txt"),
        shell("crash", "exit 1"),
        shell("first", "echo first > app.txt"),
        shell("clash", "sleep 1; echo clash > app.txt"),
    ]
    check = "test ! -e slow.txt || sleep 60; test ! -e red.txt"
    return {
        "name": "errors",
        "slots": 10,
        "start_policy": "dependency",
        "agents": {"gone": {"command": ["no-such-command-at-all"]}},
        "gates": {"task": [{"name": "unit", "run": check, "timeout": "1 s"}]},
        "settings": {"auto_coordinate": False},
        "tasks": tasks,
    }


def test_every_kind_of_failure_has_a_context_and_two_to_four_hints(scene: Scene) -> None:
    """M168, M169: one of the hints names the task, the file, the variable or the command concerned."""
    done = scene.run(every_failure(), code=1)
    tasks = {task["id"]: task for task in scene.status()["tasks"] if task["error"]}
    assert {name: tasks[name]["error_type"] for name in KINDS} == KINDS
    for name, task in tasks.items():
        assert task["error"] and task["error_context"], name
        assert 2 <= len(task["hints"]) <= 4, (name, task["hints"])
        wanted = rf"\b{name}\b|[\w.]+\.(txt|log)|DATABASE_URL|wavetree (retry|resolve)"
        assert any(re.search(wanted, hint) for hint in task["hints"]), (name, task["hints"])
        told = done.data["errors"][name]
        assert (told["type"], told["recoveryHints"]) == (task["error_type"], task["hints"])
    words, report, log = scene("status").out, scene("report", code=None).out, done.out
    for name, task in tasks.items():
        for text in (words, report):
            assert f"{task['error_type']}: {task['error']}" in text, name
        for part in (task["error_context"], *task["hints"]):
            assert all(part.splitlines()[0] in text for text in (words, report, log)), (name, part)


# ── a failing test ──────────────────────────────────────────────────────────────────────────────────

DETECTED = """\
Error Detected in PROJ-124:

Type: Test Failure
Test: "should redirect after login"
Error: Expected '/dashboard', got '/home'

Actions:
1. Pausing PROJ-124 execution
2. Continuing PROJ-123 and PROJ-125
3. Alerting assignee
4. Queuing retry after fix

Other tasks unaffected."""

STATED = (
    'echo \'::wavetree type="Test Failure" test="should redirect after login" '
    'error="Expected \\u0027/dashboard\\u0027, got \\u0027/home\\u0027"\''
)


def tickets(run: str, **more: Any) -> dict[str, Any]:
    """Three tickets of which the second has a failing test until `mended` is there."""
    tasks = [
        shell("PROJ-123", "until test -e ../go; do sleep 0.05; done; echo > a.txt"),
        shell("PROJ-124", run, assignee="ada"),
        shell("PROJ-125", "until test -e ../go; do sleep 0.05; done; echo > b.txt"),
    ]
    return {"name": "tickets", "slots": 3, "start_policy": "dependency", "tasks": tasks, **more}


def told(scene: Scene) -> list[dict[str, Any]]:
    """What was notified so far: nothing as long as there is no file."""
    places = (scene.repo / ".git" / "wavetree" / "runs").glob("*/notifications.jsonl")
    return [json.loads(line) for place in places for line in place.read_text().splitlines()]


def block(scene: Scene) -> str:
    """The failing test in the words of `status`."""
    lines = [line.removeprefix("    ") for line in scene("status").out.splitlines()]
    begin = lines.index("Error Detected in PROJ-124:")
    return "\n".join(lines[begin : lines.index("Other tasks unaffected.") + 1])


def test_an_agent_with_a_failing_test_is_paused_and_its_retry_starts_after_the_fix(scene: Scene) -> None:
    """M170: the documents' text with its data; the others go on, the assignee is told."""
    scene.go(tickets(f"test -e ../mended || {{ {STATED}; exec sleep 60; }}; echo > fixed.txt"))
    scene.until(lambda s: of(s, "PROJ-124")["paused"], "the pause")
    assert block(scene) == DETECTED
    seen = scene.status()
    assert of(seen, "PROJ-124")["waiting_for"] == ["a fix, then: wavetree fixed PROJ-124"]
    assert of(seen, "PROJ-124")["retry_queued"]
    assert {of(seen, name)["state"] for name in ("PROJ-123", "PROJ-125")} == {"running"}
    assert [one["assignee"] for one in data_of(scene, "RetryQueued")] == ["ada"]
    note = wait_for(lambda: [one for one in told(scene) if one["title"] == "Task failed"])
    assert [(one["agent_id"], one["message"]) for one in note] == [("ada", DETECTED)]

    assert "waits for no fix" in scene("fixed", "PROJ-123", code=2).err
    (scene.folder / "mended").touch()
    assert "the retry of PROJ-124 starts" in scene("fixed", "PROJ-124", "--note", "mended").out
    (scene.folder / "go").touch()
    assert scene.ended()["state"] == "done"
    assert scene.task("PROJ-124")["attempt"] == 2
    assert [one["note"] for one in data_of(scene, "FixReported")] == ["mended"]


def test_a_killed_engine_leaves_the_failing_test_as_it_is(scene: Scene) -> None:
    """M170: who was paused stays so, nothing is told twice, and the retry starts after the fix."""
    (scene.folder / "go").touch()
    plan = tickets(f"test -e ../mended || {{ {STATED}; exec sleep 60; }}; echo > fixed.txt")
    plan["tasks"][0]["run"] = f"until test -e {scene.folder}/mended; do sleep 0.05; done; echo > a.txt"
    scene.go(plan)
    scene.until(lambda s: of(s, "PROJ-124")["paused"], "the pause")
    wait_for(lambda: [one for one in told(scene) if one["title"] == "Task failed"])
    engine = psutil.Process(scene.status()["engine_pid"])
    engine.kill()
    engine.wait()
    scene("resume", "--detach")
    scene.until(lambda s: of(s, "PROJ-124")["paused"], "the pause anew")
    assert "wavetree fixed PROJ-124" in scene("unpause", "PROJ-124", code=2).err
    assert len(scene.events("RetryQueued")) == 1
    assert len([one for one in told(scene) if one["title"] == "Task failed"]) == 1
    (scene.folder / "mended").touch()
    scene.until(
        lambda s: of(s, "PROJ-124")["state"] == "failed", "the end of its agent, as nothing else goes on"
    )
    scene("fixed", "PROJ-124")
    assert scene.ended()["state"] == "done"
    assert scene.task("PROJ-124")["attempt"] == 2


def test_a_test_that_fails_in_the_gate_is_told_alike_and_retried_after_the_fix(scene: Scene) -> None:
    """M170: the name of the test and its error are read from the gate's output."""
    says = r"  ● should redirect after login\n\n  Expected: \x27/dashboard\x27\n  Received: \x27/home\x27\n"
    check = f"test ! -e bad.txt || {{ printf '{says}'; exit 1; }}"
    gates = {"task": [{"name": "unit", "run": check}]}
    scene.go(tickets("test -e ../mended && touch good.txt || touch bad.txt", gates=gates))
    scene.until(lambda s: of(s, "PROJ-124")["state"] == "failed", "the red gate")
    assert block(scene) == DETECTED
    assert of(scene.status(), "PROJ-124")["error"] == (
        "PROJ-124: gate unit red: Expected '/dashboard', got '/home'"
    )
    (scene.folder / "mended").touch()
    scene("fixed", "PROJ-124")
    (scene.folder / "go").touch()
    assert scene.ended()["state"] == "done"
    assert scene.task("PROJ-124")["attempt"] == 2


def test_a_run_in_which_nobody_puts_the_test_right_ends_and_is_taken_up_by_the_fix(scene: Scene) -> None:
    """M170, M167: the paused agent does not keep the run from its end, and its work stays."""
    (scene.folder / "go").touch()
    done = scene.run(
        tickets(f"test -e ../mended || {{ {STATED}; touch begun.txt; exec sleep 60; }}; echo > fixed.txt"),
        code=1,
    )
    assert "PROJ-124 failed" in done.data["error"]
    assert done.data["errors"]["PROJ-124"]["type"] == "Test Failure"
    assert "Error Detected in PROJ-124:" in done.out.splitlines()
    assert scene.task("PROJ-124")["retry_queued"]
    assert "Next steps: wavetree fixed PROJ-124" in scene("report", code=None).out
    assert (scene.folder / "shop-wtPROJ-124" / "begun.txt").exists()
    (scene.folder / "mended").touch()
    assert "goes on with PROJ-124" in scene("fixed", "PROJ-124").out
    assert scene.ended()["state"] == "done"


# ── why a run fails ─────────────────────────────────────────────────────────────────────────────────

CAUSES = {
    "task validation failed",
    "resources unavailable",
    "worktree creation failed",
    "all instances failed to spawn",
    "repository corruption detected",
}


def failed_for(data: dict[str, Any], cause: str, words: str) -> None:
    """The run as a whole has failed, for this cause and no other; its error says so and more."""
    assert data["success"] is False
    assert data["failure"] == cause
    assert cause in CAUSES
    assert data["error"].startswith(f"{cause}: ")
    assert words in data["error"]


def test_a_run_fails_when_its_plan_is_not_valid(scene: Scene) -> None:
    """M176: before anything is started."""
    done = scene.run({"tasks": [shell("a", needs=["b"]), shell("b", needs=["a"])]}, code=2)
    failed_for(done.data, "task validation failed", "cycle: a -> b -> a")


def test_a_run_fails_when_the_machine_is_too_busy_for_too_long(scene: Scene) -> None:
    """M176: after the wait limit; taken up again it waits anew."""
    busy = {"start_memory_percent": 1, "resource_wait": "1 s", "poll_interval": "0.2 s"}
    done = scene.run(
        {"slots": 1, "tasks": [shell("a", "sleep 1; echo > a.txt"), shell("b")], "settings": busy}, code=1
    )
    for data in (done.data, scene("resume", "--headless", "--auto-approve", "--json", code=1).data):
        failed_for(data, "resources unavailable", "Waiting for resources... Memory")
        assert data["errors"] == {}
        assert data["duration_seconds"] >= 1
    assert len(scene.events("StartsWaited")) == 2


def test_a_run_fails_when_a_worktree_cannot_be_made(scene: Scene) -> None:
    """M176, M082"""
    plan = {"tasks": [shell("a", "touch a.txt ../shop-wtb"), shell("b", needs=["a"])]}
    done = scene.run(plan, code=1)
    failed_for(done.data, "worktree creation failed", "shop-wtb")


def test_a_run_fails_when_no_agent_can_be_started(scene: Scene) -> None:
    """M176, M087"""
    tasks = [{"id": name, "agent": "gone"} for name in "ab"]
    done = scene.run({"agents": {"gone": {"command": ["no-such-command-at-all"]}}, "tasks": tasks}, code=1)
    failed_for(done.data, "all instances failed to spawn", "no-such-command-at-all")


def test_a_run_fails_when_the_repository_is_corrupt(scene: Scene) -> None:
    """M176: an object is lost while the run goes on, and found at its end."""
    blob = scene.git("rev-parse", "HEAD:src/one.txt")
    lost = f"rm -f {scene.repo}/.git/objects/{blob[:2]}/{blob[2:]}"
    done = scene.run({"tasks": [shell("a", f"{lost}; echo > a.txt")]}, code=1)
    failed_for(done.data, "repository corruption detected", blob)


def test_one_failed_task_of_three_is_a_finished_run_with_failures(scene: Scene) -> None:
    """M176: none of the causes; the others are merged and landed."""
    done = scene.run({"slots": 3, "tasks": [shell("a"), shell("b", "exit 1"), shell("c")]}, code=1)
    assert done.data["failure"] is None
    assert done.data["error"] == "b failed"
    assert not any(cause in done.data["error"] for cause in CAUSES)
    assert done.data["monitoring_result"] == {"completed": 2, "failed": 1, "total": 3}
    assert (scene.show("a.txt"), scene.show("c.txt")) == ("a", "c")


def test_an_agent_that_runs_far_over_its_estimate_is_ended(scene: Scene) -> None:
    """M173: after its estimate times the factor, or its own timeout; a pause does not count."""
    tasks = [
        simulated("far", seconds=60, estimate="1 second"),
        simulated("own", seconds=60, estimate="1 hour", timeout="2 s"),
        simulated("held", seconds=60, estimate="1 second"),
        simulated("well", seconds=0.5, estimate="1 second"),
    ]
    scene.go({"slots": 4, "tasks": tasks, "settings": {"timeout_factor": 3}})
    scene.until(lambda s: of(s, "held")["state"] == "running" and of(s, "held")["pid"], "the agents")
    scene("pause", "held")
    status = scene.until(
        lambda s: of(s, "far")["state"] == of(s, "own")["state"] == "failed", "the end of the two"
    )
    assert of(status, "held")["paused"]
    for name, seconds in (("far", 3.0), ("own", 2.0)):
        begun = next(row["time"] for row in scene.events("AgentStarted") if row["task"] == name)
        ended = next(row["time"] for row in scene.events("AgentExited") if row["task"] == name)
        assert seconds - 0.5 <= ended - begun <= seconds + 0.5, name
        assert of(status, name)["error_type"] == "Timeout"
        assert f"after {seconds:g} s " in of(status, name)["error"]
    scene("stop", "held")
    assert scene.ended()["reason"] == "far, own failed; held stopped"
