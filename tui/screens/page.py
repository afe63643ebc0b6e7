"""What the whole-screen pages beside the dashboard share: their application, their colours, their header."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual.screen import Screen

from tui.panes.header import header_line
from tui.widgets.painted import Painted

if TYPE_CHECKING:
    from tui.app import WavetreeApp


class Page(Screen[None]):
    """A page with a `Painted` called `header`; sub-classes draw the rest in `show`."""

    @property
    def desk(self) -> WavetreeApp:
        """The application, with its own type."""
        return cast("WavetreeApp", self.app)

    def on_resize(self) -> None:
        """Draw again for the new size, once it is laid out."""
        self.call_after_refresh(self.show)

    def show(self) -> None:
        """Draw the page as it stands."""
        raise NotImplementedError

    def dress(self) -> int:
        """Take on the theme, draw the header; the width of the page."""
        desk = self.desk
        self.set_class(desk.ascii, "-ascii")
        for painted in self.query(Painted):
            painted.wear(desk.palette, ascii_only=desk.ascii)
        self.query_one("#header", Painted).paint((header_line(desk.frame, self.size.width),))
        return self.size.width

    def action_back(self) -> None:
        """Back to the dashboard."""
        self.dismiss()
