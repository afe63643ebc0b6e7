"""A text in conflict in parts: what is chosen comes out, nothing else changes (M129)."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.core.hunks import Choice, Part, composed, left_mark, marked, parts_of

SIZE = 37
LINES = st.lists(st.sampled_from(["a", "b", "c", "<<<<<<< x", "=======", ">>>>>>> y", ""]), max_size=8)
TEXTS = st.builds(lambda lines, end: "\n".join(lines) + end, LINES, st.sampled_from(["\n", ""]))


def merged(folder: Path, *words: str) -> str:
    names = [str(folder / name) for name in ("ours", "base", "theirs")]
    done = subprocess.run(["git", "merge-file", "-p", "-q", *words, *names], capture_output=True, text=True)
    assert 0 <= done.returncode < 128
    return done.stdout


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(TEXTS, TEXTS, TEXTS)
def test_one_side_chosen_everywhere_is_what_git_makes_of_it(base: str, ours: str, theirs: str) -> None:
    """Texts that hold marks of the usual length themselves are no exception."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for name, text in (("base", base), ("ours", ours), ("theirs", theirs)):
            (folder / name).write_text(text)
        parts = parts_of(merged(folder, "--diff3", f"--marker-size={SIZE}"), SIZE)
        places = sum(part.clash for part in parts)
        for choice, option in ((Choice.OURS, "--ours"), (Choice.THEIRS, "--theirs")):
            assert composed(parts, [choice] * places).rstrip("\n") == merged(folder, option).rstrip("\n")


def test_both_sides_are_whole_lines_in_either_order() -> None:
    part = Part(base="b\n", ours="one", theirs="two\n", clash=True)
    assert composed([Part("a\n"), part], [Choice.BOTH]) == "a\none\ntwo\n"
    assert composed([Part("a\n"), part], [Choice.REVERSED]) == "a\ntwo\none"
    assert composed([part], ["by hand\n"]) == "by hand\n"


def test_a_place_without_a_choice_is_an_error() -> None:
    with pytest.raises(ValueError, match="not chosen"):
        composed([Part(ours="a", theirs="b", clash=True)], [])


def test_marks_are_found_where_they_are_left_and_only_there() -> None:
    part = Part(base="b\n", ours="one\n", theirs="two\n", clash=True)
    text = marked([Part("a\n"), part], "x", "y")
    assert text.splitlines() == [
        "a",
        "<<<<<<< x",
        "one",
        "||||||| before",
        "b",
        "=======",
        "two",
        ">>>>>>> y",
    ]
    assert left_mark(text) == 2
    assert left_mark("a title\n=======\n<<<<<<<<< more\n  <<<<<<< x\n") == 0
