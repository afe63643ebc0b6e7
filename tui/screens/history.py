"""The history screen: past runs, one opened with chart and report, two compared, one replayed."""

from __future__ import annotations

from asyncio import to_thread
from typing import ClassVar, Protocol

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal

from engine import PastRun, RunReport, WavetreeError, clean, compared
from tui.lines import Bit, Line, clip
from tui.panes.history import compare_lines, report_lines, run_lines
from tui.screens.page import Page
from tui.widgets.painted import Clicked, Painted

KEYS = (
    ("↑↓", "run", ""),
    ("c", "compare", "compare"),
    ("[ ]", "replay", "slide(1)"),
    ("space", "scroll", "scroll(10)"),
    ("esc", "back", "back"),
)
STEPS = 40
"""Places of the slider."""


class Past(Protocol):
    """Where past runs come from. Both are slow and are called aside; WavetreeError when one is damaged."""

    def runs(self) -> list[PastRun]: ...

    def report(self, run: str) -> RunReport: ...


class HistoryScreen(Page):
    """The list at the left, what was asked of the selected run at the right."""

    DEFAULT_CSS = """
    HistoryScreen #past { height: 1fr; }
    HistoryScreen #runs { width: 52; height: 1fr; }
    HistoryScreen #report { width: 1fr; height: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "back", "back to the dashboard"),
        Binding("down,j", "move(1)", "the run below"),
        Binding("up,k", "move(-1)", "the run above"),
        Binding("c", "compare", "mark a run, then compare it with another"),
        Binding("right_square_bracket", "slide(1)", "on in the run's time"),
        Binding("left_square_bracket", "slide(-1)", "back in the run's time"),
        Binding("pagedown,space", "scroll(10)", "scroll the report down"),
        Binding("pageup,b", "scroll(-10)", "scroll the report up"),
    ]

    def __init__(self, past: Past) -> None:
        super().__init__()
        self._past = past
        self._runs: list[PastRun] = []
        self._reports: dict[str, RunReport] = {}
        self._selected = self._marked = ""
        self._against = ""
        self._place = STEPS
        self._trouble = "reading the runs …"

    def compose(self) -> ComposeResult:
        """Header, list, report, footer."""
        yield Painted(id="header", classes="line")
        with Horizontal(id="past"):
            yield Painted(id="runs", classes="pane")
            yield Painted(id="report", classes="pane")
        yield Painted(id="footer", classes="line")

    def on_mount(self) -> None:
        """Read the list, aside."""
        self.run_worker(self._read_runs(), exclusive=True, group="runs")
        self.call_after_refresh(self.show)

    async def _read_runs(self) -> None:
        self._runs = await to_thread(self._past.runs)
        self._trouble = ""
        if self._runs and not self._selected:
            self._open(self._runs[0].run)
        self.show()

    def _open(self, run: str) -> None:
        """Select a run; its report is read aside."""
        self._selected, self._place = run, STEPS
        if run not in self._reports:
            self.run_worker(self._read_report(run), exclusive=True, group="report")
        self.show()

    async def _read_report(self, run: str) -> None:
        try:
            self._reports[run] = await to_thread(self._past.report, run)
            self._trouble = ""
        except WavetreeError as error:
            self._trouble = clean(error.message, 400)
        self.show()

    def show(self) -> None:
        """Draw the list and what is open."""
        width = self.dress()
        narrow = width < 100
        self.query_one("#runs", Painted).styles.width = 24 if narrow else 52
        listed, opened = self.query_one("#runs", Painted), self.query_one("#report", Painted)
        listed.entitle("runs")
        listed.paint(run_lines(self._runs, self._selected, self._marked, 22 if narrow else 50))
        opened.entitle(self._title())
        opened.paint(self._opened(max(30, width - (28 if narrow else 56))))
        self.query_one("#footer", Painted).paint((self._footer(width),))

    def _title(self) -> str:
        if self._against:
            return f"{self._against} and {self._selected}"
        return self._selected or "report"

    def _opened(self, width: int) -> tuple[Line, ...]:
        report = self._reports.get(self._selected)
        if self._trouble or report is None:
            return ((Bit(f" {self._trouble or 'reading …'}", "dim"),),)
        other = self._reports.get(self._against)
        if other is not None:
            return compare_lines(self._against, self._selected, compared(other, report), width)
        return report_lines(report, width, None if self._place == STEPS else self._place / STEPS)

    def _footer(self, width: int) -> Line:
        bits: list[Bit] = []
        for key, label, action in KEYS:
            click = f"do:{action}" if action else ""
            bits += [Bit(" "), Bit(key, "key", click), Bit(f" {label} ", "text", click)]
        return clip(bits, width)

    def action_move(self, step: int) -> None:
        """Select the run above or below."""
        names = [run.run for run in self._runs]
        if self._selected in names:
            self._against = ""
            self._open(names[max(0, min(len(names) - 1, names.index(self._selected) + step))])

    def action_compare(self) -> None:
        """Mark a run; with another marked, compare the two."""
        if not self._marked or self._marked == self._selected:
            self._marked = "" if self._marked == self._selected else self._selected
            self._against = ""
        else:
            self._against, self._marked = self._marked, ""
        self.show()

    def action_slide(self, step: int) -> None:
        """Go on or back in the time of the run that is open."""
        self._against = ""
        self._place = max(1, min(STEPS, self._place + step))
        self.show()

    def action_scroll(self, lines: int) -> None:
        """Scroll the report."""
        self.query_one("#report", Painted).scroll_relative(y=lines, animate=False)

    async def on_clicked(self, message: Clicked) -> None:
        """A click selects a run, or does what its key does."""
        message.stop()
        kind, _, name = message.action.partition(":")
        if kind == "run":
            self._against = ""
            self._open(name)
        elif kind == "do":
            await self.run_action(name)
