"""Failures are classified, and each says what to do about it."""

from __future__ import annotations

import msgspec
import pytest
from world_of_paper import Paper, plan, task

from engine.core.failures import concerning
from engine.core.gauged import ErrorType, TaskError


@pytest.mark.parametrize(
    ("hints", "expected"),
    [
        ((), ("wavetree logs a", "wavetree retry a")),
        (("think",), ("think", "wavetree logs a", "wavetree retry a")),
        (("think", "think again"), ("think", "think again", "wavetree retry a")),
        (("one", "two", "three", "four", "five"), ("one", "two", "three", "wavetree retry a")),
        (("set DATABASE_URL", "ask"), ("set DATABASE_URL", "ask")),
        (("look at src/app.ts", "ask"), ("look at src/app.ts", "ask")),
        (("look at app.txt", "ask"), ("look at app.txt", "ask")),
        (("is a what it was?", "ask"), ("is a what it was?", "ask")),
    ],
)
def test_there_are_two_to_four_hints_and_one_is_specific(
    hints: tuple[str, ...], expected: tuple[str, ...]
) -> None:
    """M169, D28: what an agent says is kept; what it lacks is added."""
    paper = Paper(plan(task("a", files=("app.txt",))))
    error = concerning(
        paper.state, paper.state.tasks["a"], TaskError(ErrorType.VALIDATION, "wrong", hints=hints)
    )
    assert len(error.hints) == len(expected)
    assert all(words in hint for words, hint in zip(expected, error.hints, strict=True))


def test_a_journal_that_calls_a_failure_otherwise_is_still_read() -> None:
    """M168: names of other versions become one of the classes."""
    for named, kind in (("GateFailed", "ImplementationError"), ("TestFailure", "Test Failure")):
        data = msgspec.json.encode({"type": named, "message": "no"})
        assert msgspec.json.decode(data, type=TaskError).type == kind
