"""Real merges, replayed as two worktrees, are judged as git judges them; other figures can be true."""

from __future__ import annotations

import json

import pytest
from live_scene import TEN, ten
from real_repository import Repo

from benchmarks import conflicts, real_merges


def merged(repo: Repo, name: str, ours: dict[str, str], theirs: dict[str, str]) -> None:
    """A merge of two branches, whatever it took to make it."""
    repo.git("switch", "-q", "-c", name)
    repo.commit(theirs)
    repo.git("switch", "-q", "main")
    repo.commit(ours)
    repo.git("merge", "-q", "--no-ff", "-s", "ours", "-m", f"merge {name}", name)


@pytest.fixture
def history(repo: Repo) -> Repo:
    repo.commit({"t.txt": TEN})
    merged(repo, "clean", {"t.txt": ten(l2="2")}, {"t.txt": ten(l9="9")})
    merged(repo, "apart", {"a.txt": "ours\n"}, {"b.txt": "theirs\n"})
    merged(repo, "clash", {"t.txt": ten(l5="ours")}, {"t.txt": ten(l5="theirs")})
    return repo


def test_every_merge_of_a_repository_is_judged_as_by_git(
    history: Repo, capsys: pytest.CaptureFixture[str]
) -> None:
    """M119"""
    before = history.git("for-each-ref"), history.git("count-objects")
    assert conflicts.main(["--repo", str(history.root), "--merges", "10", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["merges"], said["conflicts"], said["agreed"]) == (3, 1, 3)
    assert said["false_alarms"] == said["missed"] == said["files_differ"] == []
    assert (history.git("for-each-ref"), history.git("count-objects")) == before


def test_a_disagreement_is_counted_by_its_kind() -> None:
    total = real_merges.Replay()
    real_merges.count(total, "alarm", {"a"}, False, set())
    real_merges.count(total, "missed", set(), True, {"a"})
    real_merges.count(total, "other", {"a"}, True, {"b"})
    assert (total.merges, total.conflicts, total.agreed) == (3, 2, 1)
    assert (total.false_alarms, total.missed, total.files_differ) == (["alarm"], ["missed"], ["other"])


def test_all_pairs_are_compared_as_git_compares_them(config: object) -> None:
    one_each, index = conflicts.all_pairs(branches=6, files=20, rounds=1)
    assert index.note == ""
    assert index.value > 0 and one_each.value > 0 and index.ratio


def test_an_edit_is_timed_until_it_is_told(config: object) -> None:
    rows = conflicts.edit_to_result(trees=2, files=50, edits=2, seconds=0.1)
    assert [row.unit for row in rows] == ["ms", "ms", "% of a core"]
    assert rows[0].value > 0
