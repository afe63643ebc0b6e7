"""Changes touch when no unchanged line lies between them; ranges are counted in the new file."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from live_scene import TEN, ten
from real_repository import Repo

from engine.edge.git_repository import Repository
from engine.edge.live_hunks import MOST_LINES, Hunk, hunks_of, ranges, text, touching


def hunk(start: int, count: int, *new: str) -> Hunk:
    """So many old lines from `start` (after it, when none) became these."""
    return Hunk(start, count, start, len(new), tuple(f"+{line}" for line in new))


def test_neighbouring_lines_touch_and_a_line_between_keeps_apart() -> None:
    four, five, six = hunk(4, 1, "a"), hunk(5, 1, "b"), hunk(6, 1, "c")
    assert touching([four, hunk(9, 1, "x")], [five, hunk(1, 1, "y")]) == ((four,), (five,))
    assert touching([four, hunk(9, 1, "x")], [six, hunk(9, 1, "z")]) == (
        (hunk(9, 1, "x"),),
        (hunk(9, 1, "z"),),
    )


def test_a_line_put_in_touches_what_is_before_and_after_it() -> None:
    between = hunk(4, 0, "new")
    four, five, six = hunk(4, 1, "a"), hunk(5, 1, "b"), hunk(6, 1, "c")
    assert touching([between], [four, six]) == ((between,), (four,))
    assert touching([between], [five, six]) == ((between,), (five,))


def test_the_same_change_on_both_sides_is_not_what_touches() -> None:
    same, mine, other = hunk(2, 1, "same"), hunk(7, 1, "mine"), hunk(7, 1, "other")
    assert touching([same, mine], [same, other]) == ((mine,), (other,))


def test_without_any_that_touch_all_changes_are_told() -> None:
    assert touching([hunk(1, 1, "a")], [hunk(8, 1, "b")]) == ((hunk(1, 1, "a"),), (hunk(8, 1, "b"),))


def test_a_long_text_is_cut_with_a_word_about_it() -> None:
    long = hunk(1, 0, *(f"{number}" for number in range(MOST_LINES + 3)))
    assert text([long]).splitlines()[MOST_LINES:] == ["… 3 more lines"]


spans = st.lists(st.tuples(st.integers(1, 30), st.integers(1, 3)), max_size=6)


def spread(pairs: list[tuple[int, int]], word: str) -> list[Hunk]:
    """Changes that lie apart, as those of one diff do."""
    found: list[Hunk] = []
    for start, count in sorted(pairs):
        if not found or start > found[-1].start + found[-1].count:
            found.append(hunk(start, count, word))
    return found


@given(spans, spans)
def test_touching_is_what_every_pair_compared_with_every_other_would_say(
    first: list[tuple[int, int]], second: list[tuple[int, int]]
) -> None:
    one, two = spread(first, "one"), spread(second, "two")
    meets = [
        (a, b) for a in one for b in two if a.start <= b.start + b.count and b.start <= a.start + a.count
    ]
    expected = (
        tuple(a for a in one if a in {m for m, _ in meets}),
        tuple(b for b in two if b in {m for _, m in meets}),
    )
    assert touching(one, two) == (expected if meets else (tuple(one), tuple(two)))


async def test_many_files_are_compared_at_once(repo: Repo, wave: Repository) -> None:
    texts = (TEN, ten(l3="THREE", l9="NINE"), TEN.replace("line 5\n", ""), "no newline", "\0binary")
    blobs = []
    for content in texts:
        file = repo.write("x", content)
        blobs.append(repo.git("hash-object", "-w", str(file)))
    base, edited, cut, bare, binary = blobs
    found = await hunks_of(wave.git, [(base, edited), (base, cut), ("", bare), (base, ""), (base, binary)])
    assert ranges(found[base, edited]) == ((3, 3), (9, 9))
    assert text(found[base, edited]) == "-line 3\n+THREE\n-line 9\n+NINE"
    assert ranges(found[base, cut]) == ((5, 4),)
    assert (ranges(found["", bare]), text(found["", bare])) == (((1, 1),), "+no newline")
    assert ranges(found[base, ""]) == ((1, 0),)
    assert found[base, binary] == ()
