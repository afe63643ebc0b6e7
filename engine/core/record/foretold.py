"""How good a run's forecast of conflicts was: what was foretold against what came, pair by pair.

Precision and recall as usual in information retrieval (Manning, Raghavan, Schütze 2008, ch. 8): of what was
foretold, how much came; of what came, how much was foretold. Only pairs that were at work at the same time
count: of two tasks one after the other nothing could come. A pair is foretold when its plan's clash is open
and not low; a conflict came when lines would have clashed or a merge was refused, settled or not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations

from msgspec import Struct

from engine.core.clashes import LEVELS, clashes
from engine.core.plan import Level, Plan
from engine.core.record.chronicle import Chronicle
from engine.core.state import State

LEAST = 5
"""Pairs from which on a rate says something."""


class Pair(Struct, frozen=True):
    """Two tasks that could have clashed: the level at which it was foretold, None for not at all, and the
    files in which it came to be."""

    first: str
    second: str
    foretold: Level | None = None
    came: tuple[str, ...] = ()

    @property
    def expected(self) -> bool:
        return self.foretold in (Level.MEDIUM, Level.HIGH)


class Score(Struct, frozen=True):
    """Counts of pairs: `foretold`, `came`, both (`hits`), over so many `runs`; `levels` are foretold and came
    by the level that was foretold."""

    foretold: int = 0
    came: int = 0
    hits: int = 0
    runs: int = 0
    levels: dict[Level, tuple[int, int]] = {}

    @property
    def precision(self) -> float | None:
        """Percent of those foretold that came; None where none was foretold."""
        return 100 * self.hits / self.foretold if self.foretold else None

    @property
    def recall(self) -> float | None:
        """Percent of those that came that were foretold; None where none came."""
        return 100 * self.hits / self.came if self.came else None

    def rate(self, level: Level) -> float | None:
        """Percent of the pairs foretold at that level that came; None of fewer than five of them."""
        foretold, came = self.levels.get(level, (0, 0))
        return 100 * came / foretold if foretold >= LEAST else None


def pairs(told: Chronicle) -> tuple[Pair, ...]:
    """The pairs of a run that were at work at the same time, and of which something was foretold or came; in
    the order of the plan."""
    levels, came = _levels(told.state.plan), _came(told)
    found = []
    for first, second in _together(told):
        level, files = levels.get(frozenset((first, second))), came.get(frozenset((first, second)), ())
        if level is not None or files:
            found.append(Pair(first, second, level, tuple(files)))
    return tuple(found)


def score(found: Iterable[Pair]) -> Score:
    """The counts of one run."""
    listed = list(found)
    levels: dict[Level, tuple[int, int]] = {}
    for one in listed:
        if one.foretold is not None:
            foretold, came = levels.get(one.foretold, (0, 0))
            levels[one.foretold] = (foretold + 1, came + bool(one.came))
    return Score(
        sum(one.expected for one in listed),
        sum(bool(one.came) for one in listed),
        sum(one.expected and bool(one.came) for one in listed),
        1,
        levels,
    )


def summed(scores: Iterable[Score]) -> Score:
    """The counts of several runs."""
    total = Score()
    for one in scores:
        levels = {
            level: (
                total.levels.get(level, (0, 0))[0] + one.levels.get(level, (0, 0))[0],
                total.levels.get(level, (0, 0))[1] + one.levels.get(level, (0, 0))[1],
            )
            for level in {**total.levels, **one.levels}
        }
        total = Score(
            total.foretold + one.foretold,
            total.came + one.came,
            total.hits + one.hits,
            total.runs + one.runs,
            levels,
        )
    return total


def _levels(plan: Plan) -> dict[frozenset[str], Level]:
    """The highest level of an open clash of each pair."""
    found: dict[frozenset[str], Level] = {}
    for clash in clashes(plan):
        pair = frozenset((clash.first, clash.second))
        if not clash.handled and LEVELS.index(clash.level) >= LEVELS.index(found.get(pair, Level.LOW)):
            found[pair] = clash.level
    return found


def _together(told: Chronicle) -> Iterator[tuple[str, str]]:
    """The pairs of tasks whose work, from the first worktree to the merge, overlaps in time."""
    spans: dict[str, tuple[float, float]] = {}
    for one in told.attempts:
        end = max((until for _, _, until in one.spans), default=one.ended or one.requested)
        begin, before = spans.get(one.task, (one.requested, end))
        spans[one.task] = (min(begin, one.requested), max(before, end))
    for first, second in combinations([task.id for task in told.state.plan.tasks if task.id in spans], 2):
        if spans[first][0] < spans[second][1] and spans[second][0] < spans[first][1]:
            yield first, second


def _came(told: Chronicle) -> dict[frozenset[str], dict[str, None]]:
    """The files of each pair in which a conflict came. One with what was merged is laid to those merged tasks
    that changed the file too."""
    found: dict[frozenset[str], dict[str, None]] = {}
    for record in told.state.conflicts.values():
        files = [one.file for one in record.files if one.conflict]
        if not record.grave or not files:
            continue
        if len(record.tasks) > 1:
            for two in combinations(record.tasks, 2):
                found.setdefault(frozenset(two), {}).update(dict.fromkeys(files))
            continue
        for file in files:
            for other in _changed(told.state, file, record.tasks):
                found.setdefault(frozenset((*record.tasks, other)), {})[file] = None
    return found


def _changed(state: State, file: str, but: tuple[str, ...]) -> list[str]:
    return [task.id for task in state.tasks.values() if but and task.id not in but and file in task.files]
