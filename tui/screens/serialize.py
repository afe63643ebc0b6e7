"""The sheet that asks which of two tasks goes first, and which waits and goes on on top of it (M214)."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType

from engine import Serialize
from tui.frame import Frame, Row
from tui.lines import BLANK, Bit, Line, wrap
from tui.screens.sheet import Sheet

MOST = 9


class SerializeSheet(Sheet[None]):
    """One line for each pair; its number chooses it. Those in conflict with the task come first."""

    MOST_WIDTH = 84
    DEFAULT_CSS = "SerializeSheet > Vertical { max-width: 84; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(str(number), f"take({number})", "this pair", show=False) for number in range(1, MOST + 1)),
        Binding("escape,q,n", "close", "leave it"),
    ]

    def __init__(self, task: str) -> None:
        super().__init__()
        self.chosen = task
        self._pairs: tuple[tuple[str, str], ...] = ()

    def show(self) -> None:
        """The pairs there are now."""
        frame = self.desk.frame
        self._pairs = pairs(frame, self.chosen)
        names = {row.id: row.name for row in frame.rows}
        if not self._pairs:
            self.fill(
                "serialize", [(Bit("no other task is left that could go before it or after it", "dim"),)]
            )
            return
        words = "The first ends and is merged. The second stands still until then and goes on on top of it."
        lines: list[Line] = [(Bit(part, "dim"),) for part in wrap(words, self.text_width)]
        lines.append(BLANK)
        for number, (first, second) in enumerate(self._pairs, 1):
            click = f"sheet:take({number})"
            text = f"{names[first]} first, then {names[second]}"
            lines.append((Bit(f"{number}  ", "key", click), Bit(text, "text", click)))
        self.fill("serialize: who goes first?", lines, "esc leaves it")

    def action_take(self, number: int) -> None:
        """Send the pair of that number."""
        if 0 < number <= len(self._pairs):
            first, second = self._pairs[number - 1]
            self.desk.orders.send(Serialize(first, second, self.desk.person))
            self.dismiss()

    def action_close(self) -> None:
        """Back to where the person was."""
        self.dismiss()


def pairs(frame: Frame, task: str) -> tuple[tuple[str, str], ...]:
    """The pairs of which `task` is one, at most nine: with those it is in conflict with first, either way
    round; of the others only those that could go before it."""
    chosen = frame.row(task)
    if chosen is None:
        return ()
    alerts = [alert for alert in frame.alerts if alert.open and alert.kind == "conflict"]
    clashing = {name for alert in alerts if chosen.name in alert.tasks for name in alert.tasks}
    others = [row for row in frame.rows if row.id != task and not row.settled and row.wave <= chosen.wave]
    near = [row for row in others if row.name in clashing]
    found = [pair for row in near for pair in ((row.id, task), (task, row.id))]
    found += [(row.id, task) for row in others if row not in near and _may_be_first(row, chosen)]
    return tuple(found[:MOST])


def _may_be_first(row: Row, chosen: Row) -> bool:
    return row.live or row.word == "complete" or not chosen.live
