"""Conflicts while agents work: seen at once, on record, settled by themselves; the later one stands still."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import psutil
from stagehand import Scene, shell

SHOWN = {"settings": {"auto_coordinate": False}}
FIELDS = {"id", "kind", "level", "tasks", "files", "found", "rule", "action", "state", "resolved_by", "delay"}
"""M128"""


def waits(name: str) -> str:
    """Until the test lets it go on."""
    return f"until [ -e $SCENE_FOLDER/{name} ]; do sleep 0.02; done"


def go_on(scene: Scene, name: str) -> None:
    (scene.folder / name).touch()


def agent(name: str, *steps: str) -> dict[str, Any]:
    """An agent that takes its steps one by one, each when the test says so: `<name>1`, `<name>2`, ..."""
    return shell(name, "; ".join(f"{waits(f'{name}{place}')}; {do}" for place, do in enumerate(steps, 1)))


def begin(scene: Scene, *tasks: dict[str, Any], **more: Any) -> None:
    scene.env["SCENE_FOLDER"] = str(scene.folder)
    scene.go({"slots": len(tasks), "tasks": list(tasks), **more})
    scene.until(lambda s: all(task["pid"] for task in s["tasks"]), "the agents")


def conflicts(scene: Scene) -> Any:
    return scene("conflicts", "--json").data


def seen(scene: Scene, **wanted: Any) -> Any:
    """The first record, once it is as wanted."""

    def there(_: Any) -> bool:
        rows = conflicts(scene)
        return bool(rows) and all(rows[0][key] == value for key, value in wanted.items())

    scene.until(there, f"a conflict that is {wanted}")
    return conflicts(scene)[0]


def of(status: Any, name: str) -> Any:
    return next(task for task in status["tasks"] if task["id"] == name)


def test_two_agents_in_the_same_lines_are_an_alert_whose_record_survives_a_kill(scene: Scene) -> None:
    """M118, M119, M128, M200: nothing is committed yet, no worktree is touched, nobody is paused"""
    first = agent("a", "sed -i s/b/ours/ app.txt", "sed -i s/ours/b/ app.txt", "echo a > a.txt")
    second = agent("b", "sed -i s/b/theirs/ app.txt", "true")
    begin(scene, first, second, **SHOWN)
    go_on(scene, "a1")
    trees = {name: of(scene.status(), name)["worktree"] for name in ("a", "b")}
    scene.until(lambda _: "ours" in scene.git("diff", cwd=trees["a"]), "the change of a")
    go_on(scene, "b1")
    status = scene.until(lambda s: s["alerts"], "the alert")
    (alert,) = status["alerts"]
    assert (alert["kind"], alert["text"]) == ("conflict", "b and a change the same place: app.txt (line 2)")
    assert alert["remedy"] == "wavetree pause b · wavetree conflicts c1"
    assert [task["state"] for task in status["tasks"]] == ["running", "running"]
    assert scene.git("diff", "--name-only", cwd=trees["a"]) == "app.txt"
    assert scene.git("status", "--porcelain", cwd=trees["b"]) == "M app.txt"  # not in its index

    record = conflicts(scene)[0]
    assert record.keys() >= FIELDS
    assert (record["id"], record["kind"], record["level"]) == ("c1", "would conflict", "high")
    assert (record["tasks"], record["later"], record["state"]) == (["a", "b"], "b", "open")
    assert (record["rule"], record["action"]) == ("same_file_modification", "none: shown only")
    assert record["files"][0] == {
        "file": "app.txt",
        "conflict": True,
        "lines": {"a": [[2, 2]], "b": [[2, 2]]},
        "texts": {"a": "-b\n+ours", "b": "-b\n+theirs"},
    }
    words = scene("conflicts", "c1").out
    assert "app.txt lines 2, b:\n  -b\n  +theirs" in words

    os.kill(status["engine_pid"], signal.SIGKILL)
    scene("resume", "--detach")
    assert conflicts(scene)[0] == record
    go_on(scene, "a2")
    settled = seen(scene, state="resolved")
    assert (settled["resolved_by"], settled["how"]) == ("agents", "merges cleanly again")
    assert settled["found"] == record["found"] < settled["resolved"]
    assert scene.status()["alerts"] == []
    for name in ("a3", "b2"):
        go_on(scene, name)
    assert scene.ended()["state"] == "done"
    assert scene.show("app.txt").split() == ["a", "theirs", "c"]


def test_the_same_file_that_merges_is_a_quiet_note_and_what_is_ignored_none(scene: Scene) -> None:
    """M119: same file, different lines; lock files and notes for agents are left out"""
    lines = "".join(f"{number}\n" for number in range(20))
    scene.write({"long.txt": lines, "CLAUDE.md": "be kind\n", "poetry.lock": "1\n"})
    scene.git("add", "-A")
    scene.git("commit", "-qm", "more")
    both = "date +%N > CLAUDE.md; mkdir -p web; date +%N > poetry.lock; date +%N > web/yarn.lock; echo"
    first = agent("a", f"{both}; sed -i s/^1$/one/ long.txt", "git checkout CLAUDE.md poetry.lock; rm -r web")
    second = agent("b", f"{both}; sed -i s/^18$/last/ long.txt", "git checkout CLAUDE.md poetry.lock")
    begin(scene, first, second)
    go_on(scene, "a1")
    go_on(scene, "b1")
    record = seen(scene, state="open")
    assert (record["kind"], record["level"]) == ("same file, merges clean", "low")
    assert [file["file"] for file in record["files"]] == ["long.txt"]
    assert record["files"][0]["lines"] == {"a": [[2, 2]], "b": [[19, 19]]}
    status = scene.status()
    assert status["alerts"] == []
    assert [task["state"] for task in status["tasks"]] == ["running", "running"]
    for name in ("a2", "b2"):
        go_on(scene, name)
    assert scene.ended()["state"] == "done"
    assert [(row["state"], row["how"]) for row in conflicts(scene)] == [("resolved", "merged")]


def test_the_later_of_two_is_stopped_until_they_no_longer_clash(scene: Scene) -> None:
    """M121: only the later one, every process of it; the first goes on to the end of its own accord"""
    first = agent("a", "sed -i s/b/ours/ app.txt", "echo a > a.txt")
    second = agent("b", "sed -i s/b/theirs/ app.txt", "git checkout -q app.txt; echo b > b.txt")
    begin(scene, first, second)
    go_on(scene, "b1")  # by time, not by the plan's order
    tree = of(scene.status(), "b")["worktree"]
    scene.until(lambda _: "theirs" in scene.git("diff", cwd=tree), "the change of b")
    go_on(scene, "a1")
    status = scene.until(lambda s: of(s, "a")["paused"], "a paused")
    assert of(status, "a")["held_by"] == ["c1"]
    assert (of(status, "a")["state"], of(status, "b")["state"]) == ("paused", "running")
    family = scene.processes("a")
    agents = [p for p in family if "engine.executors" not in " ".join(p.cmdline())]
    assert agents
    assert {process.status() for process in agents} == {psutil.STATUS_STOPPED}
    record = conflicts(scene)[0]
    assert (record["state"], record["action"], record["later"]) == ("paused", "pause_second_agent", "a")
    assert "wavetree unpause a" in record["remedy"]

    go_on(scene, "a2")
    go_on(scene, "b2")
    status = scene.ended()
    assert status["state"] == "done", status["reason"]
    assert scene.show("app.txt").split() == ["a", "ours", "c"]
    record = conflicts(scene)[0]
    assert (record["state"], record["action"]) == ("resolved", "pause_second_agent")
    assert record["text"].startswith("a and ")  # also now that both are merged
    assert record["delay"] > 0


def test_a_person_lets_the_second_go_on_and_is_not_contradicted(scene: Scene) -> None:
    """M121, M126: unpause ends the pause for that conflict; what then clashes is a person's"""
    first = agent("a", "sed -i s/b/ours/ app.txt", "true")
    second = agent("b", "sed -i s/b/theirs/ app.txt", "sed -i s/theirs/others/ app.txt", "true")
    begin(scene, first, second)
    go_on(scene, "a1")
    tree = of(scene.status(), "a")["worktree"]
    scene.until(lambda _: "ours" in scene.git("diff", cwd=tree), "the change of a")
    go_on(scene, "b1")
    scene.until(lambda s: of(s, "b")["paused"], "b paused")
    assert scene("unpause", "b").out == "going on: b\n"
    go_on(scene, "b2")
    tree = of(scene.status(), "b")["worktree"]
    scene.until(lambda _: "others" in scene.git("diff", cwd=tree), "more of b")
    record = seen(scene, state="open", overruled="a person")
    assert not of(scene.status(), "b")["paused"]
    for name in ("a2", "b3"):
        go_on(scene, name)
    assert scene.ended()["state"] == "failed"
    record = conflicts(scene)[0]
    assert (record["kind"], record["state"], len(conflicts(scene))) == ("merge", "open", 1)
    assert scene.status()["conflicts"][0]["id"] == "c1"


def test_under_manual_handling_the_second_stands_still_and_a_person_decides(scene: Scene) -> None:
    """M126, D03, D22, scenario 5: paused at once, open until a command"""
    first = agent("a", "sed -i s/b/ours/ app.txt", "true")
    second = agent("b", "sed -i s/b/theirs/ app.txt", "true")
    other = agent("c", "echo c > c.txt")
    begin(scene, first, second, other, conflicts={"handling": "manual"}, start_policy="dependency")
    go_on(scene, "a1")
    tree = of(scene.status(), "a")["worktree"]
    scene.until(lambda _: "ours" in scene.git("diff", cwd=tree), "the change of a")
    go_on(scene, "b1")
    seen(scene, state="paused", level="high")
    scene.until(lambda s: of(s, "b")["paused"], "b paused")
    go_on(scene, "a2")
    scene.until(lambda s: of(s, "a")["state"] == "merged", "a merged")
    assert of(scene.status(), "b")["paused"]
    assert "b is paused until you decide: wavetree resolve c1" in scene("conflicts").out
    scene("resolve", "c1", "--theirs")
    scene.until(lambda s: not of(s, "b")["paused"], "b goes on")
    go_on(scene, "b2")
    go_on(scene, "c1")
    assert scene.ended()["state"] == "done"
    assert "theirs" in scene.git("show", "main:app.txt")
    assert "c9" in scene("conflicts", "c9", code=2).err


def test_a_schema_changed_while_another_reads_it_restarts_the_reader_from_it(scene: Scene) -> None:
    """M120, M122: seen before anything is committed; attempt 2 has the new schema in its worktree"""
    scene.write({"db/user.sql": "id\n"})
    scene.git("add", "-A")
    scene.git("commit", "-qm", "a schema")
    first = agent("a", "echo name >> db/user.sql", "true")
    second = agent("b", "cp db/user.sql copy.txt") | {"reads": ["db/*.sql"]}
    begin(scene, first, second, start_policy="dependency")
    go_on(scene, "a1")
    record = seen(scene, state="paused", kind="schema changed")
    assert (record["tasks"], record["rule"]) == (["a", "b"], "dependent_schema_change")
    scene.until(lambda s: of(s, "b")["paused"], "b paused")
    go_on(scene, "a2")
    scene.until(lambda s: of(s, "b")["attempt"] == 2, "attempt 2")
    go_on(scene, "b1")
    assert scene.ended()["state"] == "done"
    assert scene.show("copy.txt").split() == ["id", "name"]


def test_an_undeclared_file_is_told_of_while_its_only_agent_works(scene: Scene) -> None:
    """M131"""
    begin(scene, agent("a", "echo 1 > a.py; echo 2 > b.py", "true") | {"files": ["a.py"]})
    go_on(scene, "a1")

    def told(_: Any) -> bool:
        files = [file for event in scene.events("PathsSeen") for file in event["data"]["files"]]
        return files == ["a.py", "b.py"]

    scene.until(told, "what it changed")
    go_on(scene, "a2")
    assert scene.ended()["state"] == "done"
    assert "a: undeclared file b.py" in scene.status()["notices"]


def test_serializing_two_agents_in_conflict_is_told_in_the_documents_words(scene: Scene) -> None:
    """M127: with the computed delay"""
    first = agent("PROJ-123", "sed -i s/b/ours/ app.txt", "true") | {"estimate": "10 minutes"}
    second = agent("PROJ-124", "sed -i s/b/theirs/ app.txt", "true")
    begin(scene, first, second, **SHOWN)
    for name in ("PROJ-1231", "PROJ-1241"):
        go_on(scene, name)
    seen(scene, kind="would conflict")
    said = scene("serialize", "PROJ-123", "PROJ-124").out
    told = (Path(__file__).parent / "data" / "file_conflict.md").read_text()
    assert said.startswith(told.replace("src/config.ts", "app.txt").strip())
