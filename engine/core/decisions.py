"""What a person decides about agents in conflict, and how it is taken back (M122-M127, M132)."""

from __future__ import annotations

from msgspec.structs import replace

from engine.core.commands import Isolate, Move, Release, Retry, Serialize, SerializeWave, UndoDecision
from engine.core.errors import Refused
from engine.core.events import Event
from engine.core.fallbacks import SEQUENTIAL, chain
from engine.core.known import known
from engine.core.moving import move
from engine.core.plan import Mode
from engine.core.resolving import can_be_lifted
from engine.core.standing import firsts, waits_on
from engine.core.state import (
    LIVE,
    SETTLED,
    Decision,
    Order,
    Phase,
    State,
    TaskState,
    Verb,
    WavePhase,
)
from engine.core.verdicts import (
    ConflictReleased,
    DecisionUndone,
    FallbackApplied,
    ResolutionLifted,
    RestartAsked,
    SerializeLifted,
    TaskIsolated,
    TaskRejoined,
    TasksSerialized,
)


def isolated(state: State, command: Isolate) -> list[Event]:
    """The task goes on alone (M124)."""
    task = known(state, command.task)
    if task.isolated:
        raise Refused(f"{task.id} is isolated already", f"wavetree release {task.id}")
    if task.phase in SETTLED or task.phase is Phase.MERGING:
        raise Refused(f"{task.id} is {task.phase.value}; it is too late to isolate it")
    for order in _in_force(state):
        if task.id in (order.first, order.second):
            raise Refused(
                f"{order.second} waits for {order.first} as serialized",
                f"wavetree release {order.second}, then again",
            )
    return [TaskIsolated(task.id, _whom(command.by), command.note)]


def serialized(state: State, command: Serialize) -> list[Event]:
    """The first ends and is merged, then the second goes on, on top of it (M127)."""
    first, second = known(state, command.first), known(state, command.second)
    if first.id == second.id:
        raise Refused("a task cannot wait for itself", "wavetree serialize FIRST SECOND")
    if first.phase in SETTLED:
        raise Refused(f"{first.id} is {first.phase.value}; there is nothing to wait for")
    if second.phase in SETTLED or second.phase in (Phase.COLLECTING, Phase.MERGING):
        raise Refused(f"{second.id} is {second.phase.value}; it cannot be made to wait")
    if first.wave > second.wave:
        raise Refused(f"{first.id} is of wave {first.wave}, which comes after that of {second.id}")
    if first.wave == second.wave and state.waves[first.wave - 1].mode is Mode.SEQUENTIAL:
        raise Refused(f"the tasks of wave {first.wave} go one after the other already")
    for one in (first, second):
        if one.isolated:
            raise Refused(f"{one.id} is isolated; it is merged last", f"wavetree release {one.id}")
    if second.id in firsts(state, first.id):
        raise Refused(
            f"{first.id} waits for {second.id} as serialized", f"wavetree release {first.id}, then again"
        )
    freed = _freed(state, first, second.id)
    if first.id in firsts(state, second.id) and not freed:
        raise Refused(f"{second.id} waits for {first.id} already")
    if not freed and waits_on(state, first.id, second.id):
        raise Refused(f"{first.id} needs {second.id}, or one that does; {second.id} cannot be second")
    if first.phase is Phase.PENDING and second.phase is not Phase.PENDING:
        raise Refused(
            f"{first.id} has not started yet, {second.id} has",
            f"wavetree serialize {second.id} {first.id}, or wavetree pause {second.id}",
        )
    return [
        *(ConflictReleased(id, first.id, _whom(command.by)) for id in freed),
        TasksSerialized(first.id, second.id, _whom(command.by), command.note, delay_of(state, first)),
    ]


def _freed(state: State, first: TaskState, second: str) -> list[str]:
    """The conflicts for which the first stands still now, so that the second goes on."""
    return [id for id in first.held_by if second in state.conflicts[id].tasks]


def delay_of(state: State, first: TaskState) -> float | None:
    """What waiting for `first` costs by its estimate and its progress, in seconds; None without one."""
    estimate = state.spec(first.id).estimate
    if estimate is None:
        return None
    if first.phase not in LIVE | {Phase.PENDING}:
        return 0.0
    return estimate.most * max(0.0, 1 - (first.progress or 0.0) / 100)


def wave_serialized(state: State, command: SerializeWave) -> list[Event]:
    """What is left of the wave goes on one after the other (M123)."""
    if not 0 < command.wave <= len(state.waves):
        raise Refused(f"the run has no wave {command.wave}", "wavetree status")
    wave = state.waves[command.wave - 1]
    if wave.mode is Mode.SEQUENTIAL:
        raise Refused(f"wave {wave.number} is sequential already")
    if wave.phase is WavePhase.CLOSED:
        raise Refused(f"wave {wave.number} is closed")
    found = chain(state, wave)
    if not found:
        raise Refused(f"nothing in wave {wave.number} runs beside anything else")
    return [
        FallbackApplied(SEQUENTIAL, wave.number, by=_whom(command.by), note=command.note),
        *(TasksSerialized(*pair, wave=wave.number) for pair in found),
    ]


def released(state: State, command: Release) -> list[Event]:
    """The task is isolated no longer, and waits for no other as serialized."""
    task = known(state, command.task)
    orders = [order for order in _in_force(state) if order.second == task.id]
    if not task.isolated and not orders:
        why = "paused" if task.held or task.held_by else "neither isolated nor serialized"
        raise Refused(
            f"{task.id} is {why}",
            f"wavetree unpause {task.id}" if why == "paused" else "wavetree undo --list",
        )
    return [
        *([TaskRejoined(task.id, _whom(command.by), command.note)] if task.isolated else ()),
        *(SerializeLifted(order.first, order.second, _whom(command.by), command.note) for order in orders),
    ]


def restarted(state: State, task: TaskState, command: Retry) -> list[Event]:
    """The agent is ended and the next attempt starts from what is merged by then (M122)."""
    if task.phase is not Phase.RUNNING or task.killing:
        raise Refused(
            f"{task.id} is {task.phase.value}; only failed, stopped, blocked or running tasks are retried"
        )
    return [RestartAsked(task.id, _whom(command.by), command.note)]


def undone(state: State, command: UndoDecision) -> list[Event]:
    """The decision is taken back, unless its wave has landed or its effect is there for good."""
    decision = _chosen(state, command.number)
    if state.waves[decision.wave - 1].phase is WavePhase.CLOSED:
        raise Refused(f"wave {decision.wave} is closed; what was decided there stays")
    back = _taken_back(state, decision)
    if not back:
        raise Refused(f"decision {decision.number}, {words_of(decision)}, has had its effect already")
    return [DecisionUndone(decision.number, _whom(command.by), command.note), *back]


def _chosen(state: State, number: int) -> Decision:
    open_ = [decision for decision in state.decisions if not decision.undone]
    if not number:
        if not open_:
            raise Refused("nothing was decided that could be taken back", "wavetree undo --list")
        return open_[-1]
    found = next((decision for decision in state.decisions if decision.number == number), None)
    if found is None:
        raise Refused(f"the run has no decision {number}", "wavetree undo --list")
    if found.undone:
        raise Refused(f"decision {number} was taken back already")
    return found


def _taken_back(state: State, decision: Decision) -> list[Event]:
    """The verdicts that undo it; none when it is past that."""
    task = decision.tasks[-1] if decision.tasks else ""
    match decision.verb:
        case Verb.ISOLATE if state.tasks[task].isolated and state.tasks[task].phase is not Phase.MERGED:
            return [TaskRejoined(task)]
        case Verb.SERIALIZE:
            return [SerializeLifted(*decision.tasks)] if _orders(state, decision.tasks) else []
        case Verb.SEQUENTIAL:
            orders = [order for order in _in_force(state) if order.wave == decision.wave]
            return [SerializeLifted(order.first, order.second) for order in orders]
        case Verb.MOVE:
            return _moved_back(state, decision)
        case Verb.RESOLVE if can_be_lifted(state, decision.conflict):
            return [ResolutionLifted(decision.conflict)]
        case _:
            return []


def _moved_back(state: State, decision: Decision) -> list[Event]:
    task = state.tasks[decision.tasks[-1]]
    if task.wave == decision.wave:
        return []
    return [replace(event, by="") for event in move(state, Move(task.id, decision.wave))]


def _orders(state: State, pair: tuple[str, ...]) -> list[Order]:
    return [order for order in _in_force(state) if (order.first, order.second) == pair]


def _in_force(state: State) -> list[Order]:
    return [order for order in state.orders if order.first in firsts(state, order.second)]


def words_of(decision: Decision) -> str:
    """`serialize a b`, or `sequential wave 2`."""
    what = decision.conflict or " ".join(decision.tasks) or f"wave {decision.wave}"
    return f"{decision.verb.value} {what}"


def _whom(by: str) -> str:
    return by or "a person"
