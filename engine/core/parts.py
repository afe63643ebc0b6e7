"""Parts of files: what a declared file entry names beyond its path, and whether two go together.

An entry is a file pattern, and may go on with one part:

- `src/api.py::Users.get` a symbol by its qualified name; `src/lib.rs::config::load` means `config.load`;
- `docs/a.md#L10-40`, `docs/a.md#L10-L40`, `docs/a.md#L12` lines, the first one being 1;
- `docs/a.md#install` the section under a heading of a Markdown file, by the heading's slug.

Any other `#` belongs to the name of the file; `::` never does.

Why parts: on real pairs of agents' tasks, a file in common foretold a conflict with a specificity of 0.16
only, lines that touch with 0.93; keeping whole files exclusive made runs 1.6 to 6 times as long.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

CONTEXT = 1
"""Lines between two changes below which they touch: git merges changes with an unchanged line between."""

MARKDOWN = (".md", ".markdown", ".mdx")

_LINES = re.compile(r"#L(\d+)(?:-L?(\d+))?\Z")
_LINES_MEANT = re.compile(r"#L\d[^/#]*\Z")
_SLUG = re.compile(r"#([^/#]*)\Z")


class Symbol(Struct, frozen=True):
    """Something with a name in a file. `kind` is `function`, `class`, `method`, `heading` or what the grammar
    of the language calls it; `first` and `last` are lines from 1, both included."""

    name: str
    kind: str
    first: int
    last: int


class Part(Struct, frozen=True):
    """A file pattern with what is meant of it: lines `first` to `last` (from 1, both included; 0 when
    unknown), a symbol (empty when none is named). Without either, the whole file."""

    path: str
    first: int = 0
    last: int = 0
    symbol: str = ""

    @property
    def whole(self) -> bool:
        return not self.symbol and not self.last


class Grade(StrEnum):
    """How two parts of one file go together."""

    TOUCH = "touch"
    """The same symbol, or lines in common or hardly apart: expect a conflict."""
    WHOLE = "whole"
    """At least one names only the file, or a symbol that nobody could look up: nobody knows."""
    APART = "apart"
    """Known lines far enough apart: git merges both cleanly."""


WORST = (Grade.TOUCH, Grade.WHOLE, Grade.APART)


def parse(entry: str) -> Part:
    """The part that an entry names. Raises ValueError, in words for the plan's author."""
    path, part = _split(entry)
    if not path:
        raise ValueError(f"{entry!r} names a part, but no file before it")
    if not part:
        return Part(path)
    if path.endswith("/"):
        raise ValueError(f"{entry!r}: {path!r} is a folder, and only a file has parts")
    if part.startswith("#L") and _LINES_MEANT.match(part):
        return _lines(entry, path, part)
    symbol = _qualified(part.removeprefix("#").removeprefix("::"))
    if not symbol or not all(symbol.split(".")) or re.search(r"\s", symbol):
        raise ValueError(f"{entry!r}: {part!r} is no name; write it like {path}::Users.get")
    return Part(path, symbol=symbol)


def path_of(entry: str) -> str:
    """The file pattern of an entry, without the part; never raises."""
    return _split(entry)[0]


def entry_of(part: Part) -> str:
    """The entry that `parse` reads as this part; a symbol is written rather than its lines."""
    if part.symbol:
        slug = f"#{part.symbol}"
        heading = part.path.lower().endswith(MARKDOWN) and _SLUG.match(slug) and not _LINES_MEANT.match(slug)
        return part.path + (slug if heading else f"::{part.symbol}")
    if part.last:
        return f"{part.path}#L{part.first}" + (f"-{part.last}" if part.last > part.first else "")
    return part.path


def located(part: Part, symbols: Sequence[Symbol], length: int) -> Part:
    """The part with the lines of its symbol, given all symbols of its file and the number of its lines (0
    when the file is yet to be made). One that is not there is yet to be written: at the end of the symbol
    that will hold it (`Users.delete` at the end of `Users`), or of the file. So two new functions of one file
    touch, as both are added at the same place, and two new methods of different classes are apart."""
    if not part.symbol or part.last:
        return part
    if spans := named(part.symbol, symbols):
        return replace(part, first=min(s.first for s in spans), last=max(s.last for s in spans))
    outer = part.symbol.rpartition(".")[0]
    holders = named(outer, symbols) if outer else []
    end = max((holder.last for holder in holders), default=max(length, 1))
    return replace(part, first=end, last=end)


def grade(first: Part, second: Part) -> Grade:
    """How two parts of one and the same file go together; see `Grade`."""
    if first.whole or second.whole:
        return Grade.WHOLE
    if first.symbol and second.symbol and _within(first.symbol, second.symbol):
        return Grade.TOUCH
    if not first.last or not second.last:
        return Grade.WHOLE
    between = max(first.first, second.first) - min(first.last, second.last) - 1
    return Grade.TOUCH if between < CONTEXT else Grade.APART


def worst(first: Iterable[Part], second: Iterable[Part]) -> tuple[Grade, Part, Part]:
    """Of what two tasks declare in one file, the pair that goes together worst, with its grade: TOUCH is
    worse than WHOLE, WHOLE worse than APART. Raises ValueError when a side declares nothing."""
    others = list(second)
    pairs = [(grade(one, two), one, two) for one in first for two in others]
    if not pairs:
        raise ValueError("two tasks meet in a file only when both declare something of it")
    return min(pairs, key=lambda pair: WORST.index(pair[0]))


def _split(entry: str) -> tuple[str, str]:
    """The path, and the part with the `::` or `#` that begins it."""
    path, mark, symbol = entry.partition("::")
    if mark:
        return path, mark + symbol
    if found := _LINES_MEANT.search(entry):
        return entry[: found.start()], found.group()
    if (found := _SLUG.search(entry)) and entry[: found.start()].lower().endswith(MARKDOWN):
        return entry[: found.start()], found.group()
    return entry, ""


def _lines(entry: str, path: str, part: str) -> Part:
    found = _LINES.match(part)
    if not found:
        raise ValueError(f"{entry!r}: lines are written like {path}#L10-40 or {path}#L12")
    first = int(found[1])
    last = int(found[2] or first)
    if not 0 < first <= last:
        raise ValueError(f"{entry!r}: lines count from 1, and the last is not before the first")
    return Part(path, first, last)


def _qualified(name: str) -> str:
    """One way of writing a name: `config::load`, `Users#get` and `load()` as `config.load`, …, `load`."""
    return re.sub(r"(?:\(\))+\Z", "", name).replace("::", ".").replace("#", ".")


def named(name: str, symbols: Sequence[Symbol]) -> list[Symbol]:
    """The symbols of that qualified name; else those that end in it, when they are of one name."""
    exact = [symbol for symbol in symbols if symbol.name == name]
    if exact:
        return exact
    ending = [symbol for symbol in symbols if symbol.name.endswith(f".{name}")]
    return ending if len({symbol.name for symbol in ending}) == 1 else []


def _within(first: str, second: str) -> bool:
    """Whether one symbol is, or holds, the other."""
    return first == second or first.startswith(f"{second}.") or second.startswith(f"{first}.")
