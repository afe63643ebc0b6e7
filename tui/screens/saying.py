"""The sheet in which a person writes to the agent of a task (M151)."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Input

from engine import Say
from tui.lines import Bit, Line, wrap
from tui.screens.sheet import Sheet
from tui.widgets.painted import Painted


class SayingSheet(Sheet[None]):
    """One line of text; enter sends it, escape does not."""

    AUTO_FOCUS = "Input"
    MOST_WIDTH = 84
    DEFAULT_CSS = "SayingSheet > Vertical { max-width: 84; }"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "close", "send nothing")]

    def __init__(self, to: str, name: str) -> None:
        super().__init__()
        self._to = to
        self._name_of = name

    def compose(self) -> ComposeResult:
        """The words, then the line to type in."""
        with Vertical(id="box"):
            yield Painted(id="body")
            yield Input(placeholder="what it should know", id="text", classes="-open", max_length=2_000)

    def show(self) -> None:
        """Say where the text goes."""
        words = "It comes as a line in the agent's inbox; the agent looks there between its steps."
        lines: list[Line] = [(Bit(part, "dim"),) for part in wrap(words, self.text_width)]
        self.fill(f"write to {self._name_of}", lines, "enter sends, esc does not")

    def on_input_submitted(self, message: Input.Submitted) -> None:
        """Send what was typed."""
        message.stop()
        if message.value.strip():
            self.desk.orders.send(Say(self._to, message.value.strip(), self.desk.person))
        self.dismiss()

    def action_close(self) -> None:
        """Back to where the person was."""
        self.dismiss()
