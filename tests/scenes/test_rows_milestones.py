"""A ticket that waits for a milestone starts from the other one's commit at that moment (M060)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from crashes import Crashes, fresh
from stagehand import Scene, shell, simulated


def tickets() -> list[dict[str, Any]]:
    """The three tickets of the dependencies document; an unrelated one that is merged before all of them."""
    schema = [
        {"at": 0, "write": {"path": "schema.sql", "text": "draft\n"}, "commit": "schema draft"},
        {"at": 0.3, "milestone": "schema done"},
        {"at": 0.4, "write": {"path": "schema.sql", "text": "final\n"}, "commit": "schema final"},
    ]
    api = [
        {"at": 0, "replace": {"path": "schema.sql", "old": "draft", "new": "draft"}},
        {"at": 0.1, "append": {"path": "api.txt", "text": "api\n"}, "commit": "api"},
        {"at": 0.2, "milestone": "API ready"},
    ]
    at_schema = {"task": "PROJ-123", "milestone": "schema done"}
    at_api = {"task": "PROJ-124", "milestone": "API ready"}
    return [
        simulated("PROJ-122", seconds=0),
        simulated("PROJ-123", *schema, seconds=1.5),
        simulated("PROJ-124", *api, seconds=3.0, needs=[at_schema]),
        simulated("PROJ-126", needs=["PROJ-123", at_api]),
    ]


def test_tickets_start_at_milestones_from_the_others_commits_and_each_change_lands_once(scene: Scene) -> None:
    scene.run({"slots": 4, "start_policy": "dependency", "tasks": tickets()})
    events = scene.events()
    place = {(row["kind"], row["task"]): number for number, row in reversed([*enumerate(events)])}
    said = next(
        number
        for number, row in enumerate(events)
        if row["kind"] == "AgentReported" and "schema done" in row["data"]["report"].get("milestones", ())
    )
    assert said < place["WorktreeRequested", "PROJ-124"] < place["AgentStarted", "PROJ-124"]
    assert place["AgentStarted", "PROJ-124"] < place["AgentExited", "PROJ-123"]
    assert place["AgentStarted", "PROJ-126"] < place["AgentExited", "PROJ-124"]
    made = {row["task"]: row["data"] for row in scene.events("WorktreeMade")}
    assert [made[name].get("built_on", []) for name in ("PROJ-123", "PROJ-124", "PROJ-126")] == [
        [],
        ["PROJ-123"],
        ["PROJ-124"],
    ]
    assert "schema draft" in scene.git("log", "--format=%s", made["PROJ-124"]["base"]).splitlines()
    assert scene.show("PROJ-122.txt", made["PROJ-124"]["base"]) == "PROJ-122", "what was merged before"
    assert scene.show("schema.sql", made["PROJ-126"]["base"]) == "final", "what was merged meanwhile"
    subjects = scene.git("log", "--format=%s", "--no-merges", "main").splitlines()
    assert [subjects.count(subject) for subject in ("schema draft", "schema final", "api")] == [1, 1, 1]
    assert (scene.show("schema.sql"), scene.show("api.txt")) == ("final", "api")
    collected = {row["task"]: row["data"] for row in scene.events("Collected")}
    upper = collected["PROJ-124"]
    assert (upper["files"], upper["commits"]) == (
        ["PROJ-124.txt", "api.txt"],
        1,
    )
    assert collected["PROJ-126"]["files"] == ["PROJ-126.txt"]


def two(scene: Scene, first: str, second: str) -> dict[str, Any]:
    """`first` commits, reports the milestone, waits for the file `go`; `second` starts from that commit."""
    draft = "echo draft > schema.txt; git add -A; git commit -qm draft; echo '::wavetree milestone=drafted'; "
    waits = f"until [ -e {scene.folder / 'go'} ]; do sleep 0.02; done; "
    later = [{"task": "first", "milestone": "drafted"}]
    tasks = [shell("first", draft + waits + first), shell("second", second, needs=later)]
    return {"start_policy": "dependency", "tasks": tasks}


def test_a_ticket_built_on_commits_that_failed_ends_visibly_with_its_work_kept(scene: Scene) -> None:
    scene.go(two(scene, "exit 1", "cat schema.txt > second.txt"))
    scene.until(lambda status: status["tasks"][1]["state"] == "complete", "the second")
    (scene.folder / "go").touch()
    assert scene.ended()["state"] == "failed"
    second = scene.task("second")
    assert second["state"] == "failed"
    assert second["error"] == "second is complete, but first it was built on failed"
    assert scene.show("second.txt", second["branch"]) == "draft"
    assert scene.git("ls-tree", "--name-only", "main") == ".gitignore\napp.txt\nsrc"


def test_without_a_commit_to_start_from_the_ticket_says_so(scene: Scene) -> None:
    first = shell("first", "echo '::wavetree milestone=drafted'; sleep 0.5; echo 1 > first.txt")
    second = shell("second", needs=[{"task": "first", "milestone": "drafted"}])
    scene.run({"start_policy": "dependency", "tasks": [first, second]})
    assert scene.task("second")["notes"] == [
        "starts without work of first: there is no commit of it yet",
        "result missing",
    ]
    assert (scene.show("first.txt"), scene.show("second.txt")) == ("1", "second")


# ── crashes ─────────────────────────────────────────────────────────────────────────────────────────

PLAN = """
wavetree: 1
name: crash
slots: 2
start_policy: dependency
tasks:
  - id: lower
    run: |
      echo lower >> {counter}
      echo draft > schema.txt
      git add schema.txt
      git commit -qm draft
      echo '::wavetree milestone=drafted'
      until [ -e "$(dirname {counter})/tmp/started" ]; do sleep 0.02; done
      echo final > schema.txt
  - id: upper
    needs: [{task: lower, milestone: drafted}]
    run: |
      echo upper >> {counter}
      cat schema.txt > seen.txt
      touch "$(dirname {counter})/tmp/started"
"""
TASKS = ("lower", "upper")


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> str:
    with fresh(tmp_path_factory.mktemp("milestones") / "run", PLAN) as crashes:
        assert not crashes.crash("never", 0)
        tree = crashes.tree()
        assert ended_well(crashes, tree) == []
    return tree


def ended_well(crashes: Crashes, tree: str) -> list[str]:
    scene = crashes.scene
    assert (scene.show("schema.txt"), scene.show("seen.txt")) == ("final", "draft")
    assert [ground.task for ground in crashes.state().tasks["upper"].built_on] == ["lower"]
    assert scene.git("log", "--format=%s", "main").splitlines().count("draft") == 1
    return crashes.faults(tree, TASKS)


@pytest.mark.parametrize("moment", ["WorktreeRequested:upper", "WorktreeMade:upper"])
@pytest.mark.parametrize("side", ["before", "after"])
def test_killed_while_the_worktree_is_asked_for_or_made_the_run_ends_like_one_left_alone(
    tmp_path: Path, undisturbed: str, side: str, moment: str
) -> None:
    with fresh(tmp_path / "run", PLAN) as crashes:
        assert crashes.crash(side, moment)
        crashes.finish()
        assert ended_well(crashes, undisturbed) == [], crashes.log()
