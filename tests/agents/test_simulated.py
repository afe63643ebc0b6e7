"""The simulated agent is a real process: it edits, reports, commits, fails and hangs as its script says."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.agents import find, reports, simulated
from engine.agents.contract import Brief
from engine.agents.result import Result, read_result
from engine.core.gauged import TaskError
from engine.core.plan import Task
from engine.core.simulation import Replace, SimulatedError, SimulatedStep, Simulation, Write

Briefs = Callable[..., Brief]
Ended = subprocess.CompletedProcess[str]


def step(**keys: object) -> SimulatedStep:
    return SimulatedStep(**keys)  # type: ignore[arg-type]


def prepared(made: Brief) -> tuple[tuple[str, ...], dict[str, str]]:
    launch = find.find("simulated").launch(made)
    return launch.argv, {**os.environ, **launch.env}


def play(brief: Briefs, *steps: SimulatedStep, **more: object) -> tuple[Brief, Ended]:
    simulation = Simulation(duration=0.0, do=steps, **more)  # type: ignore[arg-type]
    made = brief(Task(id="T-1", simulate=simulation), kind="simulated")
    argv, env = prepared(made)
    done = subprocess.run(argv, env=env, cwd=made.worktree, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return made, done


def failed(done: Ended) -> TaskError:
    error = reports.failure(done.stdout.splitlines()[-1])
    assert error is not None
    assert 2 <= len(error.hints) <= 4
    return error


def test_files_are_written_appended_replaced_and_deleted_in_order_of_time(brief: Briefs) -> None:
    made, done = play(
        brief,
        step(at=0.02, replace=Replace(path="src/a.ts", old="b", new="c")),
        step(at=0.01, write=Write(path="src/a.ts", text="a\nb\nb\n")),
        step(at=0.03, append=Write(path="src/a.ts", text="d\r\n")),
        step(at=0.03, write=Write(path="gone", text="")),
        step(at=0.04, delete="gone"),
    )
    assert done.returncode == 0
    assert (made.worktree / "src/a.ts").read_bytes() == b"a\nc\nb\nd\r\n"
    assert not (made.worktree / "gone").exists()
    result = read_result(made.result_file)
    assert isinstance(result, Result)
    assert (result.files_created, result.files_modified) == (("src/a.ts",), ())


def test_everything_it_says_is_a_report(brief: Briefs) -> None:
    _, done = play(
        brief,
        step(progress=40, says='so "far" – ü', tests="12/15", milestone="schema done", step=2, cost_usd=0.12),
        step(output="plain text"),
    )
    first, second = done.stdout.splitlines()
    report = reports.parse(first)
    assert report is not None
    assert (report.progress, report.says, report.tests) == (40.0, 'so "far" – ü', "12/15")
    assert (report.milestones, report.step, report.cost_usd) == (("schema done",), 2, 0.12)
    assert second == "plain text"


def test_a_replacement_without_its_text_is_a_typed_failure(brief: Briefs) -> None:
    _, done = play(
        brief,
        step(write=Write(path="a", text="x")),
        step(replace=Replace(path="a", old="missing", new="")),
        step(write=Write(path="never", text="")),
    )
    error = failed(done)
    assert done.returncode == 1
    assert error.type == "ImplementationError"
    assert "a does not contain 'missing'" in error.message


@pytest.mark.parametrize("path", ["../outside", "/tmp/outside", "link/outside", ".git/config", "."])
def test_no_path_leaves_the_worktree(brief: Briefs, tmp_path: Path, path: str) -> None:
    worktree = tmp_path / "worktree"
    worktree.mkdir()
    (worktree / "link").symlink_to(tmp_path)
    _, done = play(brief, step(write=Write(path=path, text="x")))
    assert done.returncode == 1
    assert repr(path) in failed(done).message
    assert not (tmp_path / "outside").exists()


def test_commits_are_real(brief: Briefs, tmp_path: Path) -> None:
    worktree = tmp_path / "worktree"
    subprocess.run(["git", "init", "-q", str(worktree)], check=True)
    play(brief, step(write=Write(path="a", text="x"), commit="-m is no option"))
    log = subprocess.run(
        ["git", "-C", str(worktree), "log", "--format=%s", "--name-only"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert log.stdout.split("\n\n") == ["-m is no option", "a\n"]


def test_a_commit_that_git_refuses_is_a_typed_failure(brief: Briefs) -> None:
    _, done = play(brief, step(commit="nowhere"))
    assert failed(done).type == "EnvironmentError"


def test_its_exit_code_and_its_typed_failure_are_as_written(brief: Briefs) -> None:
    made, done = play(brief, exit=7)
    assert done.returncode == 7
    assert read_result(made.result_file) is None
    stated = SimulatedError(
        type="ValidationError", message="no URL", context="start", recovery_hints=("a", "b")
    )
    _, done = play(brief, error=stated)
    assert done.returncode == 1
    assert failed(done) == TaskError("ValidationError", "no URL", "start", ("a", "b"))


def test_it_lasts_as_long_as_it_should_and_no_time_passes_while_it_is_stopped(brief: Briefs) -> None:
    made = brief(Task(id="T-1", simulate=Simulation(duration=0.4)), kind="simulated")
    argv, env = prepared(made)
    begun = time.monotonic()
    with subprocess.Popen(argv, env=env, cwd=made.worktree) as process:
        os.kill(process.pid, signal.SIGSTOP)
        time.sleep(1.0)  # the pause itself
        os.kill(process.pid, signal.SIGCONT)
        assert process.wait() == 0
    assert time.monotonic() - begun >= 1.0 + 0.4 - 0.25


def test_a_hanging_one_does_not_end_by_itself(brief: Briefs) -> None:
    simulation = Simulation(duration=0.0, hang=True, do=(step(output="working"),))
    argv, env = prepared(brief(Task(id="T-1", simulate=simulation), kind="simulated"))
    with subprocess.Popen(argv, env=env, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "working\n"
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=0.3)
        process.kill()


def test_what_it_spawns_lives_on_in_a_session_of_its_own(brief: Briefs, tmp_path: Path) -> None:
    made = brief(Task(id="T-1", simulate=Simulation(duration=0.0, do=(step(spawn=47.25),))), kind="simulated")
    argv, env = prepared(made)
    done = subprocess.run(argv, env=env, cwd=made.worktree, check=False)
    assert done.returncode == 0
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0")
            mine = f"WAVETREE_WORKTREE={made.worktree}".encode() in (entry / "environ").read_bytes().split(
                b"\0"
            )
        except OSError:
            continue
        if mine and words[:2] == [b"sleep", b"47.25"]:
            found.append(int(entry.name))
    for pid in found:
        os.kill(pid, signal.SIGKILL)
    assert len(found) == 1


# ── without a simulation ────────────────────────────────────────────────────────────────────────────


def committed(made: Brief) -> list[str]:
    words = ["git", "-C", str(made.worktree), "log", "--format=%s", "--name-only"]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout.split("\n")


def test_a_task_without_a_simulation_adds_a_line_to_each_plain_file_it_declares(
    brief: Briefs, tmp_path: Path
) -> None:
    worktree = tmp_path / "worktree"
    (worktree / "src").mkdir(parents=True)
    (worktree / "data.json").write_text("{}")
    (worktree / "src/api.py").write_text("x = 1\n")
    files = ("src/api.py::Users.get", "src/api.py#L3-4", "new/a.ts", "data.json", "src/*.py", "docs/", "src")
    made = brief(Task(id="T-1", title="Users", files=files), kind="simulated")
    subprocess.run(["git", "init", "-q", str(worktree)], check=True)
    argv, env = prepared(made)
    done = subprocess.run(argv, env=env, cwd=worktree, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert (worktree / "src/api.py").read_text() == "x = 1\n# simulated: T-1\n"
    assert (worktree / "new/a.ts").read_text() == "// simulated: T-1\n"
    assert json.loads((worktree / "data.json").read_text()) == {}
    assert committed(made) == ["T-1: Users", "", "data.json", "new/a.ts", "src/api.py", ""]
    result = read_result(made.result_file)
    assert isinstance(result, Result)
    assert result.files_created == ("new/a.ts",)


@pytest.mark.parametrize("files", [(), ("src/**",), ("docs/",)])
def test_without_a_plain_file_it_makes_one_of_its_own(tmp_path: Path, files: tuple[str, ...]) -> None:
    made = simulated.stand_in(Task(id="T-1", files=files), tmp_path)
    appended = [step.append for step in made.do if step.append]
    assert appended == [Write("simulated/T-1.txt", "simulated: T-1\n")]
    assert made.do[-1].commit == "T-1: simulated work"


def test_it_reports_its_way_along_the_tasks_steps(tmp_path: Path) -> None:
    made = simulated.stand_in(Task(id="T-1", steps=("read", "write", "check")), tmp_path)
    said = [(step.step, step.progress) for step in made.do if step.progress is not None]
    assert said == [(1, 0.0), (2, 30.0), (3, 60.0), (None, 100.0)]


def test_a_milestone_is_said_when_what_it_names_is_committed(brief: Briefs, tmp_path: Path) -> None:
    _, done = play(brief, step(milestone="schema done", commit="nowhere"))
    assert "schema done" not in done.stdout
    assert failed(done).type == "EnvironmentError"


def test_its_script_is_json_in_the_attempts_folder(brief: Briefs) -> None:
    made = brief(Task(id="T-1"), kind="simulated")
    argv, _ = prepared(made)
    assert json.loads((made.folder / "simulation.json").read_text())["duration"] == 1.0
    assert str(made.folder / "simulation.json") in argv
