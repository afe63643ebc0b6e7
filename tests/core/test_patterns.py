"""File patterns: what they match, and when two of them can match the same path."""

from __future__ import annotations

import time
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.core.patterns import LONGEST, can_meet, expand, matches, meetings, plain_path, shared

ALPHABET = "abB"
WORDS = ["".join(word) for length in (1, 2) for word in product(ALPHABET, repeat=length)]
PATHS = [
    *WORDS,
    *("/".join(pair) for pair in product(WORDS, repeat=2)),
    *("/".join(three) for three in product(WORDS, WORDS, ALPHABET)),
    *("/".join(four) for four in product(WORDS, WORDS, ALPHABET, ALPHABET)),
]
"""Every path over three letters up to these lengths: enough for a witness of any two patterns made below."""

PIECES = st.sampled_from(["a", "b", "*", "?", "[ab]", "[!a]", "a*", "*b", "B"])
SEGMENTS = st.one_of(PIECES, st.just("**"))
PATTERNS = st.builds(
    lambda names, end: "/".join(names) + end,
    st.lists(SEGMENTS, min_size=1, max_size=2),
    st.sampled_from(["", "/"]),
)
LONGER = st.builds("/".join, st.lists(st.text("ab*?[]!-\\", min_size=1, max_size=5), min_size=1, max_size=4))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("api/*.py", "api/users.py"),
        ("src/**", "src/config.ts"),
        ("src/", "src/deep/down/file.ts"),
        ("src/*/index.ts", "src/[a-c]pp/*"),
        ("**/test_*.py", "tests/**/*_users.py"),
        ("a/**/b", "a/b"),
        ("./a//b", "/a/b"),
        ("a/../b", "b"),
        ("*a*", "*b*"),
        ("**", "anything"),
        (".", "a/b"),
        ("app/[id]/page.tsx", "app/*/page.tsx"),
        ("app/[id]/page.tsx", "app/[id]/page.tsx"),
        (r"a\*b", "a?b"),
        ("[]x]", "[x-z]"),
        ("[^a]", "[!b]"),
    ],
)
def test_two_patterns_meet_when_some_path_matches_both(first: str, second: str) -> None:
    """M044"""
    assert can_meet(first, second)
    assert can_meet(second, first)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("api/*.py", "doctype/*/custom_doctype.json"),
        ("api/*.py", "api/v1/users.py"),
        ("src", "src/config.ts"),
        ("src/", "src"),
        ("src/**", "src"),
        ("*.sql", "db/schema.sql"),
        ("a?", "a"),
        ("[a-c]x", "[d-f]x"),
        ("[!a]", "a"),
        ("*a", "*b"),
        ("a*", "b*"),
        ("**/x.py", "**/y.py"),
        ("*/*", "a/*/b"),
        (r"a\*b", "axb"),
        ("SRC/a.py", "src/a.py"),
        ("../outside", "../outside"),
        ("**/../a", "a"),
        ("", ""),
        ("a" * (LONGEST + 1), "a" * (LONGEST + 1)),
    ],
)
def test_two_patterns_do_not_meet_when_no_path_matches_both(first: str, second: str) -> None:
    """M044"""
    assert not can_meet(first, second)
    assert not can_meet(second, first)


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("SRC/a.py", "src/A.PY"),
        ("[A-C]*", "beta"),
        ("[!A]x", "bX"),
        ("É*", "élan"),
        ("ΣΑΣ", "σας"),
        ("[à]", "À"),
    ],
)
def test_letter_case_makes_no_difference_when_it_is_folded(pattern: str, path: str) -> None:
    """M044: the same path in different letter case on a case-insensitive file system"""
    assert matches(pattern, path, fold_case=True) and not matches(pattern, path)
    assert can_meet(pattern, path, fold_case=True) and not can_meet(pattern, path)


def test_a_class_that_leaves_a_letter_out_leaves_out_both_its_cases_when_case_is_folded() -> None:
    assert not matches("[!a]", "A", fold_case=True)
    assert not can_meet("[!a]", "A", fold_case=True)
    assert matches("[!a]", "A")


def test_a_bracket_that_is_not_closed_is_an_ordinary_character() -> None:
    assert matches("a[b", "a[b") and plain_path("a[b") == "a[b"
    assert not matches("a[b", "ab")


def test_a_class_in_wrong_order_holds_nothing_but_its_own_text() -> None:
    assert matches("x[z-a]", "x[z-a]")
    assert not any(matches("x[z-a]", f"x{char}") for char in "azm-")


@pytest.mark.parametrize(
    ("pattern", "path"),
    [("./a//b", "a/b"), (r"a\*b", "a*b"), ("x/../y", "y"), ("a*", None), ("a/", None), ("", None)],
)
def test_a_pattern_without_wildcards_names_one_path(pattern: str, path: str | None) -> None:
    assert plain_path(pattern) == path


@settings(deadline=None)
@given(PATTERNS, PATTERNS, st.booleans())
def test_meeting_agrees_with_every_path_over_a_small_alphabet(first: str, second: str, folded: bool) -> None:
    """M044: `B` stands for what is neither a nor b, and for b when case is folded"""
    witnessed = any(matches(first, path, folded) and matches(second, path, folded) for path in PATHS)
    assert can_meet(first, second, folded) == can_meet(second, first, folded) == witnessed


@settings(deadline=None)
@given(LONGER, LONGER, st.booleans())
def test_meeting_is_symmetric_and_every_pattern_that_matches_something_meets_itself(
    first: str, second: str, folded: bool
) -> None:
    assert can_meet(first, second, folded) == can_meet(second, first, folded)
    assert can_meet(first, first, folded)


@settings(deadline=None)
@given(LONGER, st.lists(st.text("abc]-\n", min_size=1, max_size=4), min_size=1, max_size=4).map("/".join))
def test_a_plain_path_meets_a_pattern_when_and_only_when_the_pattern_matches_it(
    pattern: str, path: str
) -> None:
    assert plain_path(path) == path
    assert can_meet(pattern, path) == matches(pattern, path)


@settings(deadline=None)
@given(LONGER, LONGER, st.sampled_from(PATHS))
def test_what_two_patterns_both_match_makes_them_meet(first: str, second: str, path: str) -> None:
    if matches(first, path) and matches(second, path):
        assert can_meet(first, second)


HOSTILE = {
    "stars and letters": ("*a" * 500 + "b", "*a" * 500 + "c"),
    "only stars": ("*" * 1000, "a*" * 500),
    "double stars": ("**/a/" * 200 + "b", "**/a/" * 200 + "c"),
    "stars in segments": ("*a*/**/" * 140 + "b", "**/*b*a*/" * 110 + "c"),
    "classes": ("[!a]*" * 200, "[a-z]*?" * 140),
    "question marks": ("?*[x]" * 200, "*[!y]" * 200),
    "open brackets": ("[" * 1000, "[!" * 500),
}


@pytest.mark.parametrize(("first", "second"), HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("folded", [False, True])
def test_a_hostile_pattern_costs_little(first: str, second: str, folded: bool) -> None:
    start = time.process_time()
    can_meet(first, second, folded)
    for path in ("a" * 4000, "a/" * 2000 + "a", "aba/" * 1000 + "d"):
        matches(first, path, folded)
        matches(second, path, folded)
    assert time.process_time() - start < 2


def test_patterns_are_expanded_to_the_paths_of_the_repository() -> None:
    """M042"""
    paths = ["src/b.py", "src/a.py", "src/deep/c.py", "README.md", "Src/a.py"]
    assert expand(["src/*.py", "src/", "readme.md", "none/**", "README.md"], paths) == {
        "src/*.py": ("src/a.py", "src/b.py"),
        "src/": ("src/a.py", "src/b.py", "src/deep/c.py"),
        "readme.md": (),
        "none/**": (),
        "README.md": ("README.md",),
    }
    assert expand(["src/a.*", "readme.md"], paths, fold_case=True) == {
        "src/a.*": ("Src/a.py", "src/a.py"),
        "readme.md": ("README.md",),
    }


@settings(deadline=None)
@given(LONGER, st.lists(st.sampled_from(PATHS)), st.booleans())
def test_expanding_finds_what_matching_finds(pattern: str, paths: list[str], folded: bool) -> None:
    found = expand([pattern], paths, folded)[pattern]
    assert list(found) == sorted(found)
    assert set(found) == {path for path in paths if matches(pattern, path, folded)}


def test_what_two_tasks_share_is_given_as_pairs_of_patterns() -> None:
    assert shared(["src/*.py", "docs/"], ["docs/a.md", "src/x.py", "src/x.py", "z"]) == (
        ("src/*.py", "src/x.py"),
        ("docs/", "docs/a.md"),
    )


@settings(deadline=None)
@given(
    st.dictionaries(st.sampled_from("vwxyz"), st.lists(LONGER | st.sampled_from(PATHS), max_size=3)),
    st.booleans(),
)
def test_the_index_finds_the_pairs_that_comparing_all_finds(
    files: dict[str, list[str]], folded: bool
) -> None:
    names = list(files)
    expected = {
        (one, two): tuple(sorted(pairs))
        for place, one in enumerate(names)
        for two in names[place + 1 :]
        if (pairs := shared(files[one], files[two], folded))
    }
    assert meetings(files, folded) == expected


def test_ten_thousand_tasks_are_compared_without_comparing_all_pairs() -> None:
    files = {f"t{number}": [f"src/m{number}/a.py", f"docs/{number}.md"] for number in range(10_000)}
    files |= {f"w{number}": [f"src/m{number}/**"] for number in range(200)}
    start = time.process_time()
    found = meetings(files)
    assert time.process_time() - start < 4
    assert set(found) == {(f"t{number}", f"w{number}") for number in range(200)}
    assert found["t7", "w7"] == (("src/m7/a.py", "src/m7/**"),)
