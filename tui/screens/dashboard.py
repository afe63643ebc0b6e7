"""The dashboard: graph, sessions, machine, alerts and log alive together; tabs when the screen is narrow."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.screen import Screen

from tui.frame import Frame
from tui.panes.alerts import alert_lines, need_line
from tui.panes.footer import footer_line
from tui.panes.gauges import History, gauge_lines
from tui.panes.graph import critical_caption, graph_of
from tui.panes.header import header_line
from tui.panes.layout import WIDE, heights, next_bits, tab_line
from tui.panes.sessions import LEGEND, ordered, session_lines
from tui.widgets.log import LogView
from tui.widgets.painted import Clicked, Painted

if TYPE_CHECKING:
    from tui.app import WavetreeApp

PANES = ("sessions", "graph", "log", "machine", "alerts")
TITLES = {"alerts": "needs you"}


class Dashboard(Screen[None]):
    """Shows one frozen frame; decides nothing. `pane` scrolls, and is a narrow screen's tab."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("tab", "app.act('pane')", "next pane", show=False)]

    def __init__(self, *, live: bool = True) -> None:
        super().__init__()
        self._live = live
        self.pane = "sessions"
        self._history = History()

    @property
    def desk(self) -> WavetreeApp:
        """The application, with its own type."""
        return cast("WavetreeApp", self.app)

    def compose(self) -> ComposeResult:
        """Header, panes, lines at the bottom."""
        yield Painted(id="header", classes="line")
        yield Painted(id="tabs", classes="line")
        with Horizontal(id="top"):
            yield Painted(id="graph", classes="pane")
            yield Painted(id="machine", classes="pane")
        yield Painted(id="sessions", classes="pane")
        with Horizontal(id="bottom"):
            yield Painted(id="alerts", classes="pane")
            yield LogView(live=self._live, id="log", classes="pane")
        yield Painted(id="need", classes="line")
        yield Painted(id="next", classes="line")
        yield Painted(id="footer", classes="line")

    def on_mount(self) -> None:
        """Name the panes and draw the first frame."""
        self.activate(self.pane)

    def on_resize(self) -> None:
        """Draw again for the new size, once it is laid out."""
        self.call_after_refresh(self.show)

    def activate(self, pane: str) -> None:
        """Make `pane` the one that scrolls and, on a narrow screen, the one that is shown."""
        self.pane = pane
        for name in PANES:
            self.set_class(name == pane, f"show-{name}")
            self.query_one(f"#{name}").set_class(name == pane, "-active")
        self.call_after_refresh(self.show)

    def scroll_pane(self, pages: float) -> None:
        """Scroll the active pane by that many of its heights."""
        pane = self.query_one(f"#{self.pane}", Painted)
        pane.scroll_relative(y=pages * max(1, pane.size.height - 1), animate=False)

    def scroll_to_end(self) -> None:
        """Go to the end of the active pane; a log is followed from there."""
        self.query_one(f"#{self.pane}", Painted).scroll_end(animate=False)

    def show(self) -> None:
        """Draw the present frame; nothing while the screen is being taken down."""
        if not self.children:
            return
        desk = self.desk
        frame = desk.frame
        self._history.take(frame)
        self.set_class(desk.ascii, "-ascii")
        for painted in self.query(Painted):
            painted.wear(desk.palette, ascii_only=desk.ascii)
        width, height = self.size
        if width >= WIDE:
            top, rows = heights(frame, height)
            self.query_one("#top").styles.height = top
            self.query_one("#sessions").styles.height = rows
        else:
            for pane in ("#top", "#sessions"):
                self.query_one(pane).styles.clear_rule("height")
        titles = {**TITLES, "alerts": f"needs you {frame.needs or ''}".strip()}
        for name, line in (
            ("header", header_line(frame, width)),
            ("tabs", tab_line([titles.get(pane, pane) for pane in PANES], PANES, self.pane)),
            ("need", need_line(frame, width)),
            ("next", next_bits(frame, width)),
            ("footer", footer_line(desk.context(), width)),
        ):
            self.query_one(f"#{name}", Painted).paint((line,))
        self._panes(frame)

    def _panes(self, frame: Frame) -> None:
        selected = self.desk.selected
        graph = self.query_one("#graph", Painted)
        if graph.display and graph.size.width:
            drawn = graph_of(frame, selected, graph.size.width, graph.size.height)
            graph.paint(drawn.lines, drawn.width)
        sessions = self.query_one("#sessions", Painted)
        sessions.paint(session_lines(frame, selected, sessions.size.width))
        machine = self.query_one("#machine", Painted)
        machine.paint(gauge_lines(frame, self._history.moments, machine.size.width, machine.size.height))
        alerts = self.query_one("#alerts", Painted)
        alerts.paint(alert_lines(frame, alerts.size.width))
        self._log(frame, selected)
        self._titles(frame, selected)

    def _log(self, frame: Frame, selected: str) -> None:
        row = frame.row(selected)
        path = self.desk.client.log_path(selected) if row else None
        empty = f"{row.name} has written nothing yet" if row else "select a task to see its output"
        self.query_one("#log", LogView).follow(path, empty)

    def _titles(self, frame: Frame, selected: str) -> None:
        row = frame.row(selected)
        captions = {"graph": critical_caption(frame), "sessions": LEGEND}
        titles = {
            "alerts": f"needs you: {frame.needs}" if frame.needs else "needs you",
            "log": f"log · {row.name}" if row else "log",
        }
        for name in PANES:
            title = titles.get(name, TITLES.get(name, name))
            self.query_one(f"#{name}", Painted).entitle(title, captions.get(name, ""))
        self.query_one("#alerts").set_class(bool(frame.needs), "-calls")

    def reveal(self) -> None:
        """Scroll sessions and graph so that the selected task is in view."""
        rows = [row.id for row in ordered(self.desk.frame)]
        if self.desk.selected not in rows:
            return
        bring_into_view(self.query_one("#sessions", Painted), 0, rows.index(self.desk.selected) + 1)
        graph = self.query_one("#graph", Painted)
        if graph.size.width:
            drawn = graph_of(self.desk.frame, self.desk.selected, graph.size.width, graph.size.height)
            bring_into_view(graph, drawn.at[0], drawn.at[1])

    def on_clicked(self, message: Clicked) -> None:
        """A click does what its key does."""
        message.stop()
        kind, _, name = message.action.partition(":")
        if kind == "pane":
            self.activate(name)
        else:
            self.desk.clicked(kind, name, twice=message.twice)


def bring_into_view(pane: Painted, x: int, y: int) -> None:
    """Scroll as little as shows the cell and the line below it."""
    top, height = round(pane.scroll_offset.y), max(2, pane.size.height)
    left, width = round(pane.scroll_offset.x), max(20, pane.size.width)
    if y < top + 1 or y > top + height - 2:
        pane.scroll_to(y=max(0, y - height // 2), animate=False)
    if x < left or x > left + width - 20:
        pane.scroll_to(x=max(0, x - width // 2), animate=False)
