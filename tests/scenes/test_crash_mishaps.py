"""What goes wrong around a run ends in a clear word and never in a hang: agents killed, worktrees deleted,
logs without end, damaged journals, second engines, many who ask at once."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import time
from pathlib import Path
from typing import Any

import psutil
import pytest
from crashes import until
from stagehand import PATIENCE, Scene, shell

from engine.edge.journal import Journal

FOR_EVER = "sleep 1000"


def waiting(scene: Scene, name: str = "one", **more: Any) -> dict[str, Any]:
    """A task that writes its file and ends when the file `go` is there."""
    go = scene.folder / "go"
    return shell(name, f"until [ -e {go} ]; do sleep 0.02; done; echo {name} > {name}.txt", **more)


def test_a_stop_ends_stubborn_agents_and_what_left_their_session_within_ten_seconds(scene: Scene) -> None:
    again = scene.folder / "again"
    deaf = f"trap '' INT TERM HUP; setsid {FOR_EVER} & {FOR_EVER} & wait; {FOR_EVER}"
    stubborn = f"[ -e {again} ] || {{ {deaf}; }}"
    tasks = [shell(name, f"{stubborn}; echo {name} > {name}.txt") for name in ("a", "b", "c")]
    scene.go({"slots": 3, "tasks": tasks})
    scene.until(lambda status: all(task["pid"] for task in status["tasks"]), "three agents")
    until(lambda: len(scene.processes()) >= 3 * 3 + 3, "their children")
    began = time.monotonic()
    scene("stop")
    assert scene.processes() == []
    assert time.monotonic() - began < 10
    status = scene.status()
    assert status["state"] == "stopped"
    assert [task["state"] for task in status["tasks"]] == ["stopped"] * 3
    again.touch()
    scene("resume", "--headless")
    assert [(task["state"], task["attempt"]) for task in scene.status()["tasks"]] == [("merged", 2)] * 3


def test_an_agent_that_is_killed_ends_its_task_as_crashed_and_the_others_go_on(scene: Scene) -> None:
    go = scene.folder / "go"
    scene.go({"slots": 2, "tasks": [shell("one", f"echo half > one.txt; {FOR_EVER}"), waiting(scene, "two")]})
    status = scene.until(lambda status: all(task["pid"] for task in status["tasks"]), "two agents")
    os.kill(status["tasks"][0]["pid"], signal.SIGKILL)
    scene.until(lambda status: status["tasks"][0]["state"] == "failed", "the crash")
    go.touch()
    status = scene.ended()
    one, two = status["tasks"]
    assert (status["state"], two["state"]) == ("failed", "merged")
    assert one["error"] == "shell instance crashed (ended by SIGKILL)"
    assert "wavetree retry one" in one["hints"]
    assert Path(one["worktree"], "one.txt").read_text() == "half\n"
    assert scene.show("one.txt", "refs/wavetree/rescue/r1/one/1") == "half"


def test_an_agent_killed_together_with_its_shim_leaves_no_child_and_a_clear_word(
    scene: Scene,
) -> None:
    scene.go({"tasks": [shell("one", f"setsid {FOR_EVER} & {FOR_EVER}")]})
    pid = int(scene.until(lambda status: status["tasks"][0]["pid"], "the agent")["tasks"][0]["pid"])
    until(lambda: sum("sleep" in process.name() for process in scene.processes()) == 2, "its children")
    shim = psutil.Process(pid).ppid()
    for doomed in (shim, pid):
        os.kill(doomed, signal.SIGKILL)
    status = scene.ended()
    assert status["tasks"][0]["state"] == "failed"
    assert "killed together with its shim" in status["tasks"][0]["error"]
    until(lambda: scene.processes() == [], "the end of what it left")


def test_a_worktree_deleted_under_its_agent_fails_the_task_and_a_retry_succeeds(scene: Scene) -> None:
    go = scene.folder / "go"
    scene.go({"slots": 2, "tasks": [waiting(scene, "one"), waiting(scene, "two")]})
    status = scene.until(lambda status: all(task["pid"] for task in status["tasks"]), "two agents")
    shutil.rmtree(status["tasks"][0]["worktree"])
    go.touch()
    status = scene.until(lambda status: status["tasks"][0]["state"] == "failed", "the failure")
    assert "was deleted" in status["tasks"][0]["error"] or "crashed" in status["tasks"][0]["error"]
    assert scene.ended()["tasks"][1]["state"] == "merged"
    scene("resume", "--headless")
    status = scene.status()
    assert (status["state"], status["tasks"][0]["attempt"]) == ("done", 2)
    assert scene.show("one.txt") == "one"


def test_a_log_beyond_its_limit_ends_the_agent_with_a_clear_error(scene: Scene) -> None:
    scene.go({"tasks": [shell("one", "trap '' INT TERM; yes")], "settings": {"log_limit": "3MB"}})
    status = scene.ended()
    task = status["tasks"][0]
    assert (status["state"], task["state"]) == ("failed", "failed")
    assert "wrote more than" in task["error"]
    assert any("log_limit" in hint for hint in task["hints"])
    assert "\n" in Path(task["log"]).read_text()[:10]


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("UPDATE step SET body = replace(body, 'feature', 'Feature') WHERE cursor = 2", "step 2 is damaged"),
        ("DELETE FROM step WHERE cursor = 3", "step 3 is missing"),
        ("DELETE FROM step WHERE cursor = (SELECT max(cursor) FROM step)", "is missing"),
    ],
)
def test_a_damaged_journal_is_named_and_nothing_is_written_over_it(
    scene: Scene, damage: str, said: str
) -> None:
    scene.run({"tasks": [shell("one", "exit 3")]}, code=1)
    path = scene.repo / ".git/wavetree/runs/r1/journal.db"
    database = sqlite3.connect(path, isolation_level=None)
    database.execute(damage.replace("body = replace(body", "body = replace(CAST(body AS TEXT)"))
    database.close()
    before = path.read_bytes()
    for words in (("status",), ("resume", "--headless"), ("retry", "one"), ("attach", "--headless")):
        done = scene(*words, code=1)
        assert said in done.err, words
        assert "Traceback" not in done.err
    assert said in scene("status", "--json", code=1).data["error"]
    assert path.read_bytes() == before


def test_a_journal_cut_off_in_the_middle_is_told_apart_from_a_short_one(scene: Scene) -> None:
    scene.run({"tasks": [shell("one", "exit 3")]}, code=1)
    path = scene.repo / ".git/wavetree/runs/r1/journal.db"
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    assert "error:" in scene("status", code=1).err
    path.write_bytes(content)
    assert scene.status()["state"] == "failed"
    with Journal(path) as journal:
        assert sum(1 for _ in journal.read()) == journal.last()


def test_a_second_run_is_refused_by_name_and_a_dead_engines_lock_is_taken_over(scene: Scene) -> None:
    scene.go({"tasks": [waiting(scene)]})
    pid = int(scene.until(lambda status: status["tasks"][0]["pid"], "the agent")["engine_pid"])
    second = scene("run", scene.plan({"tasks": [shell("x")]}, "x.yaml"), "--headless", code=None)
    assert second.code not in (0, 1)
    assert str(pid) in second.err
    assert scene.status()["run"] == "r1"
    os.kill(pid, signal.SIGKILL)
    until(lambda: not psutil.pid_exists(pid) or psutil.Process(pid).status() == "zombie", "its death")
    (scene.folder / "go").touch()
    done = scene("resume", "--headless")
    assert f"took over the lock of process {pid}, which is gone" in done.out
    assert scene.status()["state"] == "done"


def test_a_new_run_beside_an_interrupted_one_is_told_of_it(scene: Scene) -> None:
    scene.go({"tasks": [waiting(scene)]})
    pid = int(scene.until(lambda status: status["tasks"][0]["pid"], "the agent")["engine_pid"])
    os.kill(pid, signal.SIGKILL)
    until(lambda: not psutil.pid_exists(pid) or psutil.Process(pid).status() == "zombie", "its death")
    done = scene("run", scene.plan({"tasks": [shell("x")]}, "x.yaml"), "--headless", "--auto-approve")
    assert f"the lock of engine process {pid}, which is gone, is taken over" in done.err
    assert "wavetree resume r1" in done.err
    (scene.folder / "go").touch()
    scene("resume", "r1", "--headless")
    assert [row["state"] for row in scene("history", "--json").data] == ["done", "done"]
    assert (scene.show("one.txt"), scene.show("x.txt")) == ("one", "x")


def test_of_two_approvals_at_once_one_counts_and_the_other_is_told(scene: Scene) -> None:
    scene("run", scene.plan({"tasks": [shell("one")]}), "--detach")
    scene.until(lambda status: status["waves"][0]["state"] == "offered", "the offer")
    both = [scene.start("approve") for _ in range(2)]
    said = [process.communicate(timeout=PATIENCE) for process in both]
    assert sorted(process.returncode for process in both) in ([0, 1], [0, 2])
    assert not any("Traceback" in err for _, err in said)
    assert scene.ended()["state"] == "done"
    assert len(scene.events("WaveApproved")) == 1


def test_whoever_asks_while_the_run_ends_gets_an_answer(scene: Scene) -> None:
    scene.go({"tasks": [waiting(scene)]})
    scene.until(lambda status: status["tasks"][0]["pid"], "the agent")
    askers = [
        scene.start(*words) for words in (("status",), ("pause", "--all"), ("slots", "2"), ("stop",)) * 2
    ]
    (scene.folder / "go").touch()
    said = [process.communicate(timeout=PATIENCE) for process in askers]
    assert all(process.returncode in (0, 1, 2) for process in askers)
    assert not any("Traceback" in err for _, err in said)
    assert scene.ended()["state"] in ("done", "stopped")
