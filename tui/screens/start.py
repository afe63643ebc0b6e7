"""The start screen: what work there is; what is chosen is shown as a plan before it starts (M220)."""

from __future__ import annotations

from asyncio import to_thread
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal

from engine import Client, PlanFile, WavetreeError, clean
from tui.lines import Bit, Line, spread
from tui.panes.footer import keys_line
from tui.panes.preview import outlook
from tui.panes.start import Entry, about_lines, entries, start_lines
from tui.screens.asking import PageHelp
from tui.screens.choosing import Choosing
from tui.screens.history import HistoryScreen
from tui.screens.page import Page
from tui.screens.path import PathSheet
from tui.screens.preview import PreviewScreen
from tui.screens.wizard import WizardScreen
from tui.widgets.painted import Clicked, Painted
from tui.work import EVERYTHING, Looked, Pick, Work, Workbench

KEYS = (
    ("↑↓", "choose", ""),
    ("enter", "look at it", "choose"),
    ("space", "mark files", "mark"),
    ("F5", "look again", "look"),
    ("?", "help", "help"),
    ("q", "leave", "app.act('leave')"),
)
LOW = 8
"""Lines of the pane of details below which it says little."""
LETTERS = {
    "i": ("tickets", "choose tickets"),
    "e": ("epic", "choose an epic"),
    "s": ("sprint", "choose a sprint"),
    "r": ("roadmap", "choose priorities of a roadmap"),
    "f": ("path", "name a file"),
    "n": ("story", "a new story from fifteen questions"),
    "d": ("demo", "the demo"),
    "l": ("last", "the newest run"),
    "h": ("history", "past runs"),
}


class StartScreen(Page):
    """The list at the left, what is known of the chosen entry at the right. Nothing starts from here: a plan
    is shown first."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark", "help", "these keys"),
        Binding("down,j", "move(1)", "the entry below"),
        Binding("up,k", "move(-1)", "the entry above"),
        Binding("enter", "choose", "look at the chosen plan"),
        Binding("space", "mark", "mark a file: several make up one plan"),
        Binding("f5", "look", "look for plans again"),
        Binding("pagedown", "scroll(8)", "scroll what is known down"),
        Binding("pageup", "scroll(-8)", "scroll what is known up"),
        *(Binding(key, f"pick('{name}')", words) for key, (name, words) in LETTERS.items()),
    ]

    def __init__(self, bench: Workbench) -> None:
        super().__init__()
        self._bench = bench
        self._looked: Looked | None = None
        self._entries: tuple[Entry, ...] = entries(Looked())
        self._chosen = ""
        self._marked: frozenset[str] = frozenset()
        self._busy = ""

    def compose(self) -> ComposeResult:
        """Header, a sentence, list, details, keys."""
        yield Painted(id="header", classes="line")
        with Horizontal(id="offers"):
            yield Painted(id="list", classes="pane")
            yield Painted(id="about", classes="pane")
        yield Painted(id="next", classes="line")
        yield Painted(id="footer", classes="line")

    def on_mount(self) -> None:
        """Look for work, aside."""
        self.action_look()
        self.call_after_refresh(self.show)

    def action_look(self) -> None:
        """Look for plans and runs."""
        self.run_worker(self._look(), exclusive=True, group="look")

    async def _look(self) -> None:
        self._looked = await to_thread(self._bench.look)
        self._entries = entries(self._looked)
        self._marked = frozenset()
        ids = [entry.id for entry in self._entries]
        if self._chosen not in ids:
            ready = (entry.id for entry in self._entries if entry.state == "pending")
            self._chosen = next(ready, "demo")
        self.show()

    def show(self) -> None:
        """Draw the list and what is known of the chosen entry."""
        width = self.dress()
        self.query_one("#header", Painted).paint((self._head(width),))
        listed, about = self.query_one("#list", Painted), self.query_one("#about", Painted)
        cut = self._looked is not None and self._looked.search.cut
        room = listed.size
        lines, at = start_lines(self._entries, self._chosen, self._marked, room.width, room.height, cut=cut)
        listed.entitle("choose the work")
        listed.paint(lines)
        top, height = round(listed.scroll_offset.y), max(2, listed.size.height)
        if not top <= at < top + height:
            listed.scroll_to(y=max(0, at - height // 2), animate=False)
        entry = self._entry()
        about.entitle(entry.name if entry else "")
        low = about.size.height < LOW
        about.paint(about_lines(entry, self._file(entry), about.size.width, low=low) if entry else ())
        self.query_one("#next", Painted).paint((self._sentence(),))
        self.query_one("#footer", Painted).paint((keys_line(width, KEYS),))

    def _head(self, width: int) -> Line:
        name = clean(self._bench.name, 80) or "not inside a git repository"
        left = (Bit(" wavetree ", "brand"), Bit(" "), Bit(name, "strong"))
        words = "no run is going on " if self._looked and self._looked.runs else "no run yet "
        return spread(left, (Bit(words, "dim"),), width)

    def _sentence(self) -> Line:
        if self._busy:
            return (Bit(f" {self._busy} …", "accent"),)
        if self._looked is None:
            return (Bit(" looking for plans …", "dim"),)
        if self._marked:
            return (Bit(f" {len(self._marked)} files marked: enter reads them as one plan", "accent"),)
        if self._looked.trouble and self._bench.project:
            return (Bit(f" ! {clean(self._looked.trouble, 300)}", "warn"),)
        words = "Nothing starts before you have seen its plan."
        if not self._looked.search.files:
            words = f"No plan was found here. {words}"
        return (Bit(f" {words}", "dim"),)

    def _entry(self) -> Entry | None:
        return next((entry for entry in self._entries if entry.id == self._chosen), None)

    def _file(self, entry: Entry | None) -> PlanFile | None:
        if entry is None or self._looked is None or not entry.id.startswith("file:"):
            return None
        return self._looked.search.files[int(entry.id.partition(":")[2])]

    def action_move(self, step: int) -> None:
        """Choose the entry above or below."""
        ids = [entry.id for entry in self._entries]
        place = ids.index(self._chosen) + step if self._chosen in ids else 0
        self._chosen = ids[max(0, min(len(ids) - 1, place))]
        self.query_one("#about", Painted).scroll_to(y=0, animate=False)
        self.show()

    def action_mark(self) -> None:
        """Mark or unmark a file; marked ones are read together."""
        entry = self._entry()
        if entry is not None and self._file(entry):
            self._marked ^= {entry.id}
            self.action_move(1)

    def action_help(self) -> None:
        """The keys of this page."""
        self.app.push_screen(PageHelp(self.BINDINGS))

    def action_scroll(self, lines: int) -> None:
        """Scroll what is known of the chosen entry."""
        self.query_one("#about", Painted).scroll_relative(y=lines, animate=False)

    def action_pick(self, name: str) -> None:
        """Go to an entry by its letter, and choose it."""
        if any(entry.id == name for entry in self._entries):
            self._chosen = name
            self._marked = frozenset()
            self.show()
            self.action_choose()

    def action_choose(self) -> None:
        """Look at what is chosen, or say why that cannot be done."""
        entry = self._entry()
        if entry is None or self._busy:
            return
        if self._marked:
            marked = [each for each in self._entries if each.id in self._marked]
            self._open([file.path for each in marked if (file := self._file(each))])
        elif entry.why:
            self.desk.orders.say(entry.why, "warning")
        elif file := self._file(entry):
            self._open([file.path])
        else:
            self._doings()[entry.id]()

    def _doings(self) -> dict[str, Callable[[], object]]:
        return {
            "tickets": lambda: self._choosing().tickets(),
            "roadmap": lambda: self._choosing().priorities(),
            "epic": lambda: self._choosing().groups("epic"),
            "sprint": lambda: self._choosing().groups("sprint"),
            "path": lambda: self.app.push_screen(PathSheet(), self._typed),
            "story": lambda: self.app.push_screen(WizardScreen(self._bench.here, self._written)),
            "demo": lambda: self._go(self._show_plan(self._bench.demo), "opening the demo"),
            "last": self._last,
            "history": lambda: self.app.push_screen(HistoryScreen(self.desk.past())),
        }

    def _choosing(self) -> Choosing:
        def take(file: PlanFile, pick: Pick, again: Callable[[], None]) -> None:
            self._open([file.path], pick, again)

        return Choosing(self.desk, self._looked or Looked(), take)

    def _written(self, path: Path) -> None:
        """A story was written: look at its plan."""
        self.action_look()
        self._open([path])

    def _typed(self, path: str | None) -> None:
        if path:
            self._open([Path(path).expanduser()])

    # ── the plan, before it starts ──────────────────────────────────────────────────────────────────

    def _open(
        self, paths: Sequence[Path], pick: Pick = EVERYTHING, again: Callable[[], None] = lambda: None
    ) -> None:
        self._go(self._show_plan(lambda: self._bench.open(paths, pick), again), "reading the plan")

    def _go(self, work: Coroutine[object, object, None], words: str) -> None:
        self._busy = words
        self.show()
        self.run_worker(work, exclusive=True, group="work")

    async def _show_plan(self, read: Callable[[], Work], again: Callable[[], None] = lambda: None) -> None:
        """Show what `read` gives, or why it gives nothing; then it may be chosen `again`."""
        try:
            work = await to_thread(read)
            shown = await to_thread(outlook, work)
        except WavetreeError as error:
            self.desk.orders.fail(error)
            again()
        else:
            self.app.push_screen(PreviewScreen(self._bench, shown, self._start))
        finally:
            self._rest()

    def _rest(self) -> None:
        self._busy = ""
        self.show()

    def _start(self, work: Work, slots: int) -> None:
        if not self._busy:
            self._go(self._started(work, slots), "starting")

    async def _started(self, work: Work, slots: int) -> None:
        self.desk.orders.say("starting the run")
        try:
            project, run, warnings = await to_thread(self._bench.start, work, slots)
            client = Client(project, run)
        except WavetreeError as error:
            self.desk.orders.fail(error)
            return
        finally:
            self._rest()
        self.desk.follow(client)
        for warning in warnings:
            self.desk.orders.say(warning, "warning")

    def _last(self) -> None:
        if self._looked and self._looked.runs and self._bench.project:
            try:
                self.desk.follow(Client(self._bench.project, self._looked.runs[0]))
            except WavetreeError as error:
                self.desk.orders.fail(error)

    async def on_clicked(self, message: Clicked) -> None:
        """A click chooses an entry, a second one looks at it; a key's click does what the key does."""
        message.stop()
        kind, _, name = message.action.partition(":")
        if kind == "choose":
            self._chosen = name
            self.show()
            if message.twice:
                self.action_choose()
        elif kind == "do":
            await self.run_action(name)
