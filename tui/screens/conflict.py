"""The conflict screen: both sides, place by place, and what a person makes of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import ClassVar

from msgspec.structs import replace
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input

from engine import Choice, Command, Sides, WavetreeError, clean, left_mark, marked
from tui.editor import by_tool, edited
from tui.lines import Bit
from tui.panes.conflict import View, conflict_lines
from tui.panes.footer import keys_lines
from tui.screens.page import Page
from tui.widgets.painted import Clicked, Painted

Look = Callable[[], Awaitable[tuple[Sides, ...]]]
Choose = Callable[[dict[str, bytes | None], tuple[Sides, ...], str], Awaitable[Command]]

KEYS = (
    ("o", "ours", "choose('ours')"),
    ("t", "theirs", "choose('theirs')"),
    ("b", "both", "choose('both')"),
    ("B", "reversed", "choose('both, theirs first')"),
    ("e", "edit", "edit"),
    ("E", "file", "edit_file"),
    ("m", "tool", "mergetool"),
    ("n", "next", "move(1)"),
    ("p", "last", "move(-1)"),
    ("enter", "settle", "settle"),
    ("esc", "back", "back"),
    ("c", "clear", "clear"),
    ("w", "note", "note"),
    ("P", "pause", "steer('pause')"),
    ("i", "isolate", "steer('isolate')"),
    ("s", "serialize", "steer('serialize')"),
)


class ConflictScreen(Page):
    """One conflict. `look` fetches both sides, `choose` makes of what was chosen the command to send;
    `verbs` are what else can be done about it: pause, isolate, serialize."""

    DEFAULT_CSS = """
    ConflictScreen Input { display: none; height: 3; }
    ConflictScreen Input.-open { display: block; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding("escape,q" if key == "esc" else key, do, label) for key, label, do in KEYS),
        Binding("r", "look", "look again"),
        Binding("down,j", "scroll(1)", "scroll down"),
        Binding("up,k", "scroll(-1)", "scroll up"),
        Binding("pagedown", "scroll(10)", "scroll a page down"),
        Binding("pageup", "scroll(-10)", "scroll a page up"),
    ]

    AUTO_FOCUS = ""

    def __init__(
        self, conflict: str, about: str, look: Look, choose: Choose, verbs: Mapping[str, Command]
    ) -> None:
        self._verbs = verbs
        super().__init__()
        self.view = View(conflict, about)
        self._look = look
        self._choose = choose
        self._trouble = "looking at both sides …"

    def compose(self) -> ComposeResult:
        """Header, the page, a line for the note, footer."""
        yield Painted(id="header", classes="line")
        yield Painted(id="conflict", classes="pane")
        yield Input(placeholder="why, for the record of the run; enter keeps it", id="note")
        yield Painted(id="footer", classes="line")

    def on_mount(self) -> None:
        """Ask for both sides."""
        self.action_look()
        self.call_after_refresh(self.show)

    def show(self) -> None:
        """Draw the conflict as it stands."""
        width = self.dress()
        page = self.query_one("#conflict", Painted)
        page.entitle(f"conflict {self.view.conflict}", self._caption())
        cells = max(20, width - 4)
        page.paint(
            ((Bit(f" {self._trouble}", "dim"),),) if self._trouble else conflict_lines(self.view, cells)
        )
        footer, lines = self.query_one("#footer", Painted), keys_lines(width, KEYS)
        footer.styles.height = len(lines)
        footer.paint(lines)

    def _caption(self) -> str:
        if self._trouble or not self.view.files:
            return ""
        left = self.view.left
        note = f" · note: {clean(self.view.note, 60)}" if self.view.note else ""
        return (f"{left} to choose" if left else "all chosen; enter settles it") + note

    def action_look(self) -> None:
        """Fetch both sides anew, aside; what was chosen of other texts is forgotten."""
        self.run_worker(self._fetch(), exclusive=True, group="look")

    async def _fetch(self) -> None:
        try:
            files = await self._look()
        except WavetreeError as error:
            self._trouble = clean(f"{error.message}. {error.remedy}".strip(), 600)
        else:
            self._trouble = ""
            if files != self.view.files:
                self.view = replace(self.view, files=files, file=0, place=0, chosen={}, whole={})
        self.show()

    def action_choose(self, choice: str) -> None:
        """Take one side, or both, of the place that is shown."""
        if self.view.files:
            self.view = self.view.chose(Choice(choice))
            self.show()

    def action_clear(self) -> None:
        """The place is not chosen any more."""
        if self.view.files:
            self.view = self.view.chose(None)
            self.show()

    def action_move(self, step: int) -> None:
        """Go to the next or the last place."""
        if self.view.files:
            self.view = self.view.moved(step)
            self.show()

    def action_scroll(self, lines: int) -> None:
        """Scroll the page."""
        self.query_one("#conflict", Painted).scroll_relative(y=lines, animate=False)

    def action_back(self) -> None:
        """Back to the dashboard, or out of the note; nothing is sent."""
        note = self.query_one("#note", Input)
        if note.has_class("-open"):
            note.remove_class("-open")
            self.set_focus(None)
            return
        self.dismiss()

    def action_note(self) -> None:
        """Write down why."""
        note = self.query_one("#note", Input)
        note.add_class("-open")
        note.focus()

    def on_input_submitted(self, message: Input.Submitted) -> None:
        """Keep the note."""
        message.stop()
        self.view = replace(self.view, note=message.value.strip())
        self.action_back()
        self.show()

    def action_edit(self) -> None:
        """Edit the place in the person's editor; the screen waits."""
        if not self._is_text():
            return
        one = self.view.one
        part = [part for part in one.parts if part.clash][self.view.place]
        conflict = marked([part], one.ours_name, one.theirs_name)
        text = edited(self.desk, conflict, Path(one.file).suffix, instead="use wavetree resolve --edit")
        if text is not None and not self._marked(text):
            self.view = self.view.chose(text)
            self.show()

    def action_edit_file(self) -> None:
        """Edit the whole file, with its places marked, in the person's editor."""
        if not self._is_text():
            return
        one = self.view.one
        text = edited(
            self.desk,
            marked(one.parts, one.ours_name, one.theirs_name),
            Path(one.file).suffix,
            instead="use wavetree resolve --edit",
        )
        if text is not None and not self._marked(text):
            self.view = self.view.took(text.encode())
            self.show()

    def action_mergetool(self) -> None:
        """Open the file in the person's merge tool, as `git mergetool` does."""
        if not self.view.files:
            return
        found = by_tool(self.desk, self.view.one, instead="use wavetree resolve --mergetool")
        if found is not None:
            self.view = self.view.took(found[0])
            self.show()

    def _is_text(self) -> bool:
        if self.view.files and self.view.one.parts:
            return True
        self.desk.orders.say("this file is no text that both sides have; choose one side", "warning")
        return False

    def _marked(self, text: str) -> bool:
        """Whether a conflict mark is left, which is said then."""
        if line := left_mark(text):
            self.desk.orders.say(f"line {line}: a conflict mark is left; nothing was chosen", "error")
        return bool(line)

    def action_steer(self, verb: str) -> None:
        """Pause or isolate the later agent, or let the first go first, instead of settling it now."""
        if verb in self._verbs:
            self.desk.orders.send(self._verbs[verb])
            self.dismiss()
        else:
            self.desk.orders.say(f"one of the two is not at work; there is nobody to {verb}", "warning")

    def action_settle(self) -> None:
        """Send what was chosen; only when every place is."""
        if not self.view.files:
            return
        if self.view.left:
            self.desk.orders.say(f"{self.view.left} places are not chosen yet; n goes to the next", "warning")
            return
        self.run_worker(self._settle(), exclusive=True, group="settle")

    async def _settle(self) -> None:
        view = self.view
        try:
            command = await self._choose(view.contents(), view.files, view.note)
        except WavetreeError as error:
            self.desk.orders.say(f"{error.message}\n{error.remedy}".strip(), "error")
            return
        self.desk.orders.send(command)
        self.dismiss()

    async def on_clicked(self, message: Clicked) -> None:
        """A click does what its key does."""
        message.stop()
        kind, _, action = message.action.partition(":")
        if kind == "do":
            await self.run_action(action)
