"""Kinds of agents are found by their file, and their command lines carry data as data."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.agents import find, prompt
from engine.agents.contract import Brief
from engine.core.errors import UsageError
from engine.core.plan import Task

Briefs = Callable[..., Brief]
PRESETS = ("aider", "claude", "codex", "gemini", "opencode")


def test_every_kind_is_found_by_its_file() -> None:
    assert find.names() == ("aider", "claude", "codex", "command", "gemini", "opencode", "shell", "simulated")
    for name in find.names():
        assert find.find(name).report("TESTS 1/2") is not None
        assert find.find(name).failure('{"type":"error","error":{"message":"no"}}') is not None


@pytest.mark.parametrize(
    ("wrong", "words"), [("claud", "'claude'"), ("contract", "there are: aider"), ("../x", "")]
)
def test_an_unknown_kind_names_the_nearest(wrong: str, words: str) -> None:
    with pytest.raises(UsageError) as caught:
        find.find(wrong)
    assert repr(wrong) in caught.value.message
    assert words in caught.value.remedy


def test_placeholders_are_filled_in_and_each_argument_stays_one(brief: Briefs) -> None:
    command = ("run", "{prompt}", "--in={worktree}", "{prompt_file}:{task}", "{{task}}", '{"a": {"b": {}}}')
    text = 'two words; $(rm -rf /) "quotes" {task} \n'
    made = brief(Task(id="T-1"), prompt=text, command=command, env={"WAVETREE_TASK": "mine", "X": "1"})
    launch = find.find("command").launch(made)
    assert launch.argv == (
        "run",
        text,
        f"--in={made.worktree}",
        f"{made.prompt_file}:T-1",
        "{task}",
        '{"a": {"b": {}}}',
    )
    assert launch.env["WAVETREE_TASK"] == "mine"
    assert launch.env["X"] == "1"
    assert launch.env["WAVETREE_RESULT_FILE"] == str(made.result_file)
    assert launch.env["WAVETREE_INBOX"] == str(made.inbox)
    assert launch.env["WAVETREE_ATTEMPT"] == "2"


def test_an_unknown_placeholder_is_named_with_those_there_are(brief: Briefs) -> None:
    with pytest.raises(UsageError) as caught:
        find.find("command").launch(brief(Task(id="T-1"), command=("run", "{promt}")))
    assert "{promt}" in caught.value.message
    assert "{prompt_file}" in caught.value.remedy
    assert "{{promt}}" in caught.value.remedy


def test_a_prompt_never_becomes_an_option(brief: Briefs) -> None:
    for name in PRESETS:
        launch = find.find(name).launch(brief(Task(id="T-1"), kind=name, prompt="--dangerous"))
        assert "--dangerous" not in launch.argv


def test_a_prompt_too_long_for_an_argument_names_the_way_out(brief: Briefs) -> None:
    with pytest.raises(UsageError) as caught:
        find.find("command").launch(brief(Task(id="T-1"), prompt="ä" * 70_000, command=("run", "{prompt}")))
    assert "128 KiB" in caught.value.message
    assert "{prompt_file}" in caught.value.remedy


def test_a_command_without_words_is_refused(brief: Briefs) -> None:
    with pytest.raises(UsageError, match="no command"):
        find.find("command").launch(brief(Task(id="T-1")))


@pytest.mark.parametrize(
    ("kind", "words", "variable"),
    [
        ("claude", ("-p", "--permission-mode", "acceptEdits"), "CLAUDE_CODE_ENABLE_TODO_TOOLS"),
        ("codex", ("exec", "--sandbox", "workspace-write"), "WAVETREE_TASK"),
        ("gemini", ("-p", "--approval-mode", "auto_edit"), "GEMINI_CLI_NO_RELAUNCH"),
        ("opencode", ("run", "--"), "OPENCODE_PERMISSION"),
        ("aider", ("--message-file", "--yes-always"), "LITELLM_LOCAL_MODEL_COST_MAP"),
    ],
)
def test_a_preset_edits_without_asking(
    brief: Briefs, kind: str, words: tuple[str, ...], variable: str
) -> None:
    made = brief(Task(id="T-1"), kind=kind)
    launch = find.find(kind).launch(made)
    assert launch.argv[0] == kind
    assert set(words) <= set(launch.argv)
    assert variable in launch.env
    assert "Do it" in launch.argv or str(made.prompt_file) in launch.argv


def test_a_command_in_the_plan_replaces_a_presets(brief: Briefs) -> None:
    launch = find.find("claude").launch(brief(Task(id="T-1"), kind="claude", command=("mine", "{task}")))
    assert launch.argv == ("mine", "T-1")
    assert launch.env["CLAUDE_CODE_ENABLE_TODO_TOOLS"] == "1"


def test_a_shell_script_stops_at_its_first_failure(brief: Briefs, tmp_path: Path) -> None:
    for script in ("false\ntouch after", "false | true\ntouch after"):
        launch = find.find("shell").launch(brief(Task(id="T-1", run=script), kind="shell"))
        assert subprocess.run(launch.argv, cwd=tmp_path, check=False).returncode == 1
    assert not (tmp_path / "after").exists()


def test_a_shell_task_without_a_script_is_refused(brief: Briefs) -> None:
    with pytest.raises(UsageError, match=r"T-1.*`run`"):
        find.find("shell").launch(brief(Task(id="T-1", run=" \n"), kind="shell"))


def test_a_tasks_own_prompt_is_passed_on_unchanged() -> None:
    assert prompt.compose(Task(id="T-1", prompt=" as it is\n")) == " as it is\n"


def test_a_prompt_is_made_of_what_the_task_says() -> None:
    task = Task(
        id="T-1", title="Add avatars", steps=("Branch", "Build"), files=("src/a.ts",), reads=("b.json",)
    )
    text = prompt.compose(task)
    for part in (
        "T-1",
        "Add avatars",
        "1. Branch",
        "2. Build",
        "- src/a.ts",
        "- b.json",
        "WAVETREE_RESULT_FILE",
    ):
        assert part in text
    assert "script" not in text


def test_a_prompt_says_when_the_task_is_done() -> None:
    """M098: the task's acceptance criteria."""
    text = prompt.compose(Task(id="T-1", criteria=("It is fast", "It is tested")))
    assert "It is done when:\n- It is fast\n- It is tested\n" in text
