"""What goes wrong is classified, told with what helps, and taken up again: one test for each row."""

from __future__ import annotations

import re
from typing import Any

from stagehand import Scene, shell, simulated

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
        "conflicts": {"handling": "manual"},
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
