"""M149: a branch waits in review until somebody has read it; a file of two teams needs both."""

from __future__ import annotations

import os
import signal
import time

from stagehand import Scene, shell

from engine.client import Client
from engine.core.vitals import Vitals
from engine.edge.runs import Project
from tui.present import present

CROSS_TEAM = {
    "tasks": [
        shell("a", "echo 1 > shared.txt", team="web", files=["shared.txt"]),
        shell("b", "echo 2 > b.txt", team="api", files=["b.txt", "shared.txt"], needs=["a"]),
    ],
    "gates": {"review": {"limit": "24 hours"}},
}


def waiting(scene: Scene, task: str = "a") -> None:
    scene.until(
        lambda s: any(t["id"] == task and t["state"] == "reviewing" for t in s["tasks"]), "the review"
    )


def test_headless_says_that_a_branch_is_in_review_and_an_approval_lets_it_merge(scene: Scene) -> None:
    plan = scene.plan({"tasks": [shell("a")], "gates": {"review": {}}})
    assert (
        "in review: a; look at it with: wavetree review"
        in scene("run", plan, "--headless", "--auto-approve", code=3).out
    )
    assert "a: in review" in scene("review").out
    assert "in review" in scene("status").out
    assert scene.git("log", "--format=%s", "main") == "start"
    scene("review", "approve", "a", "--note", "read it")
    assert scene.ended()["state"] == "done"
    said = scene.events("BranchReviewed")[0]["data"]
    assert (said["approved"], said["note"]) == (True, "read it")


def test_a_file_of_two_teams_needs_two_approvals(scene: Scene) -> None:
    scene.go(CROSS_TEAM)
    waiting(scene)
    assert scene.task("a")["review"] == {"missing": ["web", "api"], "overdue": False}
    scene("review", "approve", "a", "--team", "api")
    assert scene("review", "--json").data[0]["missing"] == ["web"]
    assert "waits for the approval of web" in scene("review", "approve", "a", code=2).err
    scene("review", "approve", "a", "--team", "web")
    waiting(scene, "b")
    scene("approve", "b")
    scene("review", "approve", "b", "--team", "web", code=None)
    assert scene.ended()["state"] == "done"


def test_a_rejection_fails_the_task_and_its_next_attempt_is_told_the_reason(scene: Scene) -> None:
    reads = 'if [ "$WAVETREE_ATTEMPT" = 2 ]; then until [ -s "$WAVETREE_INBOX" ]; do sleep 0.05; done; fi; '
    scene.go({"tasks": [shell("a", reads + "echo a > a.txt")], "gates": {"review": {}}})
    waiting(scene)
    assert "needs a reason" in scene("review", "reject", "a", code=2).err
    scene("review", "reject", "a", "--note", "no tests")
    scene.ended()
    assert "rejected it: no tests" in scene("status").out
    scene("retry", "a")
    waiting(scene)
    scene("review", "approve", "a")
    assert scene.ended()["state"] == "done"
    assert "The review of your last attempt refused it" in scene("messages").out
    (inbox,) = (scene.repo / ".git/wavetree/runs/r1/tasks/a/2").rglob("inbox.jsonl")
    assert "no tests" in inbox.read_text(), "its agent could read why"


def test_25_hours_later_the_screen_says_overdue(scene: Scene) -> None:
    scene.go({"tasks": [shell("a")], "gates": {"review": {}}})
    waiting(scene)
    client = Client(Project(scene.repo, scene.repo / ".git"), "r1")
    try:
        now = time.time()
        assert client.state.tasks["a"].review is not None
        (fresh,) = present(client.state, client.timeline, Vitals(), now).rows
        (late,) = present(client.state, client.timeline, Vitals(), now + 25 * 3600).rows
    finally:
        client.close()
    assert fresh.step == "in review"
    assert late.step == "in review, overdue"


def test_a_time_limit_that_passes_is_told_of(scene: Scene) -> None:
    settings = {"poll_interval": "0.2s"}
    scene.go({"tasks": [shell("a")], "gates": {"review": {"limit": "1s"}}, "settings": settings})
    waiting(scene)
    scene.until(lambda s: any("overdue" in one["text"] for one in s["alerts"]), "the alert")
    assert scene.task("a")["review"]["overdue"] is True
    told = scene.repo / ".git" / "wavetree" / "runs" / "r1" / "notifications.jsonl"
    scene.until(lambda _: "Review overdue" in told.read_text(), "it told of that")
    assert "Review needed" in told.read_text()


def test_the_gate_of_a_wave_shows_what_the_documents_say_of_testing(scene: Scene) -> None:
    said = {
        "quality_assurance": {
            "testing_coordination": {"integration_testing": "Coordinated cross-team integration testing"}
        }
    }
    scene.run({"tasks": [shell("a")], "sections": said})
    assert "integration_testing: Coordinated cross-team integration testing" in scene("gate").out


def test_a_branch_is_in_review_still_when_a_killed_engine_comes_back(scene: Scene) -> None:
    scene.go({"tasks": [shell("a")], "gates": {"review": {}}})
    waiting(scene)
    os.kill(scene.status()["engine_pid"], signal.SIGKILL)
    assert "in review: a" in scene("resume", "--headless", code=3).out
    scene("review", "approve", "a")
    assert scene.ended()["state"] == "done"
    assert len(scene.events("ReviewAsked")) == 1
