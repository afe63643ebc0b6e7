"""The state files of a run: one place, session files, backups, and whether all of it agrees."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from stagehand import Scene, shell, simulated

WAVES = [{"name": "one", "tasks": ["a"]}, {"name": "two", "tasks": ["b"]}, {"name": "three", "tasks": ["c"]}]


def home(scene: Scene) -> Path:
    return scene.repo / ".git" / "wavetree"


def session(scene: Scene, name: str = "session_001.json") -> dict[str, object]:
    return json.loads((home(scene) / "sessions" / "r1" / name).read_text())


def three_waves(scene: Scene) -> None:
    scene.run({"name": "staged", "tasks": [shell("a"), shell("b"), shell("c")], "waves": WAVES})


def test_all_state_is_in_one_place_and_a_session_file_that_was_deleted_is_made_again(scene: Scene) -> None:
    """M157, M158: by status, from the journal, byte by byte; and the person's checkout is clean."""
    three_waves(scene)
    assert scene.git("status", "--porcelain") == ""
    folder = home(scene) / "sessions" / "r1"
    names = ["session_001.json", "session_002.json", "session_003.json"]
    assert sorted(file.name for file in folder.glob("*.json")) == names
    assert {session(scene, name)["lifecycle"] for name in names} == {"archived"}
    before = (folder / names[1]).read_bytes()
    (folder / names[1]).unlink()
    scene("status")
    assert (folder / names[1]).read_bytes() == before


def test_messages_of_an_agent_are_counted_in_its_session_file(scene: Scene) -> None:
    """M156: twelve messages; two syncs of five, and one at the end."""
    says = """for n in $(seq 12); do echo "::wavetree to=person type=status message=\\"part $n\\""; done"""
    scene.run({"name": "chatty", "tasks": [shell("a", f"{says}; echo a > a.txt")]})
    found = session(scene)
    assert (found["interactions"], found["syncs"], found["last_synced"]) == (12, 3, 12)


def test_a_failed_task_is_completed_as_a_session_and_failed_as_a_task(scene: Scene) -> None:
    """M158, D27"""
    scene.run({"name": "fails", "tasks": [shell("a", "exit 3")]}, code=1)
    found = session(scene)
    assert (found["lifecycle"], found["state"]) == ("archived", "failed")
    assert found["error"]["type"] == "InstanceCrash"


def test_the_plan_may_say_where_session_files_are(scene: Scene) -> None:
    """M157, D24: `[project]` is the plan's name; the checkout stays clean; nothing leaves the repository."""
    managed = {"session_state_location": ".claude/state/projects/[project]/sessions/"}
    plan = {"name": "my app", "tasks": [shell("a")]}
    plan["sections"] = {"session_coordination": {"session_management": managed}}
    scene.run(plan)
    folder = scene.repo / ".claude/state/projects/my-app/sessions/r1"
    assert json.loads((folder / "session_001.json").read_text())["lifecycle"] == "archived"
    assert scene.git("status", "--porcelain") == ""
    managed["session_state_location"] = "../elsewhere"
    done = scene("run", scene.plan(plan), "--headless", "--auto-approve", code=2)
    assert "outside of" in done.err


def test_there_is_a_backup_before_each_wave_and_each_merge_that_can_be_put_back(scene: Scene) -> None:
    """M165: three waves, so three backups at least; restored files are equal byte by byte."""
    three_waves(scene)
    kept = scene("state", "--json").data["backups"]
    whats = [name.partition("-")[2] for name in kept]
    assert whats == ["wave-1", "merge-a", "wave-2", "merge-b", "wave-3", "merge-c"]
    before = {file: file.read_bytes() for file in home(scene).glob("backups/r1/*-wave-3/sessions/*.json")}
    assert len(before) == 2, "c has not begun"
    log = home(scene) / "implementation-log.json"
    log.write_text("[]")
    shutil.rmtree(home(scene) / "sessions" / "r1")
    put = scene("state", "restore", kept[4], "--json").data["files"]
    for copy, content in before.items():
        assert (home(scene) / "sessions" / "r1" / copy.name).read_bytes() == content
    assert [entry["storyNumber"] for entry in json.loads(log.read_text())] == ["a", "b"]
    assert len(put) == 3


def test_a_backup_can_be_made_by_hand_and_an_unknown_one_is_refused(scene: Scene) -> None:
    """M165"""
    scene.run({"name": "one", "tasks": [shell("a")]})
    made = scene("state", "backup", "before-i-try", "--json").data
    assert "implementation-log.json" in made["files"]
    scene("state", "restore", "before-i-try")
    refused = scene("state", "restore", "nothing", code=2)
    assert "before-i-try" in refused.err
    assert scene("state", "backup", "../x", code=2).err


def test_nothing_is_put_back_while_an_engine_writes(scene: Scene) -> None:
    """M165"""
    scene.go({"name": "long", "tasks": [simulated("a", seconds=60)]})
    scene.until(lambda status: status["tasks"][0]["state"] == "running", "the agent")
    refused = scene("state", "restore", "any", code=2)
    assert "wavetree stop" in refused.err


def test_an_overridden_gate_has_its_backup(scene: Scene) -> None:
    """M165"""
    gates = {"wave": [{"name": "never", "run": "exit 1"}]}
    scene.run({"name": "gated", "tasks": [shell("a")], "gates": gates}, code=1)
    scene("gate", "override", "1", "--reason", "known")
    scene.ended()
    assert any(name.endswith("override-1") for name in scene("state", "--json").data["backups"])


def test_the_check_names_the_story_that_the_log_lacks(scene: Scene) -> None:
    """M166"""
    three_waves(scene)
    assert scene("state", "check", "--json").data["ok"] is True
    log = home(scene) / "implementation-log.json"
    entries = json.loads(log.read_text())
    log.write_text(json.dumps([entry for entry in entries if entry["storyNumber"] != "b"]))
    said = scene("state", "check", code=1).out
    assert "story b" in said
    assert "story a" not in said


def test_the_check_names_a_story_whose_file_or_merge_is_not_what_the_journal_says(scene: Scene) -> None:
    """M166"""
    three_waves(scene)
    file = home(scene) / "sessions" / "r1" / "session_002.json"
    file.write_text(file.read_text().replace("merged", "failed"))
    scene.git("update-ref", "refs/heads/wavetree/r1", "main~1")
    problems = scene("state", "check", "--json", code=1).data["problems"]
    assert any(text.startswith("story b") and "session_002.json" in text for text in problems)
    assert any(text.startswith("story c: its merge") for text in problems)
