"""The log pane: the output of one task, followed as it grows."""

from __future__ import annotations

from pathlib import Path

from tui.lines import Bit, Line, width_of
from tui.tail import Tail
from tui.widgets.painted import Painted

EVERY = 0.15


class LogView(Painted):
    """Reads its file in batches; stays at the end unless the person scrolled up."""

    DEFAULT_CSS = "LogView { scrollbar-size: 1 1; }"

    def __init__(self, *, live: bool = True, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._tail = Tail()
        self._live = live
        self.following = True
        self._empty = ""

    def on_mount(self) -> None:
        """Begin to read."""
        if self._live:
            self.set_interval(EVERY, self.read)

    def follow(self, path: Path | None, empty: str) -> None:
        """Show that file; `empty` is what is said while there is nothing in it."""
        if path != self._tail.path or empty != self._empty:
            self._empty = empty
            self._tail.follow(path)
            self.following = True
            self._show()
            self.read()

    def read(self) -> None:
        """Take in what was written since, and show it."""
        before = self._tail.open_line
        if self._tail.read() or self._tail.open_line != before:
            self._show()

    def _show(self) -> None:
        at_end = self.following
        lines: list[Line] = [(Bit(f" {text}", "text"),) for text in self._tail.lines]
        if self._tail.open_line:
            lines.append((Bit(f" {self._tail.open_line}", "text"),))
        if not lines:
            lines = [(Bit(f" {self._empty}", "dim"),)]
        self.paint(lines, max(width_of(line) for line in lines[-200:]))
        if at_end:
            self.scroll_end(animate=False, x_axis=False)

    def on_resize(self) -> None:
        """Stay at the end when the pane became smaller."""
        if self.following:
            self.scroll_end(animate=False, x_axis=False)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Scrolling up stops following; reaching the end follows again."""
        super().watch_scroll_y(old_value, new_value)
        if new_value >= self.max_scroll_y:
            self.following = True
        elif new_value < old_value:
            self.following = False
