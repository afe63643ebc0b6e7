"""What a person decides about agents in conflict, on paper: isolate, serialize, release, restart, undo."""

from __future__ import annotations

import pytest
from test_conflicts import answer, begun, clash, end, see
from world_of_paper import Paper, plan, task

from engine.core.commands import (
    ApproveMerge,
    Isolate,
    Pause,
    Release,
    Retry,
    Serialize,
    SerializeWave,
    SetSlots,
    UndoDecision,
    Unpause,
)
from engine.core.errors import Refused
from engine.core.intents import (
    AgentRequested,
    FreezeRequested,
    RebaseRequested,
    ThawRequested,
    WorktreeRequested,
)
from engine.core.outcomes import Advanced, AgentExited, AgentStarted
from engine.core.plan import (
    FALLBACK_STRATEGIES,
    FALLBACK_TRIGGERS,
    Conflicts,
    Fallback,
    FileRule,
    Handling,
    Resolution,
    Span,
)
from engine.core.state import Phase, RunPhase, Verb
from engine.core.verdicts import ConflictHeld, FallbackApplied
from engine.core.waiting import waiting_for

SEQUENTIAL, ISOLATE, BY_HAND = (
    Fallback(*pair) for pair in zip(FALLBACK_STRATEGIES, FALLBACK_TRIGGERS, strict=True)
)


def merged(paper: Paper) -> list[str]:
    return [event.subject for event in paper.events(Advanced) if event.subject in paper.state.tasks]


def test_an_isolated_task_pauses_nobody_and_is_merged_last_and_only_when_a_person_says_so() -> None:
    """M124"""
    paper = begun("a", "b", "c")
    see(paper, clash("a", "b"))
    answer(paper, FreezeRequested)
    paper.tell(Isolate("b", "kim", "a different approach"))
    begun(of=paper)
    assert not paper.state.tasks["b"].frozen, "it goes on although a is not merged"
    see(paper, clash("b", "c"))
    assert len(paper.events(ConflictHeld)) == 1, "nobody is paused for it, and it for nobody"
    end(paper, "b")
    end(paper, "a")
    assert waiting_for(paper.state, paper.state.tasks["b"]) == ("a, c, being isolated",)
    end(paper, "c")
    assert merged(paper) == ["a", "c"]
    assert waiting_for(paper.state, paper.state.tasks["b"]) == ("your approval of the merge",)
    paper.tell(ApproveMerge("b", "kim"))
    paper.run()
    assert merged(paper) == ["a", "c", "b"]
    decision = paper.state.decisions[0]
    assert (decision.verb, decision.tasks, decision.by) == (Verb.ISOLATE, ("b",), "kim")
    assert decision.note == "a different approach"


def test_of_two_serialized_tasks_the_second_stands_still_and_goes_on_on_top_of_the_first() -> None:
    """M127"""
    paper = begun("a", "b")
    paper.tell(Serialize("a", "b", "kim", "b builds on it anyway"))
    answer(paper, FreezeRequested)
    assert not paper.events(ThawRequested)
    end(paper, "a")
    assert merged(paper) == ["a"], "the wave does not wait for b before a is merged"
    (rebase,) = paper.events(RebaseRequested)
    assert (rebase.task, rebase.base, rebase.tip) == ("b", "base0", "base0+a")
    assert paper.state.tasks["b"].base == "base0+a"
    assert not paper.state.tasks["b"].frozen
    end(paper, "b")
    assert paper.state.phase is RunPhase.DONE
    assert [(one.verb, one.tasks, one.note) for one in paper.state.decisions] == [
        (Verb.SERIALIZE, ("a", "b"), "b builds on it anyway")
    ]


def test_a_task_that_has_not_started_waits_for_the_one_before_it() -> None:
    """M127"""
    paper = Paper(plan(task("a"), task("b"), slots=2), auto=False)
    paper.run()
    paper.tell(Serialize("a", "b"))
    paper.approve()
    begun(of=paper)
    assert [event.task for event in paper.events(WorktreeRequested)] == ["a"]
    assert waiting_for(paper.state, paper.state.tasks["b"]) == ("a, as serialized",)
    end(paper, "a")
    assert [event.task for event in paper.events(WorktreeRequested)] == ["a", "b"]
    assert paper.state.tasks["b"].base == "base0+a"


def test_what_waiting_costs_is_told_by_the_estimate_and_the_progress() -> None:
    """M127: `Estimated Delay: 10 minutes`"""
    paper = Paper(plan(task("a", estimate=Span(600, 1200)), task("b"), slots=2))
    begun(of=paper)
    paper.tell(Serialize("a", "b"))
    assert paper.state.orders[0].delay == 1200
    paper = begun("a", "b")
    paper.tell(Serialize("a", "b"))
    assert paper.state.orders[0].delay is None


def test_the_one_that_stood_still_can_be_made_the_first() -> None:
    """M127: a person turns around what the rule did"""
    paper = begun("a", "b")
    see(paper, clash("a", "b"))
    answer(paper, FreezeRequested)
    paper.tell(Serialize("b", "a"))
    begun(of=paper)
    assert not paper.state.tasks["b"].frozen
    assert paper.state.tasks["a"].frozen
    end(paper, "b")
    assert merged(paper) == ["b"]
    end(paper, "a")
    assert merged(paper) == ["b", "a"]


@pytest.mark.parametrize(
    ("commands", "why"),
    [
        ([Serialize("a", "a")], "a task cannot wait for itself"),
        ([Serialize("c", "a")], "c needs a, or one that does; a cannot be second"),
        ([Serialize("a", "b"), Serialize("b", "a")], "a waits for b|b waits for a as serialized"),
        ([Serialize("a", "b"), Serialize("a", "b")], "b waits for a already"),
        ([Isolate("a"), Serialize("a", "b")], "a is isolated; it is merged last"),
        ([Isolate("a"), Isolate("a")], "a is isolated already"),
        ([Serialize("a", "b"), Isolate("b")], "b waits for a as serialized"),
        ([Release("a")], "a is neither isolated nor serialized"),
        ([Pause(("a",)), Release("a")], "a is paused"),
        ([Serialize("a", "b"), Unpause(("b",))], "b waits for a"),
        ([SerializeWave(9)], "the run has no wave 9"),
        ([UndoDecision()], "nothing was decided that could be taken back"),
        ([UndoDecision(7)], "the run has no decision 7"),
        ([Retry("c")], "c is pending; only failed, stopped, blocked or running tasks are retried"),
        ([Isolate("x")], "the run has no task 'x'"),
    ],
)
def test_what_cannot_be_decided_is_refused_with_the_reason(commands, why) -> None:
    paper = Paper(plan(task("a"), task("b"), task("c", "a"), slots=3))
    begun(of=paper)
    for command in commands[:-1]:
        paper.tell(command)
    with pytest.raises(Refused, match=why):
        paper.tell(commands[-1])


def test_a_wave_made_sequential_goes_on_one_after_the_other() -> None:
    """M123"""
    paper = Paper(plan(task("a"), task("b"), task("c"), slots=2))
    begun(of=paper)
    paper.tell(SerializeWave(1, "kim"))
    answer(paper, FreezeRequested)
    for name in "abc":
        alive = [one.id for one in paper.state.sessions() if not one.frozen]
        assert alive == [name]
        end(paper, name)
    assert merged(paper) == ["a", "b", "c"]
    assert paper.state.phase is RunPhase.DONE


def test_a_running_task_is_started_anew_from_what_is_merged_by_then() -> None:
    """M122, M171"""
    paper = begun("a", "b")
    paper.tell(Retry("b", "kim", "went the wrong way"))
    assert paper.state.tasks["b"].restarting
    paper.tell(AgentExited("agent:b:1", "b", 1, None))
    paper.run(
        lambda intent: (
            (AgentStarted(intent.task, intent.attempt, 7, "/log"),)
            if isinstance(intent, AgentRequested)
            else None
        )
    )
    assert (paper.state.tasks["b"].attempt, paper.state.tasks["b"].phase) == (2, Phase.RUNNING)
    assert paper.state.tasks["a"].phase is Phase.RUNNING, "the other goes on"


def test_decisions_are_taken_back_the_newest_first() -> None:
    """M132: with who and why; what was taken back stays on record"""
    paper = begun("a", "b", "c")
    paper.tell(Isolate("c", "kim"))
    paper.tell(Serialize("a", "b", "kim"))
    answer(paper, FreezeRequested)
    paper.tell(UndoDecision(by="lee"))
    begun(of=paper)
    assert paper.state.orders == ()
    assert not paper.state.tasks["b"].frozen
    paper.tell(UndoDecision(by="lee"))
    assert not paper.state.tasks["c"].isolated
    assert [one.undone for one in paper.state.decisions] == [True, True]
    with pytest.raises(Refused, match="nothing was decided"):
        paper.tell(UndoDecision())


def test_a_decision_that_has_had_its_effect_is_not_taken_back() -> None:
    paper = begun("a", "b")
    paper.tell(Serialize("a", "b", "kim"))
    answer(paper, FreezeRequested)
    end(paper, "a")
    with pytest.raises(Refused, match="has had its effect already"):
        paper.tell(UndoDecision())


# ── fallbacks ───────────────────────────────────────────────────────────────────────────────────────


def with_fallbacks(*names: str, handling: Handling = Handling.AUTOMATIC, **more: object) -> Paper:
    conflicts = Conflicts(handling=handling, fallbacks=(SEQUENTIAL, ISOLATE, BY_HAND))
    return begun(*names, conflicts=conflicts, **more)


def test_several_conflicts_make_the_wave_sequential_once() -> None:
    """M123"""
    paper = with_fallbacks("a", "b", "c")
    see(paper, clash("a", "b"), clash("a", "c"), clash("b", "c"))
    (fallback,) = paper.events(FallbackApplied)
    assert (fallback.strategy, fallback.wave) == ("convert_to_sequential", 1)
    begun(of=paper)
    for name in "abc":
        assert [one.id for one in paper.state.sessions() if not one.frozen] == [name]
        end(paper, name)
    assert len(paper.events(FallbackApplied)) == 1
    assert paper.state.phase is RunPhase.DONE


def test_a_conflict_that_the_rule_settles_needs_no_fallback() -> None:
    """D22: the rule acts first"""
    paper = with_fallbacks("a", "b")
    see(paper, clash("a", "b"))
    assert paper.state.tasks["b"].held_by == ("c1",)
    assert not paper.events(FallbackApplied)


def test_a_single_conflict_without_a_rule_isolates_the_later_agent() -> None:
    """M124"""
    conflicts = Conflicts(rules=(), fallbacks=(ISOLATE,))
    paper = begun("a", "b", conflicts=conflicts)
    see(paper, clash("a", "b"))
    assert paper.state.tasks["b"].isolated
    assert not paper.state.tasks["a"].isolated


def test_a_critical_conflict_pauses_both_until_a_person_has_answered() -> None:
    """M125"""
    high = FileRule("app.py", Resolution.PARALLEL_SAFE)
    paper = with_fallbacks("a", "b", file_rules=(high,))
    see(paper, clash("a", "b"))
    begun(of=paper)
    assert paper.state.tasks["a"].frozen
    assert paper.state.tasks["b"].frozen
    assert not paper.events(ThawRequested), "not even when nothing else could go on"
    paper.tell(Unpause(("a",)))
    begun(of=paper)
    assert not paper.state.tasks["a"].frozen
    assert not paper.state.tasks["b"].frozen
    end(paper, "b")
    end(paper, "a")
    assert merged(paper) == ["b", "a"]


def test_under_manual_handling_a_fallback_is_only_proposed() -> None:
    """M126"""
    paper = with_fallbacks("a", "b", "c", handling=Handling.MANUAL)
    see(paper, clash("a", "b"), clash("a", "c"))
    (fallback,) = paper.events(FallbackApplied)
    assert fallback.proposed
    assert paper.state.orders == ()
    alert = next(one for one in paper.state.alerts if one.text.startswith("proposed:"))
    assert alert.open
    assert alert.remedy == "wavetree serialize --wave 1"
    assert paper.state.conflicts["c1"].fallback == "proposed: convert_to_sequential"


def test_what_was_decided_about_a_conflict_is_said_with_it_and_how_it_is_taken_back() -> None:
    """M124, M127: in place of what could be decided"""
    paper = with_fallbacks("a", "b", handling=Handling.MANUAL)
    see(paper, clash("a", "b"))
    proposed = paper.state.alerts[0].remedy
    assert proposed.startswith("b is paused until you decide")
    paper.tell(Serialize("a", "b"))
    assert paper.state.alerts[0].remedy == (
        "b waits until a is merged, as serialized; to take that back: wavetree release b"
        " · wavetree conflicts c1"
    )
    paper.tell(UndoDecision())
    assert paper.state.alerts[0].remedy == proposed
    paper.tell(Isolate("b"))
    assert paper.state.alerts[0].remedy.startswith("b goes on alone and is merged last; to take that back")
    paper.tell(Release("b"))
    assert paper.state.alerts[0].remedy == proposed


def test_the_first_is_merged_although_the_wave_goes_on_when_the_second_has_the_only_slot() -> None:
    """M127: else the second waits for the first, the first for the wave, and the wave for the slot"""
    paper = Paper(plan(task("a"), task("b"), task("c"), slots=2))
    begun(of=paper)
    paper.tell(Serialize("a", "b"))
    paper.tell(SetSlots(1))
    answer(paper, FreezeRequested)
    end(paper, "a")
    assert merged(paper) == ["a"]
    for name in "bc":
        end(paper, name)
    assert paper.state.phase is RunPhase.DONE
