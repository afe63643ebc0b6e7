"""An agent's account against git's."""

from __future__ import annotations

import json
from pathlib import Path

from engine.core.gauged import TaskError
from engine.world.judging import judged


def result(folder: Path, **said: object) -> Path:
    path = folder / "result.json"
    path.write_text(json.dumps(said))
    return path


def test_no_result_file_is_a_remark_and_no_failure(tmp_path: Path) -> None:
    """M099: files are taken from git, the entry is flagged"""
    verdict = judged(("a.py",), tmp_path / "result.json")
    assert verdict.issues == ("result missing",)
    assert verdict.problem is None


def test_a_broken_result_fails_the_task(tmp_path: Path) -> None:
    """M099: never a success"""
    path = tmp_path / "result.json"
    for text in ("{", "[]", '{"filesModified": "a.py"}', '{"filesCreated": [1]}'):
        path.write_text(text)
        problem = judged(("a.py",), path).problem
        assert isinstance(problem, TaskError)
        assert problem.type == "ImplementationError"
        assert 2 <= len(problem.hints) <= 4


def test_a_claim_that_git_denies_and_a_change_that_was_not_told_are_both_named(tmp_path: Path) -> None:
    """M099: it claims a.py and changed b.py"""
    verdict = judged(("b.py",), result(tmp_path, filesModified=["a.py"], issuesEncountered=["slow tests"]))
    assert verdict.issues == (
        "slow tests",
        "the agent says it changed a.py, git says it did not",
        "the agent did not mention b.py",
    )
    assert verdict.problem is None


def test_a_true_account_raises_nothing_and_one_without_files_is_no_claim(tmp_path: Path) -> None:
    told = result(tmp_path, filesModified=["a.py"], filesCreated=["b.py"], toolsUsed=["bash"])
    assert judged(("a.py", "b.py"), told).issues == ()
    assert judged(("a.py",), result(tmp_path, actions=["thought"])).issues == ()
