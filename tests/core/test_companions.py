"""Rules about files that change together, and tasks that meet only through them."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.core.companions import LARGEST_COMMIT, Companion, meet_only_there, mine

COMMITS = [["a", "b"], ["a", "b", "c"], ["a", "b"], ["a"], ["c"], ["c", "d"]]


def rule(file: str, other: str, confidence: float, together: int = 4) -> Companion:
    return Companion(file, other, together, round(together / confidence), confidence)


def test_a_companion_changed_in_enough_of_the_commits_of_a_file() -> None:
    assert mine(COMMITS, ["a"]) == (Companion("a", "b", 3, 4, 0.75),)
    assert mine(COMMITS, ["b"]) == (Companion("b", "a", 3, 3, 1.0),)
    assert mine(COMMITS, ["a"], confidence=0.8) == ()
    assert mine(COMMITS, ["c"], support=1) == (
        Companion("c", "a", 1, 3, 1 / 3),
        Companion("c", "b", 1, 3, 1 / 3),
        Companion("c", "d", 1, 3, 1 / 3),
    )


def test_patterns_and_parts_of_files_have_the_companions_of_the_files_they_match() -> None:
    commits = [["src/a.py", "docs/a.md"]] * 3
    expected = (Companion("src/a.py", "docs/a.md", 3, 3, 1.0),)
    for entry in ("src/a.py::Users.get", "src/a.py#L1-9", "src/*.py", "src/"):
        assert mine(commits, [entry]) == expected


def test_a_sweeping_commit_says_nothing_of_any_file() -> None:
    sweep = [[f"f{number}" for number in range(LARGEST_COMMIT + 1)]] * 3
    assert mine(sweep, ["f0"]) == ()
    assert len(mine([commit[1:] for commit in sweep], ["f1"])) == LARGEST_COMMIT - 1


@given(st.lists(st.lists(st.sampled_from("abcde"), max_size=4), max_size=12), st.integers(1, 3))
@settings(deadline=None)
def test_rules_are_what_counting_by_hand_gives(commits: list[list[str]], support: int) -> None:
    expected = set()
    for file in "abcde":
        of = sum(file in commit for commit in commits)
        for other in "abcde":
            together = sum(file in commit and other in commit for commit in commits)
            if other != file and together >= support and together >= 0.3 * of:
                expected.add(Companion(file, other, together, of, together / of))
    assert set(mine(commits, ["*"], support)) == expected


def test_two_tasks_meet_in_the_companion_of_one_that_the_other_declares() -> None:
    (met,) = meet_only_there({"t1": ["a"], "t2": ["b"]}, [rule("a", "b", 0.5)])
    assert (met.first, met.second, met.file) == ("t1", "t2", "b")
    assert (met.support, met.confidence, met.because) == (4, 0.5, (rule("a", "b", 0.5),))


def test_two_tasks_meet_in_a_companion_of_both_with_the_product_of_the_confidences() -> None:
    rules = [rule("a", "x", 0.5), rule("b", "x", 0.8, 8)]
    (met,) = meet_only_there({"t1": ["a"], "t2": ["b"]}, rules)
    assert (met.file, met.support) == ("x", 4) and met.confidence == pytest.approx(0.4)
    assert met.because == tuple(rules)


def test_the_surest_rule_of_a_task_and_the_surest_meeting_come_first() -> None:
    rules = [rule("a", "x", 0.4), rule("a2", "x", 0.8), rule("b", "x", 1.0), rule("a", "b", 0.9)]
    found = meet_only_there({"t1": ["a", "a2"], "t2": ["b"]}, rules)
    assert [(met.file, met.confidence) for met in found] == [("b", 0.9), ("x", 0.8)]


def test_tasks_that_share_a_declared_file_are_not_told_of_companions() -> None:
    rules = [rule("a", "x", 0.5), rule("b", "x", 0.8)]
    assert meet_only_there({"t1": ["a", "s/*"], "t2": ["b", "s/1"]}, rules) == ()
    assert meet_only_there({"t1": ["a", "x"], "t2": ["b", "x::f"]}, rules) == ()


def test_declared_patterns_and_parts_reach_the_companions_of_what_they_match() -> None:
    rules = [rule("src/a.py", "docs/a.md", 0.5)]
    for first, second in (("src/*.py", "docs/"), ("src/a.py::get", "docs/a.md#L1-9")):
        assert len(meet_only_there({"t1": [first], "t2": [second]}, rules)) == 1
    assert meet_only_there({"t1": ["SRC/a.py"], "t2": ["docs/A.md"]}, rules) == ()
    assert len(meet_only_there({"t1": ["SRC/a.py"], "t2": ["docs/A.md"]}, rules, fold_case=True)) == 1


def test_one_task_alone_meets_nobody() -> None:
    assert meet_only_there({"t1": ["a", "b"]}, [rule("a", "b", 0.5)]) == ()
    assert meet_only_there({}, []) == ()


def test_two_thousand_tasks_are_looked_at_in_a_moment() -> None:
    files = {f"t{number}": [f"a{number}", f"b{number}"] for number in range(2000)}
    rules = [rule(f"a{number}", f"b{number + 1}", 0.5) for number in range(1999)]
    start = time.process_time()
    assert len(meet_only_there(files, rules)) == 1999
    assert time.process_time() - start < 2
