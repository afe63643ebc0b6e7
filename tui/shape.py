"""What of a plan never changes during a run: columns, edges, order and the critical path."""

from __future__ import annotations

from msgspec import Struct

from engine import Plan, critical_path, levels, needs_of, needs_with


class Shape(Struct, frozen=True):
    """`columns` are the waves, a wave with dependencies inside being several; `column_wave` names each
    column's wave. `order` sorts tasks so that needs come first, in the plan's order otherwise."""

    columns: tuple[tuple[str, ...], ...] = ()
    column_wave: tuple[int, ...] = ()
    edges: tuple[tuple[str, str], ...] = ()
    needs: dict[str, tuple[str, ...]] = {}
    order: dict[str, int] = {}
    critical: frozenset[str] = frozenset()
    critical_seconds: float = 0.0


def shape_of(plan: Plan, orders: tuple[tuple[str, str], ...] = ()) -> Shape:
    """The shape of a plan; `critical_seconds` is 0 when no task has an estimate. `orders` are pairs of tasks
    of which the first goes first, as a person or a fallback decided (M127); of two that contradict each other
    the newer one counts."""
    needs = needs_with(needs_of(plan.tasks), orders)
    path, seconds = critical_path(plan.tasks)
    columns: list[tuple[str, ...]] = []
    waves: list[int] = []
    for wave in plan.waves:
        inside = {
            task: tuple(need for need in needs[task] if need in wave.tasks)
            for task in wave.tasks
            if task in needs
        }
        for level in levels(inside):
            columns.append(level)
            waves.append(wave.number)
    by_level = [task for level in levels(needs) for task in level]
    return Shape(
        columns=tuple(columns),
        column_wave=tuple(waves),
        edges=tuple((need, task) for task, wanted in needs.items() for need in wanted),
        needs=needs,
        order={task: place for place, task in enumerate(by_level)},
        critical=frozenset(path),
        critical_seconds=seconds if any(task.estimate for task in plan.tasks) else 0.0,
    )
