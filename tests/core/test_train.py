"""The merge queue looks ahead: candidates are tested on top of each other; nobody is blamed in company."""

from __future__ import annotations

import pytest
from world_of_paper import Paper, plan, task, well

from engine.core.gauged import GateVerdict
from engine.core.intents import AbortRequested, AdvanceRequested, CandidateRequested, GateRequested, Intent
from engine.core.outcomes import Advanced, Clashed, GateEnded, LoadSeen
from engine.core.plan import Gate, Gates, MergeOrder, Settings
from engine.core.state import Phase, RunPhase

UNIT = Gates(task=(Gate("unit", "true"),))


def queue(*names: str, slots: int = 2, batch: int = 1, gates: Gates = UNIT) -> Paper:
    """A run whose agents are done, with the first gates asked for and not yet answered."""
    settings = Settings(gate_slots=slots, gate_batch=batch, merge_order=MergeOrder.PLAN)
    paper = Paper(plan(*map(task, names), slots=len(names), gates=gates, settings=settings))
    until(paper, lambda intent: isinstance(intent, GateRequested))
    return paper


def until(paper: Paper, stop) -> None:
    """Answer well whatever is open, and is not to be stopped at."""
    while going := [intent for intent in paper.open if not stop(intent)]:
        paper.open.remove(going[0])
        for outcome in well(going[0]):
            paper.tell(outcome)


def gates(paper: Paper) -> dict[str, Intent]:
    return {intent.subject: intent for intent in paper.open if isinstance(intent, GateRequested)}


def end(paper: Paper, name: str, verdict: GateVerdict = GateVerdict.GREEN) -> None:
    """That gate ends; then all goes on until nothing but gates is open."""
    gate = gates(paper)[name]
    paper.open.remove(gate)
    paper.tell(GateEnded(gate.key, gate.level, name, gate.gate.name, verdict))
    until(paper, lambda intent: isinstance(intent, GateRequested))


def shas(paper: Paper) -> list[str]:
    return [gate.sha for gate in paper.events(GateRequested)]


def merged(paper: Paper) -> list[str]:
    return [one.subject for one in paper.events(Advanced) if one.subject in paper.state.tasks]


def test_the_next_candidate_is_tested_on_top_of_the_one_ahead_of_it():
    """M134: two gates at once, each in a worktree of its own; what lands is what was tested."""
    paper = queue("a", "b", "c")
    assert shas(paper) == ["base0+a", "base0+a+b"]
    assert sorted(gate.slot for gate in gates(paper).values()) == [1, 2]
    assert [merge.task for merge in paper.state.train] == ["a", "b", "c"], "made ready, waits for a slot"
    end(paper, "b")
    assert merged(paper) == [], "not before the one it was made on top of"
    assert gates(paper)["c"].sha == "base0+a+b+c"
    end(paper, "a")
    assert merged(paper) == ["a", "b"]
    end(paper, "c")
    assert paper.run().phase is RunPhase.DONE
    landed = {one.new for one in paper.events(AdvanceRequested) if one.subject in "abc"}
    assert landed == set(shas(paper))


def test_the_slots_bound_how_many_gates_run_at_once():
    paper = queue("a", "b", "c", "d", slots=1)
    assert shas(paper) == ["base0+a"]
    paper = queue("a", "b", "c", "d", slots=3)
    assert shas(paper) == ["base0+a", "base0+a+b", "base0+a+b+c"]


def test_without_a_gate_that_takes_time_there_is_nothing_to_look_ahead_for():
    paper = queue("a", "b", gates=Gates())
    paper.run()
    assert [event.tip for event in paper.events(CandidateRequested)] == ["base0", "base0+a"]
    assert merged(paper) == ["a", "b"]


def test_a_busy_machine_tests_one_candidate_at_a_time():
    paper = queue("a", "b", "c")
    paper.tell(LoadSeen("no new starts", 96.0, "CPU"))
    end(paper, "b")
    assert list(gates(paper)) == ["a"]
    end(paper, "a")
    assert list(gates(paper)) == ["c"]


def test_who_is_red_in_company_steps_aside_and_is_tried_once_more_alone():
    paper = queue("a", "b", "c")
    end(paper, "b", GateVerdict.RED)
    assert paper.state.tasks["b"].accused
    assert [merge.task for merge in paper.state.train] == ["a"], "c was made on top of it, and waits for it"
    end(paper, "a")
    assert shas(paper)[-1] == "base0+a+b"
    assert list(gates(paper)) == ["b"], "nothing runs beside it"
    end(paper, "b")
    end(paper, "c")
    assert paper.run().phase is RunPhase.DONE
    assert merged(paper) == ["a", "b", "c"]


def test_who_is_red_alone_too_is_put_out_and_the_others_go_on():
    paper = queue("a", "b", "c")
    end(paper, "b", GateVerdict.RED)
    end(paper, "a")
    end(paper, "b", GateVerdict.RED)
    assert paper.state.tasks["b"].phase is Phase.FAILED
    assert shas(paper)[-1] == "base0+a+c"
    end(paper, "c")
    assert merged(paper) == ["a", "c"]


def test_when_the_head_is_red_the_gates_behind_it_are_ended_and_their_tasks_tested_anew():
    """What was tested on top of it will never land."""
    paper = queue("a", "b")
    end(paper, "a", GateVerdict.RED)
    assert [event.gate for event in paper.events(AbortRequested)] == [gates(paper)["b"].key]
    end(paper, "b", GateVerdict.GREEN)
    assert merged(paper) == [], "tested together with a, which is not to land"
    assert gates(paper)["a"].sha == "base0+a", "alone now"
    end(paper, "a", GateVerdict.RED)
    assert gates(paper)["b"].sha == "base0+b"
    end(paper, "b")
    assert merged(paper) == ["b"]
    assert not paper.state.tasks["b"].accused


@pytest.mark.parametrize(("second", "how"), [(GateVerdict.GREEN, "merged"), (GateVerdict.TIMEOUT, "failed")])
def test_a_time_out_is_tried_once_more_before_anybody_is_blamed(second, how):
    paper = queue("a", slots=1)
    end(paper, "a", GateVerdict.TIMEOUT)
    assert paper.state.tasks["a"].phase is not Phase.FAILED
    end(paper, "a", second)
    assert paper.state.tasks["a"].phase.value == how


def test_a_clash_with_what_may_never_land_is_not_told_as_a_conflict():
    settings = Settings(gate_slots=2, merge_order=MergeOrder.PLAN)
    paper = Paper(plan(task("a"), task("b"), slots=2, gates=UNIT, settings=settings))

    def stop(intent: Intent) -> bool:
        return isinstance(intent, GateRequested) or getattr(intent, "tip", "") == "base0+a"

    until(paper, stop)
    onto = paper.take(CandidateRequested)
    paper.tell(Clashed(onto.key, "b", 1, ("f",)))
    assert paper.state.tasks["b"].phase is Phase.COMPLETE
    end(paper, "a", GateVerdict.RED)
    end(paper, "b")
    assert merged(paper) == ["b"]


def test_a_clash_with_what_has_landed_is_one():
    settings = Settings(gate_slots=2, merge_order=MergeOrder.PLAN)
    paper = Paper(plan(task("a"), task("b"), slots=2, gates=UNIT, settings=settings))

    def answer(intent: Intent):
        if isinstance(intent, CandidateRequested) and intent.tip == "base0+a":
            return [Clashed(intent.key, intent.task, intent.attempt, ("f",))]
        return None

    paper.run(answer)
    assert len([one for one in paper.events(CandidateRequested) if one.task == "b"]) == 2
    assert paper.state.tasks["b"].error.type == "MergeConflict"


def test_a_batch_is_tested_by_one_run_of_the_gates():
    paper = queue("a", "b", "c", "d", "e", slots=1, batch=3)
    assert shas(paper) == ["base0+a+b+c"]
    end(paper, "c")
    assert merged(paper) == ["a", "b", "c"]
    assert shas(paper)[1:] == ["base0+a+b+c+d+e"], "the rest is a batch when there is no more to come"
    end(paper, "e")
    assert paper.run().phase is RunPhase.DONE


def test_a_red_batch_finds_its_culprit_and_lets_the_others_through():
    paper = queue("a", "b", "c", "d", slots=1, batch=3)
    end(paper, "c", GateVerdict.RED)
    for name, verdict in [("a", GateVerdict.GREEN), ("b", GateVerdict.RED), ("c", GateVerdict.GREEN)]:
        assert list(gates(paper)) == [name], "each alone"
        end(paper, name, verdict)
    end(paper, "d")
    assert merged(paper) == ["a", "c", "d"]
    assert paper.state.tasks["b"].error.type == "Test Failure"


def test_batches_are_stacked_on_each_other_in_free_slots():
    paper = queue("a", "b", "c", "d", slots=2, batch=2)
    assert shas(paper) == ["base0+a+b", "base0+a+b+c+d"]
    end(paper, "d")
    assert merged(paper) == []
    end(paper, "b")
    assert merged(paper) == ["a", "b", "c", "d"]


def test_what_is_judged_of_each_task_is_not_judged_of_a_batch():
    judged = Gates(task=(Gate("unit", "true"), Gate("g: validate_output", "", action="validate_output")))
    paper = queue("a", "b", slots=1, batch=2, gates=judged)
    assert shas(paper) == ["base0+a"]
