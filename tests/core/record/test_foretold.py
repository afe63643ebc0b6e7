"""The forecast's score against counts made by hand."""

from __future__ import annotations

from msgspec.structs import replace
from world_of_paper import plan, task

from engine.core.conflicts import ConflictKind, ConflictRecord
from engine.core.evolve import evolve
from engine.core.overlaps import Overlap
from engine.core.plan import Level
from engine.core.record.chronicle import Attempt, Chronicle, Doing
from engine.core.record.foretold import LEAST, Pair, Score, pairs, score, summed
from engine.core.state import State
from engine.core.verdicts import RunCreated


def told(*tasks, conflicts=(), times=None) -> Chronicle:
    """A run of these tasks, all from 0 to 10 where `times` does not say otherwise."""
    made = plan(*tasks)
    state = evolve(State(), RunCreated("r1", made, "/r", "main", "base", "wavetree/r1", 9))
    records = {one.id: one for one in conflicts}
    changed = {t.id: replace(state.tasks[t.id], files=t.files) for t in tasks}
    attempts = []
    for one in tasks:
        start, end = (times or {}).get(one.id, (0.0, 10.0))
        attempts.append(Attempt(one.id, 1, start, start, end, "merged", spans=[(Doing.ACTIVE, start, end)]))
    return Chronicle(attempts, state=replace(state, conflicts=records, tasks=changed), ended=10.0)


def clash(
    id: str, *tasks: str, file: str = "f", kind: ConflictKind = ConflictKind.CONFLICT
) -> ConflictRecord:
    level = Level.LOW if kind is ConflictKind.CLEAN else Level.HIGH
    two = (tasks[0], tasks[1] if len(tasks) > 1 else "")
    seen = Overlap(*two, file, kind is not ConflictKind.CLEAN)
    return ConflictRecord(id, kind, level, tasks, files=(seen,))


def test_foretold_and_came_are_counted_pair_by_pair() -> None:
    """a and b declare f and clash; a and c declare g and do not; c and d clash unforetold."""
    run = told(
        task("a", files=("f", "g")),
        task("b", files=("f",)),
        task("c", files=("g",)),
        task("d", files=("h",)),
        conflicts=[clash("c1", "a", "b"), clash("c2", "c", "d", file="x")],
    )
    found = pairs(run)
    assert found == (
        Pair("a", "b", Level.MEDIUM, ("f",)),
        Pair("a", "c", Level.MEDIUM),
        Pair("c", "d", None, ("x",)),
    )
    seen = score(found)
    assert (seen.foretold, seen.came, seen.hits) == (2, 2, 1)
    assert (seen.precision, seen.recall) == (50.0, 50.0)


def test_a_pair_that_was_never_at_work_together_does_not_count() -> None:
    run = told(task("a", files=("f",)), task("b", files=("f",)), times={"b": (10.0, 20.0)})
    assert pairs(run) == ()
    assert score(pairs(run)) == Score(runs=1)


def test_what_merges_clean_is_no_conflict() -> None:
    run = told(
        task("a", files=("f",)),
        task("b", files=("f",)),
        conflicts=[clash("c1", "a", "b", kind=ConflictKind.CLEAN)],
    )
    assert [one.came for one in pairs(run)] == [()]


def test_a_refused_merge_is_laid_to_who_changed_the_file_before() -> None:
    run = told(
        task("a", files=("f",)),
        task("b", files=("g",)),
        task("c", files=("f",)),
        conflicts=[clash("c1", "c", kind=ConflictKind.MERGE)],
    )
    assert pairs(run) == (Pair("a", "c", Level.MEDIUM, ("f",)),)


def test_without_anything_foretold_or_come_there_is_nothing_to_divide() -> None:
    assert (score([]).precision, score([]).recall) == (None, None)
    assert score([Pair("a", "b", Level.LOW)]).precision is None, "a low one is no forecast of a conflict"


def test_runs_are_summed_and_few_pairs_give_no_rate() -> None:
    one = score([Pair("a", "b", Level.HIGH, ("f",)), Pair("a", "c", Level.MEDIUM)])
    three = summed([one, one, one])
    assert (three.foretold, three.came, three.hits, three.runs) == (6, 3, 3, 3)
    assert three.levels == {Level.HIGH: (3, 3), Level.MEDIUM: (3, 0)}
    assert three.rate(Level.HIGH) is None, f"fewer than {LEAST}"
    assert summed([one] * 5).rate(Level.HIGH) == 100.0
