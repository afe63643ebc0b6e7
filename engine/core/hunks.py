"""A text in conflict as what both sides agree on and the places between which a person chooses (M129)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum

from msgspec import Struct

SIZE = 7
"""Signs of a conflict mark, as git writes it."""
MARKS = "<|=>"


class Choice(StrEnum):
    """What becomes of a place in conflict."""

    OURS = "ours"
    THEIRS = "theirs"
    BOTH = "both"
    REVERSED = "both, theirs first"


class Part(Struct, frozen=True):
    """Lines with their ends: `text` where both sides agree, else the three texts of a place in conflict."""

    text: str = ""
    base: str = ""
    ours: str = ""
    theirs: str = ""
    clash: bool = False

    def chosen(self, choice: Choice | str) -> str:
        """The place as chosen; any other text than a choice is the result itself."""
        match choice:
            case Choice.OURS:
                return self.ours
            case Choice.THEIRS:
                return self.theirs
            case Choice.BOTH:
                return _ended(self.ours) + self.theirs
            case Choice.REVERSED:
                return _ended(self.theirs) + self.ours
            case _:
                return choice


def _ended(text: str) -> str:
    return text if text.endswith("\n") or not text else text + "\n"


def parts_of(merged: str, size: int) -> tuple[Part, ...]:
    """The parts of a text that git marked with `size` signs and the base between the sides. Nothing but a
    mark of that very length is one, so that a text may itself hold marks of the usual length."""
    heads = {sign * size: sign for sign in MARKS}
    found: list[Part] = []
    texts: dict[str, list[str]] = {}
    at = ""
    plain: list[str] = []
    for line in merged.splitlines(keepends=True):
        sign = heads.get(line[:size], "") if line[size : size + 1] in (" ", "\n", "\r", "") else ""
        if sign == "<" and not at:
            if plain:
                found.append(Part("".join(plain)))
            plain, texts, at = [], {mark: [] for mark in "<|="}, "<"
        elif at and sign in ("|", "="):
            at = sign
        elif at and sign == ">":
            found.append(
                Part(
                    base="".join(texts["|"]), ours="".join(texts["<"]), theirs="".join(texts["="]), clash=True
                )
            )
            at = ""
        elif at:
            texts[at].append(line)
        else:
            plain.append(line)
    if plain:
        found.append(Part("".join(plain)))
    return tuple(found)


def composed(parts: Iterable[Part], choices: Sequence[Choice | str]) -> str:
    """The whole text, each place in conflict as chosen, in order. Raises ValueError for too few choices."""
    left = list(choices)
    out: list[str] = []
    for part in parts:
        if part.clash:
            if not left:
                raise ValueError("a place in conflict is not chosen")
            out.append(part.chosen(left.pop(0)))
        else:
            out.append(part.text)
    return "".join(out)


def marked(parts: Iterable[Part], ours: str, theirs: str) -> str:
    """The whole text with git's marks and the names of the sides, for an editor."""
    out: list[str] = []
    for part in parts:
        if not part.clash:
            out.append(part.text)
            continue
        out += [f"{'<' * SIZE} {ours}\n", _ended(part.ours), f"{'|' * SIZE} before\n", _ended(part.base)]
        out += ["=" * SIZE + "\n", _ended(part.theirs), f"{'>' * SIZE} {theirs}\n"]
    return "".join(out)


def left_mark(text: str) -> int:
    """The number of the first line that is a conflict mark, counted from 1; 0 when none is left."""
    for number, line in enumerate(text.splitlines(), 1):
        if line[:SIZE] in ("<" * SIZE, ">" * SIZE) and line[SIZE : SIZE + 1] in ("", " "):
            return number
    return 0
