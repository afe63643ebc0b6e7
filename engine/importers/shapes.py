"""What a value of a plan may look like: the words in which the table of the format is written.

Two readers understand them: `reading` checks a file's tree by them, `schema` writes a JSON Schema from them.
`accepts` of a shape completes the sentence "found ...; accepted: ...".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import TypeAlias

from msgspec import Struct

_LINE = r"(?!\n)"  # after `$`, which in Python also matches before a line end


def _any_case(*words: str) -> str:
    return "|".join("".join(f"[{c}{c.upper()}]" if c.isalpha() else c for c in word) for word in words)


def folded(word: str) -> str:
    """The word without what does not matter: letter case, and `-`, `_` and blanks between its parts."""
    return "".join(word.casefold().replace("-", " ").replace("_", " ").split())


def words_of(terms: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """The term that each folded word stands for: the term itself or one of its synonyms."""
    return {folded(word): term for term, synonyms in terms.items() for word in (term, *synonyms)}


def _loosely(word: str) -> str:
    """A pattern for the word in any letter case, its parts joined by `-`, `_`, a blank or nothing."""
    parts = word.replace("-", " ").replace("_", " ").split()
    return "[-_ ]?".join(_any_case(re.escape(part)) if part.isalpha() else part for part in parts)


TEXT = r"^[^\u0000]*$" + _LINE
FILLED = r"^(?=[\s\S]*\S)[^\u0000]*$" + _LINE
_DEVICES = _any_case("con", "prn", "aux", "nul", "com[0-9]", "lpt[0-9]")
NAME = (
    rf"^(?!(?:{_DEVICES})(?:\.|$))(?!.*\.\.)(?!.*\.(?:{_any_case('lock')})?$)[A-Za-z0-9][A-Za-z0-9._-]{{0,63}}$"
    + _LINE
)
LINE = r"^[^\u0000-\u001f\u007f]{1,200}$" + _LINE
PATH = (
    r"^(?![/\\~])(?![A-Za-z]:)(?!(?:.*[/\\])?\.\.(?:[/\\]|$))"
    rf"(?!(?:.*[/\\])?\.(?:{_any_case('git')})(?:[/\\]|$))[^\u0000-\u001f\u007f]{{1,1000}}$" + _LINE
)
BRANCH = (
    r"^(?![-/.])(?!@$)(?!.*(?:\.\.|@\{|//|/\.|\.lock(?:/|$)|[./]$))[^\u0000-\u0020\u007f~^:?*\[\\]{1,200}$"
    + _LINE
)
VARIABLE = "^[A-Za-z_][A-Za-z0-9_]{0,100}$" + _LINE
SIZE = r"^[0-9]{1,15}(?:\.[0-9]{1,6})? ?(?:[KkMmGgTt]i?)?[Bb]$" + _LINE
RATE = r"^[0-9]{1,9}(?:\.[0-9]{1,6})? ?[KkMmGg]?(?:B|[Bb]it)/s$" + _LINE


class Text(Struct, frozen=True, dict=True):
    """Text of any kind, or one that `pattern` allows. A number or a `no` is the text that was typed."""

    pattern: str = TEXT
    accepts: str = "text"

    @cached_property
    def compiled(self) -> re.Pattern[str]:
        return re.compile(self.pattern)


class Number(Struct, frozen=True):
    """A number between two limits, both included."""

    least: float
    most: float
    whole: bool = False

    @property
    def accepts(self) -> str:
        kind = "a whole number" if self.whole else "a number"
        if self.least == self.most:
            return f"{self.least:g}"
        if self.most >= 1e9:
            return f"{kind}, {self.least:g} or more"
        return f"{kind} from {self.least:g} to {self.most:g}"


class Flag(Struct, frozen=True):
    """True or false."""

    accepts: str = "true or false"


class Choice(Struct, frozen=True):
    """One of some words; each stands for the word it maps to. With `loose`, letter case does not matter, and
    `-`, `_` and a blank are alike."""

    words: dict[str, object]
    loose: bool = False

    @property
    def accepts(self) -> str:
        return ", ".join(self.words)

    @property
    def pattern(self) -> str:
        return f"^(?:{'|'.join(map(_loosely, self.words))})$" + _LINE

    def meant(self, typed: str) -> str | None:
        """The word that was meant by what was typed; None when it is none of them."""
        if typed in self.words:
            return typed
        if not self.loose:
            return None
        return next((word for word in self.words if folded(word) == folded(typed)), None)


class Anything(Struct, frozen=True):
    """Any value, kept as it is."""

    accepts: str = "anything"


class Duration(Struct, frozen=True):
    """Seconds, as a text of M004 or a plain number; with `span` a text only, and least and most are kept."""

    span: bool = False
    positive: bool = False


class Amount(Struct, frozen=True):
    """A number or a text with a unit: `size` counts bytes by 2^10, `rate` bytes per second by 10^3."""

    rate: bool = False

    @property
    def pattern(self) -> str:
        return RATE if self.rate else SIZE

    @property
    def accepts(self) -> str:
        return 'a number or a rate such as "100MB/s"' if self.rate else 'a number or a size such as "4GB"'


class ListOf(Struct, frozen=True):
    """A list of at least so many values of one shape."""

    item: Shape
    least: int = 0
    accepts: str = "a list"


class MapOf(Struct, frozen=True):
    """A mapping whose keys are texts of one shape and whose values are of another."""

    key: Text
    value: Shape
    accepts: str = "a mapping"


class Field(Struct, frozen=True):
    """A key of a record: what it means in one sentence, and its default in words where it has one."""

    key: str
    shape: Shape
    about: str
    required: bool = False
    default: str = ""


class Record(Struct, frozen=True, dict=True):
    """A mapping with known keys; keys that start with `x-` are left to the author. When it is `open`, all
    other keys are kept as they are."""

    name: str
    about: str
    fields: tuple[Field, ...]
    open: bool = False

    @cached_property
    def by_key(self) -> dict[str, Field]:
        return {field.key: field for field in self.fields}

    @cached_property
    def required(self) -> tuple[Field, ...]:
        return tuple(field for field in self.fields if field.required)


class Either(Struct, frozen=True):
    """A plain value, which stands for a record with it under `key`, or the record itself."""

    plain: Text | Amount
    key: str
    record: Record


class Kept(Struct, frozen=True):
    """A value that is checked like `shape` and kept as it is."""

    shape: Shape


Shape: TypeAlias = (
    Text | Number | Flag | Choice | Duration | Amount | ListOf | MapOf | Record | Either | Anything | Kept
)
