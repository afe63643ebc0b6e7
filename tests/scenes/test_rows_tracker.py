"""M195: status changes go back into the ticket file, and to a command or an outbox."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from stagehand import Scene

TICKETS = """\
# ours
tickets:
  - {id: PROJ-1, title: One, status: Ready, run: "echo 1 > one.txt"}
  - id: PROJ-2
    title: Two
    status: Ready   # after the first
    dependencies: [PROJ-1]
    run: echo 2 > two.txt
  - {id: PROJ-3, title: Three, status: Ready, run: "echo 3 > three.txt"}
"""


def started(
    scene: Scene, *, settings: str = "", tickets: str = TICKETS, commit: bool = True, code: int = 0
) -> None:
    scene.write({"tickets.yaml": tickets, ".wavetree.yaml": settings or "slots: 2\n"})
    scene.git("add", ".wavetree.yaml", *(["tickets.yaml"] if commit else []))
    scene.git("commit", "-qm", "tickets")
    scene("parallel", "PROJ-1", "PROJ-2", "--headless", "--auto-approve", code=code)
    scene.ended()
    assert scene.left() == []


def outbox(scene: Scene) -> list[Any]:
    folder = scene.repo / ".git" / "wavetree" / "runs" / "r1" / "outbox"
    return [json.loads(file.read_text()) for file in sorted(folder.glob("*.json"))] if folder.exists() else []


def statuses(text: str) -> dict[str, str]:
    return {ticket["id"]: ticket["status"] for ticket in yaml.safe_load(text)["tickets"]}


def test_after_the_run_the_file_says_done_and_the_outbox_has_one_file_per_change(scene: Scene) -> None:
    started(scene)
    text = (scene.repo / "tickets.yaml").read_text()
    assert statuses(text) == {"PROJ-1": "Done", "PROJ-2": "Done", "PROJ-3": "Ready"}
    assert text.replace("status: Done", "status: Ready") == TICKETS
    assert scene.git("status", "--porcelain") == ""
    marks = [line for line in scene.git("log", "--format=%s", "main").splitlines() if "as done" in line]
    assert marks == ["Mark PROJ-2 as done", "Mark PROJ-1 as done"], "each before its wave landed"
    said = [(one["ticket"], one["before"], one["status"]) for one in outbox(scene)]
    assert sorted(said) == [
        ("PROJ-1", "In Progress", "Done"),
        ("PROJ-1", "To Do", "In Progress"),
        ("PROJ-2", "In Progress", "Done"),
        ("PROJ-2", "To Do", "In Progress"),
    ]
    assert all(one["commit"] for one in outbox(scene) if one["status"] == "Done")
    assert "✅ Marked as Done in tickets.yaml: PROJ-1" in scene("attach", "--headless").out


def test_a_file_that_is_not_committed_is_marked_at_the_end(scene: Scene) -> None:
    started(scene, commit=False)
    assert statuses((scene.repo / "tickets.yaml").read_text())["PROJ-2"] == "Done"
    assert "as done" not in scene.git("log", "--format=%s", "main")
    assert scene.events("TrespassSeen") == []


def test_a_command_gets_each_change_and_what_it_does_not_take_stays_in_the_outbox(scene: Scene) -> None:
    heard, script = scene.folder / "heard", scene.folder / "tell"
    refuses = 'case "$line" in *Done*) exit 1;; esac'
    script.write_text(f'#!/bin/sh\nread line\n{refuses}\necho "$line" >> {heard}\n')
    script.chmod(0o755)
    started(scene, settings=f"tracker_command: [{script}]\n")
    told = [json.loads(line) for line in heard.read_text().splitlines()]
    assert {(one["ticket"], one["status"]) for one in told} == {
        ("PROJ-1", "In Progress"),
        ("PROJ-2", "In Progress"),
    }
    left = {(one["ticket"], one["status"]) for one in outbox(scene)}
    assert left == {("PROJ-1", "Done"), ("PROJ-2", "Done")}


def test_a_ticket_that_failed_is_blocked_with_its_reason_and_not_done(scene: Scene) -> None:
    started(scene, tickets=TICKETS.replace("echo 2 > two.txt", "exit 3"), code=1)
    assert statuses((scene.repo / "tickets.yaml").read_text())["PROJ-2"] == "Ready"
    (blocked,) = [one for one in outbox(scene) if one["status"] == "Blocked"]
    assert blocked["ticket"] == "PROJ-2" and "exit code 3" in blocked["reason"]


def test_off_means_nothing_is_written(scene: Scene) -> None:
    started(scene, settings="tracker_sync: false\n")
    assert (scene.repo / "tickets.yaml").read_text() == TICKETS
    assert outbox(scene) == []


@pytest.mark.parametrize("where", ["inside", "outside"])
def test_a_plan_of_other_kinds_is_no_trackers(scene: Scene, where: str) -> None:
    plan: str | Path = scene.plan({"tasks": [{"id": "a", "run": "echo a > a.txt"}]})
    if where == "inside":
        scene.write({"plan.yaml": Path(plan).read_text()})
        plan = scene.repo / "plan.yaml"
    scene("run", str(plan), "--headless", "--auto-approve")
    assert outbox(scene) == []
