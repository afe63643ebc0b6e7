"""A conflict before a person: the place in question from both sides, and what comes out (M216)."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from engine import Choice, Part, Sides, clean, composed
from tui.lines import BLANK, Bit, Line, fit, wrap

BESIDE = 90
"""Cells from which on the sides stand beside each other."""
CONTEXT = 3
"""Lines of agreed text before and after the place."""
MOST = 400
"""Lines of one side that are shown."""


class View(Struct, frozen=True):
    """What the screen shows: the files in conflict, which file and which of its places is looked at, and what
    was chosen so far, by file and place. A file that is no text is one place; a `whole` file was edited as
    one, or deleted (None)."""

    conflict: str
    about: str
    files: tuple[Sides, ...] = ()
    file: int = 0
    place: int = 0
    chosen: dict[tuple[int, int], Choice | str] = {}
    whole: dict[int, bytes | None] = {}
    note: str = ""

    @property
    def one(self) -> Sides:
        return self.files[self.file]

    def places(self, file: int) -> int:
        """How many places of a file are in conflict."""
        return sum(part.clash for part in self.files[file].parts) or 1

    @property
    def left(self) -> int:
        """Places that are not chosen yet."""
        parted = [number for number in range(len(self.files)) if number not in self.whole]
        spots = [(number, place) for number in parted for place in range(self.places(number))]
        return sum(spot not in self.chosen for spot in spots)

    def moved(self, step: int) -> View:
        """At the next or the last place, in the next or the last file at the end of one."""
        spots = [(file, place) for file in range(len(self.files)) for place in range(self.places(file))]
        if not spots:
            return self
        at = spots.index((self.file, self.place))
        file, place = spots[max(0, min(len(spots) - 1, at + step))]
        return replace(self, file=file, place=place)

    def chose(self, choice: Choice | str | None) -> View:
        """With this place chosen, or not any more; then at the next one that is not."""
        chosen = {spot: one for spot, one in self.chosen.items() if spot != (self.file, self.place)}
        whole = {file: content for file, content in self.whole.items() if file != self.file}
        if choice is None:
            return replace(self, chosen=chosen, whole=whole)
        chosen[(self.file, self.place)] = choice
        view = replace(self, chosen=chosen, whole=whole)
        following = view.moved(1)
        return following if (following.file, following.place) not in chosen else view

    def took(self, content: bytes | None) -> View:
        """With this file as it was edited as a whole; what was chosen of its places is forgotten."""
        chosen = {spot: choice for spot, choice in self.chosen.items() if spot[0] != self.file}
        return replace(self, chosen=chosen, whole={**self.whole, self.file: content})

    def contents(self) -> dict[str, bytes | None]:
        """What each file becomes; only those of which every place is chosen."""
        found: dict[str, bytes | None] = {}
        for number, one in enumerate(self.files):
            if number in self.whole:
                found[one.file] = self.whole[number]
                continue
            choices = [self.chosen.get((number, place)) for place in range(self.places(number))]
            if None not in choices:
                found[one.file] = _content(one, [choice for choice in choices if choice is not None])
        return found


def _content(one: Sides, choices: list[Choice | str]) -> bytes | None:
    if one.parts:
        return composed(one.parts, choices).encode()
    if choices[0] is Choice.OURS:
        return one.ours
    return one.theirs if choices[0] is Choice.THEIRS else choices[0].encode()


def conflict_lines(view: View, width: int) -> tuple[Line, ...]:
    """The page: what it is about, the place from both sides, and the result of the choice."""
    lines: list[Line] = [(Bit(f" {part}", "warn"),) for part in wrap(view.about, width - 2)]
    if not view.files:
        return (*lines, BLANK, (Bit(" the two sides do not clash now", "dim"),))
    one, number = view.one, view.places(view.file)
    where = f" {clean(one.file)}" + (
        f" ({view.file + 1} of {len(view.files)} files)" if len(view.files) > 1 else ""
    )
    lines += [BLANK, (Bit(where, "strong"), Bit(f"   place {view.place + 1} of {number}", "accent"))]
    part = _part(one, view.place)
    if part is None:
        lines.append((Bit(f" ours, {clean(one.ours_name)}: {_there(one.ours)}", "ok"),))
        lines.append((Bit(f" theirs, {clean(one.theirs_name)}: {_there(one.theirs)}", "bad"),))
    else:
        lines += _sides(one, part, width)
    return (*lines, BLANK, *_result(view, part, width))


def _part(one: Sides, place: int) -> Part | None:
    clashes = [part for part in one.parts if part.clash]
    return clashes[place] if clashes else None


def _there(content: bytes | None) -> str:
    return "no such file" if content is None else f"{len(content)} bytes that are no text"


def _sides(one: Sides, part: Part, width: int) -> Iterator[Line]:
    before, _ = _around(one, part)
    yield from _block(before, " ", "dim", width)
    ours, theirs = f"ours, {clean(one.ours_name)}", f"theirs, {clean(one.theirs_name)}"
    if width < BESIDE:
        for name, text, style in (
            ("before", part.base, "dim"),
            (ours, part.ours, "ok"),
            (theirs, part.theirs, "bad"),
        ):
            yield (Bit(f" {name}", "strong"),)
            yield from _block(_lines(text) or ["(nothing)"], "  ", style, width)
        return
    cells = (width - 4) // 3
    columns = [_lines(part.base), _lines(part.ours), _lines(part.theirs)]
    heads = ("before", ours, theirs)
    yield (Bit(" "), *(Bit(fit(head, cells) + " ", "strong") for head in heads))
    for row in range(max(map(len, columns))):
        texts = [column[row] if row < len(column) else "" for column in columns]
        styles = ("dim", "ok", "bad")
        yield (
            Bit(" "),
            *(Bit(fit(text, cells) + " ", style) for text, style in zip(texts, styles, strict=True)),
        )


def _around(one: Sides, part: Part) -> tuple[list[str], list[str]]:
    """The agreed lines right before and right after a place."""
    at = next(number for number, other in enumerate(one.parts) if other is part)
    before = one.parts[at - 1].text if at and not one.parts[at - 1].clash else ""
    after = one.parts[at + 1].text if at + 1 < len(one.parts) and not one.parts[at + 1].clash else ""
    return _lines(before)[-CONTEXT:], _lines(after)[:CONTEXT]


def _result(view: View, part: Part | None, width: int) -> Iterator[Line]:
    if view.file in view.whole:
        yield from _whole(view.whole[view.file], width)
        return
    choice = view.chosen.get((view.file, view.place))
    if choice is None:
        yield (Bit(" result: ", "strong"), Bit("not chosen yet", "warn"))
        return
    name = choice.value if isinstance(choice, Choice) else "edited"
    yield (Bit(" result: ", "strong"), Bit(name, "accent"))
    if part is not None:
        before, after = _around(view.one, part)
        yield from _block(before, " ", "dim", width)
        yield from _block(_lines(part.chosen(choice)) or ["(nothing)"], " ", "text", width)
        yield from _block(after, " ", "dim", width)


def _whole(content: bytes | None, width: int) -> Iterator[Line]:
    words = "no such file" if content is None else "the whole file, edited"
    yield (Bit(" result: ", "strong"), Bit(words, "accent"))
    lines = _lines((content or b"").decode("utf-8", "replace"))
    yield from _block([f"{number:>4}  {line}" for number, line in enumerate(lines, 1)], " ", "text", width)


def _block(lines: list[str], indent: str, style: str, width: int) -> Iterator[Line]:
    for line in lines:
        yield (Bit(indent), Bit(fit(line, width - len(indent) - 1).rstrip(), style))


def _lines(text: str) -> list[str]:
    raw = text.splitlines()
    shown = [clean(line.replace("\t", "    "), 1000) for line in raw[:MOST]]
    return shown if len(raw) <= MOST else [*shown, f"… {len(raw) - MOST} more lines"]
