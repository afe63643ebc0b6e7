"""Declared files that may meet."""

from __future__ import annotations

import pytest

from tui.overlap import meetings, overlaps, risk


@pytest.mark.parametrize(
    ("first", "second", "meet"),
    [
        ("src/config.ts", "src/config.ts", True),
        ("api/*.py", "api/users.py", True),
        ("api/users.py", "api/*.py", True),
        ("api/*.py", "api/*_test.py", True),
        ("api/*.py", "api/*.js", False),
        ("api/*.py", "web/*.py", False),
        ("src/a.ts", "src/b.ts", False),
        ("**/*.json", "doctype/*.json", True),
    ],
)
def test_patterns_meet_when_one_file_could_be_both(first: str, second: str, meet: bool) -> None:
    assert bool(overlaps([first], [second])) is meet
    assert bool(overlaps([second], [first])) is meet


def test_pairs_are_named_with_their_files_and_graded() -> None:
    files = {"a": ["x.py", "y.py"], "b": ["x.py"], "c": ["z.py"], "d": []}
    pairs = meetings(files)
    assert pairs == (("a", "b", ("x.py",)),)
    assert [risk(task, declared, pairs) for task, declared in files.items()] == [
        "medium",
        "medium",
        "low",
        "unknown",
    ]
    assert risk("a", ["x"], (*pairs, ("a", "e", ("q.py",)))) == "high"
