"""The sheet at a wave's end: criteria to tick and roles to sign for, by their numbers (M147, M148)."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType

from engine import Approve, Command, Tick, checklist, clean, unsigned, unticked
from tui.lines import BLANK, Bit, Line, fit
from tui.screens.sheet import Sheet

MOST = 9


class SigningSheet(Sheet[None]):
    """One line for each thing that is missing; its number says it is there. The sheet closes with the
    last."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(str(number), f"take({number})", "this", show=False) for number in range(1, MOST + 1)),
        Binding("escape,q,n", "close", "later"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._commands: tuple[Command, ...] = ()

    def show(self) -> None:
        """What is missing now."""
        state = self.desk.client.state
        wave = state.current_wave
        if wave is None or not self.desk.frame.signing:
            self.fill("nothing is missing", [(Bit("the wave goes on", "dim"),)])
            return
        texts, left = checklist(state, wave), unticked(state, wave)
        who = self.desk.person
        entries: list[tuple[str, Command]] = [
            (f"[ ] {clean(texts[place - 1], 200)}", Tick(wave.number, (place,), who)) for place in left
        ]
        entries += [
            (f"sign as {clean(role, 60)}", Approve(wave.number, who, role)) for role in unsigned(state, wave)
        ]
        self._commands = tuple(command for _, command in entries[:MOST])
        lines: list[Line] = [
            (Bit(f"wave {wave.number} is over; it counts as done once you say so", "dim"),),
            BLANK,
        ]
        for number, (text, _) in enumerate(entries[:MOST], 1):
            click = f"sheet:take({number})"
            lines.append(
                (
                    Bit(f"{number}  ", "key", click),
                    Bit(fit(text, self.text_width - 3).rstrip(), "text", click),
                )
            )
        if len(entries) > MOST:
            lines.append((Bit(f"and {len(entries) - MOST} more", "dim"),))
        self.fill(f"wave {wave.number}: what is missing", lines, "esc: later")

    def action_take(self, number: int) -> None:
        """Say that this is there."""
        if 0 < number <= len(self._commands):
            self.desk.orders.send(self._commands[number - 1], self.refresh_or_close)

    def refresh_or_close(self) -> None:
        """Show what is left, or close when nothing is."""
        if self.desk.frame.signing:
            self.show()
        elif self.is_current:
            self.dismiss()

    def action_close(self) -> None:
        """Back to where the person was; nothing is said."""
        self.dismiss()
