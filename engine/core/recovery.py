"""The documents' recovery procedures: what is done at once when a gate shows that merged work does not fit
together, when teams use one resource at the same time, or when a sync point is missed (M174)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct

from engine.core.commands import RetryGate
from engine.core.errors import Refused
from engine.core.events import Event
from engine.core.plan import Plan
from engine.core.state import SETTLED, State, WavePhase, WaveState
from engine.core.verdicts import GateRetried, ProcedureStarted, ResourceFrozen

COORDINATION = "coordination_failure"
RESOURCE = "resource_conflict"
INTEGRATION = "integration_failure"
ENGINE = "the engine"


class Procedure(Struct, frozen=True):
    """What is done at once, and what a person reads of how it is settled and kept from coming again."""

    response: str
    resolution: str
    prevention: str


USUAL = {
    COORDINATION: Procedure(
        "alert and hold participants",
        "Re-establish communication protocols and dependencies",
        "Enhanced monitoring and backup communication channels",
    ),
    RESOURCE: Procedure(
        "freeze resource",
        "Negotiated resolution or alternative resource allocation",
        "Improved resource scheduling and conflict prediction",
    ),
    INTEGRATION: Procedure(
        "stop dependent tasks",
        "Interface redesign and coordinated re-implementation",
        "More frequent integration testing and contract validation",
    ),
}


def procedure(plan: Plan, name: str) -> Procedure:
    """The procedure of that name, with the plan's own words where it has some."""
    usual, section = USUAL[name], plan.sections.get("recovery_procedures")
    own = section.get(name) if isinstance(section, Mapping) else None
    if not isinstance(own, Mapping):
        return usual
    words = {key: str(own.get(key) or getattr(usual, key)) for key in ("resolution", "prevention")}
    return Procedure(usual.response, **words)


def advice(plan: Plan, name: str) -> tuple[str, ...]:
    """How it is settled, and how it is kept from coming again."""
    known = procedure(plan, name)
    return (f"resolution: {known.resolution}", f"prevention: {known.prevention}")


def recover(state: State) -> list[Event]:
    """The immediate response to the next thing that calls for a procedure."""
    for wave in state.waves:
        if wave.red and not wave.responded:
            stopped = tuple(name for name in state.behind_red if state.tasks[name].phase not in SETTLED)
            return [_started(state, INTEGRATION, f"wave {wave.number}", _in_order(state, stopped))]
    return _contended(state)


def _contended(state: State) -> list[Event]:
    """Agents of several teams use a resource that nothing counts: from now on one after the other does."""
    users: dict[str, dict[str, str]] = {}
    for task in state.sessions():
        spec = state.spec(task.id)
        for name in spec.resources if spec.team else ():
            if name not in state.holdings.counts and name not in state.contended:
                users.setdefault(name, {}).setdefault(spec.team, task.id)
    for name, teams in users.items():
        if len(teams) > 1 and name not in state.frozen_resources:
            by_whom = " and ".join(f"{task} of {team}" for team, task in teams.items())
            started = _started(state, RESOURCE, name, tuple(teams.values()))
            return [started, ResourceFrozen(name, ENGINE, f"{RESOURCE}: {by_whom} use it at once")]
    return []


def _started(state: State, name: str, subject: str, tasks: tuple[str, ...]) -> ProcedureStarted:
    known = procedure(state.plan, name)
    return ProcedureStarted(name, known.response, subject, tasks, known.resolution, known.prevention)


def _in_order(state: State, names: Iterable[str]) -> tuple[str, ...]:
    chosen = set(names)
    return tuple(name for name in state.tasks if name in chosen)


def waits_for_gate(state: State) -> WaveState | None:
    """The wave whose red gate waits for a person; nobody is waited for under auto-approve."""
    red = next((wave for wave in state.waves if wave.red), None)
    return None if state.auto_approve else red


def retry_gate(state: State, command: RetryGate) -> list[Event]:
    """The gates of the wave run again, on what is there by then. Raises Refused where none is red (M147)."""
    red = [wave.number for wave in state.waves if wave.phase is WavePhase.FAILED]
    number = command.wave or next(iter(red), 0)
    if number not in red:
        which = f"wave {number} has none" if command.wave else "there is none"
        raise Refused(f"no gate to run again: {which} that is red", "wavetree gate")
    return [GateRetried(number, command.by or "a person")]
