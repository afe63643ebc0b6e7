"""The implementation log: all results of a wave at once, whole at each moment, in the documents' words."""

from __future__ import annotations

import json
from pathlib import Path

from stagehand import Scene, shell

FIELDS = {
    *("storyNumber", "storyTitle", "agent", "status", "completedAt"),
    *("filesModified", "filesCreated", "actions", "toolsUsed", "issuesEncountered"),
}


def log(scene: Scene) -> list[dict[str, object]]:
    return json.loads(path(scene).read_text())


def path(scene: Scene) -> Path:
    return scene.repo / ".git" / "wavetree" / "implementation-log.json"


def failing(task: str) -> dict[str, object]:
    error = {
        "type": "ValidationError",
        "message": "DATABASE_URL is not set",
        "context": "before the connection",
        "recoveryHints": ["Set DATABASE_URL", "Then run story 3 again"],
    }
    said = json.dumps({"type": "error", "error": error})
    return shell(task, f"echo '{said}'; exit 1")


def test_all_results_of_a_wave_are_recorded_at_once_with_the_documents_fields(scene: Scene) -> None:
    """M159, M160: completed and failed stories together, after the last of them, files as git has them."""
    early = scene.folder / "early"
    tasks = [
        shell("2", "echo x >> app.txt; echo new > new.txt", title="Landing page"),
        failing("3"),
        shell("4", f"sleep 0.4; test -e {path(scene)} && touch {early}; echo 4 > four.txt"),
    ]
    scene.run({"name": "stories", "tasks": tasks}, code=1)
    assert not early.exists(), "an entry before the end of the wave"
    two, three, four = log(scene)
    assert all(entry.keys() >= FIELDS for entry in (two, three, four))
    assert (two["storyNumber"], two["storyTitle"], two["status"]) == (2, "Landing page", "completed")
    assert (two["filesModified"], two["filesCreated"]) == (["app.txt"], ["new.txt"])
    assert (three["status"], three["error"]["type"]) == ("failed", "ValidationError")
    assert three["error"]["recoveryHints"][0] == "Set DATABASE_URL"
    assert "error" not in four
    assert len(scene.events("Recorded")) == 1, "one write"


def test_a_later_run_adds_to_the_log_and_leaves_what_is_there_byte_by_byte(scene: Scene) -> None:
    """M159"""
    scene.run({"name": "one", "tasks": [shell("a")]})
    before = path(scene).read_bytes()
    scene.run({"name": "two", "tasks": [shell("b"), shell("c")]})
    assert path(scene).read_bytes().startswith(before.rstrip()[:-1].rstrip())
    assert [entry["storyNumber"] for entry in log(scene)] == ["a", "b", "c"]


def test_a_second_attempt_is_an_entry_of_its_own(scene: Scene) -> None:
    once = f"test -e {scene.folder}/been || {{ touch {scene.folder}/been; exit 1; }}; echo a > a.txt"
    scene.run({"name": "again", "tasks": [shell("a", once), shell("b")]}, code=1)
    scene("retry", "a")
    scene.ended()
    said = [(entry["storyNumber"], entry["attempt"], entry["status"]) for entry in log(scene)]
    assert said == [("a", 1, "failed"), ("b", 1, "completed"), ("a", 2, "completed")]


def test_a_failed_attempt_whose_conflict_was_settled_is_recorded_as_completed_too(scene: Scene) -> None:
    """M159, M166: the log's last word on an attempt is what became of it"""
    tasks = [shell("a", "sleep 1; echo a > same.txt"), shell("b", "sleep 1; echo b > same.txt")]
    scene.run({"name": "clash", "slots": 2, "tasks": tasks}, code=1)
    assert sorted(str(entry["status"]) for entry in log(scene)) == ["completed", "failed"]
    (loser,) = [entry["storyNumber"] for entry in log(scene) if entry["status"] == "failed"]
    clash = next(row for row in json.loads(scene("conflicts", "--json").out) if row["state"] == "open")
    scene("resolve", clash["id"], "--both")
    scene("attach", "--headless", code=None)
    said = [entry["status"] for entry in log(scene) if entry["storyNumber"] == loser]
    assert said == ["failed", "completed"]
    scene("state", "check")


def test_a_log_that_cannot_be_written_fails_the_run_and_all_results_are_printed(scene: Scene) -> None:
    """M161: what stands in the way here is a folder, which root cannot write over either."""
    path(scene).mkdir(parents=True)
    plan = scene.plan({"name": "unwritable", "tasks": [shell("a"), shell("b")]})
    done = scene("run", plan, "--headless", "--auto-approve", code=1)
    printed = [json.loads(line) for line in done.out.splitlines() if line.startswith("[{")]
    assert [[entry["storyNumber"] for entry in found] for found in printed] == [["a", "b"]]
    assert "could not be recorded" in done.out
    assert scene.git("log", "--format=%s", "main") == "start", "nothing lands that is not recorded"
    path(scene).rmdir()
    scene("resume")
    assert scene.ended()["state"] == "done"
    assert [entry["storyNumber"] for entry in log(scene)] == ["a", "b"]


def test_what_is_no_log_is_not_written_over(scene: Scene) -> None:
    """M161"""
    path(scene).parent.mkdir(parents=True)
    path(scene).write_text("{not json")
    done = scene.run({"name": "broken", "tasks": [shell("a")]}, code=1)
    assert "is no JSON" in done.data["reason"]
    assert path(scene).read_text() == "{not json"


def test_a_log_beside_the_execution_order_is_the_one_that_is_added_to(scene: Scene) -> None:
    """M159, M160: at the run's end, since a file changed in the checkout would keep the base from landing.
    Stories it calls completed are not run again."""
    stories = [{"number": 2, "title": "Two"}, {"number": 3, "title": "Three"}]
    order = json.dumps({"phases": [{"phase": 1, "stories": stories}]})
    logged = [{"storyNumber": 2, "status": "completed", "filesModified": []}]
    scene.write({"docs/5/execution-order.yaml": order, "docs/5/implementation-log.json": json.dumps(logged)})
    scene.git("add", "-A")
    scene.git("commit", "-q", "-m", "feature 5")
    done = scene("implement", "5", "--agent", "simulated", "--headless", "--auto-approve")
    found = json.loads((scene.repo / "docs/5/implementation-log.json").read_text())
    assert found[0] == logged[0]
    assert [entry["storyNumber"] for entry in found] == [2, 3], done.out + done.err
    assert scene.git("status", "--porcelain") == "M docs/5/implementation-log.json"
    assert not scene.events("TrespassSeen")
