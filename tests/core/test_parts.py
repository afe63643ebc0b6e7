"""Parts of files: how they are written, and when two of them can be changed at once."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.core.parts import Grade, Part, Symbol, entry_of, grade, located, parse, path_of, worst

API = "src/api.py"
MERGE = ["git", "merge-file", "-p", "one", "base", "two"]
SYMBOLS = (
    Symbol("Users", "class", 1, 40),
    Symbol("Users.get", "method", 2, 10),
    Symbol("Users.put", "method", 30, 40),
    Symbol("Teams", "class", 50, 90),
    Symbol("Teams.put", "method", 60, 90),
)


@pytest.mark.parametrize(
    ("entry", "part"),
    [
        ("src/api.py", Part(API)),
        ("src/", Part("src/")),
        ("src/api.py::Users.get", Part(API, symbol="Users.get")),
        ("src/api.py::load()", Part(API, symbol="load")),
        ("src/lib.rs::config::load", Part("src/lib.rs", symbol="config.load")),
        ("docs/a.md#L10-40", Part("docs/a.md", 10, 40)),
        ("docs/a.md#L10-L40", Part("docs/a.md", 10, 40)),
        ("src/api.py#L12", Part(API, 12, 12)),
        ("docs/a.md#set-up", Part("docs/a.md", symbol="set-up")),
        ("docs/A.MD#set-up", Part("docs/A.MD", symbol="set-up")),
        ("c#/main.cs", Part("c#/main.cs")),
        ("notes#1.txt", Part("notes#1.txt")),
        ("c#/main.cs#L3", Part("c#/main.cs", 3, 3)),
    ],
)
def test_an_entry_names_a_file_or_a_part_of_one(entry: str, part: Part) -> None:
    assert parse(entry) == part
    assert path_of(entry) == part.path
    assert parse(entry_of(part)) == part


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ("", "no file"),
        ("::Users", "no file"),
        ("#L3", "no file"),
        ("src/::Users", "folder"),
        ("src/api.py::", "no name"),
        ("src/api.py::Users..get", "no name"),
        ("src/api.py::the users", "no name"),
        ("docs/a.md#", "no name"),
        ("docs/a.md#L0", "from 1"),
        ("docs/a.md#L9-3", "from 1"),
        ("docs/a.md#L9-", "written like"),
        ("docs/a.md#L9-x", "written like"),
    ],
)
def test_an_entry_that_names_no_part_is_refused_in_words(entry: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        parse(entry)


@given(st.builds(str.__add__, st.sampled_from(["a.md", "b", ""]), st.text("ab/.#:L10-()", max_size=10)))
@settings(deadline=None)
def test_any_entry_is_read_or_refused_and_always_has_a_path(entry: str) -> None:
    assert entry.startswith(path_of(entry))
    try:
        part = parse(entry)
    except ValueError:
        return
    assert part.path == path_of(entry)
    assert parse(entry_of(part)) == part


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("#L1-10", "#L10-20", Grade.TOUCH),
        ("#L1-10", "#L11-20", Grade.TOUCH),
        ("#L1-10", "#L14-20", Grade.APART),
        ("#L1-90", "#L40", Grade.TOUCH),
        ("", "#L1-10", Grade.WHOLE),
        ("", "", Grade.WHOLE),
        ("::Users", "::Users.get", Grade.TOUCH),
        ("::Users.get", "::Users.get", Grade.TOUCH),
        ("::User", "::Users", Grade.WHOLE),
        ("::Users.get", "#L1-10", Grade.WHOLE),
    ],
)
def test_two_parts_of_one_file_are_graded_by_what_is_known_of_them(
    first: str, second: str, expected: Grade
) -> None:
    one, two = parse(API + first), parse(API + second)
    assert grade(one, two) is grade(two, one) is expected


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("::Users.get", "::Users.put", Grade.APART),
        ("::get", "#L9-12", Grade.TOUCH),
        ("::put", "#L9-12", Grade.APART),
        ("::new_one", "::new_two", Grade.TOUCH),
        ("::Users.new", "::Teams.new", Grade.APART),
        ("::Users.new", "::Users.newer", Grade.TOUCH),
        ("::Users.new", "::Users.put", Grade.TOUCH),
        ("::Users.new", "::Users.get", Grade.APART),
        ("::new", "::Teams.put", Grade.APART),
        ("::new", "#L98-100", Grade.TOUCH),
    ],
)
def test_a_symbol_has_its_lines_and_a_new_one_those_where_it_will_be_written(
    first: str, second: str, expected: Grade
) -> None:
    one, two = (located(parse(API + part), SYMBOLS, 100) for part in (first, second))
    assert grade(one, two) is expected


def test_a_name_defined_twice_covers_both_places() -> None:
    twice = (Symbol("load", "function", 1, 4), Symbol("load", "function", 20, 24))
    assert located(Part(API, symbol="load"), twice, 30) == Part(API, 1, 24, "load")


def test_new_symbols_of_a_file_that_is_yet_to_be_made_touch() -> None:
    one, two = (located(Part(API, symbol=name), (), 0) for name in ("load", "save"))
    assert grade(one, two) is Grade.TOUCH


def test_the_worst_pair_of_two_tasks_decides() -> None:
    near, far, end = Part(API, 1, 5), Part(API, 50, 60), Part(API, 90, 99)
    assert worst([near, far], [end]) == (Grade.APART, near, end)
    assert worst([near, far], [end, Part(API)]) == (Grade.WHOLE, near, Part(API))
    assert worst([near, Part(API)], [end, Part(API, 3, 3)]) == (Grade.TOUCH, near, Part(API, 3, 3))
    with pytest.raises(ValueError, match="both"):
        worst([], [end])


@pytest.mark.parametrize("gap", [0, 1, 3])
def test_git_merges_exactly_what_is_graded_apart(tmp_path: Path, gap: int) -> None:
    lines = [f"line {number}\n" for number in range(1, 41)]
    one, two = Part("a", 10, 15), Part("a", 16 + gap, 20 + gap)
    for name, part in (("base", Part("a")), ("one", one), ("two", two)):
        changed = [
            line.upper() if part.last and part.first <= number <= part.last else line
            for number, line in enumerate(lines, 1)
        ]
        (tmp_path / name).write_text("".join(changed))
    merge = subprocess.run(
        ["git", "merge-file", "-p", "one", "base", "two"], cwd=tmp_path, capture_output=True
    )
    assert (merge.returncode == 0) == (gap > 0)
    assert grade(one, two) is (Grade.APART if gap else Grade.TOUCH)


def test_git_does_not_merge_two_functions_added_at_the_same_end(tmp_path: Path) -> None:
    for name, added in (("base", ""), ("one", "def one(): ...\n"), ("two", "def two(): ...\n")):
        (tmp_path / name).write_text("import os\n" + added)
    merge = subprocess.run(
        ["git", "merge-file", "-p", "one", "base", "two"], cwd=tmp_path, capture_output=True
    )
    assert merge.returncode == 1
