"""The figures that all documents of a plan state alike: blocks, durations, risks, and what is saved."""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec import Struct

from engine.core import durations
from engine.core.analysis.risk import highest, wave_risks
from engine.core.clashes import Clash, clashes
from engine.core.forecast import Forecast, forecast
from engine.core.plan import Level, Mode, Plan, Span, Task, Wave

_UNNAMED = re.compile("[Ww]ave [0-9]+")


class Block(Struct, frozen=True):
    """A wave as documents show it. `needs` are the numbers of the waves on which something in it waits;
    `seconds` is how long it takes at the outline's slots."""

    number: int
    name: str
    sequential: bool
    tasks: tuple[Task, ...]
    needs: tuple[int, ...]
    seconds: float
    risk: Level
    wave: Wave

    @property
    def kind(self) -> str:
        return "Sequential" if self.sequential else "Parallel"

    @property
    def key(self) -> str:
        return f"block_{self.number}"


class Outline(Struct, frozen=True):
    """A plan with what is computed of it for `slots` sessions at once. `unit` is that of its durations."""

    plan: Plan
    slots: int
    told: Forecast
    found: tuple[Clash, ...]
    blocks: tuple[Block, ...]
    unit: str

    @property
    def risk(self) -> Level:
        """The highest risk of a wave, low without waves."""
        return highest(block.risk for block in self.blocks)

    @property
    def saved(self) -> float:
        """Percent of the time one after the other that is saved (M047); 0 when there is nothing to do."""
        return 100 * self.told.saved

    def words(self, seconds: float) -> str:
        """A duration in the unit of the plan's estimates: `58 minutes`, `3 weeks`."""
        return durations.text(Span(seconds, seconds, self.unit))


def outline(plan: Plan, slots: int = 0) -> Outline:
    """The outline of a plan; without `slots` for the plan's own."""
    slots = slots or plan.slots
    told, found = forecast(plan, slots), clashes(plan)
    seconds = {wave.number: wave.seconds for wave in told.waves}
    risks = {each.wave: each.level for each in wave_risks(plan, found)}
    tasks = {task.id: task for task in plan.tasks}
    wave_of = {name: wave.number for wave in plan.waves for name in wave.tasks}
    blocks = tuple(
        Block(
            wave.number,
            _name(wave, len(plan.waves)),
            wave.mode is Mode.SEQUENTIAL or len(wave.tasks) == 1,
            inside := tuple(tasks[name] for name in wave.tasks),
            _needs(wave, inside, wave_of),
            seconds[wave.number],
            risks[wave.number],
            wave,
        )
        for wave in plan.waves
    )
    return Outline(plan, slots, told, found, blocks, unit_of(plan.tasks))


def unit_of(tasks: Sequence[Task]) -> str:
    """The unit that all estimates were said in, `minute` when they differ or say none."""
    units = {task.estimate.unit for task in tasks if task.estimate is not None and task.estimate.most}
    return units.pop() if len(units) == 1 and units != {""} else "minute"


def minutes(seconds: float) -> str:
    """Minutes as a number for a sentence that goes on with `minutes`; at most two decimals."""
    return f"{round(seconds / durations.MINUTE, 2):.12g}"


def _needs(wave: Wave, inside: Sequence[Task], wave_of: dict[str, int]) -> tuple[int, ...]:
    needed = {wave_of[need.task] for task in inside for need in task.needs if need.task in wave_of}
    return tuple(sorted({*needed, *wave.needs} - {wave.number}))


def _name(wave: Wave, count: int) -> str:
    """The wave's own name; one that only counts is told by its place in the plan."""
    if not _UNNAMED.fullmatch(wave.name) or count == 1:
        return wave.name
    if wave.number == 1:
        return "Foundation"
    if wave.number == count:
        return "Integration"
    return "Implementation" if count == 3 else f"Implementation {wave.number - 1}"
