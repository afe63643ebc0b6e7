"""A sheet with a list to choose from: one of it, or several."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from textual.binding import Binding, BindingType

from tui.lines import BLANK, Bit, Line, clip, fit
from tui.screens.sheet import Sheet
from tui.widgets.painted import Painted


class Item(NamedTuple):
    """What is chosen, and the clean words it is shown with."""

    id: str
    name: str
    about: str = ""


class PickSheet(Sheet[tuple[str, ...]]):
    """Gives back what was chosen, nothing when the person went back. With `several`, space marks items and
    enter takes the marked ones, or the one under the bar when none is."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "take", "take what is chosen"),
        Binding("space", "mark", "mark or unmark"),
        Binding("asterisk", "all", "mark all or none"),
        Binding("escape,q", "back", "back, choosing nothing"),
        Binding("down,j", "step(1)", "the item below"),
        Binding("up,k", "step(-1)", "the item above"),
        Binding("pagedown", "step(10)", "ten items on"),
        Binding("pageup", "step(-10)", "ten items back"),
    ]

    def __init__(
        self, title: str, items: Sequence[Item], *, several: bool = False, marked: Sequence[str] = ()
    ) -> None:
        super().__init__()
        self._title = title
        self._items = tuple(items)
        self._several = several
        self._marked = set(marked)
        self._place = 0

    def show(self) -> None:
        """The items, then the keys."""
        names = min(32, max((len(item.name) for item in self._items), default=0))
        lines: list[Line] = [self._line(place, item, names) for place, item in enumerate(self._items)]
        keys = [("enter", "take", "sheet:take")]
        if self._several:
            keys += [("space", "mark", "sheet:mark"), ("*", "all", "sheet:all")]
        keys.append(("esc", "back", "sheet:back"))
        shown = tuple(
            bit
            for key, word, click in keys
            for bit in (Bit(key, "key", click), Bit(f" {word}   ", "text", click))
        )
        caption = f"{len(self._marked)} of {len(self._items)} marked" if self._several else ""
        self.fill(self._title, [*lines, BLANK, shown], caption)
        body = self.query_one("#body", Painted)
        top, height = round(body.scroll_offset.y), max(2, body.size.height)
        if not top <= self._place < top + height - 2:
            body.scroll_to(y=max(0, self._place - height // 2), animate=False)

    def _line(self, place: int, item: Item, names: int) -> Line:
        here = place == self._place
        sign = ("■ " if item.id in self._marked else "○ ") if self._several else ""
        click = f"sheet:choose({place})"
        bits = (
            Bit(f"{'▸' if here else ' '} ", "accent", click),
            Bit(sign, "ok" if item.id in self._marked else "dim", click),
            Bit(fit(item.name, names), "strong" if here else "text", click),
            Bit(f"  {item.about}", "dim", click),
        )
        line = clip(bits, self.text_width)
        return tuple(bit._replace(style=f"{bit.style}+chosen") for bit in line) if here else line

    def action_step(self, change: int) -> None:
        """Go on or back in the list."""
        self._place = max(0, min(len(self._items) - 1, self._place + change))
        self.show()

    def action_choose(self, place: int) -> None:
        """A click: go there, and mark it where several can be chosen."""
        self._place = int(place)
        self.action_mark()

    def action_mark(self) -> None:
        """Mark or unmark the item under the bar."""
        if self._several:
            self._marked ^= {self._items[self._place].id}
        self.show()

    def action_all(self) -> None:
        """Mark all, or none when all are."""
        every = {item.id for item in self._items}
        self._marked = set() if self._marked == every else every if self._several else set()
        self.show()

    def action_take(self) -> None:
        """Give back what is chosen, in the order of the list."""
        marked = tuple(item.id for item in self._items if item.id in self._marked)
        self.dismiss(marked or (self._items[self._place].id,))

    def action_back(self) -> None:
        """Choose nothing."""
        self.dismiss(())
