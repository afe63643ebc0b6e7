"""The box in which a person writes to the selected task's agent (M151)."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Input

from engine import Say, clean
from tui.lines import Bit
from tui.screens.sheet import Sheet
from tui.widgets.painted import Painted


class SaySheet(Sheet[None]):
    """One line to write; enter sends it, esc leaves it."""

    MOST_WIDTH = 84
    DEFAULT_CSS = "SaySheet > Vertical { max-width: 84; }"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "close", "leave it")]

    def __init__(self, task: str) -> None:
        super().__init__()
        self.chosen = task

    def compose(self) -> ComposeResult:
        """The line that says where it goes, and the field."""
        with Vertical(id="box"):
            yield Painted(id="body")
            yield Input(placeholder="enter sends it, esc leaves it", id="text", classes="-open")

    def on_mount(self) -> None:
        """Ready to be written in."""
        super().on_mount()
        self.query_one("#text", Input).focus()

    def show(self) -> None:
        """To whom it goes, and how it gets there."""
        words = "The agent finds it in its inbox; what it makes of it is up to the agent."
        self.fill(f"say to {clean(self.chosen, 60)}", [(Bit(words, "dim"),)])

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Send what was typed; nothing is not sent."""
        event.stop()
        if text := event.value.strip():
            self.desk.orders.send(Say(self.chosen, text, self.desk.person))
            self.dismiss()

    def action_close(self) -> None:
        """Back to where the person was; nothing is said."""
        self.dismiss()
