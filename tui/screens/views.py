"""The page with what the plan says beside its tasks: gates, sync points, risks, teams, schedule."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from tui.lines import Bit, Line, clip
from tui.panes.layout import tab_line
from tui.panes.views import VIEWS
from tui.screens.page import Page
from tui.widgets.painted import Clicked, Painted

TITLES = tuple(VIEWS)
FOOTER = (("tab", "next", "do:next"), ("↑↓", "scroll", ""), ("esc", "back", "do:back"))


class ViewsPage(Page):
    """One view at a time; `view` is its title."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,o", "back", "back to the dashboard"),
        Binding("tab,right", "next", "the next view"),
        Binding("shift+tab,left", "next(-1)", "the view before"),
        *(Binding(str(at), f"open({at - 1})", title) for at, title in enumerate(TITLES, 1)),
        Binding("down,j", "scroll(1)", "scroll down"),
        Binding("up,k", "scroll(-1)", "scroll up"),
        Binding("pagedown,space", "scroll(10)", "scroll a page down"),
        Binding("pageup", "scroll(-10)", "scroll a page up"),
    ]

    def __init__(self, view: str = TITLES[0]) -> None:
        super().__init__()
        self.view = view

    def compose(self) -> ComposeResult:
        """Header, tabs, the view, footer."""
        yield Painted(id="header", classes="line")
        yield Painted(id="views", classes="line")
        yield Painted(id="view", classes="pane")
        yield Painted(id="footer", classes="line")

    def show(self) -> None:
        """Draw the view as the run stands."""
        width = self.dress()
        self.query_one("#views", Painted).paint((tab_line(TITLES, TITLES, self.view),))
        pane = self.query_one("#view", Painted)
        pane.entitle(self.view)
        pane.paint(VIEWS[self.view](self.desk.client.state, self.desk.now(), max(30, width - 4)))
        bits: list[Bit] = []
        for key, label, click in FOOTER:
            bits += [Bit(" "), Bit(key, "key", click), Bit(f" {label} ", "text", click)]
        footer: Line = clip(bits, width)
        self.query_one("#footer", Painted).paint((footer,))

    def action_next(self, step: int = 1) -> None:
        """Open the view after this one, or before it."""
        self.action_open((TITLES.index(self.view) + step) % len(TITLES))

    def action_open(self, place: int) -> None:
        """Open a view by its place."""
        self.view = TITLES[place]
        self.query_one("#view", Painted).scroll_home(animate=False)
        self.show()

    def action_scroll(self, lines: int) -> None:
        """Scroll the view."""
        self.query_one("#view", Painted).scroll_relative(y=lines, animate=False)

    async def on_clicked(self, message: Clicked) -> None:
        """A click opens a view, or does what its key does."""
        message.stop()
        kind, _, name = message.action.partition(":")
        if kind == "pane":
            self.action_open(TITLES.index(name))
        elif kind == "do":
            await self.run_action(name)
