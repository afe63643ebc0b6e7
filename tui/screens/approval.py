"""The approval sheet: what a wave will do, shown before anything starts; approve, reject, or later."""

from __future__ import annotations

from asyncio import to_thread
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Input

from engine import (
    Approve,
    Estimate,
    Move,
    PlanError,
    Reject,
    Score,
    SetSlots,
    UndoDecision,
    WavePhase,
    WaveState,
    parse_duration,
)
from tui.lines import BLANK, Line
from tui.panes.sheet import sheet_caption, sheet_keys, sheet_lines, sheet_title
from tui.screens.serialize import SerializeSheet
from tui.screens.sheet import Sheet
from tui.widgets.painted import Painted

FIELDS = {
    "reason": ("why? enter rejects the wave, esc goes back", "reject the wave"),
    "estimate": ("how long will it take? such as 20 minutes, 1-2 hours", "take this estimate"),
}
"""What the field asks for: its hint, and what enter does."""


class ApprovalSheet(Sheet[None]):
    """Shows the wave that waits; the digest it sends with an approval is the one it shows."""

    AUTO_FOCUS: ClassVar[str | None] = ""  # the field for a reason must not catch the enter that approves
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "approve", "approve the wave as shown"),
        Binding("r", "reject", "reject the wave, with a reason"),
        Binding("x", "move_out", "move the chosen task out, into a later wave"),
        Binding("o", "order", "let the chosen task wait for another"),
        Binding("e", "estimate", "say how long the chosen task will take"),
        Binding("u", "undo", "take the last of these back"),
        Binding("plus", "slots(1)", "one slot more"),
        Binding("minus", "slots(-1)", "one slot fewer"),
        Binding("escape,q", "later", "decide later"),
        Binding("down,j", "step(1)", "the next task", show=False),
        Binding("up,k", "step(-1)", "the task before", show=False),
        Binding("pagedown", "scroll(10)", "scroll a page down", show=False),
        Binding("pageup", "scroll(-10)", "scroll a page up", show=False),
    ]

    def __init__(self, wave: int, *, by_itself: bool = False) -> None:
        super().__init__(by_itself=by_itself)
        self.wave = wave
        self.digest = ""
        self.place = 0
        self._asked = ""
        self._track: Score | None = None

    def on_mount(self) -> None:
        """Ask how good earlier forecasts were, aside."""
        self.run_worker(self._look_back(), group="track")

    async def _look_back(self) -> None:
        self._track = await to_thread(self.desk.client.track)
        self.show()

    def compose(self) -> ComposeResult:
        """The lines, the field for a reason, the keys."""
        with Vertical(id="box"):
            yield Painted(id="body")
            yield Input(id="field")
            yield Painted(id="keys")

    @property
    def spare(self) -> int:
        return (7 if self._asked else 4) + len(self._keys())

    @property
    def chosen(self) -> str:
        """The task on which the keys act; empty when the wave has none any more."""
        tasks = self._tasks()
        return tasks[min(self.place, len(tasks) - 1)] if tasks else ""

    def _tasks(self) -> tuple[str, ...]:
        return next((w.tasks for w in self.desk.client.state.waves if w.number == self.wave), ())

    def show(self) -> None:
        """The wave as it is now; gone when it no longer waits or the engine is gone. A digest that changed
        under the person's eyes makes the sheet deaf for a moment."""
        state = self.desk.client.state
        wave = next((w for w in state.waves if w.number == self.wave), None)
        over = state.ended or not self.desk.frame.alive
        if wave is None or wave.phase is not WavePhase.OFFERED or over:
            if self.is_current:
                self.dismiss()
            return
        if self.digest and wave.digest != self.digest:
            self.be_deaf()
        self.digest = wave.digest
        self._fill(wave)

    def _fill(self, wave: WaveState) -> None:
        desk = self.desk
        state, vitals = desk.client.state, desk.client.vitals
        lines = sheet_lines(state, vitals, desk.frame, wave, self.text_width, self.chosen, self._track)
        self.fill(sheet_title(wave), (*lines, BLANK), sheet_caption(state, wave))
        keys = self.query_one("#keys", Painted)
        keys.wear(desk.palette, ascii_only=desk.ascii)
        lines = self._keys()
        keys.styles.height = len(lines)
        keys.paint(lines)

    def _keys(self) -> tuple[Line, ...]:
        return sheet_keys(self.text_width, FIELDS[self._asked][1] if self._asked else "")

    def action_approve(self) -> None:
        """Consent to what is shown."""
        if self.hears:
            self.desk.orders.send(Approve(self.wave, by=self.desk.person, digest=self.digest))
            self.dismiss()

    def action_reject(self) -> None:
        """Ask for the reason."""
        self._ask("reason")

    def action_estimate(self) -> None:
        """Ask how long the chosen task will take."""
        if self.chosen:
            self._ask("estimate")

    def action_move_out(self) -> None:
        """Move the chosen task into a later wave; this one is then offered anew."""
        if self.hears and self.chosen:
            self.desk.orders.send(Move(self.chosen, by=self.desk.person))

    def action_order(self) -> None:
        """Ask which task the chosen one waits for."""
        if self.hears and self.chosen:
            self.desk.push_screen(SerializeSheet(self.chosen))

    def action_undo(self) -> None:
        """Take the last decision back."""
        if self.hears:
            self.desk.orders.send(UndoDecision(by=self.desk.person))

    def action_step(self, change: int) -> None:
        """Choose the next task, or the one before."""
        self.action_choose(max(0, min(len(self._tasks()) - 1, self.place + change)))

    def action_choose(self, place: int) -> None:
        """Choose the task in that place."""
        self.place = int(place)
        self.show()

    def _ask(self, what: str) -> None:
        if self.hears:
            self._asked = what
            field = self.query_one("#field", Input)
            field.placeholder = FIELDS[what][0]
            field.value = ""
            field.add_class("-open")
            field.focus()
            self.show()

    def _close_field(self) -> None:
        self._asked = ""
        self.query_one("#field", Input).remove_class("-open")
        self.set_focus(None)
        self.show()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Reject with the reason that was typed, or take over the estimate."""
        event.stop()
        if self._asked == "reason":
            self.desk.orders.send(Reject(self.wave, by=self.desk.person, reason=event.value.strip()))
            self.dismiss()
        elif self._asked == "estimate":
            try:
                estimate = parse_duration(event.value)
            except PlanError as error:
                self.desk.orders.say(str(error), "error")
                return
            self.desk.orders.send(Estimate(self.chosen, estimate, self.desk.person))
            self._close_field()

    def action_slots(self, change: int) -> None:
        """Ask for more or fewer slots; the wave is then offered anew."""
        slots = self.desk.client.state.slots + change
        if self.hears and slots >= 1:
            self.desk.orders.send(SetSlots(slots))

    def action_later(self) -> None:
        """Close the field, else the sheet; the wave goes on waiting."""
        if self._asked:
            self._close_field()
        elif self.hears:
            self.dismiss()

    def on_key(self, event: events.Key) -> None:
        """While deaf, no key reaches anything."""
        if not self.hears:
            event.stop()
            event.prevent_default()
