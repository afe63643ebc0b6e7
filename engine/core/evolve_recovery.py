"""What recovery procedures mean for the state, and a red gate that runs again (M147, M174)."""

from __future__ import annotations

from msgspec.structs import replace

from engine.core.changes import alert, change_wave, reopened, without
from engine.core.recovery import INTEGRATION, RESOURCE
from engine.core.state import AlertKind, State
from engine.core.verdicts import ProcedureStarted


def started(state: State, event: ProcedureStarted) -> State:
    """An alert with what was done, what settles it and what keeps it from coming again."""
    remedies = [f"resolution: {event.resolution}", f"prevention: {event.prevention}"]
    if event.procedure == RESOURCE:
        state = replace(state, contended=(*state.contended, event.subject))
        words = f"is used by {' and '.join(event.tasks)} of several teams; frozen, one at a time from now on"
        remedies.insert(0, f"wavetree resource unfreeze {event.subject}")
    else:
        number = int(event.subject.rpartition(" ")[2])
        red = state.waves[number - 1].red
        state = change_wave(state, number, responded=True)
        words = f"the gate {red} is red; stopped: {', '.join(event.tasks) or 'nothing depends on it'}"
        remedies.insert(0, "wavetree gate retry")
    text = f"{_begin(event.procedure, event.subject)}{words}"
    return alert(state, AlertKind.COORDINATION, text, tasks=event.tasks, remedy=" · ".join(remedies))


def gate_retried(state: State, number: int) -> State:
    """The wave ends once more; what its red gate had stopped goes on meanwhile."""
    alerts = tuple(
        replace(one, open=False) if one.kind is AlertKind.GATE and not one.tasks else one
        for one in state.alerts
    )
    return procedure_over(reopened(replace(state, alerts=alerts), number), INTEGRATION, f"wave {number}")


def unfrozen(state: State, name: str) -> State:
    """The resource is given out again to whoever asks for it."""
    state = replace(state, frozen_resources=without(state.frozen_resources, name))
    return procedure_over(state, RESOURCE, name)


def procedure_over(state: State, procedure: str, subject: str) -> State:
    """The state with what was told of that procedure settled, and whom it had gone to."""
    begins = {
        AlertKind.COORDINATION: _begin(procedure, subject),
        AlertKind.ESCALATION: f"{subject.replace(' ', ':')} goes to ",
    }
    alerts = tuple(
        replace(one, open=False) if one.kind in begins and one.text.startswith(begins[one.kind]) else one
        for one in state.alerts
    )
    return replace(state, alerts=alerts)


def _begin(procedure: str, subject: str) -> str:
    return f"{procedure}: {subject}: "
