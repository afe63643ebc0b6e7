"""Nothing starts without consent, and consent is bound to what was shown."""

from __future__ import annotations

from pathlib import Path

from stagehand import Scene, shell, simulated


def test_headless_without_consent_waits_and_approve_goes_on_in_the_background(scene: Scene) -> None:
    """M144, M089: exit code 3 before wave 1 with no worktree made; then wave by wave"""
    plan = scene.plan({"tasks": [shell("a"), shell("b", needs=["a"])]})
    done = scene("run", plan, "--headless", "--json", code=3)
    assert "approval needed: wavetree approve 1" in done.out
    assert done.data["success"] is False
    assert done.data["error"] == "wave 1 waits for an approval"
    assert scene.worktrees() == [str(scene.repo)]
    assert scene.branches() == ["main", "wavetree/r1"]
    assert not list(scene.folder.glob("shop-*"))
    status = scene.status()
    assert [wave["state"] for wave in status["waves"]] == ["offered", "pending"]
    assert status["tasks"][0]["waiting_for"] == ["approval of wave 1"]
    assert "wavetree approve 1" in scene("status").out

    assert "no wave 7" in scene("approve", "7", code=2).err
    assert "has changed" in scene("approve", "1", "--digest", "other", code=2).err
    assert "no task 'nobody'" in scene("approve", "nobody", code=2).err
    assert scene.worktrees() == [str(scene.repo)]
    digest = status["waves"][0]["digest"]
    assert scene("approve", "1", "--as", "architect", "--digest", digest, "--json").data["ok"] is True
    scene.until(lambda s: s["waves"][1]["state"] == "offered", "wave 2")
    assert scene.show("a.txt") == "a"
    approved = scene.events("WaveApproved")[0]
    assert approved["data"]["by"] and approved["data"]["role"] == "architect" and approved["time"] > 0
    assert scene("attach", "--headless", code=3).out.count("approval needed: wavetree approve 2") == 1

    scene("approve")
    assert scene.ended()["state"] == "done"
    assert scene.show("b.txt") == "b"
    assert "has ended (done)" in scene("approve", code=2).err
    assert scene("attach", "--headless", "--json").data["success"]


def test_a_changed_offer_voids_the_consent_to_the_old_one(scene: Scene) -> None:
    """M144: the slots were on the sheet too"""
    scene("run", scene.plan({"tasks": [shell("a")]}), "--headless", code=3)
    shown = scene.status()["waves"][0]["digest"]
    scene("slots", "2")
    assert "has changed since it was shown" in scene("approve", "1", "--digest", shown, code=2).err
    assert not scene.events("WaveApproved")


def test_a_rejected_wave_stops_the_run_and_resume_asks_again(scene: Scene) -> None:
    """M144, scenario 7.5: the reason is on record; nothing of the wave was made"""
    plan = scene.plan({"tasks": [shell("a"), shell("b", needs=["a"])]})
    scene("run", plan, "--headless", code=3)
    scene("approve")
    scene.until(lambda s: s["waves"][1]["state"] == "offered", "wave 2")
    scene("reject", "2", "--reason", "split it first")
    status = scene.ended()
    assert status["state"] == "stopped"
    assert "split it first" in status["reason"]
    assert scene.events("WaveRejected")[0]["data"]["reason"] == "split it first"
    assert not [row for row in scene.events("WorktreeRequested") if row["task"] == "b"]
    again = scene("resume", "--headless", code=3)
    assert "wavetree approve 2" in again.out
    assert "skipping: a" in again.err
    scene("approve")
    assert scene.ended()["state"] == "done"


def test_without_auto_merge_a_finished_branch_waits_for_its_own_consent(scene: Scene) -> None:
    """M135"""
    plan = {"tasks": [shell("a"), shell("b")], "settings": {"auto_merge": False}}
    done = scene("run", scene.plan(plan), "--headless", "--auto-approve", "--json", code=3)
    assert "ready to merge: " in done.out
    assert done.data["merge_results"] == {"a": "ready to merge", "b": "ready to merge"}
    assert scene.git("rev-parse", "main") == scene.git("rev-parse", "wavetree/r1")
    scene("approve", "b")
    scene.until(lambda s: s["tasks"][1]["state"] == "merged", "the merge of b")
    assert scene.status()["tasks"][0]["state"] == "complete"
    scene("approve", "a")
    assert scene.ended()["state"] == "done"
    assert [row["data"]["subject"] for row in scene.events("Advanced")] == ["b", "a"]


def test_the_demo_runs_to_its_end_without_a_person_or_a_network(scene: Scene, tmp_path: Path) -> None:
    """M101: from any folder, in no repository of the person's; the throw-away one is thrown away"""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    done = scene("demo", "--headless", "--auto-approve", "--json", "--slots", "6", cwd=elsewhere)
    assert done.data["success"]
    assert done.data["done"] == 6
    assert not list((tmp_path / "tmp").glob("wavetree-demo-*"))
    assert not list(elsewhere.iterdir())


def test_a_failed_task_is_retried_by_name_after_the_run_has_ended(scene: Scene) -> None:
    """M167: what a failure advises can be typed as it stands"""
    fails_once = shell("a", 'echo try "$WAVETREE_ATTEMPT" > a.txt; [ "$WAVETREE_ATTEMPT" = 2 ]')
    done = scene.run({"tasks": [fails_once, simulated("b")]}, code=1)
    assert "wavetree retry a" in done.out
    assert "is merged" in scene("retry", "b", code=2).err
    assert "no task 'zz'" in scene("retry", "zz", code=2).err
    assert scene("retry", "a", "--json").data["tasks"] == ["a"]
    assert scene.ended()["state"] == "done"
    assert scene.show("a.txt") == "try 2"
    assert scene("logs", "a", "--attempt", "1").out == ""


def test_a_task_that_was_moved_out_starts_with_a_later_wave_and_its_own_consent(scene: Scene) -> None:
    """M215, scenario 7.2: what was approved is exactly what runs"""
    plan = scene.plan(
        {
            "slots": 2,
            "tasks": [shell("doctype"), shell("api"), shell("layout"), shell("spa", needs=["api"])],
        }
    )
    scene("run", plan, "--headless", code=3)
    shown = scene.status()["waves"][0]["digest"]
    assert "api is of a later wave now" in scene("move", "api", "--note", "not agreed yet").out
    assert "has changed since it was shown" in scene("approve", "1", "--digest", shown, code=2).err
    scene("estimate", "layout", "20 minutes")
    scene("approve")
    status = scene.until(lambda s: s["waves"][1]["state"] == "offered", "wave 2")
    assert [wave["tasks"] for wave in status["waves"]] == [["doctype", "layout"], ["api"], ["spa"]]
    assert [task["state"] for task in status["tasks"]] == ["merged", "waiting", "merged", "waiting"]
    assert not list(scene.folder.glob("*-wtapi"))
    assert "its place in the plan is fixed" in scene("move", "doctype", code=2).err
    scene("approve")
    scene.until(lambda s: s["waves"][2]["state"] == "offered", "wave 3")
    scene("approve")
    assert scene.ended()["state"] == "done"
    (decision,) = scene.status()["decisions"]
    assert (decision["verb"], decision["tasks"], decision["note"]) == ("move", ["api"], "not agreed yet")
