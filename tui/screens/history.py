"""The history screen: past runs, one opened with chart and report, two compared, one replayed."""

from __future__ import annotations

from asyncio import to_thread
from typing import ClassVar, Protocol

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.widgets import Input

from engine import PastRun, RunReport, WavetreeError, clean, compared
from tui.follows import Follows
from tui.lines import Bit, Line
from tui.panes.footer import keys_line
from tui.panes.history import compare_lines, matching, run_lines
from tui.panes.layout import WIDE
from tui.panes.past import past_lines
from tui.screens.page import Page
from tui.widgets.painted import Clicked, Painted

KEYS = (
    ("↑↓", "run", ""),
    ("enter", "open", "enter"),
    ("/", "filter", "filter"),
    ("c", "compare", "compare"),
    ("[ ]", "replay", "slide(1)"),
    ("v", "numbers", "numbers"),
    ("esc", "back", "back"),
    ("space", "scroll", "scroll(10)"),
)
STEPS = 40
"""Places of the slider."""
LIST = 52
"""Cells of the list where it stands beside the report."""
LEAST_REPORT = 10
"""Lines that the report keeps where it stands below the list."""


class Past(Protocol):
    """Where past runs come from. All is slow and called aside; WavetreeError when one is damaged."""

    def runs(self) -> list[PastRun]: ...

    def report(self, run: str) -> RunReport: ...

    def open(self, run: str) -> Follows: ...


class HistoryScreen(Page):
    """The list at the left, or above, and what was asked of the selected run beside it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "back", "back to the dashboard"),
        Binding("down,j", "move(1)", "the run below"),
        Binding("up,k", "move(-1)", "the run above"),
        Binding("enter", "enter", "open the run on the dashboard, with its logs and tasks"),
        Binding("slash", "filter", "only the runs with certain words"),
        Binding("c", "compare", "mark a run, then compare it with another"),
        Binding("v", "numbers", "the numbers that each metric came from, or not"),
        Binding("right_square_bracket", "slide(1)", "on in the run's time"),
        Binding("left_square_bracket", "slide(-1)", "back in the run's time"),
        Binding("pagedown,space", "scroll(10)", "scroll the report down"),
        Binding("pageup,b", "scroll(-10)", "scroll the report up"),
    ]
    AUTO_FOCUS = ""

    def __init__(self, past: Past) -> None:
        super().__init__()
        self._past = past
        self._every: list[PastRun] = []
        self._reports: dict[str, RunReport] = {}
        self._troubles: dict[str, str] = {}
        self._selected = self._marked = ""
        self._against = ""
        self._words = ""
        self._place = STEPS
        self._reading = True
        self._numbers = False

    def compose(self) -> ComposeResult:
        """Header, list, report, the filter, footer."""
        yield Painted(id="header", classes="line")
        with Container(id="past"):
            yield Painted(id="runs", classes="pane")
            yield Painted(id="report", classes="pane")
        yield Input(placeholder="words of the name, state, plan or day; enter keeps them", id="filter")
        yield Painted(id="footer", classes="line")

    def on_mount(self) -> None:
        """Read the list, aside."""
        self.run_worker(self._read_runs(), exclusive=True, group="runs")
        self.call_after_refresh(self.show)

    @property
    def _runs(self) -> list[PastRun]:
        return matching(self._every, self._words)

    async def _read_runs(self) -> None:
        self._every = await to_thread(self._past.runs)
        self._reading = False
        if self._every and not self._selected:
            self._open(self._every[0].run)
        self.show()

    def _open(self, run: str) -> None:
        """Select a run; its report is read aside."""
        self._selected, self._place, self._against = run, STEPS, ""
        self.query_one("#report", Painted).scroll_to(y=0, animate=False)
        if run not in self._reports:
            self.run_worker(self._read_report(run), exclusive=True, group="report")
        self.show()

    async def _read_report(self, run: str) -> None:
        try:
            self._reports[run] = await to_thread(self._past.report, run)
            self._troubles.pop(run, None)
        except WavetreeError as error:
            self._troubles[run] = clean(f"{error.message}. {error.remedy}".strip(" ."), 400)
        self.show()

    def show(self) -> None:
        """Draw the list and what is open."""
        width, runs = self.dress(), self._runs
        listed, opened = self.query_one("#runs", Painted), self.query_one("#report", Painted)
        beside = width >= WIDE
        listed.styles.width = LIST if beside else "1fr"
        most = max(3, self.size.height - LEAST_REPORT - 6)
        listed.styles.height = "1fr" if beside else min(most, max(1, len(runs))) + 2
        listed.entitle("runs", self._caption(len(runs)))
        listed.paint(self._listed((LIST if beside else width) - 4))
        self._reveal(listed)
        opened.entitle(self._title())
        opened.paint(self._opened(max(30, width - 4 - (LIST if beside else 0))))
        self.query_one("#footer", Painted).paint((keys_line(width, KEYS),))

    def _caption(self, left: int) -> str:
        if self._words:
            return f"{left} of {len(self._every)}: {clean(self._words, 40)}"
        return f"c on another compares it with {self._marked}" if self._marked else ""

    def _listed(self, width: int) -> tuple[Line, ...]:
        if runs := self._runs:
            return run_lines(runs, self._selected, self._marked, width)
        words = "no run has these words; / changes them" if self._every else "no run yet"
        return ((Bit(f" {'reading the runs …' if self._reading else words}", "dim"),),)

    def _reveal(self, listed: Painted) -> None:
        """Bring the selected run into view."""
        names = [run.run for run in self._runs]
        top, height = round(listed.scroll_offset.y), max(1, listed.size.height)
        if self._selected in names and not top <= (at := names.index(self._selected)) < top + height:
            listed.scroll_to(y=max(0, at - height // 2), animate=False)

    def _title(self) -> str:
        if self._against:
            return f"{self._against} and {self._selected}"
        plan = next((run.plan for run in self._every if run.run == self._selected), "")
        return f"{self._selected} · {clean(plan, 60)}" if plan else self._selected or "report"

    def _opened(self, width: int) -> tuple[Line, ...]:
        report = self._reports.get(self._selected)
        if report is None:
            words = "reading …" if self._selected else ""
            return ((Bit(f" {self._troubles.get(self._selected, words)}", "dim"),),)
        other = self._reports.get(self._against)
        if other is not None:
            return compare_lines(self._against, self._selected, compared(other, report), width)
        until = None if self._place == STEPS else self._place / STEPS
        return past_lines(report, width, until, numbers=self._numbers)

    def action_move(self, step: int) -> None:
        """Select the run above or below."""
        names = [run.run for run in self._runs]
        if names:
            at = names.index(self._selected) + step if self._selected in names else 0
            self._open(names[max(0, min(len(names) - 1, at))])

    def action_enter(self) -> None:
        """Show the selected run on the dashboard."""
        if self._selected:
            self.run_worker(self._enter(self._selected), exclusive=True, group="enter")

    async def _enter(self, run: str) -> None:
        try:
            client = await to_thread(self._past.open, run)
        except WavetreeError as error:
            self.desk.orders.say(f"{error.message}\n{error.remedy}".strip(), "error")
        else:
            self.desk.follow(client, self._past)

    def action_filter(self) -> None:
        """Ask for words; the list follows while they are typed."""
        field = self.query_one("#filter", Input)
        field.add_class("-open")
        field.focus()

    def on_input_changed(self, message: Input.Changed) -> None:
        """Leave the runs that have these words."""
        message.stop()
        self._words = message.value
        names = [run.run for run in self._runs]
        if names and self._selected not in names:
            self._open(names[0])
        self.show()

    def on_input_submitted(self, message: Input.Submitted) -> None:
        """Keep the words, and go back to the list."""
        message.stop()
        self._close_filter()

    def _close_filter(self) -> None:
        self.query_one("#filter", Input).remove_class("-open")
        self.set_focus(None)

    def action_back(self) -> None:
        """Out of the filter without its words, else back to the dashboard."""
        field = self.query_one("#filter", Input)
        if field.has_class("-open") or self._words:
            field.value = ""
            self._close_filter()
        else:
            self.dismiss()

    def action_compare(self) -> None:
        """Mark a run; with another marked, compare the two."""
        if not self._marked or self._marked == self._selected:
            self._marked = "" if self._marked == self._selected else self._selected
            self._against = ""
        else:
            self._against, self._marked = self._marked, ""
        self.show()

    def action_numbers(self) -> None:
        """Show the numbers that each metric came from, or not."""
        self._numbers = not self._numbers
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
        """A click selects a run, a second one opens it; or it does what its key does."""
        message.stop()
        kind, _, name = message.action.partition(":")
        if kind == "run":
            self._open(name)
            if message.twice:
                self.action_enter()
        elif kind == "do":
            await self.run_action(name)
