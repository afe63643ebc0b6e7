"""While a run is going on: what other terminals see of it, and how they steer it."""

from __future__ import annotations

import re
import signal
import sys
from pathlib import Path
from typing import Any

import psutil
from stagehand import Scene, shell, simulated

RUNNING = re.compile(r"Worktree (\d+): PRIORITY (\d+) \(running, (\d+)% complete\)")
MACHINE = re.compile(r"^CPU: \d+\.\d%, Memory: \d+\.\d%$", re.MULTILINE)

TALKS = r"""
printf 'PROGRESS 45 Implementation done, testing\nTESTS 12/15\n'
until [ -e "$SCENE_FOLDER/go-on" ]; do sleep 0.05; done
echo '{"type": "status", "text": "writing docs"}'
echo '{"type": "milestone", "name": "schema done"}'
echo '{"type": "question", "text": "Which port?"}'
echo 67 > 67.txt; git add 67.txt; git commit -qm one; echo more >> 67.txt; git commit -qam two
echo later > not-yet.txt
until [ -e "$SCENE_FOLDER/end" ]; do sleep 0.05; done
"""


def of(status: dict[str, object], name: str) -> dict[str, object]:
    tasks = status["tasks"]
    assert isinstance(tasks, list)
    return next(task for task in tasks if task["id"] == name)


def test_other_terminals_see_a_run_in_words_and_data_while_it_goes_on(scene: Scene) -> None:
    """M204, M081, M086, M103, M108, M164, M100, M070: one run, looked at from outside."""
    scene.env["SCENE_FOLDER"] = str(scene.folder)
    base = scene.git("rev-parse", "main")
    quiet = simulated("65", {"at": 0, "progress": 45}, {"at": 0, "output": "here \x1b[31mred"}, seconds=50)
    scene.go({"slots": 2, "tasks": [quiet, shell("67", TALKS)]})
    status = scene.until(
        lambda s: all(of(s, name)["progress"] == 45 for name in ("65", "67")), "both agents' progress"
    )
    assert (status["state"], status["base"], status["run"]) == ("active", "main", "r1")
    assert of(status, "67")["says"] == "Implementation done, testing"
    assert of(status, "67")["tests"] == "12/15"
    assert of(status, "67")["progress_source"] == "reported"

    for name in ("65", "67"):
        task = of(status, name)
        assert task["branch"] == f"feature/us-0{name}"
        assert task["worktree"] == f"{scene.repo}-wt{name}"
        assert Path(f"/proc/{task['pid']}/cwd").readlink() == Path(task["worktree"])
        assert scene.git("merge-base", "main", task["branch"]) == base
    assert scene.worktrees() == [str(scene.repo), f"{scene.repo}-wt65", f"{scene.repo}-wt67"]

    said = scene("status").out
    assert "Active Worktrees: 2" in said
    assert [match.groups() for match in RUNNING.finditer(said)] == [("1", "65", "45"), ("2", "67", "45")]
    assert MACHINE.search(said)

    listed = {line.split()[0]: line for line in scene("worktrees").out.splitlines()[1:]}
    for line in scene.git("worktree", "list").splitlines()[1:]:
        path, commit, branch = line.split()
        assert listed[path].split()[1:3] == [commit, branch]

    other = scene("run", scene.plan({"tasks": [shell("other")]}), "--headless", code=2)
    assert str(status["engine_pid"]) in other.err
    assert "wavetree attach" in other.err

    (scene.folder / "go-on").touch()
    status = scene.until(
        lambda s: (of(s, "67")["commits"], of(s, "67")["uncommitted"]) == (2, 1), "two commits, one file left"
    )
    assert of(status, "67")["says"] == "writing docs"
    assert scene.git("rev-list", "--count", f"main..{of(status, '67')['branch']}") == "2"
    assert any(alert["kind"] == "question" and "Which port?" in alert["text"] for alert in status["alerts"])
    assert scene.events("AgentReported")[-1]["data"]["report"].get("milestones") or any(
        row["data"]["report"].get("milestones") == ["schema done"] for row in scene.events("AgentReported")
    )

    follow = scene.start("logs", "67", "-f")
    (scene.folder / "end").touch()
    out, _ = follow.communicate(timeout=30)
    assert follow.returncode == 0
    assert "PROGRESS 45" in out
    assert "Which port?" in out

    assert "here red" in scene("logs", "65").out
    scene("stop")
    status = scene.status()
    assert (status["state"], of(status, "65")["state"]) == ("stopped", "stopped")
    assert scene("history", "--json").data[0]["state"] == "stopped"


def test_pause_stops_every_process_of_the_named_task_and_unpause_lets_it_go_on(scene: Scene) -> None:
    """M231: what a person steers with; a paused task's whole tree is stopped, also what left its session"""
    spawn = {"at": 0, "spawn": 40}
    tasks = [simulated("a", spawn, {"at": 0, "progress": 30}, seconds=40), simulated("b", seconds=40)]
    scene.go({"slots": 1, "tasks": tasks})
    status = scene.until(lambda s: of(s, "a")["progress"] == 30, "a at work")
    assert of(status, "b")["waiting_for"] == ["a free slot"]
    agent = psutil.Process(of(status, "a")["pid"])
    children = agent.children(recursive=True)
    family = [agent, *scene.processes("a"), *children]
    assert len({process.pid for process in family}) >= 2
    assert scene("pause", "a").out == "paused: a\n"
    assert {process.status() for process in family} == {psutil.STATUS_STOPPED}
    status = scene.status()
    assert (of(status, "a")["state"], of(status, "a")["paused"]) == ("paused", True)
    assert "nothing" not in scene("status").out
    assert scene("unpause", "a", "--json").data == {"ok": True, "run": "r1", "message": "going on: a"}
    assert psutil.STATUS_STOPPED not in {process.status() for process in family}

    assert "2 slots" in scene("slots", "2").out
    scene.until(
        lambda s: of(s, "b")["state"] == "running" and of(s, "b")["pid"], "b started in the second slot"
    )
    scene("stop", "b")
    status = scene.status()
    assert of(status, "b")["state"] == "stopped"
    assert Path(of(status, "b")["worktree"]).is_dir()
    assert of(status, "a")["state"] == "running"
    refused = scene("pause", "b", code=2)
    assert "b is stopped; there is nothing to pause" in refused.err
    scene("retry", "b")
    status = scene.until(lambda s: of(s, "b")["attempt"] == 2 and of(s, "b")["pid"], "the second attempt")
    assert of(status, "b")["branch"] == "feature/b-2"
    assert of(status, "b")["worktree"] == f"{scene.repo}-wtb-2"

    scene("pause", "--all")
    scene("stop")  # paused trees are ended too
    assert not psutil.pid_exists(agent.pid) or agent.status() == psutil.STATUS_ZOMBIE
    assert not scene.left()


def test_a_stop_ends_every_tree_within_ten_seconds_and_resume_finishes_the_run(scene: Scene) -> None:
    """M094, M162: three agents with children that left their sessions; then the same tasks, quick ones"""
    slow = 'if [ "$WAVETREE_ATTEMPT" = 1 ]; then setsid sleep 60 & sleep 60; fi; '
    tasks = [shell(name, f"{slow}echo {name} > {name}.txt") for name in ("a", "b", "c")]
    scene.go({"slots": 3, "tasks": tasks, "settings": {"stop_grace": "1s"}})
    scene.until(lambda s: all(task["pid"] for task in s["tasks"]), "three agents")
    stopped = scene("stop")
    assert "wavetree resume" in stopped.out
    assert not scene.left()
    status = scene.status()
    assert status["state"] == "stopped"
    assert [task["state"] for task in status["tasks"]] == ["stopped"] * 3
    assert "wavetree resume" in scene("approve", code=2).err

    done = scene("resume", "--headless", "--auto-approve", "--json")
    assert done.data["success"]
    assert [scene.show(f"{name}.txt") for name in ("a", "b", "c")] == ["a", "b", "c"]
    assert [task["attempt"] for task in scene.status()["tasks"]] == [2, 2, 2]
    places = scene("worktrees", "--json").data
    assert {place["state"] for place in places} == {"failed, tried again since"}
    assert len(places) == 3
    scene("worktrees", "clean")
    assert scene.worktrees() == [str(scene.repo)]


def test_ctrl_c_in_a_headless_run_stops_it_in_good_order(scene: Scene) -> None:
    """M094: exit code 130, nothing left alive, to be resumed"""
    process = scene.start(
        "run", scene.plan({"tasks": [simulated("a", seconds=50)]}), "--headless", "--auto-approve"
    )
    scene.until(lambda s: s.get("tasks") and of(s, "a")["pid"], "the agent")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130, err
    assert "stopping" in out
    assert "stopped" in out.splitlines()[-2]
    assert "wavetree resume" in out.splitlines()[-1]
    assert scene.status()["state"] == "stopped"
    assert not scene.left()


def test_output_into_a_closed_pipe_ends_quietly_and_the_run_goes_on(scene: Scene) -> None:
    """M096: `wavetree run … | head -1`"""
    plan = scene.plan({"tasks": [shell("a"), shell("b"), shell("c", needs=["a"])]})
    line = f"{sys.executable} -P -m tui run {plan} --headless --auto-approve | head -1"
    done = scene.shell(line, cwd=scene.repo)
    assert done.out.startswith("wave 1 of 2")
    assert done.err == ""
    assert scene.ended()["state"] == "done"
    quiet = scene.shell(f"{sys.executable} -P -m tui events | head -1", cwd=scene.repo)
    assert (quiet.err, len(quiet.out.splitlines())) == ("", 1)


def test_words_carry_no_escape_codes_and_fit_a_narrow_terminal(scene: Scene) -> None:
    """M203: NO_COLOR, TERM=dumb, ASCII where the locale has nothing else"""
    scene.run({"tasks": [shell("a", "printf 'x\\033]52;c;aGk=\\007\\033[2Jy\\n'; echo a > a.txt")]})
    for words in (["status"], ["history"], ["events"], ["logs", "a"], ["worktrees"]):
        assert "\x1b" not in scene(*words, env={"NO_COLOR": "1", "TERM": "dumb", "COLUMNS": "30"}).out
    assert scene("status", env={"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}).out.isascii()
    assert scene("status", env={"WAVETREE_ASCII": "1"}).out.isascii()


def test_an_agents_memory_and_health_are_measured_and_a_killed_one_has_crashed(scene: Scene) -> None:
    """M070, M112: 200 MB within 20 %; kill -9 of the agent alone, then of its shim as well"""
    hoard = (
        "import sys, time; kept = bytearray(b'x' * 200 * 2**20); print('ready', flush=True); time.sleep(50)"
    )
    tasks = [shell(name, f'exec {sys.executable} -c "{hoard}"') for name in ("a", "b")]
    scene.go({"slots": 2, "tasks": tasks})
    low, high = 0.8 * 200 * 2**20, 1.2 * 200 * 2**20
    status = scene.until(
        lambda s: all(low < (task["memory_bytes"] or 0) < high for task in s["tasks"]), "both agents' memory"
    )
    for task in status["tasks"]:
        assert task["health"] == "healthy"
        assert task["cpu_percent"] >= 0
    psutil.Process(of(status, "a")["pid"]).kill()
    status = scene.until(lambda s: of(s, "a")["state"] == "failed", "the end of a")
    assert "crashed" in of(status, "a")["error"]
    assert of(status, "a")["error_type"] == "InstanceCrash"

    agent = psutil.Process(of(status, "b")["pid"])
    shim = agent.parent()
    assert shim is not None and shim.environ().get("SCENE") == scene.sign
    shim.kill()
    agent.kill()
    status = scene.ended()
    assert of(status, "b")["error_type"] == "InstanceCrash"
    assert "no exit was recorded" in of(status, "b")["error"]


def test_the_lock_of_a_dead_engine_is_taken_over_and_that_is_on_record(scene: Scene) -> None:
    """M164: a process id of nobody in the lock stops no run"""
    scene.run({"tasks": [shell("a")]})
    lock = scene.repo / ".git" / "wavetree" / "engine.lock"
    lock.write_text("999999999 r1\n")
    assert scene.status()["state"] == "done"
    scene.run({"tasks": [shell("b")]})
    log = scene.repo / ".git" / "wavetree" / "runs" / "r2" / "engine.log"
    assert "took over the lock of process 999999999" in log.read_text()


def test_an_agent_that_does_nothing_is_told_of_with_checks_and_can_be_restarted(scene: Scene) -> None:
    """M111: the others go on; restart starts attempt 2"""
    scene.env["SCENE_FOLDER"] = str(scene.folder)
    hangs = "echo 'connection refused'; until [ -e $SCENE_FOLDER/go ]; do sleep 0.1; done; echo 1 > a.txt"
    busy = "until [ -e $SCENE_FOLDER/go ]; do echo x; sleep 0.1; done"
    more = {"settings": {"stuck_after": "1s", "poll_interval": "1s"}, "start_policy": "dependency"}
    scene.go({"slots": 2, "tasks": [shell("a", hangs), shell("b", busy)], **more})

    def stuck(status: Any) -> list[Any]:
        return [alert for alert in status["alerts"] if alert["kind"] == "stuck"]

    (alert,) = stuck(scene.until(stuck, "the alert"))
    for check in ("resources:", "dependencies: all are merged", "network:", "service:"):
        assert check in alert["text"]
    assert "error messages: connection refused" in alert["text"]
    assert "wavetree retry a" in alert["remedy"]
    assert of(scene.status(), "b")["state"] == "running"
    scene("retry", "a")
    scene.until(lambda s: of(s, "a")["attempt"] == 2, "attempt 2")
    assert alert["id"] not in [other["id"] for other in stuck(scene.status())]
    (scene.folder / "go").touch()
    assert scene.ended()["state"] == "done"
