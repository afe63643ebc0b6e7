"""M193, M194, M109: the engine tells a file and a command; neither can stop it, nothing is told twice."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest
from stagehand import Scene, shell

from engine.client import Client
from engine.edge.runs import Project
from engine.herald import Herald

FIVE = ["title", "message", "level", "sound", "agent_id"]


def records(scene: Scene) -> list[Any]:
    file = scene.repo / ".git" / "wavetree" / "runs" / "r1" / "notifications.jsonl"
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def recording(scene: Scene) -> tuple[list[str], Path]:
    """A command that writes what it is told, and the file it writes to."""
    heard = scene.folder / "heard"
    script = scene.folder / "tell"
    script.write_text(f"#!/bin/sh\ncat >> {heard}\n")
    script.chmod(0o755)
    return [str(script)], heard


def test_a_command_hears_of_each_wave_of_a_conflict_at_once_and_of_the_metrics(scene: Scene) -> None:
    """M194"""
    command, heard = recording(scene)
    scene.write({"app.txt": "a\nb\nc\n"})
    wait = "until [ -e {go} ]; do sleep 0.05; done".format(go=scene.folder / "go")
    tasks = [
        shell("one", run=f"sed -i s/b/one/ app.txt; {wait}"),
        shell(
            "two",
            run=f"sleep 0.4; sed -i s/b/two/ app.txt; {wait}; git checkout -q app.txt; echo 2 > two.txt",
        ),
    ]
    settings = {
        "notify_command": command,
        "progress_updates": "per_block_completion",
        "metrics_tracking": "enabled",
        "auto_coordinate": False,
        "scan_interval": "1s",
    }
    scene("run", scene.plan({"tasks": tasks, "settings": settings}), "--detach", "--auto-approve")
    scene.until(lambda s: heard.exists() and "Conflict" in heard.read_text(), "the conflict told")
    assert {task["state"] for task in scene.status()["tasks"]} == {"running"}, "while both are at work"
    (scene.folder / "go").touch()
    assert scene.ended()["state"] == "done"
    scene.until(lambda s: "Metrics" in heard.read_text(), "the metrics told")
    said = [json.loads(line) for line in heard.read_text().splitlines()]
    assert said == records(scene)
    titles = [one["title"] for one in said]
    assert titles.count("Wave complete") == titles.count("Metrics") == titles.count("Conflict") == 1
    assert titles[-2:] == ["Parallel Execution Complete", "Metrics"]
    assert all(list(one) == FIVE and one["sound"] is False for one in said)
    assert "time_savings" in said[-1]["message"]


def test_disabled_tells_only_the_end_and_a_failing_task_its_assignee(scene: Scene) -> None:
    """M193"""
    settings = {"progress_updates": "disabled", "conflict_reporting": "disabled"}
    tasks = [shell("a"), {**shell("b", run="exit 3"), "assignee": "kim"}]
    scene.run({"tasks": tasks, "settings": settings}, code=1)
    assert [(one["title"], one["agent_id"]) for one in records(scene)] == [
        ("Task failed", "kim"),
        ("Parallel Execution Failed", "orchestrator"),
    ]


@pytest.mark.parametrize("command", [["/nonexistent/command"], ["false"]])
def test_a_command_that_fails_is_told_of_once_and_stops_nothing(scene: Scene, command: list[str]) -> None:
    settings = {"notify_command": command, "progress_updates": "per_block_completion"}
    plan = {"tasks": [shell("a"), shell("b", needs=["a"])], "settings": settings}
    scene.run(plan)
    titles = [one["title"] for one in records(scene)]
    assert titles.count("Notification command failed") == 1
    assert titles.count("Wave complete") == 2
    assert titles[-1] == "Parallel Execution Complete"


def test_what_a_killed_engine_has_told_is_not_told_again(scene: Scene) -> None:
    settings = {"progress_updates": "per_block_completion"}
    plan = {"tasks": [shell("a"), shell("b", needs=["a"])], "settings": settings}
    scene("run", scene.plan(plan), "--headless", code=3)
    scene("approve")
    scene.until(lambda s: s["waves"][1]["state"] == "offered", "wave 2")
    scene.until(lambda s: len(records(scene)) == 3, "told of it")
    os.kill(scene.status()["engine_pid"], signal.SIGKILL)
    scene("resume", code=3)
    scene("approve")
    scene.until(lambda s: "Parallel Execution" in str(records(scene)), "the end told")
    assert [one["title"] for one in records(scene)] == [
        "Approval needed",
        "Wave complete",
        "Approval needed",
        "Wave complete",
        "Parallel Execution Complete",
    ]


async def test_every_thirty_minutes_how_far_it_is(scene: Scene) -> None:
    """M109: 65 minutes, two reports"""
    settings = {"progress_updates": "30m"}
    scene("run", scene.plan({"tasks": [shell("a")], "settings": settings}), "--headless", code=3)
    project = Project(scene.repo, scene.repo / ".git")
    scene.until(lambda s: len(records(scene)) == 1, "the approval told")
    clock = [scene.events("RunCreated")[0]["time"]]
    herald = Herald(project, "r1", now=lambda: clock[0])
    try:
        for _ in range(65):
            clock[0] += 60
            await herald.look()
    finally:
        herald.close()
    told = records(scene)[1:]
    assert [one["title"] for one in told] == ["Progress", "Progress"]
    assert "wave 1" in told[0]["message"]


def test_an_update_that_says_nothing_is_refused_with_what_is_accepted(scene: Scene) -> None:
    plan = scene.plan({"tasks": [shell("a")], "settings": {"progress_updates": "soon"}})
    assert "accepted: a time such as `30m`" in scene("validate", plan, code=2).out


def test_a_screen_is_told_what_came_since_it_was_opened_and_a_line_cut_off_is_passed_over(
    scene: Scene,
) -> None:
    scene.run({"tasks": [shell("a")]})
    client = Client(Project(scene.repo, scene.repo / ".git"), "r1")
    try:
        assert client.news() == ()
        whole = b'{"title":"Conflict","message":"c1","level":"warning","sound":false,"agent_id":"x"}\n'
        with (client.folder / "notifications.jsonl").open("ab") as file:
            file.write(whole[:20] + b"\n" + whole + whole[:30])
        assert [note.title for note in client.news()] == ["Conflict"]
        with (client.folder / "notifications.jsonl").open("ab") as file:
            file.write(whole[30:])
        assert [note.title for note in client.news()] == ["Conflict"]
        assert client.news() == ()
    finally:
        client.close()
