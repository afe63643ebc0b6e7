"""A diff to read, in order or both sides beside each other; lines are made when they are looked at."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import zip_longest
from typing import NamedTuple

from engine import clean
from tui.lines import Bit, LazyLines, Line, fit

LINE_LIMIT = 1_000
"""Characters of a line that are shown."""
TAB = "    "
NUMBER = 5
LEAST_BESIDE = 110
"""Cells from which on both sides stand beside each other."""

_HUNK = re.compile(r"@@ -(\d{1,9})(?:,\d+)? \+(\d{1,9})(?:,\d+)? @@ ?(.*)")
_STYLE = {"+": "ok", "-": "bad", "@": "accent", "f": "strong", "~": "dim"}


class Piece(NamedTuple):
    """A line of a diff. `kind` is `+`, `-`, a blank for an unchanged line, `@` for a place, `f` for a file,
    `~` for a remark; `old` and `new` are line numbers, 0 for none."""

    kind: str
    text: str
    old: int = 0
    new: int = 0


class Difference(NamedTuple):
    """A diff in pieces; `added` and `removed` count lines, `files` what was changed."""

    pieces: tuple[Piece, ...] = ()
    files: int = 0
    added: int = 0
    removed: int = 0


def read(text: str) -> Difference:
    """The pieces of what `git diff` printed; what is not understood is a remark."""
    pieces: list[Piece] = []
    old = new = 0
    inside = False
    for line in text.split("\n"):
        if line.startswith("diff --git "):
            inside = False
            pieces.append(Piece("f", _named(line)))
        elif match := _HUNK.fullmatch(line):
            inside, old, new = True, int(match[1]), int(match[2])
            pieces.append(Piece("@", match[3], old, new))
        elif inside and line[:1] in ("+", "-", " "):
            kind = line[0]
            pieces.append(Piece(kind, line[1:], old if kind != "+" else 0, new if kind != "-" else 0))
            old, new = old + (kind != "+"), new + (kind != "-")
        elif line.startswith(("index ", "--- ", "+++ ")) or not line:
            continue
        else:
            pieces.append(Piece("~", line))
    kinds = [piece.kind for piece in pieces]
    return Difference(tuple(pieces), kinds.count("f"), kinds.count("+"), kinds.count("-"))


def _named(line: str) -> str:
    """The file of `diff --git a/FILE b/FILE`; both names where they differ."""
    names = line.removeprefix("diff --git ")
    half = len(names) // 2
    first, second = names[:half].removeprefix("a/"), names[half + 1 :].removeprefix("b/")
    return first if first == second else names.replace(" b/", " → ", 1).removeprefix("a/")


class Lines(LazyLines):
    """The lines of a diff; `places` and `files` are where places and files begin, `width` is their width in
    cells."""

    def __init__(self, kinds: Sequence[str], make: Callable[[int], Line], width: int) -> None:
        super().__init__(len(kinds), make)
        self.places, self.files = _where(kinds, "@"), _where(kinds, "f")
        self.width = width


def lines(difference: Difference, width: int) -> Lines:
    """The diff for a pane of `width` cells: beside each other where there is room."""
    return _beside(difference, width) if width >= LEAST_BESIDE else _in_order(difference)


def _in_order(difference: Difference) -> Lines:
    pieces = difference.pieces

    def make(at: int) -> Line:
        piece = pieces[at]
        if piece.kind in "@f~":
            return _heading(piece)
        number = f"{piece.new or piece.old:>{NUMBER}} "
        return Bit(number, "dim"), Bit(f"{piece.kind} {_shown(piece.text)}", _STYLE.get(piece.kind, "text"))

    longest = max((len(piece.text) for piece in pieces), default=0)
    return Lines([piece.kind for piece in pieces], make, min(longest, LINE_LIMIT) + NUMBER + 3)


def _beside(difference: Difference, width: int) -> Lines:
    pairs = _pairs(difference.pieces)
    half = (width - 1) // 2

    def make(at: int) -> Line:
        left, right = pairs[at]
        if left is not None and left.kind in "@f~":
            return _heading(left)
        return (*_side(left, half, old=True), Bit("│", "dim"), *_side(right, width - half - 1, old=False))

    return Lines([left.kind if left else "" for left, _ in pairs], make, width)


Pair = tuple[Piece | None, Piece | None]


def _pairs(pieces: Sequence[Piece]) -> list[Pair]:
    """Removed lines beside those that came in their place, unchanged ones beside themselves."""
    found: list[Pair] = []
    gone: list[Piece] = []
    come: list[Piece] = []
    for piece in pieces:
        if piece.kind == "-" and not come:
            gone.append(piece)
        elif piece.kind == "+":
            come.append(piece)
        else:
            found += zip_longest(gone, come)
            gone, come = ([piece], []) if piece.kind == "-" else ([], [])
            if piece.kind != "-":
                found.append((piece, piece))
    return [*found, *zip_longest(gone, come)]


def _side(piece: Piece | None, width: int, *, old: bool) -> Line:
    if piece is None:
        return (Bit(" " * width, "dim"),)
    number = f"{piece.old if old else piece.new:>{NUMBER}} "
    text = fit(f"{piece.kind} {_shown(piece.text)}", width - len(number))
    return Bit(number, "dim"), Bit(text, _STYLE.get(piece.kind, "text"))


def _heading(piece: Piece) -> Line:
    match piece.kind:
        case "f":
            return (Bit(f" {_shown(piece.text)}", "strong"),)
        case "@":
            return Bit(f"{f'{piece.new}':>{NUMBER}} ", "accent"), Bit(
                f"⋯ {_shown(piece.text)}".rstrip(), "accent"
            )
        case _:
            return (Bit(f"{'':{NUMBER}} {_shown(piece.text)}", "dim"),)


def _shown(text: str) -> str:
    return clean(text[:LINE_LIMIT].replace("\t", TAB), LINE_LIMIT)


def _where(kinds: Sequence[str], kind: str) -> list[int]:
    return [place for place, one in enumerate(kinds) if one == kind]
