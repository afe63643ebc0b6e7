"""M215: a task goes to another wave before it starts; what a person approves is the plan as changed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from world_of_paper import Paper, plan, task

from engine.core.commands import Approve, Estimate, Move, Serialize, UndoDecision
from engine.core.errors import Refused
from engine.core.evolve import evolve
from engine.core.intents import AgentRequested
from engine.core.plan import Mode, Plan, Span, StartPolicy
from engine.core.state import Phase, RunPhase, State, WavePhase
from engine.core.verdicts import WaveReopened
from engine.core.wave_end import wave_end

DIAMOND = (task("a"), task("b"), task("c", "a", "b"), task("d", "a"), task("e", "c"))
ROWS = (("a", "b"), ("c", "d"), ("e",))


def begun(made: Plan | None = None) -> Paper:
    paper = Paper(made or plan(*DIAMOND, waves=ROWS), auto=False)
    paper.run()
    return paper


def rows(state: State) -> list[tuple[str, ...]]:
    assert [wave.number for wave in state.waves] == list(range(1, len(state.waves) + 1))
    assert [(wave.number, wave.tasks) for wave in state.plan.waves] == [
        (wave.number, wave.tasks) for wave in state.waves
    ]
    assert {name: one.wave for name, one in state.tasks.items()} == {
        name: wave.number for wave in state.waves for name in wave.tasks
    }
    return [wave.tasks for wave in state.waves]


def test_a_task_moved_out_goes_to_a_new_wave_when_the_next_one_needs_it() -> None:
    paper = begun()
    paper.tell(Move("b", by="kim", note="not sure yet"))
    assert rows(paper.state) == [("a",), ("b",), ("c", "d"), ("e",)]
    assert paper.state.waves[1].name == "wave 1, later"
    (decision,) = paper.state.decisions
    assert (decision.verb.value, decision.tasks, decision.by, decision.note) == (
        "move",
        ("b",),
        "kim",
        "not sure yet",
    )


def test_a_task_moved_out_joins_the_next_wave_when_nobody_there_needs_it() -> None:
    paper = begun(plan(task("a"), task("b"), task("c", "a"), waves=[("a", "b"), ("c",)]))
    paper.tell(Move("b"))
    assert rows(paper.state) == [("a",), ("b", "c")]


def test_a_second_one_joins_the_wave_that_was_made_for_the_first() -> None:
    paper = begun(plan(*map(task, "abc"), task("d", "a", "b", "c"), waves=[("a", "b", "c"), ("d",)]))
    paper.tell(Move("b"))
    paper.tell(Move("c"))
    assert rows(paper.state) == [("a",), ("b", "c"), ("d",)]


def test_only_what_was_left_starts_on_approval_and_the_rest_waits_for_its_own() -> None:
    paper = begun()
    paper.tell(Move("b"))
    paper.approve()
    paper.run()
    assert {event.task for event in paper.events(AgentRequested)} == {"a"}
    assert paper.state.waves[1].phase is WavePhase.OFFERED
    assert paper.state.tasks["b"].phase is Phase.PENDING
    while not paper.state.ended:
        paper.approve()
        paper.run()
    assert paper.state.phase is RunPhase.DONE
    assert [event.task for event in paper.events(AgentRequested)] == ["a", "b", "c", "d", "e"]


def test_a_move_is_taken_back_and_the_wave_it_made_is_gone() -> None:
    paper = begun()
    before = rows(paper.state)
    paper.tell(Move("b"))
    paper.tell(UndoDecision())
    assert rows(paper.state) == before
    assert [decision.undone for decision in paper.state.decisions] == [True]


def test_what_was_shown_before_a_move_an_order_or_an_estimate_can_no_longer_be_approved() -> None:
    for change in (Move("b"), Serialize("a", "b"), Estimate("a", Span(60, 60))):
        paper = begun()
        shown = paper.state.waves[0].digest
        paper.tell(change)
        with pytest.raises(Refused, match="has changed since it was shown"):
            paper.tell(Approve(1, digest=shown))
        paper.tell(Approve(1, digest=paper.state.waves[0].digest))


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (Move("nobody"), "has no task"),
        (Move("c", 1), "c needs a, which is of wave 1"),
        (Move("a", 2), "c of wave 2 needs a"),
        (Move("e"), "e is alone in wave 3"),
        (Move("a", 9), "has no wave 9"),
        (Move("a", 1), "of wave 1 already"),
    ],
)
def test_a_move_that_would_break_the_plan_is_refused(command: Move, words: str) -> None:
    paper = begun()
    with pytest.raises(Refused, match=words):
        paper.tell(command)


def test_nobody_is_moved_into_an_integration_wave_that_waits_for_who_needs_them() -> None:
    """M215, M058: the wave would wait for the task that waits for the one moved there."""
    made = plan(*DIAMOND, waves=ROWS, start_policy=StartPolicy.DEPENDENCY)
    last = replace(made.waves[2], mode=Mode.INTEGRATION)
    paper = begun(replace(made, waves=(*made.waves[:2], last)))
    with pytest.raises(Refused, match="c of wave 2 needs b"):
        paper.tell(Move("b", 3))


def test_the_last_task_of_an_offered_wave_stays_and_so_does_one_that_was_approved() -> None:
    paper = begun()
    paper.tell(Move("b"))
    with pytest.raises(Refused, match="nothing would be left of wave 1"):
        paper.tell(Move("a"))
    paper.approve()
    with pytest.raises(Refused, match="its place in the plan is fixed"):
        paper.tell(Move("a"))
    with pytest.raises(Refused, match="its place in the plan is fixed"):
        paper.tell(Estimate("a", Span(1, 1)))


def test_a_wave_that_comes_after_certain_waves_comes_after_the_moved_task_too() -> None:
    made = plan(*map(task, "abcd"), waves=[("a", "b"), ("c",), ("d",)])
    last = replace(made.waves[2], mode=Mode.INTEGRATION, needs=(1,))
    paper = begun(replace(made, waves=(*made.waves[:2], last)))
    paper.tell(Move("b", 2))
    assert paper.state.plan.waves[2].needs == (1, 2)


def test_an_estimate_is_the_one_a_person_gave() -> None:
    paper = begun()
    paper.tell(Estimate("a", Span(60, 120)))
    assert paper.state.spec("a").estimate == Span(60, 120)
    assert paper.state.plan.task("a").estimate == Span(60, 120)


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(0, 6)), max_size=12), st.booleans())
def test_whatever_is_moved_where_the_plan_stays_valid_and_runs_to_its_end(
    moves: list[tuple[str, int]], barriers: bool
) -> None:
    policy = StartPolicy.WAVE if barriers else StartPolicy.DEPENDENCY
    paper = begun(plan(*DIAMOND, task("f"), waves=(*ROWS[:2], ("e", "f")), start_policy=policy))
    for name, wave in moves:
        try:
            paper.tell(Move(name, wave) if wave < 6 else UndoDecision())
        except Refused:
            continue
        rows(paper.state)
        if barriers:
            for spec in paper.state.plan.tasks:
                for need in spec.needs:
                    assert paper.state.tasks[need.task].wave < paper.state.tasks[spec.id].wave
    while not paper.state.ended:
        paper.approve()
        paper.run()
    assert paper.state.phase is RunPhase.DONE, paper.state.reason


def test_nobody_is_moved_behind_the_one_that_waits_for_them() -> None:
    paper = begun(plan(task("a"), task("b"), task("z"), waves=[("a", "b"), ("z",)]))
    paper.tell(Serialize("a", "b", "kim"))
    for to in (0, 2):
        with pytest.raises(Refused, match="b waits for a, as serialized"):
            paper.tell(Move("a", to, by="kim"))
    paper.tell(Move("b", by="kim"))
    assert rows(paper.state) == [("a",), ("b", "z")]


def test_a_wave_at_its_end_opens_again_when_one_before_it_waits_for_its_task() -> None:
    """M215: under dependency start `b` may lie behind `c`, which needs it; both were blocked a while"""
    paper = Paper(plan(task("a"), task("b", "a"), task("c", "b"), waves=(("a",), ("b",), ("c",))))
    first, second, third = paper.state.waves
    done = replace(paper.state.tasks["a"], phase=Phase.MERGED)
    state = replace(
        paper.state,
        integrated=True,
        tasks={
            "a": done,
            "c": replace(paper.state.tasks["c"], wave=2),
            "b": replace(paper.state.tasks["b"], wave=3),
        },
        waves=(
            replace(first, phase=WavePhase.CLOSED),
            replace(second, phase=WavePhase.OPEN, tasks=("c",)),
            replace(third, phase=WavePhase.SYNCING, tasks=("b",)),
        ),
    )
    assert wave_end(state) == [WaveReopened(3)]
    assert wave_end(replace(state, open=("gate:wave:3:w:1",))) == []
    assert wave_end(evolve(state, WaveReopened(3))) == []
