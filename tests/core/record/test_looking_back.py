"""What repeats over runs, against counts made by hand."""

from __future__ import annotations

from msgspec.structs import replace
from test_foretold import clash, told
from world_of_paper import task

from engine.core.gauged import GateVerdict, TaskError
from engine.core.plan import Span
from engine.core.record.chronicle import Attempt, Doing
from engine.core.record.looking_back import look_back
from engine.core.state import GateResult, Phase


def run():
    """b fails; a and b clash in f; a takes 20 of the expected 10 seconds; the gate is red once of twice."""
    found = told(
        task("a", files=("f",), estimate=Span(5, 10)),
        task("b", files=("f",)),
        conflicts=[clash("c1", "a", "b")],
    )
    found.attempts[0].spans[:] = [(Doing.ACTIVE, 0.0, 20.0)]
    found.attempts.append(Attempt("b", 2, 11.0, 11.0, 12.0, "failed", spans=[(Doing.ACTIVE, 11.0, 12.0)]))
    tasks = {
        "a": replace(found.state.tasks["a"], phase=Phase.MERGED),
        "b": replace(
            found.state.tasks["b"], phase=Phase.FAILED, error=TaskError("InstanceCrash", "m", "c", ("h",))
        ),
    }
    results = (
        GateResult("task", "a", "unit", GateVerdict.GREEN, seconds=4.0),
        GateResult("task", "b", "unit", GateVerdict.RED, seconds=2.0),
    )
    found.state = replace(found.state, tasks=tasks, results=results)
    return found


def test_what_repeats_is_counted_over_the_runs() -> None:
    seen = look_back([run(), run(), run()])
    assert seen.runs == 3
    assert seen.files == (("f", 3),)
    assert [(one.gate, one.ran, one.bad, one.seconds) for one in seen.gates] == [("unit", 6, 3, 3.0)]
    assert seen.again == (("b", 3),)
    assert seen.errors == (("InstanceCrash", 3),)
    assert (seen.off, seen.judged) == (2.0, 3)
    assert (seen.forecast.foretold, seen.forecast.hits) == (3, 3)


def test_nothing_repeats_where_nothing_was() -> None:
    seen = look_back([])
    assert (seen.runs, seen.files, seen.off, seen.forecast.precision) == (0, (), None, None)
