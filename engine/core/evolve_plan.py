"""What changes of the plan mean for the state: a task in another wave, another estimate (M215)."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from engine.core.evolve_decisions import written
from engine.core.holdings import holdings
from engine.core.plan import Plan, Wave
from engine.core.state import State, Verb, WaveState
from engine.core.verdicts import EstimateSet, TaskMoved


def moved(state: State, event: TaskMoved) -> State:
    """The state with the task in its other wave; a wave that is left empty is gone."""
    plan, number = rearranged(state.plan, event)
    old = {number[wave.number]: wave for wave in state.waves if wave.number in number}
    waves = tuple(
        replace(old[wave.number], number=wave.number, tasks=wave.tasks)
        if wave.number in old
        else WaveState(wave.number, wave.name, wave.tasks, wave.mode, wave.slots)
        for wave in plan.waves
    )
    place = {task: wave.number for wave in plan.waves for task in wave.tasks}
    there = place[event.task]
    state = replace(
        state,
        plan=plan,
        holdings=holdings(plan),
        waves=waves,
        tasks={name: replace(task, wave=place[name]) for name, task in state.tasks.items()},
        orders=tuple(replace(one, wave=number.get(one.wave, 0)) for one in state.orders),
        decisions=tuple(replace(one, wave=number.get(one.wave, there)) for one in state.decisions),
    )
    return written(state, Verb.MOVE, (event.task,), number.get(event.wave, there), event.by, event.note)


def rearranged(plan: Plan, event: TaskMoved) -> tuple[Plan, Mapping[int, int]]:
    """The plan with a task in another wave, and of each old wave's number the new one."""
    rows: list[tuple[int, Wave]] = []
    for wave in plan.waves:
        kept = tuple(name for name in wave.tasks if name != event.task)
        if wave.number == event.to and not event.new:
            kept = tuple(spec.id for spec in plan.tasks if spec.id in {*kept, event.task})
        rows.append((wave.number, replace(wave, tasks=kept)))
    if event.new:
        left = plan.waves[event.wave - 1]
        made = Wave(0, f"{left.name}, later", (event.task,), watch=left.watch)
        rows.insert(event.to - 1, (0, made))
    rows = [(old, wave) for old, wave in rows if wave.tasks or not plan.waves[old - 1].tasks]
    number = {old: place for place, (old, _) in enumerate(rows, 1) if old}
    there = next(place for place, (_, wave) in enumerate(rows, 1) if event.task in wave.tasks)
    waves = tuple(
        replace(wave, number=place, needs=_renumbered(wave.needs, number, event.wave, there, place))
        for place, (_, wave) in enumerate(rows, 1)
    )
    return replace(plan, waves=waves), number


def _renumbered(
    needs: tuple[int, ...], number: Mapping[int, int], left: int, there: int, own: int
) -> tuple[int, ...]:
    """The waves that an integration wave comes after; with one of them comes the one its task went to."""
    found = {number[old] for old in needs if old in number}
    if left in needs and there < own:
        found.add(there)
    return tuple(sorted(found))


def estimated(state: State, event: EstimateSet) -> State:
    """The state with the task's other estimate."""
    spec = replace(state.spec(event.task), estimate=event.estimate)
    tasks = tuple(spec if one.id == spec.id else one for one in state.plan.tasks)
    return replace(state, plan=replace(state.plan, tasks=tasks), specs={**state.specs, spec.id: spec})
