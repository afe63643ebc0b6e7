"""Which lines of a file two sides changed, and which of these changes touch."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from msgspec import Struct

from engine.core.errors import GitError
from engine.core.overlaps import Lines
from engine.edge.git import Git, config_env

MOST_LINES = 40
"""Lines of one side's text."""
MOST_RANGES = 40
LARGE = config_env({"core.bigFileThreshold": "1m", "core.fsync": "none"})
"""A file above 1 MB was written by a program: nobody reads which lines of it changed."""

Blobs = tuple[str, str]
"""A file before and after, as objects; empty for none."""

_HEAD = re.compile(rb"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")


class Hunk(Struct, frozen=True):
    """One change: `count` lines from line `start` of the old file became `new_count` from `new_start`, as
    `git diff -U0` counts; `lines` are the old ones with `-` before them and the new ones with `+`."""

    start: int
    count: int
    new_start: int
    new_count: int
    lines: tuple[str, ...]

    @property
    def span(self) -> tuple[int, int]:
        """Between which old lines it lies: after the first number, up to the second."""
        return (self.start, self.start) if self.count == 0 else (self.start - 1, self.start - 1 + self.count)

    @property
    def range(self) -> tuple[int, int]:
        """The new lines, first and last; where there are none, an empty range before the next line."""
        first = self.new_start if self.new_count else self.new_start + 1
        return first, first + self.new_count - 1


async def hunks_of(git: Git, wanted: Iterable[Blobs]) -> dict[Blobs, tuple[Hunk, ...]]:
    """The changes of each pair of blobs; none for binary and large files. Two processes, however many."""
    pairs = [pair for pair in dict.fromkeys(wanted) if pair[0] != pair[1]]
    found: dict[Blobs, tuple[Hunk, ...]] = {}
    if not pairs:
        return found
    try:
        sides = b"\n".join(listing([pair[place] for pair in pairs]) for place in (0, 1))
        old, new = (await git.run("mktree", "--missing", "--batch", input=sides)).decode().split()
        how = ("diff-tree", "-p", "-U0", "--full-index", "--no-renames", "--no-ext-diff", "--no-textconv")
        out = await git.run(*how, old, new, env=LARGE)
    except GitError:
        return found  # what can be told without lines is told without
    for section in re.split(rb"^diff --git ", out, flags=re.MULTILINE)[1:]:
        number = section[: section.index(b"\n")].rpartition(b"/")[2]
        found[pairs[int(number)]] = tuple(hunks(section))
    return found


def listing(blobs: Sequence[str]) -> bytes:
    """A tree of these blobs, each named by its place; what is not there is left out."""
    lines = (f"100644 blob {blob}\t{number}\n" for number, blob in enumerate(blobs) if blob)
    return "".join(lines).encode()


def hunks(section: bytes) -> Iterable[Hunk]:
    """The changes in one file's part of a diff without context."""
    place, body = (0, 0, 0, 0), list[str]()
    for line in section.split(b"\n"):
        if head := _HEAD.match(line):
            if any(place):
                yield Hunk(*place, tuple(body))
            start, count, new_start, new_count = (1 if word is None else int(word) for word in head.groups())
            place, body = (start, count, new_start, new_count), []
        elif any(place) and line[:1] in (b"-", b"+"):
            body.append(line.decode("utf-8", "replace"))
    if any(place):
        yield Hunk(*place, tuple(body))


def touching(first: Sequence[Hunk], second: Sequence[Hunk]) -> tuple[tuple[Hunk, ...], tuple[Hunk, ...]]:
    """Of two sides' changes of the same old file, in its order, those that touch: no unchanged line between
    them, and not the same change twice. All of both, when none do (the conflict is not one of lines)."""
    same = {(hunk.span, hunk.lines) for hunk in first} & {(hunk.span, hunk.lines) for hunk in second}
    ours, theirs = (
        [hunk for hunk in side if (hunk.span, hunk.lines) not in same] for side in (first, second)
    )
    one, two = set[int](), set[int]()
    at = other = 0
    while at < len(ours) and other < len(theirs):
        mine, their = ours[at].span, theirs[other].span
        if adjoin(mine, their):
            one.add(at)
            two.add(other)
        if mine[1] <= their[1]:
            at += 1
        else:
            other += 1
    if not one:
        return tuple(first), tuple(second)
    return tuple(ours[at] for at in sorted(one)), tuple(theirs[at] for at in sorted(two))


def adjoin(first: tuple[int, int], second: tuple[int, int]) -> bool:
    """Whether no line lies between two spans."""
    return first[0] <= second[1] and second[0] <= first[1]


def ranges(changes: Sequence[Hunk]) -> Lines:
    """The new lines of changes, the first `MOST_RANGES` of them."""
    return tuple(hunk.range for hunk in changes[:MOST_RANGES])


def text(changes: Sequence[Hunk]) -> str:
    """The lines of changes as a diff has them, cut after `MOST_LINES` with a word about it."""
    lines = [line for hunk in changes for line in hunk.lines]
    more = len(lines) - MOST_LINES
    return "\n".join([*lines[:MOST_LINES], *([f"… {more} more lines"] if more > 0 else [])])
