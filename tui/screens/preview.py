"""A plan before anything starts: graph, waves, who meets whom; start it, or go back (M220)."""

from __future__ import annotations

from asyncio import to_thread
from collections.abc import Callable
from typing import ClassVar

from msgspec.structs import replace
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal

from engine import Timeline, Vitals, WavetreeError, clean, known_agents, unstarted
from tui.frame import Frame
from tui.panes.footer import keys_line
from tui.panes.graph import critical_caption, graph_of
from tui.panes.preview import (
    Outlook,
    head_line,
    meeting_lines,
    outlook,
    task_line,
    wave_lines,
    who_and_how_long,
)
from tui.present import present
from tui.screens.asking import PageHelp
from tui.screens.dashboard import bring_into_view
from tui.screens.page import Page
from tui.screens.pick import Item, PickSheet
from tui.widgets.painted import Clicked, Painted
from tui.work import Work, Workbench

KEYS = (
    ("enter", "start", "start"),
    ("esc", "back", "back"),
    ("a", "agent", "agent"),
    ("+ -", "slots", "slots(1)"),
    ("↑↓", "task", ""),
    ("space", "scroll", "scroll(6)"),
    ("?", "help", "help"),
)
NO_AGENTS = ("shell", "simulated")
"""Built-in agents that need more than a prompt."""


class PreviewScreen(Page):
    """Shows the plan; `start` is called with it and the slots once the person says so."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark", "help", "these keys"),
        Binding("enter", "start", "start the run"),
        Binding("escape,q", "back", "back, starting nothing"),
        Binding("a", "agent", "choose who does the tasks that name nobody"),
        Binding("plus", "slots(1)", "one slot more"),
        Binding("minus", "slots(-1)", "one slot fewer"),
        Binding("down,j", "move(1)", "the next task"),
        Binding("up,k", "move(-1)", "the task before"),
        Binding("pagedown,space", "scroll(6)", "scroll the lists down"),
        Binding("pageup,b", "scroll(-6)", "scroll the lists up"),
    ]

    def __init__(self, bench: Workbench, shown: Outlook, start: Callable[[Work, int], None]) -> None:
        super().__init__()
        self._bench = bench
        self._start = start
        self._selected = ""
        self._at = (0, 0)
        self._due = False
        self._take(shown)

    def _take(self, shown: Outlook) -> None:
        self._shown = shown
        state = unstarted(shown.work.plan, shown.slots)
        frame = present(state, Timeline(), Vitals(), 0.0, alive=False)
        rows = tuple(
            replace(row, word="waiting", step=who_and_how_long(state.spec(row.id))) for row in frame.rows
        )
        self._frame: Frame = replace(frame, rows=rows)

    def compose(self) -> ComposeResult:
        """Header, graph, the two lists, the task under the bar, the keys."""
        yield Painted(id="header", classes="line")
        yield Painted(id="graph", classes="pane")
        with Horizontal(id="lists"):
            yield Painted(id="waves", classes="pane")
            yield Painted(id="meetings", classes="pane")
        yield Painted(id="next", classes="line")
        yield Painted(id="footer", classes="line")

    def on_mount(self) -> None:
        """Draw it once it is laid out."""
        self.call_after_refresh(self.show)

    def show(self) -> None:
        """Draw the plan."""
        self.dress()
        shown, width = self._shown, self.size.width
        plan = shown.work.plan
        self.query_one("#header", Painted).paint((head_line(shown, width),))
        graph, waves, meetings = (
            self.query_one(f"#{name}", Painted) for name in ("graph", "waves", "meetings")
        )
        drawn = graph_of(self._frame, self._selected, graph.size.width, (self.size.height - 3) * 3 // 5)
        graph.styles.height = min(len(drawn.lines) + 2, max(6, (self.size.height - 3) * 3 // 5))
        self._at = drawn.at
        graph.paint(drawn.lines, drawn.width)
        graph.entitle("graph", critical_caption(self._frame))
        waves.entitle("waves", "risk of conflicts")
        waves.paint(wave_lines(shown, waves.size.width))
        meetings.entitle("look at this", f"{sum(not one.handled for one in shown.found)} forecast")
        meetings.paint(meeting_lines(shown, meetings.size.width))
        task = plan.by_id.get(self._selected)
        self.query_one("#next", Painted).paint((task_line(task, plan, width),))
        self.query_one("#footer", Painted).paint((keys_line(width, KEYS),))

    def action_start(self) -> None:
        """Start the run, unless nobody is there for some of its tasks."""
        if nobody := self._shown.work.nobody:
            count = f"{len(nobody)} tasks have" if len(nobody) > 1 else "a task has"
            self.desk.orders.say(f"{count} nobody to do it; a chooses an agent", "warning")
            return
        self._start(self._shown.work, self._shown.slots)

    def action_back(self) -> None:
        """Back to the choice."""
        self.dismiss()

    def action_move(self, step: int) -> None:
        """Look at the next task, or the one before."""
        ids = [task for column in self._frame.columns for task in column]
        place = ids.index(self._selected) + step if self._selected in ids else 0
        self._selected = ids[max(0, min(len(ids) - 1, place))]
        if not self._due:  # a key that is held down asks for one drawing, not for one each
            self._due = True
            self.call_after_refresh(self._reveal)

    def _reveal(self) -> None:
        """Draw, with the task under the bar in view."""
        self._due = False
        self.show()
        bring_into_view(self.query_one("#graph", Painted), *self._at)

    def action_slots(self, change: int) -> None:
        """Another number of slots, and what it costs or saves."""
        self._again(self._shown.work, max(1, self._shown.slots + change))

    def action_agent(self) -> None:
        """Choose who does the tasks that name nobody."""
        work = self._shown.work
        if not (work.nobody or work.agent):
            self.desk.orders.say("every task names who does it")
            return
        names = [name for name in dict.fromkeys(known_agents(work.plan.agents)) if name not in NO_AGENTS]
        sheet = PickSheet("who does the tasks that name nobody", [Item(n, clean(n, 60)) for n in names])
        self.app.push_screen(sheet, self._hired)

    def _hired(self, chosen: tuple[str, ...] | None) -> None:
        if chosen:
            self.run_worker(self._reopen(chosen[0]), exclusive=True, group="outlook")

    async def _reopen(self, agent: str) -> None:
        work = self._shown.work
        try:
            opened = await to_thread(self._bench.open, work.paths, work.pick, agent)
            self._take(await to_thread(outlook, opened, self._shown.slots))
        except WavetreeError as error:
            self.desk.orders.fail(error)
        self.show()

    def _again(self, work: Work, slots: int) -> None:
        self.run_worker(self._look(work, slots), exclusive=True, group="outlook")

    async def _look(self, work: Work, slots: int) -> None:
        self._take(await to_thread(outlook, work, slots))
        self.show()

    def action_help(self) -> None:
        """The keys of this page."""
        self.app.push_screen(PageHelp(self.BINDINGS))

    def action_scroll(self, lines: int) -> None:
        """Scroll both lists."""
        for name in ("waves", "meetings"):
            self.query_one(f"#{name}", Painted).scroll_relative(y=lines, animate=False)

    async def on_clicked(self, message: Clicked) -> None:
        """A click selects a task, or does what its key does."""
        message.stop()
        kind, _, name = message.action.partition(":")
        if kind == "select":
            self._selected = name
            self.show()
        elif kind == "do":
            await self.run_action(name)
