"""What is typed in the wrong place or the wrong way gets an answer that names place and remedy."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from stagehand import Done, Scene, shell, simulated

from tui.__main__ import main
from tui.cli import COMMANDS

ABOUT_A_RUN = (
    ["status"],
    ["history"],
    ["events"],
    ["approve"],
    ["reject"],
    ["pause", "--all"],
    ["unpause"],
    ["retry", "a"],
    ["stop"],
    ["slots", "2"],
    ["resume"],
    ["logs", "a"],
    ["worktrees"],
    ["conflicts"],
)


@pytest.fixture
def typed(
    scene: Scene, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Done]:
    """What is typed in the scene's repository, without a process of its own."""
    monkeypatch.chdir(scene.repo)
    monkeypatch.setenv("COLUMNS", "80")

    def type_(*words: str) -> Done:
        code = main(words)
        return Done(code, *capsys.readouterr())

    return type_


def test_every_command_has_help_with_an_example_and_prints_data(typed: Callable[..., Done]) -> None:
    """M203: wavetree --help lists them; each has an example; all take --json"""
    listed = typed("--help").out
    for entry in COMMANDS:
        assert f"\n  {entry.name} " in listed
        help = typed(entry.name, "--help").out
        assert f"  wavetree {entry.name}" in help.partition("example")[2]
        assert "--json" in help
    named = "plan conflicts validate approve run pause resume retry stop status logs history worktrees"
    assert set(named.split()) <= {entry.name for entry in COMMANDS}


def test_outside_a_repository_every_command_says_so(scene: Scene, tmp_path: Path) -> None:
    """Exit code 2, also as JSON"""
    nowhere = tmp_path / "nowhere"
    nowhere.mkdir()
    plan = scene.plan({"tasks": [shell("a")]})
    for words in (*ABOUT_A_RUN[:2], ["run", plan]):
        done = scene(*words, cwd=nowhere, code=2)
        assert "is not inside a git repository" in done.err and "git init" in done.err
        assert "is not inside a git repository" in scene(*words, "--json", cwd=nowhere, code=2).data["error"]


@pytest.mark.parametrize("words", ABOUT_A_RUN, ids=lambda words: words[0])
def test_without_a_run_a_command_says_how_to_start_one(typed: Callable[..., Done], words: list[str]) -> None:
    """M203, M204: in words and as data"""
    done = typed(*words)
    data = typed(*words, "--json")
    if words[0] in ("status", "history", "worktrees"):
        assert (done.code, data.code) == (0, 0)
        assert data.data in ({"run": None}, [])
        if words[0] != "history":
            assert "Active Worktrees: 0" in done.out
    else:
        assert (done.code, data.code) == (2, 2)
        assert "no run yet" in done.err and "wavetree run PLAN" in done.err
        assert set(data.data) == {"error", "remedy"}


def test_repositories_that_are_not_ready_are_refused_before_anything_is_made(
    scene: Scene, tmp_path: Path
) -> None:
    """M080: exit 4 or 2, nothing made: no commit yet, a detached HEAD, bare in both shapes, no such base"""
    plan = scene.plan({"tasks": [shell("a")]})
    empty = tmp_path / "empty"
    scene.git("init", "-q", str(empty))
    assert "git commit --allow-empty" in scene("run", plan, cwd=empty, code=4).err

    bare = tmp_path / "bare.git"
    scene.git("clone", "-q", "--bare", str(scene.repo), str(bare))
    assert "no working tree" in scene("run", plan, cwd=bare, code=2).err
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    scene.git("clone", "-q", "--bare", str(scene.repo), str(hidden / ".git"))
    for words in (["run", plan], ["status"]):
        assert "no working tree" in scene(*words, cwd=hidden, code=2).err

    other = scene.plan({"base": "mian", "tasks": [shell("a")]}, "other.yaml")
    assert "there is no branch 'mian'" in scene("run", other, code=4).err
    scene.git("checkout", "-q", "--detach")
    assert "no branch is checked out" in scene("run", plan, code=4).err
    fault = scene("run", plan, "--json", code=4).data["errors"][0]
    assert set(fault) == {"file", "line", "path", "message"}
    assert scene.status()["run"] is None
    done = scene.run({"base": "main", "tasks": [shell("a")]})
    assert done.data["success"], "named in the plan it works"
    assert "no branch is checked out: agents start from main" in done.err
    assert "no two tasks can run at once: running sequentially" in done.err


def test_what_was_typed_wrong_is_told_in_words_or_as_data(scene: Scene, typed: Callable[..., Done]) -> None:
    """Exit code 2: options, numbers, commands, files"""

    def refused(*words: str) -> Done:
        done = typed(*words)
        assert done.code == 2
        return done

    plan = scene.plan({"tasks": [shell("a")]})
    for slots in ("0", "-1", "many"):
        done = refused("run", plan, "--slots", slots)
        assert "accepted: a whole number, 1 or more" in done.err
        assert "accepted" in refused("run", plan, f"--slots={slots}", "--json").data["error"]
    assert "accepted" in refused("slots", "0").err
    assert refused("rnu", "--json").data == {
        "error": "there is no command 'rnu'; did you mean `wavetree run`?",
        "remedy": "wavetree run --help",
    }
    assert "did you mean `wavetree status`" in refused("statsu").err
    assert "unrecognized arguments: --nope" in refused("status", "--nope").err
    assert set(refused("status", "--nope", "--json").data) == {"error", "remedy"}
    assert "usage: wavetree COMMAND" in refused().err
    assert "missing.yaml: cannot be read" in refused("run", "missing.yaml").err
    faults = refused("run", "missing.yaml", "--json").data["errors"]
    assert [fault["file"] for fault in faults] == ["missing.yaml"]
    wrong = scene.plan("wavetree: 1\ntaskz: 3\ntasks:\n- {id: a, run: x, agnet: shell}\n")
    done = refused("run", wrong)
    assert "plan.yaml:2: taskz: unknown key" in done.err and 'did you mean "tasks"' in done.err
    assert "plan.yaml:4: tasks[0].agnet: unknown key" in done.err
    assert [fault["line"] for fault in refused("run", wrong, "--json").data["errors"]] == [2, 4]
    assert "no run yet" in refused("attach").err
    assert "name the tasks to pause" in refused("pause").err
    assert scene.status()["run"] is None


def test_a_plan_is_shown_with_its_waves_estimates_and_critical_path(scene: Scene) -> None:
    """M203, M047: no repository is needed for it"""
    tasks = [
        shell("a", estimate="10 minutes", files=["one.py"]),
        shell("b", estimate="20 minutes", files=["one.py"]),
        shell("c", estimate="5 minutes", needs=["a"]),
    ]
    plan = scene.plan({"name": "three", "tasks": tasks})
    data = scene("plan", plan, "--json", cwd=scene.folder).data
    assert (data["estimate_seconds"], data["sequential_seconds"]) == (25 * 60, 35 * 60)
    assert (data["critical_path"], data["critical_path_seconds"]) == (["b"], 20 * 60)
    keys = {"number", "name", "mode", "tasks", "estimate_seconds", "risk"}
    assert all(keys <= set(wave) for wave in data["waves"])
    assert [wave["risk"] for wave in data["waves"]] == ["medium", "low"]
    assert scene("plan", plan, "--slots", "1", "--json").data["estimate_seconds"] == 35 * 60
    words = scene("plan", plan).out
    assert "about 25 min on 3 slots, 35 min one after the other (29% saved)" in words
    assert "critical path 20 min: b" in words
    assert "cannot be read" in scene("plan", "nothing.yaml", code=2).err


def test_a_dry_run_shows_the_waves_and_makes_nothing(scene: Scene) -> None:
    plan = scene.plan({"tasks": [shell("a", title="Do a"), shell("b", needs=["a"])]})
    said = scene("run", plan, "--dry-run").out
    assert "nothing was started" in said and "needs a" in said and "Do a" in said
    data = scene("run", plan, "--dry-run", "--json").data
    assert [wave["tasks"] for wave in data["waves"]] == [["a"], ["b"]]
    assert data["base"] == "main"
    assert not (scene.repo / ".git" / "wavetree").exists()


def test_the_base_is_the_branch_that_is_checked_out_where_one_stands(scene: Scene) -> None:
    """A linked worktree of the person's own, and a subfolder of it; the main checkout is not touched"""
    side = scene.folder / "side"
    scene.git("worktree", "add", "-q", "-b", "side", str(side))
    plan = scene.plan({"tasks": [shell("a")]})
    done = scene("run", plan, "--headless", "--auto-approve", "--json", cwd=side / "src")
    assert done.data["base"] == "side"
    assert scene.show("a.txt", "side") == "a"
    assert (side / "a.txt").read_text() == "a\n"
    assert not (scene.repo / "a.txt").exists()
    assert scene("status", "--json", cwd=side).data["run"] == "r1"
    assert scene.worktrees() == [str(scene.repo), str(side)]
    scene("worktrees", "clean", "--force", "--yes")
    assert side.is_dir(), "what no run recorded is never removed (D16)"


def test_only_recorded_worktrees_are_cleaned_and_changed_ones_only_by_force(
    scene: Scene,
) -> None:
    """M091, M092, D16: the user's own `…-wt` survives"""
    own = scene.folder / "newton-wt"
    scene.git("worktree", "add", "-q", "-b", "newton", str(own))
    (own / "mine.txt").write_text("mine")
    scene.run(
        {"tasks": [shell("a", "echo made > made.txt; exit 1"), shell("b", "echo b > b.txt; exit 1")]}, code=1
    )
    left = scene("worktrees", "--json").data
    assert [place["task"] for place in left] == ["a", "b"]
    places = {place["task"]: Path(place["path"]) for place in left}
    (places["b"] / "later.txt").write_text("by a person")
    refused = scene("worktrees", "clean").out
    assert f"kept {places['b']}" in refused and "uncommitted changes" in refused
    assert places["b"].is_dir()
    assert scene("worktrees", "clean", "--force", code=2).err.startswith("error: nothing was removed")
    assert places["b"].is_dir()
    gone = scene("worktrees", "clean", "--force", input="y\n").out
    assert f"removed {places['b']}" in gone
    assert "kept: git for-each-ref refs/wavetree/rescue" in gone
    assert scene.worktrees() == [str(scene.repo), str(own)]
    assert (own / "mine.txt").read_text() == "mine"
    rescued = "refs/wavetree/rescue/r1/b/1"
    assert scene.show("b.txt", rescued) == "b"
    assert scene.show("later.txt", rescued) == "by a person"
    assert scene.show("made.txt", "refs/wavetree/rescue/r1/a/1") == "made"
    assert scene("worktrees", "clean").out == "nothing to remove\n"


def test_a_branch_that_is_not_merged_goes_only_by_force(scene: Scene) -> None:
    """D16, M138: as `git branch -d` has it"""
    gate = {"task": [{"name": "unit", "run": "false"}]}
    scene.run({"tasks": [shell("a", "echo made > made.txt")], "gates": gate}, code=1)
    rescue = "refs/wavetree/rescue/r1/a/1"
    said = scene("worktrees", "clean").out
    assert f"its branch feature/a is not merged; with --force it goes, its commits stay at {rescue}" in said
    assert scene.show("made.txt", "feature/a") == "made"
    scene("worktrees", "clean", "--force", "--yes")
    assert scene.worktrees() == [str(scene.repo)]
    assert not scene.git("branch", "--list", "feature/a")
    assert scene.show("made.txt", rescue) == "made"
    scene.git("branch", "kept", rescue)
    assert scene("worktrees", "clean").out == "nothing to remove\n"


def test_a_command_reaches_the_run_it_means_and_no_other(scene: Scene) -> None:
    """An older run is looked at by name; what steers goes to the run that is going on"""
    scene.run({"tasks": [shell("a")]})
    scene.go({"tasks": [simulated("b", seconds=50)]})
    scene.until(lambda s: s["run"] == "r2" and s["tasks"][0]["pid"], "the second run")
    assert "run r1 has ended (done)" in scene("pause", "a", "--run", "r1", code=2).err
    assert scene("status", "r1", "--json").data["state"] == "done"
    assert "there is no run 'r9'" in scene("status", "r9", code=2).err
    assert "run r2 is going on" in scene("resume", code=2).err
    scene("stop")
    assert [row["run"] for row in scene("history", "--json").data] == ["r2", "r1"]

    done = scene("resume", "r2", "--detach", "--json")
    assert done.data["run"] == "r2" and done.data["engine_pid"]
    scene.until(lambda s: s["tasks"][0]["attempt"] == 2 and s["tasks"][0]["pid"], "the second attempt")
    scene("stop")
    assert "run r1 is done" in scene("resume", "r1", code=2).err
    assert "the screen needs a terminal" in scene("attach", code=2).err


def test_config_prints_settings_with_their_source_and_a_schema(scene: Scene) -> None:
    plan = scene.plan({"slots": 2, "settings": {"land": "end"}, "tasks": [shell("a")]})
    rows = scene("config", "show", plan, "--json").data
    assert rows["slots"] == {"value": 2, "source": "plan"}
    assert rows["merge_order"]["source"] == "default"
    assert json.loads(scene("config", "schema").out)["$schema"]


def test_an_old_git_is_one_failing_line_before_anything_is_made(scene: Scene) -> None:
    """M080"""
    real = shutil.which("git")
    folder = scene.folder / "old"
    folder.mkdir()
    script = f'#!/bin/sh\ncase "$*" in *version*) echo git version 2.4.0 ;; *) exec {real} "$@" ;; esac\n'
    (folder / "git").write_text(script)
    (folder / "git").chmod(0o755)
    path = f"{folder}{os.pathsep}{scene.env['PATH']}"
    done = scene("run", scene.plan({"tasks": [shell("a")]}), "--headless", code=4, env={"PATH": path})
    errors = [line for line in done.err.splitlines() if line.startswith("error:")]
    assert errors == ["error: git 2.4 is too old; 2.38 or newer is needed"]
    assert scene.worktrees() == [str(scene.repo)]
