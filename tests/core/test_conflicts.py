"""Conflicts between live branches: their records, who stands still for them, and that a run still ends."""

from __future__ import annotations

from functools import partial

import msgspec
import pytest
from world_of_paper import Paper, plan, task, well

from engine.core.commands import Pause, Resume, Retry, Stop, Unpause
from engine.core.conflicts import LEFT_TO_A_PERSON, PAUSE_SECOND, SHOWN, ConflictKind, ConflictState
from engine.core.events import Event
from engine.core.evolve import evolve
from engine.core.intents import (
    AgentRequested,
    CandidateRequested,
    FreezeRequested,
    Intent,
    RebaseRequested,
    SyncRequested,
    ThawRequested,
)
from engine.core.outcomes import (
    AgentExited,
    AgentReported,
    AgentStarted,
    Clashed,
    OverlapsSeen,
    PathsSeen,
    RebaseClashed,
    Recovered,
    Report,
    SyncClashed,
)
from engine.core.overlaps import Overlap
from engine.core.plan import ConflictRule, Conflicts, Handling, Level, MergeOrder, Need, Settings, StartPolicy
from engine.core.state import AlertKind, Phase, RunPhase, State
from engine.core.timeline import ConflictTimes, Timeline, record
from engine.core.verdicts import ConflictReleased

same = partial(Overlap, file="app.py", conflict=False, lines_first=((1, 1),), lines_second=((9, 9),))
clash = partial(
    Overlap, file="app.py", conflict=True, lines_first=((12, 14),), lines_second=((12, 12),), later="b"
)
SHOW_ONLY = {"settings": Settings(auto_coordinate=False)}


def begun(*names: str, of: Paper | None = None, **more: object) -> Paper:
    """A run whose agents all work."""
    paper = of or Paper(plan(*(task(name) for name in names), slots=len(names), **more))
    paper.run(_started)
    return paper


def _started(intent: Intent) -> tuple[Event, ...] | None:
    if isinstance(intent, AgentRequested):
        return (AgentStarted(intent.task, intent.attempt, 7, "/log"),)
    return None


def _no_room_for_b(intent: Intent) -> tuple[Event, ...] | None:
    if isinstance(intent, RebaseRequested):
        return (RebaseClashed(intent.key, "b", intent.attempt, intent.tip, ("app.py",)),)
    return _started(intent)


def see(paper: Paper, *overlaps: Overlap, gone: tuple[tuple[str, str], ...] = ()) -> None:
    attempts = {name: one.attempt for name, one in paper.state.tasks.items()}
    paper.tell(OverlapsSeen(overlaps, gone, attempts, paper.state.tip))


def end(paper: Paper, name: str, code: int = 0) -> None:
    """The agent ends, and all that follows of itself happens."""
    one = paper.state.tasks[name]
    paper.tell(AgentExited(f"agent:{name}:{one.attempt}", name, one.attempt, code))
    begun(of=paper)


def answer(paper: Paper, kind: type) -> Intent:
    intent = paper.take(kind)
    for outcome in well(intent):
        paper.tell(outcome)
    return intent


def test_the_same_file_is_a_quiet_note_and_the_same_lines_an_alert() -> None:
    paper = begun("a", "b", **SHOW_ONLY)
    see(paper, same("a", "b"))
    record = paper.state.conflicts["c1"]
    assert (record.kind, record.level, record.tasks, record.state) == (
        ConflictKind.CLEAN,
        Level.LOW,
        ("a", "b"),
        ConflictState.OPEN,
    )
    assert paper.state.alerts == ()
    see(paper, clash("a", "b"))
    record = paper.state.conflicts["c1"]
    assert (record.kind, record.level, record.later, record.rule, record.action) == (
        ConflictKind.CONFLICT,
        Level.HIGH,
        "b",
        "same_file_modification",
        SHOWN,
    )
    (alert,) = paper.state.alerts
    assert (alert.kind, alert.open, alert.conflict) == (AlertKind.CONFLICT, True, "c1")
    assert alert.text == "b and a change the same place: app.py (lines 12 and 12-14)"
    assert (alert.tasks, alert.files) == (("b", "a"), ("app.py",))
    assert alert.remedy == "wavetree pause b · wavetree conflicts c1"


def test_what_merges_cleanly_again_is_settled_and_comes_back_under_the_same_name() -> None:
    paper = begun("a", "b", **SHOW_ONLY)
    see(paper, clash("a", "b"))
    see(paper, same("a", "b"))
    record = paper.state.conflicts["c1"]
    assert (record.state, record.resolved_by, record.how) == (
        ConflictState.RESOLVED,
        "agents",
        "merges cleanly again",
    )
    assert record.files[0].conflict, "what it was stays on record"
    assert not paper.state.alerts[0].open
    see(paper, clash("a", "b", later="a"))
    record = paper.state.conflicts["c1"]
    assert (record.state, record.how, record.later, len(paper.state.alerts)) == (
        ConflictState.OPEN,
        "",
        "a",
        1,
    )
    see(paper, gone=(("a", "b"),))
    assert not paper.state.conflicts["c1"].open
    assert not paper.state.alerts[0].open


def test_what_was_seen_of_another_attempt_or_another_tip_is_passed_over() -> None:
    paper = begun("a", "b")
    paper.tell(OverlapsSeen((clash("a", "b"),), (), {"a": 1, "b": 2}, "base0"))
    paper.tell(OverlapsSeen((clash("a", ""),), (), {"a": 1, "b": 1}, "elsewhere"))
    paper.tell(OverlapsSeen((clash("a", "nobody"),), (), {"a": 1}, "base0"))
    assert paper.state.conflicts == {}


def test_the_later_of_two_stands_still_until_the_first_is_merged_and_goes_on_then() -> None:
    paper = begun("a", "b")
    see(paper, clash("a", "b"))
    record = paper.state.conflicts["c1"]
    assert (record.state, record.action) == (ConflictState.PAUSED, PAUSE_SECOND)
    assert paper.state.tasks["b"].held_by == ("c1",)
    assert not paper.state.tasks["b"].held, "that is the person's"
    assert answer(paper, FreezeRequested).key == "freeze:b:1"
    assert "until a is merged" in paper.state.alerts[0].remedy
    end(paper, "a")  # the wave does not wait for b before a is merged
    assert paper.state.tasks["a"].phase is Phase.MERGED
    assert paper.events(ThawRequested)
    assert not paper.state.tasks["b"].frozen
    assert paper.state.tasks["b"].base == "base0+a", "it goes on on top of what is merged"
    record = paper.state.conflicts["c1"]
    assert (record.state, record.resolved_by) == (ConflictState.RESOLVED, "engine")
    assert record.how == "goes on on top of what is merged"
    see(paper, clash("b", "", later=""))
    assert paper.state.alerts[0].text.startswith("b and what is merged already change the same place")
    assert paper.state.tasks["b"].held_by == (), "what is merged waits for nobody"
    see(paper, gone=(("b", ""),))
    assert paper.state.conflicts["c1"].how == "merges cleanly again"
    end(paper, "b")
    assert paper.state.phase is RunPhase.DONE


def test_who_reads_a_schema_stands_still_while_it_is_changed_and_starts_anew_from_it() -> None:
    """M120, M122"""
    paper = Paper(plan(task("a"), task("b", reads=("db/*.sql",)), task("c"), slots=3))
    begun(of=paper)
    paper.tell(PathsSeen("c", 1, ("db/readme.md",)))
    assert not paper.state.conflicts
    paper.tell(PathsSeen("a", 1, ("db/user.sql", "x.py")))
    record = paper.state.conflicts["c1"]
    assert (record.kind, record.level, record.rule) == (
        ConflictKind.SCHEMA,
        Level.HIGH,
        "dependent_schema_change",
    )
    assert (record.tasks, record.later, record.state) == (("a", "b"), "b", ConflictState.PAUSED)
    assert paper.state.alerts[0].text == "a changes the schema in db/user.sql, which b builds on"
    answer(paper, FreezeRequested)
    end(paper, "c")
    end(paper, "a")
    assert paper.state.tasks["a"].phase is Phase.MERGED
    assert not paper.events(RebaseRequested), "it does not go on with what it made of the old one"
    paper.tell(AgentExited("agent:b:1", "b", 1, None))
    begun(of=paper)
    assert (paper.state.tasks["b"].attempt, paper.state.tasks["b"].base) == (2, "base0+c+a")
    assert not paper.state.conflicts["c1"].open


def test_who_reads_a_schema_is_only_told_of_where_nobody_is_paused() -> None:
    """M120"""
    paper = Paper(plan(task("a"), task("b", reads=("db/*.sql",)), slots=2, **SHOW_ONLY))
    begun(of=paper)
    paper.tell(PathsSeen("a", 1, ("db/user.sql",)))
    assert paper.state.conflicts["c1"].open
    assert paper.state.alerts[0].remedy.startswith("once a is merged: wavetree retry b")
    assert not paper.events(FreezeRequested)


def test_two_that_change_one_schema_are_a_conflict_though_git_could_merge_it() -> None:
    """M120: another changer"""
    paper = begun("a", "b")
    paper.tell(PathsSeen("a", 1, ("db/user.sql",)))
    paper.tell(PathsSeen("b", 1, ("db/user.sql",)))
    (record,) = paper.state.conflicts.values()
    assert (record.kind, record.tasks, record.later) == (ConflictKind.SCHEMA, ("a", "b"), "b")


def test_files_that_a_task_did_not_declare_are_told_of_and_pause_nobody() -> None:
    """M131"""
    paper = Paper(plan(task("a", files=("a.py", "docs/**")), task("b"), slots=2))
    begun(of=paper)
    paper.tell(PathsSeen("a", 1, ("a.py", "b.py", "docs/x.md")))
    paper.tell(PathsSeen("b", 1, ("anything.py",)))
    assert [(alert.text, alert.open) for alert in paper.state.alerts] == [("a: undeclared file b.py", False)]
    assert not paper.events(FreezeRequested)


def test_who_does_not_fit_on_what_is_merged_stands_still_until_nothing_else_can_go_on() -> None:
    paper = begun("a", "b", "c", start_policy=StartPolicy.DEPENDENCY)
    see(paper, clash("a", "b"))
    answer(paper, FreezeRequested)
    paper.tell(AgentExited("agent:a:1", "a", 1, 0))
    paper.run(_no_room_for_b)
    record = paper.state.conflicts["c1"]
    assert (record.state, record.asks, record.critical) == (ConflictState.PAUSED, True, False)
    assert paper.state.tasks["b"].held_by == ("c1",)
    assert paper.state.tasks["b"].base == "base0", "nothing was changed"
    assert not paper.events(ThawRequested)
    end(paper, "c")
    assert paper.events(ThawRequested), "nobody else is left to wait for"
    assert paper.state.conflicts["c1"].overruled == "nothing else could go on"


def test_a_conflict_that_stays_is_a_persons_once_git_refuses_to_merge() -> None:
    paper = begun("a", "b")
    see(paper, clash("a", "b"))
    answer(paper, FreezeRequested)
    end(paper, "a")
    one = paper.state.tasks["b"]
    paper.tell(AgentExited("agent:b:1", "b", 1, 0))
    paper.run(
        lambda intent: (
            (Clashed(intent.key, "b", one.attempt, ("app.py",)),)
            if isinstance(intent, CandidateRequested)
            else None
        )
    )
    record = paper.state.conflicts["c2"]
    assert (record.kind, record.action, record.open) == (ConflictKind.MERGE, LEFT_TO_A_PERSON, True)
    clashes = [alert for alert in paper.state.alerts if alert.kind is AlertKind.CONFLICT]
    assert [(alert.open, alert.conflict) for alert in clashes] == [(False, "c1"), (True, "c2")]
    assert paper.state.phase is RunPhase.FAILED
    paper.tell(Resume(auto_approve=True))
    begun(of=paper)
    record = paper.state.conflicts["c2"]
    assert (record.state, record.resolved_by, record.how) == (
        ConflictState.RESOLVED,
        "person",
        "b is tried anew",
    )
    assert not any(alert.open for alert in paper.state.alerts)


def test_a_base_that_clashes_is_on_record_until_it_is_merged_in() -> None:
    paper = begun("a")
    paper.tell(AgentExited("agent:a:1", "a", 1, 0))
    paper.run(
        lambda intent: (
            (SyncClashed(intent.key, 1, "base9", ("app.py",)),)
            if isinstance(intent, SyncRequested) and paper.state.engines == 0
            else None
        )
    )
    record = paper.state.conflicts["c1"]
    assert (record.kind, record.tasks, record.open) == (ConflictKind.BASE, (), True)
    assert paper.state.reason == "main has moved and clashes with the run's work in app.py"
    paper.tell(Resume())
    paper.run()
    record = paper.state.conflicts["c1"]
    assert (record.open, record.resolved_by, record.how) == (False, "person", "merged by hand")
    assert paper.state.phase is RunPhase.DONE


def test_the_end_of_either_settles_their_conflict_and_lets_the_other_go_on() -> None:
    paper = begun("a", "b")
    see(paper, clash("a", "b"))
    answer(paper, FreezeRequested)
    end(paper, "a", code=1)
    record = paper.state.conflicts["c1"]
    assert (record.state, record.how) == (ConflictState.RESOLVED, "a ended without it")
    assert paper.state.tasks["b"].held_by == ()
    assert not paper.state.tasks["b"].frozen
    paper.tell(Retry("a"))
    begun(of=paper)
    see(paper, clash("a", "b"))
    assert paper.state.conflicts["c2"].state is ConflictState.PAUSED


def test_a_person_who_lets_the_second_go_on_has_the_last_word_for_that_conflict() -> None:
    paper = begun("a", "b")
    see(paper, clash("a", "b"))
    answer(paper, FreezeRequested)
    paper.tell(Unpause(("b",)))
    assert answer(paper, ThawRequested).key == "thaw:b:1"
    assert paper.state.conflicts["c1"].overruled == "a person"
    see(paper, same("a", "b"))
    see(paper, clash("a", "b"))
    assert paper.state.conflicts["c1"].state is ConflictState.OPEN
    assert not any(isinstance(intent, FreezeRequested) for intent in paper.open)
    assert paper.state.tasks["b"].held_by == ()


def test_a_persons_own_pause_outlives_the_conflict() -> None:
    paper = begun("a", "b")
    see(paper, clash("a", "b"))
    answer(paper, FreezeRequested)
    paper.tell(Pause(("b",)))
    see(paper, same("a", "b"))
    assert (paper.state.tasks["b"].held, paper.state.tasks["b"].held_by) == (True, ())
    assert not any(isinstance(intent, ThawRequested) for intent in paper.open)


def test_a_pause_for_a_conflict_is_brought_about_again_after_a_crash() -> None:
    paper = begun("a", "b")
    see(paper, clash("a", "b"))
    answer(paper, FreezeRequested)
    paper.tell(Recovered(1))
    assert answer(paper, FreezeRequested).key == "freeze:b:1"
    assert paper.state.tasks["b"].frozen


@pytest.mark.parametrize(
    "more",
    [
        SHOW_ONLY,
        {"conflicts": Conflicts(rules=())},
        {"conflicts": Conflicts(rules=(ConflictRule("same_file_modification", "pause_dependent_agents"),))},
    ],
)
def test_nobody_is_paused_where_the_plan_does_not_want_it(more: dict[str, object]) -> None:
    """M200, D03: seen and told all the same"""
    paper = begun("a", "b", **more)
    see(paper, clash("a", "b"))
    assert paper.state.conflicts["c1"].state is ConflictState.OPEN
    assert paper.state.alerts[0].open
    assert not paper.events(FreezeRequested)
    assert paper.state.conflicts["c1"].action == SHOWN


def test_under_manual_handling_the_second_stands_still_until_a_person_has_decided() -> None:
    """M126, D22: the rule acts at once, what becomes of the two is left to a person."""
    manual = Conflicts(handling=Handling.MANUAL)
    paper = begun("a", "b", "c", conflicts=manual, start_policy=StartPolicy.DEPENDENCY)
    see(paper, clash("a", "b"))
    answer(paper, FreezeRequested)
    assert "b is paused until you decide: wavetree resolve c1" in paper.state.alerts[0].remedy
    end(paper, "a")
    assert paper.state.tasks["a"].phase is Phase.MERGED
    see(paper, clash("", "b"))
    assert paper.state.conflicts["c1"].state is ConflictState.PAUSED
    assert not paper.events(RebaseRequested), "nothing is put on top of the other by itself"
    paper.tell(Unpause(("b",)))
    assert paper.events(RebaseRequested)


def test_in_plan_order_the_first_is_merged_although_the_second_is_listed_before_it() -> None:
    paper = begun("b", "a", settings=Settings(merge_order=MergeOrder.PLAN))
    see(paper, clash("b", "a"))
    answer(paper, FreezeRequested)
    end(paper, "a")
    assert paper.state.tasks["a"].phase is Phase.MERGED
    end(paper, "b")
    assert paper.state.phase is RunPhase.DONE


def test_three_in_a_circle_never_all_stand_still() -> None:
    paper = begun("a", "b", "c")
    see(paper, clash("a", "b"), clash("b", "c", later="c"), clash("a", "c", later="a"))
    assert {one.id for one in paper.state.held_by_conflicts} == {"b", "c"}
    for name in ("a", "b", "c"):
        begun(of=paper)
        assert paper.state.tasks[name].held_by == ()
        end(paper, name)
    assert paper.state.phase is RunPhase.DONE


def test_who_builds_on_a_milestone_never_makes_the_one_it_needs_stand_still() -> None:
    needs = (Need("b", "stone"),)
    made = plan(
        task("b"), msgspec.structs.replace(task("a"), needs=needs), start_policy=StartPolicy.DEPENDENCY
    )
    paper = Paper(made)
    begun(of=paper)
    paper.tell(AgentReported("b", 1, Report(milestones=("stone",))))
    begun(of=paper)
    assert paper.state.tasks["a"].phase is Phase.RUNNING
    see(paper, clash("b", "a", later="b"))
    assert paper.state.tasks["b"].held_by == ()


def test_the_second_goes_on_when_the_first_waits_for_a_persons_consent() -> None:
    paper = begun("a", "b", settings=Settings(auto_merge=False))
    see(paper, clash("a", "b"))
    answer(paper, FreezeRequested)
    end(paper, "a")
    assert paper.state.tasks["a"].phase is Phase.COMPLETE
    assert paper.events(ConflictReleased) == [ConflictReleased("c1", "b", "nothing else could go on")]
    assert not paper.state.tasks["b"].frozen


def test_a_stop_settles_what_is_open() -> None:
    paper = begun("a", "b")
    see(paper, clash("a", "b"))
    answer(paper, FreezeRequested)
    paper.tell(Stop())
    paper.run()
    for name in ("a", "b"):
        paper.tell(AgentExited(f"agent:{name}:1", name, 1, None))
    paper.run()
    assert paper.state.phase is RunPhase.STOPPED
    assert not any(record.open for record in paper.state.conflicts.values())


def test_conflicts_replay_from_the_journal_as_they_were() -> None:
    paper = begun("a", "b")
    see(paper, clash("a", "b", text_first="x\n" * 9_000))
    end(paper, "a")
    see(paper, clash("b", ""))
    encode, decode = msgspec.json.encode, msgspec.json.Decoder(tuple[Event, ...]).decode
    state = State()
    for events in paper.log:
        for event in decode(encode(events)):
            state = evolve(state, event)
    assert state == paper.state
    assert len(state.conflicts["c1"].files[0].text_first) <= 4_000


def test_the_timeline_knows_when_a_conflict_was_found_and_what_it_cost() -> None:
    paper = begun("a", "b")
    see(paper, clash("a", "b"))
    times = record(Timeline(), 10.0, paper.log[-1], 1, paper.state.conflicts)
    paper.tell(Unpause(("b",)))
    times = record(times, 14.0, paper.log[-1], 1, paper.state.conflicts)
    assert times.conflicts["c1"] == ConflictTimes(found=10.0, delay=4.0)
    see(paper, gone=(("a", "b"),))
    times = record(times, 20.0, paper.log[-1], 1, paper.state.conflicts)
    assert times.conflicts["c1"] == ConflictTimes(found=10.0, resolved=20.0, delay=4.0)
    assert ConflictTimes(held_since=5.0, delay=1.0).delayed(8.0) == 4.0
