"""Marking a priority changes its status and nothing else, not even what is spoiled (M016)."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.exporters.roadmap import MARKS, with_status
from engine.importers.priorities import priorities
from engine.importers.words import state_of

DOCUMENTS = Path(__file__).parents[1] / "data" / "documents"


def changed_lines(old: str, new: str) -> list[tuple[str, str]]:
    pairs = list(zip(old.split("\n"), new.split("\n"), strict=True))
    return [(one, two) for one, two in pairs if one != two]


@pytest.mark.parametrize("name", ["004_ROADMAP.md", "004_ROADMAP_mojibake.md"])
@pytest.mark.parametrize(
    ("number", "line"),
    [
        (65, "### PRIORITY 65: Recipe Management ✅ Complete (2025-10-20)"),
        (67, "**Status**: ✅ Complete (2025-10-20)"),
    ],
)
def test_only_the_line_with_the_status_changes(name: str, number: int, line: str) -> None:
    text = (DOCUMENTS / name).read_text()
    assert [new for _, new in changed_lines(text, with_status(text, number, "complete", "2025-10-20"))] == [
        line
    ]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("### PRIORITY 1: a 📝 Planned\r\nx\r\n", "### PRIORITY 1: a ✅ Complete (D)\r\nx\r\n"),
        ("### PRIORITY 1: a 📝 Planned", "### PRIORITY 1: a ✅ Complete (D)"),
        ("### PRIORITY 1: a", "### PRIORITY 1: a ✅ Complete (D)"),
        ("### PRIORITY 1: a \n", "### PRIORITY 1: a ✅ Complete (D) \n"),
        ("### PRIORITY 1: a (📝 Planned)\n", "### PRIORITY 1: a ✅ Complete (D)\n"),
        (
            "### PRIORITY 1: a 📝\n- **Status**: 📝  \n",
            "### PRIORITY 1: a ✅ Complete (D)\n- **Status**: ✅ Complete (D)  \n",
        ),
        ("### PRIORITY 1: a\n**Status**:\n", "### PRIORITY 1: a\n**Status**: ✅ Complete (D)\n"),
        (
            "### PRIORITY 1: a\n```\nStatus: no\n```\n",
            "### PRIORITY 1: a ✅ Complete (D)\n```\nStatus: no\n```\n",
        ),
        ("### PRIORITY 1: a ✅ Complete (C)\n", "### PRIORITY 1: a ✅ Complete (D)\n"),
    ],
)
def test_line_ends_and_blanks_stay(old: str, new: str) -> None:
    assert with_status(old, 1, "complete", "D") == new


def test_without_a_date_only_the_mark_is_written() -> None:
    assert with_status("### PRIORITY 1: a 📝 Planned", 1, "failed", "") == "### PRIORITY 1: a ❌ Failed"


@pytest.mark.parametrize(("number", "word"), [(2, "complete"), (1, "splendid")])
def test_an_unknown_number_or_word_is_refused(number: int, word: str) -> None:
    with pytest.raises(KeyError):
        with_status("### PRIORITY 1: a", number, word, "")


LINES = st.sampled_from(
    [
        "### PRIORITY 1: one 📝 Planned",
        "### PRIORITY 2: two",
        "## PRIORITY 3: three \uf8ffüìù Planned",
        "#### PRIORITY 4: four Complete\r",
        "**Status**: 📝 Planned\r",
        "- Status: ‚úÖ Complete  ",
        "Files: a.py",
        "```",
        "# other",
        "text ‚Äî spoiled",
        "",
    ]
)


@given(st.lists(LINES, max_size=12), st.integers(1, 4), st.sampled_from(sorted(MARKS)))
def test_a_marked_priority_reads_as_marked_and_no_other_priority_changes(
    lines: list[str], number: int, word: str
) -> None:
    text = "\n".join(lines)
    before = priorities(text)
    if str(number) not in {each.number for each in before}:
        return
    marked = with_status(text, number, word, "2025-10-20")
    after = priorities(marked)
    first = next(place for place, each in enumerate(before) if each.number == str(number))
    assert [each for place, each in enumerate(before) if place != first] == [
        each for place, each in enumerate(after) if place != first
    ]
    assert after[first].title == before[first].title
    assert len(changed_lines(text, marked)) <= 2
    assert not after[first].status or state_of(after[first].status) == word
    assert with_status(marked, number, word, "2025-10-20") == marked
