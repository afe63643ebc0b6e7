"""The approval sheet: what a wave will do, shown before anything starts; approve, reject, or later."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Input

from engine import Approve, Reject, SetSlots, WavePhase, WaveState
from tui.lines import BLANK
from tui.panes.sheet import sheet_caption, sheet_keys, sheet_lines, sheet_title
from tui.screens.sheet import Sheet
from tui.widgets.painted import Painted


class ApprovalSheet(Sheet[None]):
    """Shows the wave that waits; the digest it sends with an approval is the one it shows."""

    AUTO_FOCUS: ClassVar[str | None] = ""  # the field for a reason must not catch the enter that approves
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "approve", "approve the wave as shown"),
        Binding("r", "reject", "reject the wave, with a reason"),
        Binding("plus", "slots(1)", "one slot more"),
        Binding("minus", "slots(-1)", "one slot fewer"),
        Binding("escape,q", "later", "decide later"),
        Binding("down,j", "scroll(1)", "scroll down", show=False),
        Binding("up,k", "scroll(-1)", "scroll up", show=False),
        Binding("pagedown", "scroll(10)", "scroll a page down", show=False),
        Binding("pageup", "scroll(-10)", "scroll a page up", show=False),
    ]

    def __init__(self, wave: int, *, by_itself: bool = False) -> None:
        super().__init__(by_itself=by_itself)
        self.wave = wave
        self.digest = ""

    def compose(self) -> ComposeResult:
        """The lines, the field for a reason, the keys."""
        with Vertical(id="box"):
            yield Painted(id="body")
            yield Input(placeholder="why? enter rejects the wave, esc goes back", id="reason")
            yield Painted(id="keys")

    @property
    def spare(self) -> int:
        return 8 if self._asking else 5

    @property
    def _asking(self) -> bool:
        return self.query_one("#reason", Input).has_class("-open")

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
        lines = sheet_lines(desk.client.state, desk.client.vitals, desk.frame, wave, self.text_width)
        self.fill(sheet_title(wave), (*lines, BLANK), sheet_caption(desk.client.state, wave))
        keys = self.query_one("#keys", Painted)
        keys.wear(desk.palette, ascii_only=desk.ascii)
        keys.paint((sheet_keys(self.text_width, asking=self._asking),))

    def action_approve(self) -> None:
        """Consent to what is shown."""
        if self.hears:
            self.desk.orders.send(Approve(self.wave, by=self.desk.person, digest=self.digest))
            self.dismiss()

    def action_reject(self) -> None:
        """Ask for the reason."""
        if self.hears:
            field = self.query_one("#reason", Input)
            field.add_class("-open")
            field.focus()
            self.show()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Reject with the reason that was typed."""
        event.stop()
        if not self._asking:
            return
        self.desk.orders.send(Reject(self.wave, by=self.desk.person, reason=event.value.strip()))
        self.dismiss()

    def action_slots(self, change: int) -> None:
        """Ask for more or fewer slots; the wave is then offered anew."""
        slots = self.desk.client.state.slots + change
        if self.hears and slots >= 1:
            self.desk.orders.send(SetSlots(slots))

    def action_later(self) -> None:
        """Close the field, else the sheet; the wave goes on waiting."""
        if self._asking:
            self.query_one("#reason", Input).remove_class("-open")
            self.set_focus(None)
            self.show()
        elif self.hears:
            self.dismiss()

    def on_key(self, event: events.Key) -> None:
        """While deaf, no key reaches anything."""
        if not self.hears:
            event.stop()
            event.prevent_default()
