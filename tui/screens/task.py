"""The task screen: what it is to do, how it stands, errors with hints, its live log and its diff."""

from __future__ import annotations

from asyncio import to_thread
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical

from engine import WavetreeError, clean
from tui.lines import Bit, Line, width_of
from tui.panes.footer import footer_line
from tui.panes.layout import tab_line
from tui.panes.task import task_lines
from tui.screens.page import Page
from tui.widgets.log import LogView
from tui.widgets.painted import Clicked, Painted

PANES = ("about", "tasklog", "diff")
TITLES = {"about": "task", "tasklog": "log", "diff": "diff"}
MOST_DIFF = 5_000
KEYS = ("pause", "retry", "stop", "help")
DIFF_STYLE = {"+": "ok", "-": "bad", "@": "accent"}


class TaskScreen(Page):
    """One task; the selection of the dashboard is the task shown here."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter", "back", "back to the dashboard"),
        Binding("d", "diff", "read the diff again"),
        Binding("l", "pane('tasklog')", "go to the log"),
        Binding("tab", "pane('next')", "next pane"),
        Binding("1", "pane('about')", "the task"),
        Binding("2", "pane('tasklog')", "its log"),
        Binding("3", "pane('diff')", "its diff"),
        Binding("down,j", "scroll(1)", "scroll down"),
        Binding("up,k", "scroll(-1)", "scroll up"),
        Binding("pagedown", "scroll(10)", "scroll a page down"),
        Binding("pageup", "scroll(-10)", "scroll a page up"),
        Binding("end", "to_end", "go to the end and follow"),
    ]

    def __init__(self, task_id: str, *, live: bool = True) -> None:
        super().__init__()
        self.task_id = task_id
        self._live = live
        self.pane = "about"

    def compose(self) -> ComposeResult:
        """Header, description, log, diff, footer."""
        yield Painted(id="header", classes="line")
        yield Painted(id="tabs", classes="line")
        with Horizontal(id="columns"):
            yield Painted(id="about", classes="pane")
            with Vertical(id="right"):
                yield LogView(live=self._live, id="tasklog", classes="pane")
                yield Painted(id="diff", classes="pane")
        yield Painted(id="footer", classes="line")

    def on_mount(self) -> None:
        """Name the panes and ask for the diff."""
        self.action_pane(self.pane)
        self.action_diff()

    def show(self) -> None:
        """Draw the present frame."""
        width = self.dress()
        desk = self.desk
        self.query_one("#tabs", Painted).paint(
            (tab_line([TITLES[pane] for pane in PANES], PANES, self.pane),)
        )
        self.query_one("#footer", Painted).paint((self._footer(width),))
        about = self.query_one("#about", Painted)
        client = desk.client
        about.paint(
            task_lines(client.state, client.timeline, desk.frame, self.task_id, desk.now(), about.size.width)
        )
        row = desk.frame.row(self.task_id)
        for name in PANES:
            title = row.name if row and name == "about" else TITLES[name]
            self.query_one(f"#{name}", Painted).entitle(title)
        empty = f"{row.name} has written nothing yet" if row else "no such task"
        self.query_one("#tasklog", LogView).follow(client.log_path(self.task_id), empty)

    def _footer(self, width: int) -> Line:
        own: list[Bit] = []
        for key, label, click in (("esc", "back", "back:"), ("tab", "pane", ""), ("d", "diff", "diff:")):
            own += [Bit(" "), Bit(key, "key", click), Bit(f" {label} ", "text", click)]
        return (*own, *footer_line(self.desk.context(), width - width_of(own), only=KEYS))

    def action_pane(self, pane: str) -> None:
        """Make a pane the active one; `next` is the one after it."""
        self.pane = pane = PANES[(PANES.index(self.pane) + 1) % len(PANES)] if pane == "next" else pane
        for name in PANES:
            self.set_class(name == pane, f"show-{name}")
            self.query_one(f"#{name}").set_class(name == pane, "-active")
        self.call_after_refresh(self.show)

    def action_scroll(self, lines: int) -> None:
        """Scroll the active pane."""
        self.query_one(f"#{self.pane}", Painted).scroll_relative(y=lines, animate=False)

    def action_to_end(self) -> None:
        """Go to the end of the active pane."""
        self.query_one(f"#{self.pane}", Painted).scroll_end(animate=False)

    def action_diff(self) -> None:
        """Read the diff again, aside."""
        self.run_worker(self._read_diff(), exclusive=True)

    async def _read_diff(self) -> None:
        pane = self.query_one("#diff", Painted)
        try:
            text = await to_thread(self.desk.client.diff, self.task_id)
        except WavetreeError as error:
            pane.paint(((Bit(f" {clean(error.message, 400)}", "bad"),),))
            return
        pane.paint(diff_lines(text))

    def on_clicked(self, message: Clicked) -> None:
        """A click does what its key does."""
        message.stop()
        kind, _, name = message.action.partition(":")
        match kind:
            case "pane":
                self.action_pane(name)
            case "back":
                self.action_back()
            case "diff":
                self.action_diff()
            case _:
                self.desk.clicked(kind, name, twice=message.twice)


def diff_lines(text: str) -> tuple[Line, ...]:
    """A unified diff with added, removed and place lines in their colours; cut after 5,000 lines."""
    if not text.strip():
        return ((Bit(" no changes yet", "dim"),),)
    raw = text.split("\n", MOST_DIFF)
    lines: list[Line] = []
    for line in raw[:MOST_DIFF]:
        style = "strong" if line.startswith(("+++", "---", "diff ")) else DIFF_STYLE.get(line[:1], "text")
        lines.append((Bit(f" {clean(line.replace(chr(9), '    '), 1000)}", style),))
    if len(raw) > MOST_DIFF:
        lines.append((Bit(f" … cut after {MOST_DIFF} lines; `git diff` shows all", "warn"),))
    return tuple(lines)
