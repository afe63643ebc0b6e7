"""How long a plan takes by its estimates, and in which order its tasks should start (M047, M055-M059).

A plan is a project whose tasks share slots, resources and locks. The search of `scheduling` finds a short
schedule of it: that is what is quoted, and in its order a run starts whatever is ready. Where tasks differ in
urgency the more urgent goes first (M056) and nothing is searched: the order is given then.
"""

from __future__ import annotations

import math
from bisect import insort
from collections.abc import Iterable, Mapping, Sequence
from heapq import heappop, heappush
from itertools import pairwise

from msgspec import Struct
from msgspec.structs import replace

from engine.core.graph import critical_path, estimate, followers, needs_of
from engine.core.holdings import Holdings, Room, after_waves, effective_slots, holdings
from engine.core.plan import Mode, Plan, StartPolicy, Task, Wave
from engine.core.scheduling.dispatching import dispatch
from engine.core.scheduling.problem import Problem
from engine.core.scheduling.search import EFFORT, PLACEMENTS, solve
from engine.core.waves import preference

Spans = dict[str, tuple[float, float]]
SLOTS = "slots"


class WaveForecast(Struct, frozen=True):
    """A wave from the start of its first task to the end of its last, in seconds."""

    number: int
    seconds: float


class Forecast(Struct, frozen=True):
    """The run of a plan if every agent takes what is estimated at most and nothing else takes any time.

    `seconds` with the slots asked for, `sequential` one task after the other; `critical` is the longest path
    of needs and `critical_seconds` its length; `spans` has each task's start and end, `order` the order of
    start. `free_seconds` is what it takes when each task waits only for its own needs: barriers cost the
    difference. No order is shorter than `bound`; `schedules` were made to find this one."""

    seconds: float
    sequential: float
    critical: tuple[str, ...]
    critical_seconds: float
    waves: tuple[WaveForecast, ...]
    spans: Spans
    order: tuple[str, ...] = ()
    free_seconds: float = 0.0
    bound: float = 0.0
    schedules: int = 0
    slots: int = 1

    @property
    def saved(self) -> float:
        """The share of the sequential time that is saved, 0 to 1 (M047)."""
        return 1 - self.seconds / self.sequential if self.sequential else 0.0

    @property
    def barriers(self) -> float:
        """Seconds that waiting for whole waves costs."""
        return max(0.0, self.seconds - self.free_seconds)


class _Found(Struct, frozen=True):
    spans: Spans
    bound: float
    schedules: int

    @property
    def seconds(self) -> float:
        return max((end for _, end in self.spans.values()), default=0.0)


def forecast(plan: Plan, slots: int = 0, *, effort: int = 0, seed: int = 0) -> Forecast:
    """The forecast of `plan` with that many slots, by default its own; for each of its parts `effort`
    schedules are made at most, without it as many of the usual number as a large plan has time for. The same
    seed gives the same forecast. Raises CycleError."""
    search = _Search(plan, effective_slots(plan, slots), effort, seed)
    free = search.free()
    found = free if plan.start_policy is StartPolicy.DEPENDENCY else search.by_waves()
    path, seconds = critical_path(search.tasks)
    starts = {name: span[0] for name, span in found.spans.items()}
    return Forecast(
        seconds=found.seconds,
        sequential=sum(estimate(task) for task in search.tasks),
        critical=path,
        critical_seconds=seconds,
        waves=tuple(WaveForecast(wave.number, _length(found.spans, wave.tasks)) for wave in plan.waves),
        spans=found.spans,
        order=tuple(sorted(starts, key=lambda name: (starts[name], search.ranking[name]))),
        free_seconds=free.seconds,
        bound=found.bound,
        schedules=found.schedules,
        slots=search.slots,
    )


class _Search:
    """Schedules of a plan, whole or wave by wave."""

    def __init__(self, plan: Plan, slots: int, effort: int, seed: int) -> None:
        self.tasks = tuple(task for task in plan.tasks if not task.complete)
        self.slots = slots
        self.ranking = preference(self.tasks)
        self._plan = plan
        self._effort, self._seed = effort or EFFORT, seed
        self._capped = not effort
        self._held = holdings(plan)
        self._given = len({task.urgency for task in self.tasks}) > 1

    def free(self) -> _Found:
        """Every task as soon as what it needs is there, within what its own wave says: one at a time, fewer
        slots, or after other waves."""
        after = after_waves(self._plan)
        tasks_of = {wave.number: wave.tasks for wave in self._plan.waves}
        more: dict[str, tuple[str, ...]] = {}
        for wave in self._plan.waves:
            before = tuple(name for number in after.get(wave.number, ()) for name in tasks_of[number])
            more |= dict.fromkeys(wave.tasks, before)
            if wave.mode is Mode.SEQUENTIAL:
                more |= {two: (one, *before) for one, two in pairwise(wave.tasks)}
        return self._schedule(self.tasks, self.slots, more, tuple(w for w in self._plan.waves if w.slots))

    def by_waves(self) -> _Found:
        """Each wave when the one before has ended."""
        by_id = {task.id: task for task in self.tasks}
        spans: Spans = {}
        clock, bound, schedules = 0.0, 0.0, 0
        for wave in self._plan.waves:
            inside = [by_id[name] for name in wave.tasks if name in by_id]
            part = self._wave(wave, inside)
            spans |= {name: (start + clock, end + clock) for name, (start, end) in part.spans.items()}
            clock += part.seconds
            bound += part.bound
            schedules += part.schedules
        return _Found(spans, bound, schedules)

    def _wave(self, wave: Wave, inside: Sequence[Task]) -> _Found:
        slots = min(self.slots, wave.slots) if wave.slots else self.slots
        if wave.mode is not Mode.SEQUENTIAL:
            return self._schedule(inside, slots, {})
        return self._schedule(inside, 1, {two.id: (one.id,) for one, two in pairwise(inside)})

    def _schedule(
        self,
        tasks: Sequence[Task],
        slots: int,
        more: Mapping[str, tuple[str, ...]],
        bounded: Sequence[Wave] = (),
    ) -> _Found:
        if not tasks:
            return _Found({}, 0.0, 0)
        held = _with_wave_slots(self._held, bounded)
        problem = problem_of(tasks, slots, held, more)
        if any(self._held.instead.keys() & self._held.takes.get(task.id, {}).keys() for task in tasks):
            spans = _simulated(tasks, slots, held, more, self.ranking)
            return _Found(spans, solve(problem, 1).lower_bound, 1)
        if self._given:
            place = sorted(range(len(tasks)), key=lambda job: self.ranking[tasks[job].id])
            priority = [0.0] * len(tasks)
            for rank, job in enumerate(place):
                priority[job] = -float(rank)
            starts, schedules = dispatch(problem, priority), 1
            bound = solve(problem, 1).lower_bound
        else:
            share = PLACEMENTS * len(tasks) // len(self.tasks)
            most = share if self._capped else None
            found = solve(problem, self._effort, placements=most, seed=self._seed)
            starts, bound, schedules = found.starts, found.lower_bound, found.schedules
        spans = {task.id: (start, start + estimate(task)) for task, start in zip(tasks, starts, strict=True)}
        return _Found(spans, bound, schedules)


def _with_wave_slots(held: Holdings, waves: Sequence[Wave]) -> Holdings:
    """The holdings with the slots of single waves as resources of theirs."""
    if not waves:
        return held
    counts, takes = dict(held.counts), {name: dict(taken) for name, taken in held.takes.items()}
    for wave in waves:
        slots = f"slots of wave {wave.number}"
        counts[slots] = float(wave.slots)
        for name in wave.tasks:
            takes.setdefault(name, {})[slots] = 1.0
    return replace(held, counts=counts, takes=takes)


def _simulated(
    tasks: Sequence[Task],
    slots: int,
    held: Holdings,
    more: Mapping[str, tuple[str, ...]],
    ranking: Mapping[str, tuple[float, ...]],
) -> Spans:
    """The run as it would go, ready tasks in the order of their ranking: where a resource may be replaced by
    another one, that is decided task by task, and no search knows how."""
    needs = needs_of(tasks)
    open_ = {task.id: {*needs[task.id], *more.get(task.id, ())} & needs.keys() for task in tasks}
    behind = followers({name: tuple(before) for name, before in open_.items()})
    takes = {task.id: estimate(task) for task in tasks}
    ready = sorted((name for name, before in open_.items() if not before), key=ranking.__getitem__)
    spans: Spans = {}
    running: list[tuple[float, str]] = []
    clock = 0.0
    while len(spans) < len(tasks):
        room = Room(held, (name for _, name in running), (name for _, name in running))
        for name in tuple(ready):
            if len(running) >= slots:
                break
            if room.enter(name):
                ready.remove(name)
                spans[name] = (clock, clock + takes[name])
                heappush(running, (spans[name][1], name))
        clock, ended = heappop(running)
        for name in behind[ended]:
            open_[name].discard(ended)
            if not open_[name]:
                insort(ready, name, key=ranking.__getitem__)
    return spans


def problem_of(
    tasks: Sequence[Task], slots: int, held: Holdings, more: Mapping[str, tuple[str, ...]] | None = None
) -> Problem:
    """The tasks as jobs in their order: needs among them (and `more` of them) come before, and each holds a
    slot, its resources and its locks, in whole numbers as small as they get."""
    place = {task.id: job for job, task in enumerate(tasks)}
    needs = needs_of(tasks)
    before = [
        sorted({place[name] for name in (*needs[task.id], *(more or {}).get(task.id, ())) if name in place})
        for task in tasks
    ]
    amounts: list[dict[str, float]] = []
    counts: dict[str, float] = {SLOTS: float(slots)}
    for task in tasks:
        mine = {SLOTS: 1.0}
        for name, amount in held.takes.get(task.id, {}).items():
            counts[name] = held.counts[name] + held.counts.get(held.instead.get(name, ""), 0.0)
            mine[name] = min(amount, counts[name])
        for reason in held.locks.get(task.id, ()):
            counts[f"lock:{reason}"] = mine[f"lock:{reason}"] = 1.0
        amounts.append(mine)
    names = {name: number for number, name in enumerate(counts)}
    units = {name: _thousandths(count) for name, count in counts.items()}
    for mine in amounts:
        for name, amount in mine.items():
            units[name] = math.gcd(units[name], _thousandths(amount))

    def whole(name: str, amount: float) -> int:
        return _thousandths(amount) // (units[name] or 1)

    return Problem(
        durations=[estimate(task) for task in tasks],
        predecessors=before,
        demands=[{names[name]: whole(name, amount) for name, amount in mine.items()} for mine in amounts],
        capacities=[whole(name, count) for name, count in counts.items()],
    )


def _thousandths(amount: float) -> int:
    return round(amount * 1000)


def _length(spans: Spans, names: Iterable[str]) -> float:
    inside = [spans[name] for name in names if name in spans]
    return max(end for _, end in inside) - min(start for start, _ in inside) if inside else 0.0
