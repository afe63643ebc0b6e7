"""What people have to say at a wave's end: sign-offs, ticks, overrides (M147, M148, M150)."""

from __future__ import annotations

from collections.abc import Iterable

from engine.core.authority import outranks
from engine.core.commands import Approve, Override, Tick
from engine.core.criteria import checklist, counted, sign_offs, unticked
from engine.core.errors import Refused
from engine.core.events import Event
from engine.core.recovery import waits_for_gate
from engine.core.state import SETTLED, Phase, State, WavePhase, WaveState
from engine.core.verdicts import CriteriaAgain, CriteriaTicked, GateOverridden, WaveSigned

ENDING = (WavePhase.SYNCING, WavePhase.GATING, WavePhase.ADVANCING, WavePhase.LANDING)


def unsigned(state: State, wave: WaveState) -> list[str]:
    """The roles whose sign-off is missing; auto-approve never signs for anybody."""
    if wave.overridden:
        return []
    roles = (role for gate in sign_offs(state.plan) for role in gate.roles)
    return [role for role in dict.fromkeys(roles) if role not in wave.signed]


def waits_for_people(state: State, wave: WaveState) -> bool:
    """Whether the wave's tasks are over and it is up to people, or to commands that tick criteria."""
    tasks = [state.tasks[name] for name in wave.tasks]
    over = all(task.phase in SETTLED for task in tasks)
    tried = any(task.phase is not Phase.SKIPPED for task in tasks)
    return over and tried and bool(unsigned(state, wave) or unticked(state, wave))


def people_wanted(state: State) -> tuple[str, ...]:
    """What people have to say now, in words: `the sign-off of architect`, `criteria 2/3`."""
    wave = state.current_wave
    if not state.ended and (red := waits_for_gate(state)):
        return (f"the red gate {red.red}",)
    if wave is None or state.ended or wave.phase not in ENDING or not waits_for_people(state, wave):
        return ()
    words = [f"the sign-off of {role}" for role in unsigned(state, wave)]
    if left := unticked(state, wave):
        total = len(counted(state, wave))
        words.append(f"criteria {total - len(left)}/{total}")
    return tuple(words)


def sign(state: State, wave: WaveState, command: Approve) -> Event:
    """A role's consent to a wave that is over. Raises Refused for a role that is not asked."""
    missing = unsigned(state, wave)
    if not missing:
        raise Refused(f"wave {wave.number} waits for no sign-off", f"wavetree gate --wave {wave.number}")
    needed = ", ".join(missing)
    if not command.role:
        raise Refused(
            f"wave {wave.number} waits for the sign-off of {needed}",
            f"wavetree approve {wave.number} --as {missing[0]}",
        )
    role = command.role if command.role in missing else _lower(state, command.role, missing)
    if not role:
        raise Refused(f"wave {wave.number} needs {needed}; {command.role} cannot sign for them")
    return WaveSigned(wave.number, role, command.by or "a person", command.role)


def _lower(state: State, role: str, missing: Iterable[str]) -> str:
    """The first of these roles for which a higher one may decide (M150); empty when there is none."""
    return next((one for one in missing if outranks(state.plan, role, one)), "")


def tick(state: State, command: Tick) -> list[Event]:
    """Criteria of a wave are met, or to be checked again by their commands. Raises Refused for numbers that
    it has not."""
    wave = _wave(state, command.wave)
    known = dict(enumerate(checklist(state, wave), 1))
    if not known:
        raise Refused(f"wave {wave.number} has no criteria")
    if wrong := [number for number in command.numbers if number not in known]:
        raise Refused(
            f"wave {wave.number} has no criterion {wrong[0]}", f"wavetree gate --wave {wave.number}"
        )
    chosen, by = command.numbers or tuple(known), command.by or "a person"
    by_hand = tuple(number for number in chosen if not known[number].run)
    again = tuple(number for number in chosen if number in wave.unmet)
    events: list[Event] = []
    if by_hand:
        events.append(CriteriaTicked(wave.number, by_hand, by, command.note))
    if again:
        events.append(CriteriaAgain(wave.number, again, by))
    if not events:
        text = f"criterion {chosen[0]} of wave {wave.number} is ticked by its command: {known[chosen[0]].run}"
        raise Refused(text, f"wavetree gate --wave {wave.number}")
    return events


def override(state: State, command: Override) -> list[Event]:
    """The wave goes on although a gate is red, or somebody's word is missing; with a reason, on record."""
    if not command.reason.strip():
        raise Refused("an override needs a reason", "wavetree gate override --reason TEXT")
    wave = _wave(state, command.wave)
    if wave.phase is WavePhase.CLOSED:
        raise Refused(f"wave {wave.number} is closed")
    return [GateOverridden(wave.number, command.by or "a person", command.reason.strip())]


def _wave(state: State, number: int) -> WaveState:
    if number and not 0 < number <= len(state.waves):
        raise Refused(f"the run has no wave {number}", "wavetree status")
    wave = state.waves[number - 1] if number else state.current_wave
    if wave is None:
        raise Refused("every wave is closed", "wavetree status")
    return wave
