"""What people have to say before a wave counts as done: sign-offs and a checklist (M147, M148, M150)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from engine.core.commands import Approve, Override, Tick
from engine.core.errors import Refused
from engine.core.events import Event
from engine.core.plan import Plan, SignOff
from engine.core.state import SETTLED, Phase, State, WavePhase, WaveState
from engine.core.strategy import at, dicts, texts
from engine.core.verdicts import CriteriaTicked, GateOverridden, WaveSigned

ENDING = (WavePhase.SYNCING, WavePhase.GATING, WavePhase.ADVANCING, WavePhase.LANDING)


def sign_offs(plan: Plan) -> tuple[SignOff, ...]:
    """The sign-offs of a plan: its own, or those of the documents' quality gates on a wave's completion."""
    if plan.gates.sign_off:
        return plan.gates.sign_off
    listed = dicts(plan.sections.get("quality_gates")) or dicts(
        at(plan, "quality_assurance", "quality_gates")
    )
    return tuple(_sign_off(gate) for gate in listed if gate.get("trigger") == "wave_completion")


def _sign_off(gate: Mapping[str, Any]) -> SignOff:
    name = str(gate.get("gate_name") or gate.get("gate_id") or "quality gate")
    return SignOff(name, texts(gate.get("approval_required")), texts(gate.get("validation_criteria")))


def checklist(state: State, wave: WaveState) -> tuple[str, ...]:
    """What is to be ticked before the wave counts as done; numbered from 1."""
    own = state.plan.waves[wave.number - 1].criteria
    return (*own, *(text for gate in sign_offs(state.plan) for text in gate.criteria))


def unticked(state: State, wave: WaveState) -> list[int]:
    """The numbers of criteria that nobody has ticked; none under auto-approve, which consents to waves."""
    if state.auto_approve or wave.overridden:
        return []
    return [number for number in range(1, len(checklist(state, wave)) + 1) if number not in wave.ticked]


def unsigned(state: State, wave: WaveState) -> list[str]:
    """The roles whose sign-off is missing; auto-approve never signs for anybody."""
    if wave.overridden:
        return []
    roles = (role for gate in sign_offs(state.plan) for role in gate.roles)
    return [role for role in dict.fromkeys(roles) if role not in wave.signed]


def waits_for_people(state: State, wave: WaveState) -> bool:
    """Whether the wave's tasks are over and it is now up to people."""
    tasks = [state.tasks[name] for name in wave.tasks]
    over = all(task.phase in SETTLED for task in tasks)
    tried = any(task.phase is not Phase.SKIPPED for task in tasks)
    return over and tried and bool(unsigned(state, wave) or unticked(state, wave))


def people_wanted(state: State) -> tuple[str, ...]:
    """What people have to say now, in words: `the sign-off of architect`, `criteria 2/3`."""
    wave = state.current_wave
    if wave is None or state.ended or wave.phase not in ENDING or not waits_for_people(state, wave):
        return ()
    words = [f"the sign-off of {role}" for role in unsigned(state, wave)]
    if left := unticked(state, wave):
        total = len(checklist(state, wave))
        words.append(f"criteria {total - len(left)}/{total}")
    return tuple(words)


def sign(state: State, wave: WaveState, command: Approve) -> Event:
    """A role's consent to a wave that is over. Raises Refused for a role that is not asked."""
    missing = unsigned(state, wave)
    if not missing:
        raise Refused(f"wave {wave.number} waits for no sign-off", f"wavetree gate {wave.number}")
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
    making = at(state.plan, "coordination_protocols", "decision_making")
    ranks = texts(making.get("decision_hierarchy")) if isinstance(making, Mapping) else ()
    ranks = ranks or texts(state.plan.sections.get("decision_hierarchy"))
    if role not in ranks:
        return ""
    return next((one for one in missing if one in ranks and ranks.index(one) < ranks.index(role)), "")


def tick(state: State, command: Tick) -> list[Event]:
    """Criteria of a wave are met. Raises Refused for numbers that it has not."""
    wave = _wave(state, command.wave)
    total = len(checklist(state, wave))
    if not total:
        raise Refused(f"wave {wave.number} has no criteria")
    if wrong := [number for number in command.numbers if not 0 < number <= total]:
        raise Refused(f"wave {wave.number} has no criterion {wrong[0]}", f"wavetree gate {wave.number}")
    numbers = command.numbers or tuple(range(1, total + 1))
    return [CriteriaTicked(wave.number, numbers, command.by or "a person", command.note)]


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
