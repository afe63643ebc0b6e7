"""What a person decides about agents in conflict, typed while they work: real agents, real worktrees."""

from __future__ import annotations

import json
import time

import psutil
from stagehand import Scene
from test_rows_conflicts import agent, begin, conflicts, go_on, of

from engine import Client, find_project
from tui.present import present


def stopped(scene: Scene, task: str) -> bool:
    agents = [p for p in scene.processes(task) if "engine.executors" not in " ".join(p.cmdline())]
    return bool(agents) and {process.status() for process in agents} == {psutil.STATUS_STOPPED}


def merge_order(scene: Scene) -> list[str]:
    subjects = scene.git("log", "--first-parent", "--reverse", "--format=%s", "main").splitlines()
    return [line.removeprefix("Merge ") for line in subjects if line.startswith("Merge ")]


def test_the_second_of_two_serialized_tasks_goes_on_on_top_of_the_first(scene: Scene) -> None:
    """M127: stopped, then rebased in its own worktree, its commits and what is not committed, then goes on"""
    first = agent("a", "echo first > a.txt")
    second = agent(
        "b",
        "echo one > b.txt; git add b.txt; git commit -qm 'by b'; echo two >> b.txt; echo new > n.txt",
        "cat a.txt > seen.txt",
    )
    begin(scene, first, second)
    go_on(scene, "b1")
    tree = of(scene.status(), "b")["worktree"]
    scene.until(lambda _: "n.txt" in scene.git("status", "--short", cwd=tree), "the work of b")
    said = scene("serialize", "a", "b", "--note", "b needs it", "--json").data
    assert said["message"] == "b waits until a is merged, then goes on on top of it"
    assert stopped(scene, "b"), "acknowledged after its effect"
    status = scene.status()
    assert (of(status, "b")["after"], of(status, "b")["paused"]) == (["a"], True)
    go_on(scene, "a1")
    scene.until(lambda s: of(s, "a")["state"] == "merged" and not of(s, "b")["paused"], "b on top of a")
    tip = scene.status()["tip"]
    assert scene.git("merge-base", tip, "HEAD", cwd=tree).strip() == tip, "its branch contains a's commit"
    assert scene.git("log", "-1", "--format=%s", cwd=tree).strip() == "by b"
    assert scene.git("status", "--short", cwd=tree).split() == ["M", "b.txt", "??", "n.txt"]
    go_on(scene, "b2")
    assert scene.ended()["state"] == "done"
    assert scene.show("seen.txt") == "first", "its agent saw what the first had made"
    assert scene.show("b.txt") == "one\ntwo"
    assert merge_order(scene) == ["a", "b"]
    (decision,) = scene.status()["decisions"]
    assert (decision["verb"], decision["tasks"], decision["note"]) == ("serialize", ["a", "b"], "b needs it")
    assert decision["by"]


def test_a_clash_with_what_is_merged_keeps_the_second_stopped(scene: Scene) -> None:
    """M127, D03: the engine never chooses between two texts; a person may let it go on as it is"""
    first = agent("a", "sed -i s/b/ours/ app.txt", "true")
    second = agent("b", "sed -i s/b/theirs/ app.txt", "true")
    third = agent("c", "true")
    begin(scene, first, second, third, start_policy="dependency")
    go_on(scene, "a1")
    tree_a, tree_b = (of(scene.status(), name)["worktree"] for name in "ab")
    scene.until(lambda _: "ours" in scene.git("diff", cwd=tree_a), "the change of a")
    go_on(scene, "b1")
    scene.until(lambda s: of(s, "b")["paused"], "b paused")
    go_on(scene, "a2")
    scene.until(lambda s: of(s, "a")["state"] == "merged", "a merged")
    scene.until(lambda _: scene.events("RebaseClashed"), "that b does not fit")
    assert stopped(scene, "b")
    assert "theirs" in scene.git("diff", cwd=tree_b), "nothing was changed"
    record = conflicts(scene)[0]
    assert (record["state"], record["tasks"]) == ("paused", ["a", "b"])
    scene("unpause", "b")
    for name in ("b2", "c1"):
        go_on(scene, name)
    assert scene.ended()["state"] == "failed"
    assert scene.task("b")["error_type"] == "MergeConflict"


def test_an_isolated_agent_goes_on_and_is_merged_last_when_it_was_approved(scene: Scene) -> None:
    """M124: both run; the flag is in the status; it survives a killed engine"""
    first = agent("a", "sed -i s/b/ours/ app.txt", "git checkout -q app.txt; echo a > a.txt")
    second = agent("b", "sed -i s/b/theirs/ app.txt", "git checkout -q app.txt; echo b > b.txt")
    begin(scene, first, second)
    go_on(scene, "a1")
    tree = of(scene.status(), "a")["worktree"]
    scene.until(lambda _: "ours" in scene.git("diff", cwd=tree), "the change of a")
    go_on(scene, "b1")
    scene.until(lambda s: of(s, "b")["paused"], "b paused")
    scene("isolate", "b", "--note", "looks promising")
    scene.until(lambda s: not of(s, "b")["paused"], "b going on")
    go_on(scene, "b2")
    scene.until(lambda s: of(s, "b")["state"] == "complete", "b complete")
    psutil.Process(scene.status()["engine_pid"]).kill()
    scene("resume", "--detach")
    assert of(scene.status(), "b")["isolated"]
    go_on(scene, "a2")
    scene.until(lambda s: of(s, "a")["state"] == "merged", "a merged")
    assert of(scene.status(), "b")["waiting_for"] == ["your approval of the merge"]
    scene("approve", "b")
    assert scene.ended()["state"] == "done"
    assert merge_order(scene) == ["a", "b"]


def test_a_wave_made_sequential_shows_no_overlap_and_can_be_undone(scene: Scene) -> None:
    """M123, M132"""
    tasks = [agent(name, f"echo {name} > {name}.txt") for name in "abc"]
    begin(scene, *tasks)
    scene("serialize", "--wave", "1")
    assert [of(scene.status(), name)["paused"] for name in "abc"] == [False, True, True]
    scene("undo")
    scene.until(lambda s: not any(of(s, name)["paused"] for name in "abc"), "all going on")
    assert "sequential wave 1" in scene("undo", "--list").out
    scene("serialize", "--wave", "1")
    for name in "abc":
        go_on(scene, f"{name}1")
        scene.until(lambda s, name=name: of(s, name)["state"] == "merged", f"{name} merged")
    assert scene.ended()["state"] == "done"
    assert merge_order(scene) == ["a", "b", "c"]


def test_a_running_task_is_tried_again_from_what_is_merged_and_its_work_is_kept(scene: Scene) -> None:
    """M122, M171: attempt 2, both logs readable, the first attempt's change on a ref"""
    first = agent("a", "echo a > a.txt")
    second = agent("b", "echo lost > b.txt; echo attempt one", "cat a.txt > b.txt")
    begin(scene, first, second, start_policy="dependency")
    go_on(scene, "b1")
    tree = of(scene.status(), "b")["worktree"]
    scene.until(lambda _: "b.txt" in scene.git("status", "--short", cwd=tree), "the work of b")
    go_on(scene, "a1")
    scene.until(lambda s: of(s, "a")["state"] == "merged", "a merged")
    scene("retry", "b", "--note", "start from a")
    scene.until(lambda s: of(s, "b")["attempt"] == 2 and of(s, "b")["pid"], "attempt 2")
    go_on(scene, "b2")
    assert scene.ended()["state"] == "done"
    assert scene.show("b.txt") == "a"
    refs = scene.git("for-each-ref", "--format=%(refname)", "refs/wavetree/rescue").split()
    assert "lost" in "".join(scene.git("show", f"{ref}:b.txt", check=False) for ref in refs if "/b/1" in ref)


def test_after_two_tasks_were_put_in_order_the_plan_says_so_everywhere(scene: Scene) -> None:
    """M067: an edge between them, the time left grows, the project's wave schedule is written anew"""
    tasks = [agent(name, "true") | {"estimate": "30 minutes"} for name in "ab"]
    text = scene.plan({"name": "demo", "slots": 2, "tasks": tasks})
    scene("plan", text, "--project", "demo")
    file = scene.repo / ".git" / "wavetree" / "parallel-execution" / "wave-schedules.json"
    before = file.read_text()
    scene("run", text, "--detach", "--auto-approve")
    scene.until(lambda s: all(task["pid"] for task in s["tasks"]), "both at work")
    client = Client(find_project(scene.repo), "r1")
    frame = present(client.state, client.timeline, client.vitals, time.time(), alive=True)
    assert ("a", "b") not in frame.edges and 0 < frame.eta <= 1800

    scene("serialize", "a", "b")
    client.refresh()
    later = present(client.state, client.timeline, client.vitals, time.time(), alive=True)
    assert ("a", "b") in later.edges and later.eta > 1800
    scene.until(lambda _: file.read_text() != before, "the new schedule")
    (wave,) = json.loads(file.read_text())["waves"]
    assert [phase.get("dependencies") for phase in wave["phases"]] == [[], ["a"]]
