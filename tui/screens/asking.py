"""Sheets that ask: whether to go through with something, and how to leave."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from tui.lines import BLANK, Bit, Line, wrap
from tui.panes.help import help_lines, page_help_lines
from tui.screens.sheet import Sheet


class Confirm(Sheet[bool]):
    """Names what will happen; only `y` goes on."""

    MOST_WIDTH = 76
    DEFAULT_CSS = (
        "Confirm > Vertical { max-width: 76; border: round $warning; border-title-color: $warning; }"
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "yes", "yes, do it"),
        Binding("n,escape,q", "no", "no, leave it"),
    ]

    def __init__(self, question: str, after: str) -> None:
        super().__init__()
        self.question = question
        self.after = after

    def show(self) -> None:
        """The question, what it means, the two answers."""
        lines: list[Line] = [(Bit(part, "strong"),) for part in wrap(self.question, self.text_width)]
        lines += [(Bit(part, "dim"),) for part in wrap(self.after, self.text_width)]
        yes = (Bit("y", "key", "sheet:yes"), Bit(" yes   ", "text", "sheet:yes"))
        lines += [BLANK, (*yes, Bit("n", "key", "sheet:no"), Bit(" no", "text", "sheet:no"))]
        self.fill("please confirm", lines)

    def action_yes(self) -> None:
        """Go on."""
        self.dismiss(True)

    def action_no(self) -> None:
        """Leave everything as it is."""
        self.dismiss(False)


class Leave(Sheet[str]):
    """Leaving never kills by itself: `keep`, `stop` or `stay`."""

    MOST_WIDTH = 76
    DEFAULT_CSS = "Leave > Vertical { max-width: 76; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,k", "keep", "leave, the run goes on"),
        Binding("s", "stop", "stop the run and leave"),
        Binding("escape,q,n", "stay", "stay here"),
    ]

    def __init__(self, live: int) -> None:
        super().__init__()
        self.live = live

    def show(self) -> None:
        """The three ways on."""
        agents = (
            f"{self.live} agent{'s' if self.live != 1 else ''} at work" if self.live else "the run goes on"
        )
        rows = (
            ("enter", "keep", "leave, keep it running", "`wavetree attach` comes back to it"),
            ("s", "stop", "stop the run and leave", "asks first; can be resumed"),
            ("esc", "stay", "stay here", ""),
        )
        lines: list[Line] = [(Bit(f"{agents}; leaving does not stop it.", "strong"),), BLANK]
        for key, name, label, more in rows:
            click = f"sheet:{name}"
            lines.append(
                (Bit(f"{key:<7}", "key", click), Bit(f"{label:<26}", "text", click), Bit(more, "dim"))
            )
        self.fill("leave", lines)

    def action_keep(self) -> None:
        """Leave; the engine goes on."""
        self.dismiss("keep")

    def action_stop(self) -> None:
        """Stop the run, then leave."""
        self.dismiss("stop")

    def action_stay(self) -> None:
        """Go back to the dashboard."""
        self.dismiss("stay")


class Help(Sheet[None]):
    """All keys and marks."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,q,enter", "close", "close the help"),
        Binding("down,j", "scroll(1)", "scroll down"),
        Binding("up,k", "scroll(-1)", "scroll up"),
        Binding("pagedown,space", "scroll(10)", "scroll a page down"),
        Binding("pageup", "scroll(-10)", "scroll a page up"),
    ]

    def show(self) -> None:
        """The table of actions, as it stands now."""
        self.fill("keys and marks", help_lines(self.desk.context(), self.text_width), "esc closes")

    def action_close(self) -> None:
        """Back to where the person was."""
        self.dismiss()


class PageHelp(Help):
    """The keys of one page, where those of a run mean nothing yet."""

    def __init__(self, bindings: Sequence[BindingType]) -> None:
        super().__init__()
        self._rows = [(one.key, one.description) for one in bindings if isinstance(one, Binding)]

    def show(self) -> None:
        """Each key with its sentence."""
        self.fill("keys", page_help_lines(self._rows, self.text_width), "esc closes")
