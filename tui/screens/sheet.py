"""What all sheets above the dashboard share: a box of lines, its keys, and deafness for a moment."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from typing import TYPE_CHECKING, TypeVar, cast

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen

from tui.lines import Line
from tui.widgets.painted import Clicked, Painted

if TYPE_CHECKING:
    from tui.app import WavetreeApp

DEAF = 0.3
"""Seconds for which a sheet that opened by itself takes no input."""

Answer = TypeVar("Answer")


class Sheet(ModalScreen[Answer]):
    """A box in the middle; sub-screens fill it in `show` and name their keys in BINDINGS."""

    DEFAULT_CSS = """
    Sheet { align: center middle; background: $background 60%; }
    Sheet > Vertical {
        width: 90%; max-width: 110; height: auto; background: $surface;
        border: round $accent; border-title-color: $accent; border-subtitle-color: $wt-dim; padding: 0 1;
    }
    Sheet.-ascii > Vertical { border: ascii $accent; }
    Sheet Painted { height: 1; background: $surface; }
    Sheet Input { display: none; }
    Sheet Input.-open { display: block; }
    """
    MOST_WIDTH = 110

    def __init__(self, *, by_itself: bool = False) -> None:
        super().__init__()
        self._by_itself = by_itself
        self._hears_from = inf if by_itself else 0.0

    @property
    def desk(self) -> WavetreeApp:
        """The application, with its own type."""
        return cast("WavetreeApp", self.app)

    def compose(self) -> ComposeResult:
        """The box and its lines."""
        with Vertical(id="box"):
            yield Painted(id="body")

    def on_mount(self) -> None:
        """Fill the box; from now on count the moment of deafness."""
        self.set_class(self.desk.ascii, "-ascii")
        if self._by_itself:
            self.be_deaf()
        self.show()

    def be_deaf(self) -> None:
        """Take no input for a moment: what is typed now was meant for something else."""
        self._hears_from = self.desk.clock() + DEAF

    @property
    def hears(self) -> bool:
        """Whether a key may be acted upon."""
        return self.desk.clock() >= self._hears_from

    @property
    def text_width(self) -> int:
        """Cells for a line inside the box, also where a scroll bar stands beside it."""
        return max(20, min(self.MOST_WIDTH, int(self.app.size.width * 0.9)) - 5)

    def fill(self, title: str, lines: Sequence[Line], caption: str = "") -> None:
        """Show the lines; the box grows with them up to the screen's height and scrolls beyond."""
        box, body = self.query_one("#box", Vertical), self.query_one("#body", Painted)
        box.border_title, box.border_subtitle = Content(title), Content(caption)
        body.wear(self.desk.palette, ascii_only=self.desk.ascii)
        body.styles.height = min(len(lines), max(3, self.app.size.height - self.spare))
        body.paint(lines)

    @property
    def spare(self) -> int:
        """Lines of the screen that the body must leave free."""
        return 4

    def show(self) -> None:
        """Fill the box from the present frame; called again at every tick."""
        raise NotImplementedError

    def on_resize(self) -> None:
        """Fill the box for the new size."""
        self.show()

    def action_scroll(self, lines: int) -> None:
        """Scroll the body."""
        self.query_one("#body", Painted).scroll_relative(y=lines, animate=False)

    async def on_clicked(self, message: Clicked) -> None:
        """A click on `sheet:NAME` does what the key of that name does."""
        message.stop()
        kind, _, name = message.action.partition(":")
        if kind == "sheet":
            await self.run_action(name)
