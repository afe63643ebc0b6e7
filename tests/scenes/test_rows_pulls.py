"""M141: a pull request per branch when the project is set to, else a local merge."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from stagehand import Scene, shell

GH = ["gh", "pr", "create", "--head", "{branch}", "--base", "{base}", "--title", "{title}"]
TASK = shell("PROJ-1", title="Add `touch pwned` $(touch pwned) avatars", steps=["Write tests", "Create PR"])


def stub(scene: Scene, script: str) -> Path:
    """A `gh` on the PATH that notes the words it got, one a line, and goes on as `script` says."""
    folder = scene.folder / "bin"
    folder.mkdir()
    called = scene.folder / "called"
    gh = folder / "gh"
    gh.write_text(f"#!/bin/sh\nprintf '%s\\n' \"$@\" >> {called}\n{script}\n")
    gh.chmod(0o755)
    scene.env["PATH"] = f"{folder}{os.pathsep}{scene.env['PATH']}"
    return called


def test_a_command_gets_branch_base_and_title_and_the_base_branch_is_left_to_it(scene: Scene) -> None:
    called = stub(scene, "git rev-parse --abbrev-ref HEAD; echo https://example.org/pull/7")
    scene(
        "run", scene.plan({"tasks": [TASK], "settings": {"pull_request": GH}}), "--headless", "--auto-approve"
    )
    assert called.read_text().splitlines() == [
        *("pr", "create", "--head", "feature/PROJ-1", "--base", "main"),
        *("--title", "Add `touch pwned` $(touch pwned) avatars"),
    ]
    assert not list(scene.folder.rglob("pwned")), "no shell reads a title"
    assert scene.task("PROJ-1")["pull_request"] == "https://example.org/pull/7"
    assert scene.git("log", "--format=%s", "main") == "start", "main is left to the pull request"
    assert "feature/PROJ-1" in scene.branches()
    assert "PROJ-1.txt" in scene.git("ls-tree", "--name-only", "wavetree/r1")
    assert "✅ PR created for PROJ-1: https://example.org/pull/7" in scene("attach", "--headless").out


def test_without_a_command_the_step_says_so_and_the_local_merge_follows(scene: Scene) -> None:
    out = scene("run", scene.plan({"tasks": [TASK]}), "--headless", "--auto-approve").out
    assert out.index("PR skipped: no command") < out.index("Merged PROJ-1 successfully")
    assert scene.show("PROJ-1.txt") == "PROJ-1"
    assert scene.task("PROJ-1")["pull_request"] == "skipped: no command"


def test_a_command_that_is_not_installed_is_no_command(scene: Scene) -> None:
    settings = {"pull_request": ["gh-of-nobody", "{branch}"]}
    plan = scene.plan({"tasks": [shell("a")], "settings": settings})
    out = scene("run", plan, "--headless", "--auto-approve").out
    assert "PR skipped: no command" in out and "gh-of-nobody" in out
    assert scene.show("a.txt") == "a"


def test_a_command_that_fails_is_told_of_and_the_local_merge_follows(scene: Scene) -> None:
    stub(scene, "echo no rights >&2; exit 4")
    scene.run({"tasks": [TASK], "settings": {"pull_request": GH}})
    assert "PROJ-1: the pull request failed: exit code 4" in scene("status").out
    assert scene.show("PROJ-1.txt") == "PROJ-1"


def test_a_killed_engine_finds_the_pull_request_that_it_had_begun_and_makes_no_second_one(
    scene: Scene,
) -> None:
    called = stub(
        scene, f"until [ -e {scene.folder}/go ]; do sleep 0.05; done; echo https://example.org/pull/7"
    )
    scene.go({"tasks": [TASK], "settings": {"pull_request": GH}})
    scene.until(lambda _: called.exists(), "the command")
    os.kill(scene.status()["engine_pid"], signal.SIGKILL)
    scene("resume", "--detach")
    (scene.folder / "go").touch()
    assert scene.ended()["state"] == "done"
    assert called.read_text().splitlines().count("create") == 1
    assert scene.task("PROJ-1")["pull_request"] == "https://example.org/pull/7"
