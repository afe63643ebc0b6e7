"""The sheet for what people have to say: at a wave's end criteria to tick and roles to sign for, at a sync
point its criteria or what is done about a missed one; by their numbers (M147, M148, M153, M154)."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType

from engine import (
    Approve,
    ApprovePoint,
    ChecklistLine,
    ChooseProcedure,
    Command,
    GateLevel,
    RetryGate,
    State,
    Tick,
    checklist,
    clean,
    gate_texts,
    people_wanted,
    points_for_people,
    unsigned,
    unticked,
    waits_for_gate,
)
from tui.lines import BLANK, Bit, Line, fit
from tui.screens.sheet import Sheet

MOST = 9


class SigningSheet(Sheet[None]):
    """One line for each thing that is missing; its number says it is there. The sheet closes with the
    last."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(str(number), f"take({number})", "this", show=False) for number in range(1, MOST + 1)),
        Binding("0", "tick_all", "all criteria", show=False),
        Binding("escape,q,n", "close", "later"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._commands: tuple[Command, ...] = ()

    def show(self) -> None:
        """What is missing now."""
        state, who = self.desk.client.state, self.desk.person
        entries = [*_of_gate(state, who), *_of_points(state, who), *_of_wave(state, who)]
        if not entries:
            self.fill("nothing is missing", [(Bit("the run goes on", "dim"),)])
            return
        self._commands = tuple(command for _, command in entries[:MOST])
        lines: list[Line] = [
            (Bit("all that can go on without you has; it goes on once you say so", "dim"),),
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
        wave = state.current_wave
        if wave is not None and people_wanted(state):
            said = gate_texts(state.plan, GateLevel.WAVE)
            lines += [
                (Bit(fit(clean(f"{name}: {text}", 200), self.text_width).rstrip(), "dim"),)
                for name, text in said
            ]
        if len(entries) > MOST:
            lines.append((Bit(f"and {len(entries) - MOST} more", "dim"),))
        if sum(isinstance(command, Tick) for _, command in entries) > 1:
            click = "sheet:tick_all"
            lines.append((Bit("0  ", "key", click), Bit("all criteria are met", "text", click)))
        self.fill(_title(state), lines, "esc: later")

    def action_take(self, number: int) -> None:
        """Say that this is there."""
        if 0 < number <= len(self._commands):
            self.desk.orders.send(self._commands[number - 1], self.refresh_or_close)

    def action_tick_all(self) -> None:
        """Say that every criterion of the wave is met."""
        wave = self.desk.client.state.current_wave
        if wave is not None:
            self.desk.orders.send(Tick(wave.number, (), self.desk.person), self.refresh_or_close)

    def refresh_or_close(self) -> None:
        """Show what is left, or close when nothing is."""
        if self.desk.frame.signing:
            self.show()
        elif self.is_current:
            self.dismiss()

    def action_close(self) -> None:
        """Back to where the person was; nothing is said."""
        self.dismiss()


def _title(state: State) -> str:
    if points := points_for_people(state):
        return f"{clean(points[0].name, 60)}: what is missing"
    wave = state.current_wave
    return f"wave {wave.number}: what is missing" if wave else "what is missing"


def _of_gate(state: State, who: str) -> list[tuple[str, Command]]:
    """The red gate that may run again."""
    red = waits_for_gate(state)
    if red is None:
        return []
    return [
        (f"gate {clean(red.red, 60)} of wave {red.number} is red: run it again", RetryGate(red.number, who))
    ]


def _of_points(state: State, who: str) -> list[tuple[str, Command]]:
    """The procedures of missed sync points, and the consent to their criteria."""
    entries: list[tuple[str, Command]] = []
    for point in points_for_people(state):
        name = clean(point.name, 60)
        for one in point.procedures if point.missed and not point.chosen else ():
            entries.append((f"{name} was missed: {clean(one, 100)}", ChooseProcedure(point.name, one, who)))
        met = "go on without the others" if point.missed else clean(", ".join(point.criteria), 200)
        entries.append((f"{name}: {met}", ApprovePoint(point.name, who)))
    return entries


def _of_wave(state: State, who: str) -> list[tuple[str, Command]]:
    """The criteria and signatures that the end of the wave lacks."""
    wave = state.current_wave
    if wave is None or waits_for_gate(state) or not people_wanted(state):
        return []
    known = checklist(state, wave)
    return [
        *(
            (_criterion(known[place - 1]), Tick(wave.number, (place,), who))
            for place in unticked(state, wave)
        ),
        *((f"sign as {clean(role, 60)}", Approve(wave.number, who, role)) for role in unsigned(state, wave)),
    ]


def _criterion(one: ChecklistLine) -> str:
    again = "; its command runs again" if one.run else ""
    return f"[ ] {clean(one.words, 200)}{again}"
