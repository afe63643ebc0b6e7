"""What tasks hold while they are at work: resources, cores, memory, and locks on what they would clash in.

Resources are given back when a task's session ends, locks when its work is merged: the next starts on top.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct

from engine.core.clashes import locks
from engine.core.plan import Mode, Plan
from engine.core.strategy import sessions_at_once, supplies

EPSILON = 1e-9
MACHINE = ("cores", "ram")


class Holdings(Struct, frozen=True):
    """What there is (`counts`, by resource), what serves instead when that is taken (`instead`), what each
    task takes of it, and which locks each task holds."""

    counts: dict[str, float] = {}
    instead: dict[str, str] = {}
    takes: dict[str, dict[str, float]] = {}
    locks: dict[str, tuple[str, ...]] = {}


def holdings(plan: Plan) -> Holdings:
    """The holdings of a plan's open tasks. A resource that nothing counts is no limit and is left out."""
    there = supplies(plan)
    counts = {name: supply.count for name, supply in there.items()} | _machine(plan)
    takes = {
        task.id: {name: amount for name, amount in task.resources.items() if name in counts and amount > 0}
        for task in plan.tasks
        if not task.complete
    }
    held: dict[str, list[str]] = {}
    for reason, names in locks(plan).items():
        for name in names:
            held.setdefault(name, []).append(reason)
    return Holdings(
        counts,
        {name: supply.alternative for name, supply in there.items() if supply.alternative},
        {name: taken for name, taken in takes.items() if taken},
        {name: tuple(reasons) for name, reasons in held.items()},
    )


def _machine(plan: Plan) -> dict[str, float]:
    """Cores and memory that tasks share, when the plan says how much there is (M074)."""
    machine = plan.machine
    there = {"cores": machine.cores - machine.reserved_cores, "ram": machine.ram - machine.reserved_ram}
    said = {"cores": machine.cores, "ram": machine.ram}
    return {name: max(0.0, there[name]) for name in MACHINE if said[name]}


def effective_slots(plan: Plan, asked: int = 0) -> int:
    """How many sessions are alive at once at most: what was asked for, else the plan's slots, and never more
    than can be watched (D01)."""
    watched = sessions_at_once(plan)
    wanted = asked or plan.slots
    return min(wanted, watched) if watched else wanted


class Room:
    """What is free while some tasks are at work; a task that gets in takes its share."""

    def __init__(self, held: Holdings, at_work: Iterable[str], locked: Iterable[str]) -> None:
        self._held = held
        self._taken: dict[str, float] = {}
        self._locks: dict[str, str] = {}
        for task in at_work:
            self._take(task)
        for task in locked:
            self._lock(task)

    def enter(self, task: str) -> bool:
        """Whether there is room for the task; then it has taken it."""
        if self.lacks(task):
            return False
        self._take(task)
        self._lock(task)
        return True

    def left(self, name: str) -> float:
        """How much of a resource is free; nothing of one that nobody counts."""
        return max(0.0, self._held.counts.get(name, 0.0) - self._taken.get(name, 0.0))

    def lacks(self, task: str) -> str:
        """What the task waits for, in words; empty when there is room."""
        for reason in self._held.locks.get(task, ()):
            if self._locks.get(reason, task) != task:
                return f"{self._locks[reason]} ({reason})"
        for name, amount in self._held.takes.get(task, {}).items():
            if self._which(name, amount) is None:
                used, there = self._taken.get(name, 0.0), self._held.counts[name]
                return f"{name} ({_amount(name, used)} of {_amount(name, there)} in use)"
        return ""

    def _which(self, name: str, amount: float) -> str | None:
        """The resource that has room: the one asked for, else what serves instead (M066)."""
        for resource in (name, self._held.instead.get(name, "")):
            count = self._held.counts.get(resource)
            if count is not None and self._taken.get(resource, 0.0) + amount <= count + EPSILON:
                return resource
        return None

    def _take(self, task: str) -> None:
        for name, amount in self._held.takes.get(task, {}).items():
            resource = self._which(name, amount) or name
            self._taken[resource] = self._taken.get(resource, 0.0) + amount

    def _lock(self, task: str) -> None:
        for reason in self._held.locks.get(task, ()):
            self._locks.setdefault(reason, task)


def _amount(name: str, much: float) -> str:
    """An amount of a resource in words: memory in gigabytes of 2**30 bytes."""
    return f"{much / 2**30:.3g} GB" if name == "ram" else f"{much:g}"


def impossible(plan: Plan) -> tuple[tuple[str, str, float, float], ...]:
    """The tasks that could never start, each with the resource, what it takes and what there is."""
    held = holdings(plan)
    found = []
    for task, taken in held.takes.items():
        for name, amount in taken.items():
            most = max(held.counts[name], held.counts.get(held.instead.get(name, ""), 0.0))
            if amount > most + EPSILON:
                found.append((task, name, amount, most))
    return tuple(found)


def after_waves(plan: Plan) -> Mapping[int, tuple[int, ...]]:
    """Of each integration wave's number the waves that it comes after, whatever starts others (M058)."""
    return {
        wave.number: wave.needs or tuple(range(1, wave.number))
        for wave in plan.waves
        if wave.mode is Mode.INTEGRATION
    }
