"""The task screen: what it is to do, why it is not further, errors with hints, its live log and its diff."""

from __future__ import annotations

from asyncio import to_thread
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical

from engine import Attempt, WavetreeError, clean
from tui.difference import Difference, Lines, lines, read
from tui.editor import editor, run_in_terminal, shell
from tui.lines import Bit, Line, width_of
from tui.measures import count
from tui.panes.footer import footer_line
from tui.panes.layout import tab_line
from tui.panes.task import task_lines
from tui.screens.page import Page
from tui.widgets.log import LogView
from tui.widgets.painted import Clicked, Painted

PANES = ("about", "tasklog", "diff")
TITLES = {"about": "task", "tasklog": "log", "diff": "diff"}
KEYS = ("pause", "retry", "stop", "help")
OWN = (
    ("esc", "back", "back:"),
    ("tab", "pane", ""),
    ("f", "full", "do:full"),
    ("e", "edit", "do:editor"),
    ("!", "shell", "do:shell"),
    ("y", "path", "do:copy"),
)
"""The screen's own keys in its footer: key, word, what a click does."""


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
        Binding("right", "aside(8)", "scroll to the right"),
        Binding("left", "aside(-8)", "scroll to the left"),
        Binding("end", "to_end", "go to the end and follow"),
        Binding("f", "full", "one pane over the whole screen, or all of them"),
        Binding("right_square_bracket", "place(1)", "the next place of the diff"),
        Binding("left_square_bracket", "place(-1)", "the last place of the diff"),
        Binding("right_curly_bracket", "place(1, True)", "the next file of the diff"),
        Binding("left_curly_bracket", "place(-1, True)", "the last file of the diff"),
        Binding("e", "editor", "your editor in its worktree"),
        Binding("exclamation_mark", "shell", "a shell in its worktree"),
        Binding("y", "copy", "copy the path of its worktree"),
    ]

    def __init__(self, task_id: str, *, live: bool = True) -> None:
        super().__init__()
        self.task_id = task_id
        self._live = live
        self.pane = "about"
        self._difference = Difference()
        self._lines: Lines | None = None
        self._width = 0
        self._trouble = "reading the diff …"
        self._read_for = (-1, -1, "")
        self._before: tuple[Attempt, ...] = ()

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
        """Name the panes; the diff is asked for by the first look."""
        self.action_pane(self.pane)

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
            task_lines(
                client.state,
                client.timeline,
                desk.frame,
                self.task_id,
                desk.now(),
                about.size.width,
                self._before,
            )
        )
        row = desk.frame.row(self.task_id)
        if row and self._read_for != (news := (row.commits, row.changed, row.word)):
            self._read_for = news
            self.action_diff()
        self._show_difference()
        for name in PANES:
            title = row.name if row and name == "about" else TITLES[name]
            caption = self._caption() if name == "diff" else ""
            self.query_one(f"#{name}", Painted).entitle(title, caption)
        empty = f"{row.name} has written nothing yet" if row else "no such task"
        self.query_one("#tasklog", LogView).follow(client.log_path(self.task_id), empty)

    def _caption(self) -> str:
        found = self._difference
        counts = f"{count(found.files, 'file')}, +{found.added} -{found.removed} · [ ] places"
        return counts if found.pieces else ""

    def _show_difference(self) -> None:
        """The diff for the pane as wide as it is now."""
        pane = self.query_one("#diff", Painted)
        if not self._difference.pieces:
            pane.paint(((Bit(f" {self._trouble or 'no changes yet'}", "bad" if self._trouble else "dim"),),))
            self._lines = None
            return
        width = pane.size.width
        if self._lines is None or self._width != width:
            self._lines, self._width = lines(self._difference, width), width
            pane.paint_long(self._lines, self._lines.width)

    def _footer(self, width: int) -> Line:
        own: list[Bit] = []
        for key, label, click in OWN:
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

    def action_aside(self, cells: int) -> None:
        """Scroll the active pane sideways."""
        self.query_one(f"#{self.pane}", Painted).scroll_relative(x=cells, animate=False)

    def action_to_end(self) -> None:
        """Go to the end of the active pane."""
        self.query_one(f"#{self.pane}", Painted).scroll_end(animate=False)

    def action_full(self) -> None:
        """Show the active pane alone over the whole screen, or all panes again."""
        self.toggle_class("-full")
        self.call_after_refresh(self.show)

    def action_place(self, step: int, whole_file: bool = False) -> None:
        """Go to the next or the last place of the diff, or to another of its files."""
        if self._lines is None:
            return
        if self.pane != "diff":
            self.action_pane("diff")
        pane = self.query_one("#diff", Painted)
        at, places = round(pane.scroll_offset.y), self._lines.files if whole_file else self._lines.places
        ahead = [place for place in places if (place > at if step > 0 else place < at)]
        if ahead:
            pane.scroll_to(y=ahead[0] if step > 0 else ahead[-1], animate=False)

    def action_editor(self) -> None:
        """Open the person's editor in the task's worktree."""
        if path := self._worktree():
            try:
                words = [*editor(), "."]
            except ValueError as error:
                self.desk.orders.say(f"$EDITOR cannot be read: {error}", "error")
                return
            run_in_terminal(self.desk, words, path, instead=f"its worktree is {path}")

    def action_shell(self) -> None:
        """Open a shell in the task's worktree; leaving it comes back."""
        if path := self._worktree():
            run_in_terminal(self.desk, shell(), path, instead=f"its worktree is {path}")

    def action_copy(self) -> None:
        """Copy the path of the task's worktree."""
        if path := self._worktree():
            self.desk.copy_to_clipboard(str(path))
            self.desk.orders.say(f"copied: {clean(str(path), 300)}")

    def _worktree(self) -> Path | None:
        """The task's worktree; why there is none is said."""
        task = self.desk.client.state.tasks.get(self.task_id)
        if task and task.path and Path(task.path).is_dir():
            return Path(task.path)
        self.desk.orders.say(f"{clean(self.task_id, 60)} has no worktree now", "warning")
        return None

    def action_diff(self) -> None:
        """Read the diff and the earlier attempts again, aside."""
        self.run_worker(self._read_diff(), exclusive=True)

    async def _read_diff(self) -> None:
        self._trouble = ""
        try:
            text = await to_thread(self.desk.client.diff, self.task_id)
            self._difference = await to_thread(read, text)
            self._before = await to_thread(self.desk.client.attempts_before, self.task_id)
        except WavetreeError as error:
            self._difference, self._trouble = Difference(), clean(error.message, 400)
        self._lines = None
        self.show()

    def on_clicked(self, message: Clicked) -> None:
        """A click does what its key does."""
        message.stop()
        kind, _, name = message.action.partition(":")
        match kind:
            case "pane":
                self.action_pane(name)
            case "back":
                self.action_back()
            case "do" if name in ("full", "editor", "shell", "copy"):
                getattr(self, f"action_{name}")()
            case _:
                self.desk.clicked(kind, name, twice=message.twice)
