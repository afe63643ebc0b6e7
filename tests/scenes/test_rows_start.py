"""What starts, when, and what becomes of the rest when something does not."""

from __future__ import annotations

import re
from pathlib import Path

from stagehand import Scene, shell, simulated


def test_a_wave_starts_in_one_step_and_waits_for_all_its_tasks_whatever_becomes_of_them(scene: Scene) -> None:
    """M083, M085, M167, M172: a ok, b fails at 0.2 s, c ok; d needs b, e needs a"""
    tasks = [
        simulated("a", seconds=1),
        simulated("b", seconds=0.2, simulate={"exit": 1}),
        simulated("c", seconds=1),
        shell("d", needs=["b"]),
        shell("e", needs=["a"]),
    ]
    done = scene.run({"slots": 3, "tasks": tasks}, code=1)
    events = scene.events()
    started = [row for row in events if row["kind"] == "AgentStarted"][:3]
    exited = [row for row in events if row["kind"] == "AgentExited"]
    assert {row["task"] for row in started} == {"a", "b", "c"}
    assert started[-1]["time"] - started[0]["time"] < 0.5
    kinds = [row["kind"] for row in events]
    assert kinds.index("AgentExited") > [n for n, kind in enumerate(kinds) if kind == "AgentStarted"][2]
    requests = [row["time"] for row in events if row["kind"] == "WorktreeRequested"][:3]
    assert len(set(requests)) == 1, "one step of the journal has all three"
    ended = next(row for row in events if row["kind"] == "WaveEnded")
    assert ended["time"] >= exited[2]["time"] > exited[0]["time"] + 0.5
    assert exited[2]["time"] - started[0]["time"] < 2

    status = {task["id"]: task for task in scene.status()["tasks"]}
    assert {name: task["state"] for name, task in status.items()} == {
        "a": "merged", "b": "failed", "c": "merged", "d": "blocked", "e": "merged",
    }  # fmt: skip
    assert done.data["monitoring_result"] == {"completed": 3, "failed": 1, "total": 4}
    assert done.data["blocked"] == {"d": "b"}
    assert "Instance d: blocked by b" in done.out
    assert re.search(r"simulated instance crashed \(exit code 1\)", done.out)
    logs = re.search(r"Check logs: (\S+)", done.out)
    assert logs and Path(logs[1]).is_file()
    assert done.data["errors"]["b"]["type"] == "InstanceCrash"
    assert 2 <= len(done.data["errors"]["b"]["recoveryHints"]) <= 4
    kept = Path(done.data["kept_worktrees"]["b"])
    assert kept.is_dir() and f"worktree kept: {kept}" in done.out  # M091
    assert [str(scene.repo), str(kept)] == scene.worktrees()
    assert [scene.show(f"{name}.txt") for name in "ace"] == ["a", "c", "e"]


def test_something_in_the_way_is_found_before_anything_is_made(scene: Scene) -> None:
    """M081, M082: a branch and a folder of the names that are needed; nothing is overwritten"""
    scene.git("branch", "feature/a")
    blocker = Path(f"{scene.repo}-wtb")
    blocker.mkdir()
    (blocker / "mine.txt").write_text("mine")
    plan = scene.plan({"tasks": [shell("a"), shell("b")]})
    words = scene("run", plan, "--headless", code=4).err
    assert "branch feature/a exists" in words and str(blocker) in words
    faults = scene("run", plan, "--headless", "--json", code=4).data["errors"]
    assert [fault["path"] for fault in faults] == ["a", "b"]
    assert scene.worktrees() == [str(scene.repo)]
    assert scene.branches() == ["feature/a", "main"]
    assert (blocker / "mine.txt").read_text() == "mine"
    twins = scene.plan({"tasks": [shell("7"), shell("us-007")]})
    assert "us-007: needs the branch feature/us-007, as 7 does" in scene("run", twins, code=4).err
    assert scene.status()["run"] is None


def test_a_worktree_that_cannot_be_made_takes_the_batch_back_and_resume_starts_it_anew(scene: Scene) -> None:
    """M082: the way is blocked between the preflight and the approval"""
    base = scene.git("rev-parse", "main")
    scene("run", scene.plan({"tasks": [shell("a"), shell("b")]}), "--headless", code=3)
    blocker = Path(f"{scene.repo}-wtb")
    blocker.write_text("in the way")
    scene("approve")
    status = scene.ended()
    assert status["state"] == "failed"
    error = next(task["error"] for task in status["tasks"] if task["id"] == "b")
    assert "is there already" in error and str(blocker) in error
    assert scene.worktrees() == [str(scene.repo)]
    assert scene.branches() == ["main", "wavetree/r1"]
    assert not Path(f"{scene.repo}-wta").exists()
    assert scene.git("rev-parse", "main") == base
    assert not scene.events("AgentRequested")
    assert blocker.read_text() == "in the way"
    blocker.unlink()
    assert scene("resume", "--headless", "--auto-approve", "--json").data["success"]


def test_what_is_complete_already_is_skipped_and_named(scene: Scene) -> None:
    """M084: one task of wave 1, all of wave 2"""
    tasks = [
        shell("one"),
        shell("two", status="complete"),
        shell("three", status="done", needs=["one"]),
        shell("four", needs=["three"]),
    ]
    waves = [{"tasks": ["one", "two"]}, {"tasks": ["three"]}, {"tasks": ["four"]}]
    done = scene.run({"tasks": tasks, "waves": waves})
    assert "skipped: two is complete already" in done.out
    assert "Phase 2 already complete, skipping" in done.out
    assert done.data["skipped"] == ["two", "three"]
    assert {row["task"] for row in scene.events("WorktreeMade")} == {"one", "four"}
    assert not any(row["data"]["wave"] == 2 for row in scene.events("WaveOffered"))


def test_agents_that_cannot_be_started_fail_alone_and_together_fail_the_run(scene: Scene) -> None:
    """M087: the command is missing for one of two, then for both"""
    agents = {"gone": {"command": ["no-such-agent-anywhere", "{prompt}"]}}
    lost = {"id": "lost", "agent": "gone", "title": "Cannot start"}
    done = scene.run({"agents": agents, "tasks": [shell("ok"), lost]}, code=1)
    assert "'no-such-agent-anywhere' is not installed" in done.err
    assert done.data["monitoring_result"] == {"completed": 1, "failed": 1, "total": 2}
    assert done.data["errors"]["lost"]["type"] == "EnvironmentError"
    assert "no-such-agent-anywhere" in done.data["errors"]["lost"]["message"]
    assert scene.show("ok.txt") == "ok"

    done = scene.run({"agents": agents, "tasks": [{**lost, "id": "x"}, {**lost, "id": "y"}]}, code=1)
    assert done.data["success"] is False
    assert done.data["error"]
    assert done.data["monitoring_result"] == {"completed": 0, "failed": 2, "total": 2}


def test_the_graph_is_refused_when_it_has_a_cycle_which_is_named_in_order(scene: Scene) -> None:
    """M038"""
    plan = scene.plan({"tasks": [shell("a", needs=["c"]), shell("b", needs=["a"]), shell("c", needs=["b"])]})
    assert "cycle: a -> b -> c -> a" in scene("run", plan, "--headless", "--auto-approve", code=2).err
    assert scene("run", plan, "--json", code=2).data["errors"][0]["message"] == "cycle: a -> b -> c -> a"
    assert scene.worktrees() == [str(scene.repo)]
    assert scene.status()["run"] is None


def test_set_up_files_are_there_before_the_agent_and_never_committed(scene: Scene) -> None:
    """Copied, linked and made by a command; ignored or not, they are no work of the agent's"""
    scene.write({".env": "SECRET=1\n", "node_modules/lib/index.js": "lib\n"})
    scene.write({".gitignore": ".env\nnode_modules\n"})
    scene.git("commit", "-qam", "ignore")
    see = "cat .env node_modules/lib/index.js made.log > seen.txt"
    plan = {
        "setup": {"copy": [".env"], "link": ["node_modules"], "run": "sleep 0.2; echo made > made.log"},
        "tasks": [shell("a", f"{see}; rm made.log")],
    }
    scene.run(plan)
    assert scene.show("seen.txt").split() == ["SECRET=1", "lib", "made"]
    assert scene.git("diff", "--name-only", "main~1", "main").split() == ["seen.txt"]
    assert (scene.repo / ".env").read_text() == "SECRET=1\n"

    failing = {"setup": {"run": "echo no luck; exit 7"}, "tasks": [shell("b")]}
    done = scene.run(failing, code=1)
    assert "set-up failed" in done.data["errors"]["b"]["message"]
    assert not [row for row in scene.events("AgentRequested") if row["task"] == "b"]


def test_the_machine_is_looked_at_before_the_first_agent_starts(scene: Scene) -> None:
    """M071: where a limit is set, however long it is until the next look"""
    settings = {"start_memory_percent": 1, "poll_interval": "1h", "resource_wait": "2h"}
    scene.go({"tasks": [shell("a")], "settings": settings})
    status = scene.until(lambda s: "Waiting for resources" in str(s["tasks"][0]["waiting_for"]), "the wait")
    assert not scene.events("WorktreeRequested")
    assert scene.worktrees() == [str(scene.repo)]
    assert status["tasks"][0]["state"] == "waiting"
    scene("stop")
    scene.run({"tasks": [shell("b")], "settings": {**settings, "start_memory_percent": 100}})
    kinds = [row["kind"] for row in scene.events()]
    assert kinds.index("LoadSeen") < kinds.index("WorktreeRequested")
