"""A sheet that asks for the path of a file."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Input

from tui.lines import Bit
from tui.screens.sheet import Sheet
from tui.widgets.painted import Painted


class PathSheet(Sheet[str]):
    """Gives back what was typed; nothing when the person went back."""

    AUTO_FOCUS = "Input"
    MOST_WIDTH = 84
    DEFAULT_CSS = "PathSheet > Vertical { max-width: 84; }"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "close", "back")]

    def compose(self) -> ComposeResult:
        """The words, then the line to type in."""
        with Vertical(id="box"):
            yield Painted(id="body")
            yield Input(placeholder="plan.yaml", id="path", classes="-open", max_length=2_000)

    def show(self) -> None:
        """Say what is accepted."""
        words = "A plan in YAML or JSON, tickets, a Markdown roadmap, or another document."
        self.fill("which file", [(Bit(words, "dim"),)], "enter looks at it, esc goes back")

    def on_input_submitted(self, message: Input.Submitted) -> None:
        """Take what was typed."""
        message.stop()
        self.dismiss(message.value.strip())

    def action_close(self) -> None:
        """Back, with nothing."""
        self.dismiss("")
