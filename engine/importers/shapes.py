"""What a value of a plan may look like: the words in which the table of the format is written.

Two readers understand them: `reading` checks a file's tree by them, `schema` writes a JSON Schema from them.
`accepts` of a shape completes the sentence "found ...; accepted: ...".
"""

from __future__ import annotations

from typing import TypeAlias

from msgspec import Struct

_LINE = r"(?!\n)"  # after `$`, which in Python also matches before a line end


def _any_case(*words: str) -> str:
    return "|".join("".join(f"[{c}{c.upper()}]" if c.isalpha() else c for c in word) for word in words)


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


class Text(Struct, frozen=True):
    """Text of any kind, or one that `pattern` allows. A number or a `no` is the text that was typed."""

    pattern: str = TEXT
    accepts: str = "text"


class Number(Struct, frozen=True):
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
    accepts: str = "true or false"


class Choice(Struct, frozen=True):
    """One of some words; each stands for the word it maps to."""

    words: dict[str, object]
    known: str = ""

    @property
    def accepts(self) -> str:
        return ", ".join(self.words)


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
    item: Shape
    least: int = 0
    accepts: str = "a list"


class MapOf(Struct, frozen=True):
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


class Record(Struct, frozen=True):
    """A mapping with known keys; keys that start with `x-` are left to the author."""

    name: str
    about: str
    fields: tuple[Field, ...]

    def field(self, key: str) -> Field | None:
        return next((field for field in self.fields if field.key == key), None)


class Either(Struct, frozen=True):
    """A plain text, which stands for a record with that text under `key`, or the record itself."""

    text: Text
    key: str
    record: Record


Shape: TypeAlias = Text | Number | Flag | Choice | Duration | Amount | ListOf | MapOf | Record | Either
