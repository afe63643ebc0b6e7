"""The checklist of a wave: what is ticked, by command or by a person, before it counts as done (M148)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct

from engine.core.changes import alert, change_wave, settle_alerts
from engine.core.gauged import GateLevel
from engine.core.intents import GateRequested
from engine.core.outcomes import GateEnded
from engine.core.plan import Gate, Plan, SignOff
from engine.core.state import AlertKind, Phase, State, WavePhase, WaveState
from engine.core.strategy import at, dicts, texts

_BEFORE = (WavePhase.PENDING, WavePhase.OFFERED, WavePhase.OPEN)


class ChecklistLine(Struct, frozen=True):
    """One line of a checklist. `run` is the command that ticks it, where it has one; `task` is the task whose
    acceptance criterion it is, empty for one of the whole wave."""

    text: str
    run: str = ""
    task: str = ""

    @property
    def words(self) -> str:
        """What a person reads."""
        return f"{self.task}: {self.text}" if self.task else self.text


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


def checklist(state: State, wave: WaveState) -> tuple[ChecklistLine, ...]:
    """What is to be ticked before the wave counts as done, numbered from 1: its own criteria, those of the
    sign-offs, then the acceptance criteria of its tasks."""
    run = state.plan.gates.criteria
    own = (*state.plan.waves[wave.number - 1].criteria, *_of(sign_offs(state.plan)))
    found = [ChecklistLine(text, run.get(text, "")) for text in own]
    for name in wave.tasks:
        found += [ChecklistLine(text, run.get(text, ""), name) for text in state.spec(name).criteria]
    return tuple(found)


def all_criteria(plan: Plan) -> frozenset[str]:
    """The texts of every criterion that some wave's checklist can have."""
    of_waves = (text for wave in plan.waves for text in wave.criteria)
    of_tasks = (text for task in plan.tasks for text in task.criteria)
    return frozenset((*of_waves, *of_tasks, *_of(sign_offs(plan))))


def _of(gates: Iterable[SignOff]) -> list[str]:
    return [text for gate in gates for text in gate.criteria]


def counted(state: State, wave: WaveState) -> dict[int, ChecklistLine]:
    """The criteria that count, by number: those of a task that is not merged do not."""
    numbered = enumerate(checklist(state, wave), 1)
    return {
        number: one for number, one in numbered if not one.task or state.tasks[one.task].phase is Phase.MERGED
    }


def unticked(state: State, wave: WaveState) -> list[int]:
    """The numbers of the criteria that are not ticked. Auto-approve, which consents to waves, ticks those
    that have no command."""
    if wave.overridden:
        return []
    done = {*wave.ticked, *wave.met}
    return [
        number
        for number, one in counted(state, wave).items()
        if number not in done and (one.run or not state.auto_approve)
    ]


def ticked(state: State, wave: WaveState) -> frozenset[int]:
    """The numbers of the criteria that somebody or something has ticked; what auto-approve ticks it ticks at
    the wave's end."""
    done = {*wave.ticked, *wave.met}
    if state.auto_approve and wave.phase not in _BEFORE:
        done |= {number for number, one in counted(state, wave).items() if not one.run}
    return frozenset(done)


def check(state: State, wave: WaveState) -> GateRequested | None:
    """The next command that ticks a criterion, run on what is about to land; None when all have run."""
    known = counted(state, wave)
    for number in unticked(state, wave):
        if known[number].run and number not in wave.unmet:
            gate = Gate(_name(number, known[number]), known[number].run)
            return GateRequested(GateLevel.CRITERION, str(wave.number), gate, state.tip, state.turn)
    return None


def _name(number: int, one: ChecklistLine) -> str:
    return f"criterion {number}: {one.words}"


def checked(state: State, event: GateEnded, *, green: bool) -> State:
    """The state once a criterion's command has ended: green ticks it, all else does not (M148)."""
    wave = state.waves[int(event.subject) - 1]
    names = {_name(number, one): number for number, one in enumerate(checklist(state, wave), 1)}
    number = names.get(event.gate, 0)
    if green:
        state = change_wave(state, wave.number, met=(*wave.met, number))
        return state if state.waves[wave.number - 1].unmet else settle_alerts(state, AlertKind.GATE)
    state = change_wave(state, wave.number, unmet=(*wave.unmet, number))
    why = event.detail or event.verdict.value
    remedy = f"wavetree gate tick {number} runs it again · wavetree gate override --reason TEXT"
    return alert(state, AlertKind.GATE, f"wave {wave.number}: {event.gate} is not met: {why}", remedy=remedy)
