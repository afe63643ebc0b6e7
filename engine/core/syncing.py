"""Sync points: who waits at one for whom, when all go on, and what follows a missed one (M153, M154)."""

from __future__ import annotations

from engine.core.commands import ApprovePoint, ChooseProcedure
from engine.core.errors import Refused
from engine.core.events import Event
from engine.core.fallbacks import SEQUENTIAL, chain, converted
from engine.core.state import DONE, LIVE, Phase, PointState, RunPhase, State, TaskState, WavePhase
from engine.core.verdicts import (
    FallbackApplied,
    PointApproved,
    PointPassed,
    PointReached,
    ProcedureChosen,
    TasksSerialized,
)

MOST_FAILURES = 2
"""So many missed sync points turn the rest of a run sequential (M175)."""


def points_of(state: State) -> tuple[PointState, ...]:
    """The sync points that are not passed."""
    return tuple(point for point in state.points if not point.passed)


def meet(state: State) -> list[Event]:
    """The next one to arrive at a sync point, or the point at which all go on."""
    if state.phase is not RunPhase.ACTIVE:
        return []
    waiting = points_of(state)
    if waiting and sum(point.missed for point in state.points) >= MOST_FAILURES:
        return _one_after_another(state)
    for point in waiting:
        for name in point.tasks:
            task = state.tasks[name]
            works = task.phase is Phase.RUNNING and task.pid and not task.killing
            if works and point.name not in task.at_points and _reached(point, task):
                return [PointReached(point.name, name)]
    return next(([PointPassed(point.name)] for point in waiting if _met(state, point)), [])


def _reached(point: PointState, task: TaskState) -> bool:
    """Whether the agent asked for the point, or reached the milestone that its trigger names."""
    names = {point.name.casefold(), *(word.casefold() for word in point.triggers)}
    if task.id in point.due or (point.share and (task.progress or 0) >= 100 * point.share):
        return True
    told = [*task.milestones, *task.asked]
    return any(one.strip().casefold() in names for one in told)


def arrived(state: State, point: PointState) -> tuple[str, ...]:
    """The participants that wait at the point."""
    return tuple(name for name in point.tasks if point.name in state.tasks[name].at_points)


def expected(state: State, point: PointState) -> tuple[str, ...]:
    """The participants that the others wait for: those at work, and those that have a slot. Who needs what
    is not merged, is over, or has no slot is not waited for: those who wait may be what it lacks."""
    room = len(state.sessions()) < state.slots
    here = arrived(state, point)
    return tuple(name for name in point.tasks if name not in here and _comes(state, state.tasks[name], room))


def _comes(state: State, task: TaskState, room: bool) -> bool:
    if task.phase in LIVE:
        return True
    opened = state.waves[task.wave - 1].phase is WavePhase.OPEN
    free = all(state.tasks[need.task].phase in DONE for need in state.spec(task.id).needs)
    return task.phase is Phase.PENDING and opened and free and room and not task.held


def wanted(state: State, point: PointState) -> bool:
    """Whether the point's criteria wait for a person; auto-approve consents to them."""
    return bool(point.criteria) and not point.approved and not state.auto_approve


def points_for_people(state: State) -> tuple[PointState, ...]:
    """The points at which everybody who is expected has arrived, or that were missed: a person's word is all
    that they wait for."""
    return tuple(
        point
        for point in points_of(state)
        if arrived(state, point) and (point.missed or (wanted(state, point) and not expected(state, point)))
    )


def _met(state: State, point: PointState) -> bool:
    if not arrived(state, point):
        return False
    if point.missed:
        return bool(point.approved)
    return not expected(state, point) and not wanted(state, point)


def _one_after_another(state: State) -> list[Event]:
    """After a second failure nobody waits any more, and what is left goes on one after the other (M175)."""
    events: list[Event] = []
    for wave in state.waves:
        if wave.phase is WavePhase.CLOSED or converted(state, wave):
            continue
        if pairs := chain(state, wave):
            events.append(FallbackApplied(SEQUENTIAL, wave.number, note="coordination failures"))
            events += [TasksSerialized(*pair, wave=wave.number) for pair in pairs]
    passed = [PointPassed(point.name, "the rest is sequential") for point in points_of(state)]
    return [*events, *passed]


def approve_point(state: State, command: ApprovePoint) -> list[Event]:
    """A person finds the criteria met. Raises Refused when the point is not there, or over."""
    point = _known(state, command.point)
    if point.approved and not point.missed:
        raise Refused(f"{point.name} is approved already", "wavetree sync")
    if not arrived(state, point):
        raise Refused(f"nobody has arrived at {point.name} yet", "wavetree sync")
    return [PointApproved(point.name, command.by or "a person")]


def choose(state: State, command: ChooseProcedure) -> list[Event]:
    """What is done about a missed point. Raises Refused for a procedure that it does not offer (M154)."""
    point = _known(state, command.point)
    if not point.missed:
        raise Refused(f"{point.name} is not missed; there is nothing to choose", "wavetree sync")
    found = [one for one in point.procedures if one.casefold() == command.procedure.strip().casefold()]
    if not found:
        there = ", ".join(point.procedures) or "none"
        raise Refused(f"{point.name} has no procedure {command.procedure!r}", f"procedures: {there}")
    return [ProcedureChosen(point.name, found[0], command.by or "a person")]


def _known(state: State, name: str) -> PointState:
    same = [
        point for point in state.points if name.casefold() in (point.id.casefold(), point.name.casefold())
    ]
    if not same:
        names = ", ".join(point.name for point in state.points) or "none"
        raise Refused(f"the run has no sync point {name!r}", f"sync points: {names}")
    if same[0].passed:
        raise Refused(f"{same[0].name} is passed already", "wavetree sync")
    return same[0]
