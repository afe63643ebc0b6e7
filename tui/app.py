"""The application: follows a run, draws one frame a tick, turns keys into commands. It decides nothing."""

from __future__ import annotations

import gc
import os
import sys
import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import ClassVar, cast

from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.notifications import SeverityLevel
from textual.screen import Screen

from engine import Archive, Client, UsageError, WavetreeError
from tui.acts import act, leave
from tui.announce import Announcement
from tui.follows import Follows, NoRun
from tui.frame import Frame
from tui.glyphs import wants_ascii
from tui.keymap import keymap_file, load_keymap
from tui.keys import ACTIONS, BY_ID, Context, palette_entries
from tui.orders import Orders
from tui.panes.layout import WIDE
from tui.panes.sessions import ordered
from tui.person import name
from tui.present import present
from tui.screens.approval import ApprovalSheet
from tui.screens.dashboard import PANES, Dashboard
from tui.screens.history import Past
from tui.screens.page import Page
from tui.screens.sheet import Sheet
from tui.screens.start import StartScreen
from tui.screens.task import TaskScreen
from tui.theme import Palette, Themes, folders, load_themes, stamp, textual_theme
from tui.work import Workbench

__all__ = ["Follows", "WavetreeApp", "choose", "run"]

BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]
LEVELS: dict[str, SeverityLevel] = {"warning": "warning", "error": "error"}
TICK = 0.22
MEASURE_EVERY = 1.0
WITHOUT_RUN = ("theme", "help", "palette", "leave")
"""What can be done while no run is chosen."""
GARBAGE = (700, 10, 100)
"""When the collector runs: its full pass holds up a tick by 10-20 ms and finds next to nothing here."""


def run(client: Follows) -> None:
    """Show the run until the person leaves. Raises UsageError when no theme can be read."""
    WavetreeApp(client).run()


def choose(bench: Workbench) -> Client | None:
    """Let the person choose the work, then show its run until they leave; the run, if one was begun."""
    app = WavetreeApp(NoRun(), past=bench.past(), first=StartScreen(bench))
    app.run()
    return app.client if isinstance(app.client, Client) else None


def _bindings() -> list[BindingType]:
    table = [
        Binding(",".join(action.keys), f"act('{action.id}')", action.help, id=action.id, show=False)
        for action in ACTIONS
    ]
    panes = [
        Binding(str(place), f"pane('{name}')", f"go to the pane {name}", id=f"pane_{name}", show=False)
        for place, name in enumerate(PANES, start=1)
    ]
    return [*table, *panes]


class WavetreeApp(App[None]):
    """`now` gives seconds since the epoch, `clock` a monotonic time; with `live` off nothing moves by
    itself and `tick` has to be called. `first` stands before the dashboard until `follow` gives a run."""

    TITLE = "wavetree"
    CSS_PATH = "screens/dashboard.tcss"
    BINDINGS: ClassVar[list[BindingType]] = _bindings()
    HORIZONTAL_BREAKPOINTS = BREAKPOINTS
    DEFAULT_CSS = "Toast { padding: 0 1; margin-top: 0; width: 52; max-width: 90%; }"

    def __init__(
        self,
        client: Follows,
        *,
        now: Callable[[], float] = time.time,
        clock: Callable[[], float] = time.monotonic,
        live: bool = True,
        theme: str = "",
        ascii_only: bool | None = None,
        past: Past | None = None,
        first: Screen[None] | None = None,
    ) -> None:
        self._past = past
        self._first = first
        self.themes = load_themes(folders())
        self._stamp = stamp(folders())
        self._own_keys = load_keymap(keymap_file())
        self._key_names = self._own_keys.names
        wished = theme or os.environ.get("WAVETREE_THEME", "")
        self._first_theme = wished if wished in self.themes.themes else next(iter(self.themes.themes))
        super().__init__()
        self.client = client
        self.now, self.clock, self.live = now, clock, live
        self.ascii = wants_ascii() if ascii_only is None else ascii_only
        self.person = name()
        self.palette = Palette(self.themes.themes[self._first_theme])
        self.frame = Frame()
        self.selected = ""
        self._chose = False
        self.board = Dashboard(live=live)
        self.orders = Orders(self)
        self._announcement = Announcement(clock)
        self._at_terminal = _is_terminal()

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Our own colour names, before a theme is taken on."""
        return dict(textual_theme(self.themes.themes[self._first_theme]).variables)

    # ── the loop ────────────────────────────────────────────────────────────────────────────────────

    def get_default_screen(self) -> Screen[None]:
        """The dashboard."""
        return self.board

    def on_mount(self) -> None:
        """Take the theme on, draw the first frame, begin to tick."""
        self._take_themes()
        self.theme = self._first_theme
        self.set_keymap({action: ",".join(keys) for action, keys in self._own_keys.keys.items()})
        if faults := self._own_keys.faults:
            listed = "\n".join(f"{fault.path} {fault.message}".strip() for fault in faults[:6])
            self.orders.say(f"the usual keys are used; {faults[0].file}:\n{listed}", "warning")
        self.tick()
        if self._first is not None:
            self.push_screen(self._first)
        if self.live:
            self.set_interval(TICK, self.tick)
            self.set_interval(MEASURE_EVERY, self.orders.measure)
            self.set_interval(MEASURE_EVERY, self.reload_themes)
            self.set_interval(MEASURE_EVERY, self._mind_terminal)
            self.set_interval(MEASURE_EVERY, self.toast_news)
        gc.collect()
        gc.freeze()
        gc.set_threshold(*GARBAGE)

    def _mind_terminal(self) -> None:
        """Leave when the terminal is gone: nobody sees this screen any more, and the run needs none."""
        if self._at_terminal and not _is_terminal():
            self.exit()

    def toast_news(self) -> None:
        """Show for a moment what the engine tells; the header says already which wave waits."""
        for note in self.client.news():
            if note.title != "Approval needed":
                severity = LEVELS.get(note.level, "information")
                self.orders.say(f"{note.title}: {note.message}", severity)
            if note.sound:
                self.bell()

    def tick(self) -> None:
        """Read what is new and draw one frame on every screen that is open."""
        try:
            self.client.refresh()
            alive = self.client.engine_alive
        except WavetreeError as error:
            self.orders.say_once(error)
            return
        client = self.client
        keys = self._key_names
        self.frame = present(client.state, client.timeline, client.vitals, self.now(), alive=alive, keys=keys)
        self._follow()
        self.redraw()
        due = self._announcement.is_due(self.frame.digest if self.frame.offered and alive else "")
        if due and self.screen is self.board:
            self._announcement.opened()
            self.push_screen(ApprovalSheet(self.frame.offered, by_itself=True))

    def _follow(self) -> None:
        """Until the person selects a task, the one that works is the selected one."""
        row = self.frame.row(self.selected)
        if row is None or not (self._chose or row.live):
            self.selected = next((row.id for row in ordered(self.frame)), "")

    def redraw(self) -> None:
        """Draw the present frame on every open screen."""
        for screen in self.screen_stack:
            if isinstance(screen, Dashboard | TaskScreen | Sheet) and screen.is_mounted:
                screen.show()

    def follow(self, client: Follows, past: Past | None = None) -> None:
        """Leave behind what is open and show the dashboard of this run; `past` has the runs beside it, if
        they are not those of its own project."""
        while self.screen is not self.board:
            self.pop_screen()
        self.client, self._first, self._past = client, None, past
        self.selected, self._chose = "", False
        self.tick()

    def on_key(self) -> None:
        """A key was typed: a sheet that is about to open by itself waits."""
        self._announcement.typed()

    # ── what a person does ──────────────────────────────────────────────────────────────────────────

    def context(self) -> Context:
        """What the possible actions depend on."""
        return Context(self.frame, self.frame.row(self.selected))

    def action_act(self, action: str) -> None:
        """Do an action of the table, or say why it cannot be done now."""
        why = BY_ID[action].why_not(self.context())
        if self._first is not None and action not in WITHOUT_RUN:
            return
        if why:
            self.orders.say(why, "warning")
        else:
            act(self, action)

    def action_pane(self, pane: str) -> None:
        """Go to a pane of the dashboard."""
        self.board.activate(pane)

    async def action_quit(self) -> None:
        """Leave as with the key of the table."""
        leave(self)

    def select(self, task: str) -> None:
        """Make a task the selected one and bring it into view."""
        self.selected = task
        self._chose = True
        self.redraw()
        self.board.reveal()

    def past(self) -> Past:
        """Where past runs come from."""
        return self._past or Archive(cast(Client, self.client).project)

    def clicked(self, kind: str, name: str, *, twice: bool) -> None:
        """A click on `select:TASK` or `do:ACTION`."""
        if kind == "do" and name in BY_ID:
            self.action_act(name)
        elif kind == "select" and self.frame.row(name):
            self.select(name)
            if twice:
                self.action_act("details")

    def wear(self, name: str) -> None:
        """Take on a theme by its name."""
        self.theme = name
        self.palette = Palette(self.themes.themes[name])
        self.redraw()
        for screen in self.screen_stack:
            if isinstance(screen, Page) and screen.is_mounted:
                screen.show()

    def _take_themes(self) -> None:
        """Make the themes known to Textual, and say what is wrong with those that were left out."""
        for theme in self.themes.themes.values():
            self.register_theme(textual_theme(theme))
        if faults := self.themes.faults:
            listed = "\n".join(str(fault) for fault in faults[:6])
            self.orders.say(f"themes left out:\n{listed}", "warning")

    def reload_themes(self) -> None:
        """Take on what was changed in the theme files; the theme in use stays while its file is faulty."""
        if (seen := stamp(folders())) == self._stamp:
            return
        self._stamp = seen
        try:
            found = load_themes(folders())
        except UsageError as error:
            self.orders.say_once(error)
            return
        kept = {self.theme: self.themes.themes[self.theme]}
        self.themes = Themes({**({} if self.theme in found.themes else kept), **found.themes}, found.faults)
        self._take_themes()
        self.refresh_css(animate=False)
        self.wear(self.theme)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """The command palette: the table's actions, then the themes."""
        for title, words, todo in palette_entries(self.context(), tuple(self.themes.themes)):
            kind, _, name = todo.partition(":")
            if self._first is not None and kind != "theme" and name not in WITHOUT_RUN:
                continue
            yield SystemCommand(
                title, words, partial(self.wear if kind == "theme" else self.action_act, name)
            )


def _is_terminal() -> bool:
    return sys.__stdin__ is not None and sys.__stdin__.isatty()
