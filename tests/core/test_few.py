"""A list in a sentence."""

from __future__ import annotations

import pytest

from engine.core.few import few


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("", ""),
        ("a", "a"),
        ("abc", "a, b, c"),
        ("abcd", "a, b, c and 1 more"),
        ("abcdefg", "a, b, c and 4 more"),
    ],
)
def test_a_long_list_is_cut_and_says_by_how_much(words: str, said: str) -> None:
    assert few(words) == said
    assert few(words, 9) == ", ".join(words)


def test_parts_that_have_commas_are_kept_apart() -> None:
    assert few(["a, b", "c"], 1, "; ") == "a, b and 1 more"
    assert few(["a, b", "c"], 2, "; ") == "a, b; c"
