"""Conflicts settled by hand, at the command line, while the others go on (M129, M138, M139)."""

from __future__ import annotations

from typing import Any

from stagehand import Scene
from test_rows_conflicts import agent, begin, conflicts, go_on, of

PATIENT = {"settings": {"auto_coordinate": False}}


def clashing(scene: Scene, **more: Any) -> None:
    """Two agents have changed the same line; the second stands still."""
    first = agent("a", "sed -i s/b/ours/ app.txt", "true")
    second = agent("b", "sed -i s/b/theirs/ app.txt; echo b > b.txt", "cp app.txt seen.txt")
    begin(scene, first, second, **more)
    go_on(scene, "a1")
    tree = of(scene.status(), "a")["worktree"]
    scene.until(lambda _: "ours" in scene.git("diff", cwd=tree), "the change of a")
    go_on(scene, "b1")
    scene.until(lambda _: conflicts(scene), "the conflict")


def test_both_sides_are_shown_with_their_names_and_the_text_before(scene: Scene) -> None:
    """M129: see both versions and the merge with markers"""
    clashing(scene)
    shown = scene("resolve", "c1").out
    assert "app.txt: ours is a, theirs is b" in shown
    (file,) = scene("resolve", "c1", "--json").data
    assert file["places"] == [{"base": "b\n", "ours": "ours\n", "theirs": "theirs\n"}]
    assert file["merged"].splitlines()[1:8] == [
        "<<<<<<< a",
        "ours",
        "||||||| before",
        "b",
        "=======",
        "theirs",
        ">>>>>>> b",
    ]


def test_an_edited_file_is_what_the_next_merge_contains_and_the_paused_agent_goes_on(scene: Scene) -> None:
    """M129: mid-run; its agent sees the answer in its worktree; no other agent stops"""
    clashing(scene)
    scene.until(lambda s: of(s, "b")["paused"], "b paused")
    bad = scene.folder / "bad.txt"
    bad.write_text("a\n<<<<<<< a\nours\n=======\ntheirs\n>>>>>>> b\nc\n")
    refused = scene("resolve", "c1", "--file", str(bad), code=2)
    assert "app.txt, line 2: a conflict mark is left" in refused.err
    good = scene.folder / "good.txt"
    good.write_text("a\nours and theirs\nc\n")
    assert (
        scene("resolve", "c1", "--file", str(good), "--note", "both are needed").out
        == "c1 is settled: app.txt\n"
    )
    twice = scene("resolve", "c1", "--ours", code=2)
    assert "c1 is settled: edited: app.txt\n  wavetree resolve c1 --undo, then again" in twice.err
    scene.until(lambda s: of(s, "b")["state"] == "running", "b going on")
    assert not of(scene.status(), "a")["paused"]
    tree = of(scene.status(), "b")["worktree"]
    assert scene.shell("cat app.txt", cwd=tree).out == good.read_text()
    for name in ("b2", "a2"):
        go_on(scene, name)
    assert scene.ended()["state"] == "done"
    assert scene.show("app.txt") == good.read_text().strip()
    assert scene.show("seen.txt") == good.read_text().strip()
    (record,) = conflicts(scene)
    assert (record["state"], record["how"]) == ("resolved", "edited: app.txt")
    (decision,) = scene.status()["decisions"]
    assert (decision["verb"], decision["note"]) == ("resolve", "both are needed")


def refused_at_the_merge(scene: Scene) -> Any:
    """Both agents have ended; the merge of the second was refused."""
    clashing(scene, **PATIENT)
    for name in ("a2", "b2"):
        go_on(scene, name)
    status = scene.ended()
    assert status["state"] == "failed"
    return next(row for row in conflicts(scene) if row["state"] == "open")


def test_a_merge_that_was_refused_is_settled_after_the_run_and_its_work_is_kept(scene: Scene) -> None:
    """M129, M136: the run is taken up with the answer; the attempt is not done anew"""
    record = refused_at_the_merge(scene)
    loser = record["tasks"][0]
    (refused,) = [task["id"] for task in scene.status()["tasks"] if task["state"] == "failed"]
    assert f"wavetree resolve {refused}" in scene("status").out, "its task says which is meant"
    said = scene("resolve", refused, "--both").out
    assert f"{record['id']} is settled; run r1 goes on" in said
    status = scene.ended()
    assert status["state"] == "done", status["reason"]
    assert of(status, loser)["attempt"] == 1
    lines = scene.show("app.txt").split()
    assert sorted(lines) == ["a", "c", "ours", "theirs"]


def test_an_answer_is_for_these_two_texts_only(scene: Scene) -> None:
    """M129: never silently used again for others; the conflict comes back"""
    clashing(scene)
    scene.until(lambda s: of(s, "b")["paused"], "b paused")
    scene("resolve", "c1", "--theirs")
    scene.until(lambda s: not of(s, "b")["paused"], "b going on")
    tree = of(scene.status(), "a")["worktree"]
    scene.shell("sed -i s/ours/other/ app.txt", cwd=tree)
    scene.until(lambda s: of(s, "a")["paused"], "the conflict again; now a was the later one")
    record = conflicts(scene)[0]
    assert (record["state"], record["resolved_by"], record["later"]) == ("paused", None, "a")


def test_an_answer_can_be_taken_back_before_the_merge(scene: Scene) -> None:
    """M132"""
    clashing(scene, **PATIENT)
    scene("resolve", "c1", "--ours")
    assert conflicts(scene)[0]["state"] == "resolved"
    scene("resolve", "c1", "--undo")
    assert conflicts(scene)[0]["state"] == "open"


def test_what_cannot_be_resolved_says_why(scene: Scene) -> None:
    clashing(scene, **PATIENT)
    assert "the run has no conflict 'c9'" in scene("resolve", "c9", code=2).err
    assert "files: app.txt" in scene("resolve", "c1", "--path", "other.txt", "--ours", code=2).err
    assert "cannot be read" in scene("resolve", "c1", "--file", "/nowhere/x", code=2).err
    assert "c1 was not settled by hand" in scene("resolve", "c1", "--undo", code=2).err


def test_the_persons_editor_is_given_the_merged_text(scene: Scene) -> None:
    """M129"""
    clashing(scene, **PATIENT)
    scene.env["EDITOR"] = "true"
    assert "wavetree resolve c1 --path app.txt --file /" in scene("resolve", "c1", "--edit", code=2).err
    scene.env["EDITOR"] = "sed -i -e /^[<|=>]/d -e s/^b$/by-hand/"
    scene("resolve", "c1", "--edit")
    assert conflicts(scene)[0]["how"] == "edited: app.txt"
    scene.env["EDITOR"] = "false"
    scene("resolve", "c1", "--undo")
    assert "ended with exit code 1" in scene("resolve", "c1", "--edit", code=2).err


def test_the_printed_guidance_ends_with_a_clean_merge_that_the_run_takes_up(scene: Scene) -> None:
    """M138, M139: typed as printed, with git alone, after the run has ended"""
    record = refused_at_the_merge(scene)
    loser = record["tasks"][-1] if record["tasks"][0] == merged_one(scene) else record["tasks"][0]
    assert "or by hand, in the main checkout:" in scene("conflicts", record["id"]).out
    for line in record["by_hand"]:
        if line.startswith("edit app.txt"):
            scene.write({"app.txt": "a\nby hand\nc\n"})
        elif line.startswith("wavetree "):
            scene(*line.split()[1:], "--detach")
        else:
            scene.shell(line, cwd=scene.repo)
    status = scene.ended()
    assert status["state"] == "done", status["reason"]
    assert (of(status, loser)["state"], of(status, loser)["attempt"]) == ("merged", 1)
    assert scene.show("app.txt").split() == ["a", "by", "hand", "c"]
    assert scene.worktrees() == [str(scene.repo)]
    assert scene.git("status", "--short") == ""


def merged_one(scene: Scene) -> str:
    return next(task["id"] for task in scene.status()["tasks"] if task["state"] == "merged")


def test_a_merge_by_hand_is_noticed_while_the_run_goes_on_and_its_dependants_start(scene: Scene) -> None:
    """M139: within one poll"""
    scene.env["SCENE_FOLDER"] = str(scene.folder)
    tasks = [
        agent("a", "sed -i s/b/ours/ app.txt"),
        agent("b", "sed -i s/b/theirs/ app.txt"),
        agent("c", "true"),
        agent("d", "cat app.txt > d.txt") | {"needs": ["b"]},
    ]
    more = {"settings": {"auto_coordinate": False, "poll_interval": "1s"}, "start_policy": "dependency"}
    scene.go({"slots": 4, "tasks": tasks, **more})
    go_on(scene, "a1")
    scene.until(lambda s: of(s, "a")["state"] == "merged", "a merged")
    go_on(scene, "b1")
    scene.until(lambda s: of(s, "d")["state"] == "blocked", "d blocked")
    scene.git("switch", "-q", "wavetree/r1")
    scene.git("merge", "feature/b", check=False)
    scene.write({"app.txt": "a\nby hand\nc\n"})
    scene.git("commit", "-qam", "by hand")
    scene.git("switch", "-q", "main")
    scene.until(lambda s: of(s, "b")["state"] == "merged" and of(s, "d")["pid"], "b merged and d at work")
    for name in ("c1", "d1"):
        go_on(scene, name)
    assert scene.ended()["state"] == "done"
    assert scene.show("d.txt").split() == ["a", "by", "hand", "c"]


def test_of_several_files_each_can_be_settled_by_itself_and_only_then_the_conflict_is(scene: Scene) -> None:
    """M129: --path"""
    scene.write({"two.txt": "a\nb\nc\n"})
    scene.git("add", "-A")
    scene.git("commit", "-qm", "another file")
    both = "sed -i s/b/{0}/ app.txt two.txt"
    begin(scene, agent("a", both.format("ours"), "true"), agent("b", both.format("theirs"), "true"))
    go_on(scene, "a1")
    tree = of(scene.status(), "a")["worktree"]
    scene.until(lambda _: scene.git("diff", "--name-only", cwd=tree).split() == ["app.txt", "two.txt"], "a")
    go_on(scene, "b1")
    scene.until(lambda s: of(s, "b")["paused"], "b paused")
    scene.until(lambda _: len(conflicts(scene)[0]["files"]) == 2, "both files")
    scene("resolve", "c1", "--path", "app.txt", "--ours")
    assert conflicts(scene)[0]["state"] == "paused"
    assert [row["file"] for row in scene("resolve", "c1", "--json").data] == ["two.txt"]
    scene("resolve", "c1", "--path", "two.txt", "--theirs")
    scene.until(lambda s: not of(s, "b")["paused"], "b going on")
    for name in ("a2", "b2"):
        go_on(scene, name)
    assert scene.ended()["state"] == "done"
    assert (scene.show("app.txt").split(), scene.show("two.txt").split()) == (
        ["a", "ours", "c"],
        ["a", "theirs", "c"],
    )
