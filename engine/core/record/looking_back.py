"""What repeats over the runs of a repository: files that clash, gates that are slow or red, tasks that are
tried again, estimates that are wrong, and how good the forecasts were."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from statistics import median

from msgspec import Struct

from engine.core.graph import estimate
from engine.core.record.chronicle import Chronicle, Doing
from engine.core.record.foretold import Score, pairs, score, summed
from engine.core.state import Phase, State

MOST = 10


class Slow(Struct, frozen=True):
    """A gate: how often it ran and was not green, and its median length in seconds."""

    gate: str
    ran: int
    bad: int
    seconds: float


class Review(Struct, frozen=True):
    """`files` with the number of runs in which they clashed; `again` the tasks with their attempts beyond the
    first; `off` the ratio of the time that agents took to the estimate, the median of `judged` tasks;
    `errors` by their type."""

    runs: int
    files: tuple[tuple[str, int], ...] = ()
    gates: tuple[Slow, ...] = ()
    again: tuple[tuple[str, int], ...] = ()
    errors: tuple[tuple[str, int], ...] = ()
    off: float | None = None
    judged: int = 0
    forecast: Score = Score()


def look_back(runs: Sequence[Chronicle]) -> Review:
    """The review of these runs; most of each list first, at most ten."""
    files = Counter(file for told in runs for file in _clashed(told.state))
    again = Counter[str]()
    for told in runs:
        for one in told.attempts:
            again[one.task] += one.number > 1
    errors = Counter(
        task.error.type for told in runs for task in told.state.tasks.values() if task.error is not None
    )
    ratios = [ratio for told in runs for ratio in _ratios(told)]
    return Review(
        len(runs),
        tuple(files.most_common(MOST)),
        _gates(runs),
        tuple((name, count) for name, count in again.most_common(MOST) if count),
        tuple(errors.most_common(MOST)),
        median(ratios) if ratios else None,
        len(ratios),
        summed(score(pairs(told)) for told in runs),
    )


def _clashed(state: State) -> set[str]:
    """The files in which lines clashed in a run."""
    return {
        one.file
        for record in state.conflicts.values()
        if record.grave
        for one in record.files
        if one.conflict
    }


def _gates(runs: Iterable[Chronicle]) -> tuple[Slow, ...]:
    ends: dict[str, list[tuple[bool, float]]] = {}
    for told in runs:
        for result in told.state.results:
            good = result.verdict.value in ("green", "skipped")
            ends.setdefault(result.gate, []).append((good, result.seconds))
    found = [
        Slow(gate, len(listed), sum(not good for good, _ in listed), median(seconds for _, seconds in listed))
        for gate, listed in ends.items()
    ]
    return tuple(sorted(found, key=lambda one: -one.ran * one.seconds)[:MOST])


def _ratios(told: Chronicle) -> Iterable[float]:
    """Of each merged task with an estimate the time that its agent took by the time that was expected."""
    for task in told.state.tasks.values():
        spec = told.state.spec(task.id)
        if task.phase is not Phase.MERGED or spec.estimate is None:
            continue
        took = sum(one.seconds(Doing.ACTIVE) for one in told.attempts if one.task == task.id)
        if took and (expected := estimate(spec)):
            yield took / expected
