"""Where the nodes of a layered graph stand and which rails their edges take; pure geometry.

Columns keep their order; inside a column the order follows the neighbours. A long edge takes a slot in each
column that it passes, so that it never runs through a node.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

SWEEPS = 4

Edge = tuple[str, str]
Key = tuple[str, int]
"""A node, or a long edge's passage through a column: (task, -1), or (source of the edge, column)."""


class Place(NamedTuple):
    """Where a task is drawn: its column, and its place in that from the top."""

    column: int
    slot: int


class Links(NamedTuple):
    """`after[gap][source]` are the targets in the next column; `edges` has the edges each link is part of."""

    after: tuple[dict[Key, list[Key]], ...]
    edges: dict[tuple[Key, Key], list[Edge]]


class Layout(NamedTuple):
    """Slots of nodes and passages, and for each gap the rail of each source that has targets there."""

    order: tuple[tuple[Key, ...], ...]
    links: Links
    slots: Mapping[Key, Place]
    rails: tuple[Mapping[Key, int], ...]


@lru_cache(maxsize=8)
def lay_out(columns: tuple[tuple[str, ...], ...], edges: tuple[Edge, ...]) -> Layout:
    """The layout of a graph; edges that do not run from a column to a later one are passed over."""
    column_of = {task: index for index, column in enumerate(columns) for task in column}
    known = [(a, b) for a, b in edges if a in column_of and b in column_of and column_of[a] < column_of[b]]
    links = _links(known, column_of)
    order = _ordered(columns, links)
    slots = _slots(order, links)
    return Layout(tuple(map(tuple, order)), links, slots, tuple(_rails(order, links, slots)))


def _links(edges: Sequence[Edge], column_of: Mapping[str, int]) -> Links:
    """Cut each edge into links between neighbouring columns; edges of one source share their passages."""
    gaps: list[dict[Key, list[Key]]] = [{} for _ in range(max(column_of.values(), default=0))]
    parts: dict[tuple[Key, Key], list[Edge]] = {}
    for source, target in edges:
        here: Key = (source, -1)
        for column in range(column_of[source] + 1, column_of[target] + 1):
            there: Key = (target, -1) if column == column_of[target] else (source, column)
            targets = gaps[column - 1].setdefault(here, [])
            if there not in targets:
                targets.append(there)
            parts.setdefault((here, there), []).append((source, target))
            here = there
    return Links(tuple(gaps), parts)


def _ordered(columns: Sequence[Sequence[str]], links: Links) -> list[list[Key]]:
    """Each column's nodes and passages, sorted by the mean place of their neighbours, back and forth."""
    order: list[list[Key]] = [[(task, -1) for task in column] for column in columns]
    for gap, after in enumerate(links.after):
        order[gap + 1] += dict.fromkeys(key for targets in after.values() for key in targets if key[1] >= 0)
    before: list[dict[Key, list[Key]]] = [{} for _ in links.after]
    for gap, after in enumerate(links.after):
        for source, targets in after.items():
            for target in targets:
                before[gap].setdefault(target, []).append(source)
    for sweep in range(SWEEPS):
        if sweep % 2 == 0:
            for gap in range(len(links.after)):
                _sort(order[gap + 1], order[gap], before[gap])
        else:
            for gap in reversed(range(len(links.after))):
                _sort(order[gap], order[gap + 1], links.after[gap])
    return order


def _sort(column: list[Key], beside: list[Key], neighbours: Mapping[Key, list[Key]]) -> None:
    place = {key: index for index, key in enumerate(beside)}
    own = {key: index for index, key in enumerate(column)}

    def mean(key: Key) -> float:
        near = neighbours.get(key)
        return sum(place[other] for other in near) / len(near) if near else float(own[key])

    column.sort(key=mean)


def _slots(order: list[list[Key]], links: Links) -> dict[Key, Place]:
    """A slot for each node, near the mean of what leads to it, in the order of its column."""
    most = max((len(column) for column in order), default=0)
    slots: dict[Key, Place] = {}
    for index, column in enumerate(order):
        wanted = _wanted(column, links.after[index - 1] if index else {}, slots)
        chosen: list[int] = []
        for place, want in enumerate(wanted):
            chosen.append(max(want, chosen[-1] + 1 if place else 0))
        limit = most - 1
        for place in reversed(range(len(chosen))):
            chosen[place] = min(chosen[place], limit)
            limit = chosen[place] - 1
        slots.update({key: Place(index, slot) for key, slot in zip(column, chosen, strict=True)})
    return slots


def _wanted(column: list[Key], after: Mapping[Key, list[Key]], slots: Mapping[Key, Place]) -> list[int]:
    near: dict[Key, list[int]] = {}
    for source, targets in after.items():
        for target in targets:
            near.setdefault(target, []).append(slots[source].slot)
    return [round(sum(near[key]) / len(near[key])) if key in near else 0 for key in column]


def _rails(order: list[list[Key]], links: Links, slots: Mapping[Key, Place]) -> list[dict[Key, int]]:
    """The rail of each source in each gap, from the left: so that rails seldom cross their own rows."""
    rails = []
    for gap, after in enumerate(links.after):
        sources = [key for key in order[gap] if key in after]

        def downward(key: Key, after: Mapping[Key, list[Key]] = after) -> bool:
            mean = sum(slots[target].slot for target in after[key]) / len(after[key])
            return mean > slots[key].slot

        down = [key for key in reversed(sources) if downward(key)]
        up = [key for key in sources if not downward(key)]
        rails.append({key: place for place, key in enumerate(up + down)})
    return rails
