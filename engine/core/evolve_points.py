"""What sync points mean for the state: who waits, what was approved, missed and chosen (M153, M154)."""

from __future__ import annotations

from typing import Any, assert_never

from msgspec.structs import replace

from engine.core.changes import alert, change_task
from engine.core.outcomes import CoordinationFailed, PointDue
from engine.core.recovery import advice
from engine.core.state import AlertKind, State
from engine.core.verdicts import PointApproved, PointPassed, PointReached, ProcedureChosen


def verdict(state: State, event: PointReached | PointApproved | PointPassed | ProcedureChosen) -> State:
    """The state after a decision about a sync point."""
    match event:
        case PointReached(point=point, task=task):
            waits = state.tasks[task].at_points
            return change_task(state, task, at_points=(*waits, point))
        case PointApproved(point=point, by=by):
            return _changed(state, point, approved=by)
        case PointPassed(point=point):
            for one in state.tasks.values():
                if point in one.at_points:
                    rest = tuple(name for name in one.at_points if name != point)
                    state = change_task(state, one.id, at_points=rest)
            return _settled(_changed(state, point, passed=True), point)
        case ProcedureChosen(point=point, procedure=procedure, by=by):
            state = _settled(_changed(state, point, chosen=procedure), point)
            remedy = f"wavetree approve '{point}'"
            return alert(
                state, AlertKind.NOTICE, f"{point}: {procedure}, chosen by {by}", remedy=remedy, open=False
            )
        case _:
            assert_never(event)


def outcome(state: State, event: PointDue | CoordinationFailed) -> State:
    """The state after what a clock showed of a sync point."""
    match event:
        case PointDue(point=point, tasks=tasks):
            due = next((one.due for one in state.points if one.name == point), ())
            return _changed(state, point, due=(*due, *tasks))
        case CoordinationFailed(point=name):
            missed = next((one for one in state.points if one.name == name), None)
            if missed is None or missed.passed or missed.missed:
                return state
            words = f"{event.procedure}: {name} was not met in its time; its participants are held"
            offered = [f"wavetree sync choose '{name}' '{one}'" for one in missed.procedures]
            return alert(
                _changed(state, name, missed=True, approved=""),
                AlertKind.COORDINATION,
                words,
                tasks=missed.tasks,
                remedy=" · ".join(
                    [*offered, f"wavetree approve '{name}'", *advice(state.plan, event.procedure)]
                ),
            )
        case _:
            assert_never(event)


def _changed(state: State, name: str, **changes: Any) -> State:
    points = tuple(replace(one, **changes) if one.name == name else one for one in state.points)
    return replace(state, points=points)


def _settled(state: State, name: str) -> State:
    alerts = tuple(
        replace(one, open=False)
        if one.kind is AlertKind.COORDINATION and f": {name} was not met" in one.text
        else one
        for one in state.alerts
    )
    return replace(state, alerts=alerts)
