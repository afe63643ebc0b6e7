"""Whatever the plan, the agents, the person and the crashes do, a run keeps its promises."""

from __future__ import annotations

import itertools
import random

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from world_of_paper import Paper, plan, well

from engine.core.commands import (
    Approve,
    ApproveMerge,
    Command,
    Fixed,
    Isolate,
    Move,
    Override,
    Pause,
    Reject,
    Release,
    Resume,
    Retry,
    RetryGate,
    Review,
    Serialize,
    SerializeWave,
    SetSlots,
    Stop,
    StopTask,
    Tick,
    UndoDecision,
    Unpause,
)
from engine.core.criteria import unticked
from engine.core.decide import step
from engine.core.errors import Refused
from engine.core.events import Event
from engine.core.evolve import evolve
from engine.core.evolve_conflicts import open_pairs
from engine.core.gauged import ErrorType, GateVerdict, TaskError
from engine.core.intents import (
    AdvanceRequested,
    AgentRequested,
    CandidateRequested,
    CleanupRequested,
    CollectRequested,
    GateRequested,
    Intent,
    LandRequested,
    PullRequestRequested,
    RebaseRequested,
    WorktreeRequested,
)
from engine.core.outcomes import (
    Advanced,
    AdvanceRefused,
    AgentExited,
    AgentReported,
    AgentStarted,
    Clashed,
    Collected,
    GateEnded,
    LandRefused,
    Outcome,
    OverlapsSeen,
    PathsSeen,
    PullRequestEnded,
    RebaseClashed,
    Recovered,
    Report,
    TestFailed,
    WorktreeFailed,
    WorktreeMade,
)
from engine.core.overlaps import Overlap
from engine.core.plan import (
    FALLBACK_STRATEGIES,
    FALLBACK_TRIGGERS,
    Conflicts,
    Fallback,
    FileRule,
    Gate,
    Gates,
    Handling,
    MergeOrder,
    Mode,
    Need,
    Plan,
    Resolution,
    ReviewRule,
    Settings,
    StartPolicy,
    Task,
    Wave,
)
from engine.core.pulls import by_pull_request
from engine.core.recovery import waits_for_gate
from engine.core.reviewing import in_review, waits_for_review
from engine.core.signing import people_wanted, waits_for_people
from engine.core.standing import critical_of, firsts, stands_still
from engine.core.state import LIVE, WORKING, Phase, State
from engine.core.verdicts import TaskCompleted, WaveApproved
from engine.core.waiting import waiting_for

names = "abcdefgh"


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Small plans with needs, milestones, waves of both modes, gates, both policies."""
    count = draw(st.integers(1, 7))
    tasks, level = [], {}
    for index in range(count):
        before = list(names[:index])
        needs = draw(st.lists(st.sampled_from(before), unique=True, max_size=3)) if before else []
        level[names[index]] = 1 + max((level[need] for need in needs), default=0)
        stone = draw(st.booleans())
        made = tuple(Need(need, "stone" if stone and draw(st.booleans()) else None) for need in needs)
        reads = ("*.sql",) if draw(st.integers(0, 4)) == 0 else ()
        done = draw(st.integers(0, 9)) == 0
        tasks.append(Task(names[index], run="true", needs=made, reads=reads, complete=done))
    groups = [tuple(n for n in level if level[n] == depth) for depth in range(1, max(level.values()) + 1)]
    modes = [draw(st.sampled_from(list(Mode))) for _ in groups]
    asked = [draw(st.sampled_from([(), ("by command", "by hand")])) for _ in groups]
    each = enumerate(zip(groups, modes, asked, strict=True), 1)
    waves = tuple(Wave(number, f"w{number}", g, m, criteria=c) for number, (g, m, c) in each)
    reviewed = ReviewRule() if draw(st.integers(0, 2)) == 0 else None
    unit = (Gate("t", "true"),) if draw(st.booleans()) else ()
    return Plan(
        "any",
        tuple(tasks),
        waves,
        slots=draw(st.integers(1, 4)),
        start_policy=draw(st.sampled_from(list(StartPolicy))),
        conflicts=Conflicts(
            handling=draw(st.sampled_from([Handling.AUTOMATIC, Handling.MANUAL])),
            fallbacks=tuple(
                Fallback(*pair)
                for pair in zip(FALLBACK_STRATEGIES, FALLBACK_TRIGGERS, strict=True)
                if draw(st.booleans())
            ),
        ),
        file_rules=(FileRule("f", Resolution.SEQUENTIAL_ACCESS),) if draw(st.integers(0, 3)) == 0 else (),
        gates=Gates(unit, (Gate("w", "true"),), criteria={"by command": "true"}, review=reviewed),
        settings=Settings(
            merge_order=draw(st.sampled_from(list(MergeOrder))),
            gate_slots=draw(st.integers(1, 3)),
            gate_batch=draw(st.integers(1, 3)),
            pull_request=("gh", "{branch}") if draw(st.integers(0, 3)) == 0 else (),
        ),
    )


class Chance:
    """A world and a person that do anything they may, by dice; faults end after `faults` of them, so that
    every run can come to its end."""

    def __init__(self, seed: int, faults: int) -> None:
        self.dice = random.Random(seed)
        self.faults = faults

    def bad(self, one_in: int = 4) -> bool:
        if self.faults > 0 and self.dice.randrange(one_in) == 0:
            self.faults -= 1
            return True
        return False

    def answer(self, intent: Intent) -> tuple[Outcome, ...]:
        key = intent.key
        match intent:
            case WorktreeRequested(task=task, attempt=attempt) if self.bad(8):
                return (WorktreeFailed(key, task, attempt, "no"),)
            case WorktreeRequested(task=task, attempt=attempt, base=base, on=on) if on and self.bad(4):
                return (WorktreeMade(key, task, attempt, base, (), ("starts without",)),)
            case AgentRequested(task=task, attempt=attempt):
                code = self.dice.choice([1, None]) if self.bad() else 0
                said = AgentReported(task, attempt, Report(progress=50.0, milestones=("stone",)))
                fails = (TestFailed(task, attempt, TaskError(ErrorType.TEST, "no")),) if self.bad(8) else ()
                exited = AgentExited(key, task, attempt, code)
                return (AgentStarted(task, attempt, 7, "/log"), said, *fails, exited)
            case CollectRequested(task=task, attempt=attempt, base=base) if self.bad(8):
                return (Collected(key, task, attempt, base, 0),)
            case CandidateRequested(task=task, attempt=attempt) if self.bad(6):
                return (Clashed(key, task, attempt, ("file",)),)
            case GateRequested(level=level, subject=subject, gate=gate) if self.bad(6):
                how = self.dice.choice([GateVerdict.RED, GateVerdict.TIMEOUT, GateVerdict.BROKEN])
                return (GateEnded(key, level, subject, gate.name, how),)
            case PullRequestRequested(task=task, attempt=attempt) if self.bad(2):
                missing = self.dice.randrange(2) > 0
                return (PullRequestEnded(key, task, attempt, False, "no", missing=missing),)
            case AdvanceRequested(subject=subject, old=old) if self.bad(8):
                return (AdvanceRefused(key, subject, f"{old}!"),)
            case RebaseRequested(task=task, attempt=attempt, tip=tip) if self.bad(3):
                files = ("file",) if self.dice.randrange(2) else ()
                return (RebaseClashed(key, task, attempt, tip, files, "no"),)
            case LandRequested(wave=wave) if self.bad(4):
                return (LandRefused(key, wave, "dirty", "type"),)
            case _:
                return well(intent)

    def look(self, state: State) -> OverlapsSeen:
        """Anything that a look at the live branches may tell, of tasks that are at work or not any more."""
        found, names = [], list(state.tasks)
        for place, first in enumerate(names):
            for second in (*names[place + 1 :], ""):
                if self.dice.randrange(3) == 0:
                    later = self.dice.choice([first, second]) if second else ""
                    found.append(Overlap(first, second, "f", self.dice.randrange(3) > 0, later=later))
        gone = tuple(pair for pair in open_pairs(state) if pair not in {one.pair for one in found})
        attempts = {name: task.attempt for name, task in state.tasks.items()}
        return OverlapsSeen(tuple(found), gone, attempts, state.tip)

    def schema(self, state: State) -> PathsSeen:
        """A task has changed a schema that others may read."""
        task = self.dice.choice(list(state.tasks.values()))
        return PathsSeen(task.id, task.attempt, ("t.sql",))

    def command(self, state: State) -> Command:
        task, other = self.dice.choice(list(state.tasks)), self.dice.choice(list(state.tasks))
        return self.dice.choice(
            [
                Isolate(task, "p"),
                Serialize(task, other, "p"),
                Serialize(task, other, "p"),
                SerializeWave(1, "p") if self.dice.randrange(4) == 0 else Release(task, "p"),
                UndoDecision(by="p"),
                Approve(by="p"),
                Approve(by="p"),
                Approve(by="p"),
                Pause((task,)),
                Pause(),
                Unpause(),
                Move(task, self.dice.randrange(4)),
                Retry(task),
                Fixed(task),
                RetryGate(),
                StopTask(task),
                SetSlots(self.dice.randrange(1, 4)),
                Reject() if self.dice.randrange(6) == 0 else Approve(by="p"),
                Stop() if self.dice.randrange(6) == 0 else Approve(by="p"),
                Resume(),
                Review(task, self.dice.randrange(4) > 0, by="p", note="why"),
                Tick(self.dice.randrange(3), (), "p"),
                Override(1, "why", "p") if self.dice.randrange(6) == 0 else Tick(by="p"),
            ]
        )


class Watched(Paper):
    """A run on paper that checks its promises at every step."""

    def tell(self, message):
        before = self.state
        events = super().tell(message)
        check_step(before, self.state, events)
        return events


def check_step(before: State, after: State, events: tuple[Event, ...]) -> None:
    state = before
    for event in events:
        if isinstance(event, WorktreeRequested):
            assert len(state.sessions()) < state.slots, "more sessions than slots"
            wave = state.waves[state.tasks[event.task].wave - 1]
            assert wave.approved_by, "a task started in a wave nobody approved"
            for need in state.spec(event.task).needs:
                other = state.tasks[need.task]
                met = other.phase in (Phase.MERGED, Phase.SKIPPED) or need.milestone in other.milestones
                assert met, "a task started before what it needs"
        if isinstance(event, AdvanceRequested):
            assert event.old == state.tip, "a merge onto something that is not the tip"
            if event.subject in state.tasks:
                by = state.merge.rides or event.subject
                ends = [e for e in state.results if e.subject == by]
                passed = {one.gate for one in ends if one.verdict is GateVerdict.GREEN}
                assert {gate.name for gate in state.plan.gates.task} <= passed, "merged without its gates"
        if isinstance(event, CleanupRequested):
            assert state.tasks[event.task].phase is Phase.MERGED, "a worktree removed before its merge"
            making = [task for task in state.tasks.values() if task.phase is Phase.MAKING]
            needed = {ground.branch for task in making for ground in task.built_on}
            assert event.branch not in needed, "a branch removed that a worktree is to start from"
        if isinstance(event, CandidateRequested):
            assert not firsts(state, event.task), "merged before the one it lets go first"
            one = state.tasks[event.task]
            assert one.merge_approved or not one.isolated, "an isolated task was merged unasked"
            assert not waits_for_review(state, one), "a branch was merged that nobody has read"
            assert one.pull_request or not state.plan.settings.pull_request, "merged before its pull request"
            for ground in state.tasks[event.task].built_on:
                other = state.tasks[ground.task]
                merged = (other.attempt, other.phase) == (ground.attempt, Phase.MERGED)
                assert merged, "a task was merged whose ground was not"
        if isinstance(event, LandRequested):
            wave = state.waves[event.wave - 1]
            assert not unticked(state, wave) or not waits_for_people(state, wave), "landed with criteria open"
        state = evolve(state, event)
    assert state == after
    assert len(set(after.open)) == len(after.open), "an intent was asked for twice"
    merging = {task.id for task in after.tasks.values() if task.phase is Phase.MERGING}
    assert merging == {merge.task for merge in after.train}
    check_train(after)
    check_conflicts(after)


def check_train(state: State) -> None:
    """Each candidate is made on top of the one ahead of it; who is accused is alone; no slot has two."""
    for ahead, merge in itertools.pairwise(state.train):
        assert merge.tip == ahead.sha, "a candidate that is not on top of the one ahead of it"
    assert len(state.train) == 1 or not any(state.tasks[merge.task].accused for merge in state.train)
    assert len(state.testing) <= max(1, state.plan.settings.gate_slots)
    assert len({gate.slot for gate in state.testing.values()}) == len(state.testing), (
        "two gates in one worktree"
    )


def check_conflicts(state: State) -> None:
    """Whoever stands still does so for a conflict that is there, and for one that is at work."""
    for task in state.tasks.values():
        for id in task.held_by:
            record = state.conflicts[id]
            assert record.state.value == "paused"
            assert not task.isolated
            if not record.asks:
                assert record.later == task.id
                left = (
                    state.plan.conflicts.handling is Handling.MANUAL
                )  # to a person, also once one is merged
                there = (*WORKING, Phase.MERGED) if left else WORKING
                assert all(state.tasks[name].phase in there for name in record.tasks)
    for record in state.conflicts.values():
        there = all(
            state.tasks[name].phase in WORKING | {Phase.MERGED} or record.kind.value == "merge"
            for name in record.tasks
        )
        assert there or not record.open, "a conflict is open that nobody is part of"
        if record.alert:
            assert state.alerts[record.alert - 1].open is record.open


def live(paper: Paper, chance: Chance, rounds: int) -> None:
    """Some rounds of answers, commands and crashes in any order."""
    for _ in range(rounds):
        roll = chance.dice.randrange(10)
        if roll == 0 and not paper.state.ended:
            open_before = [i for i in paper.open if not i.key.startswith(("freeze:", "thaw:"))]
            paper.open = open_before
            paper.tell(Recovered(1, tuple(i.key for i in open_before)))
        elif roll < 4:
            try:
                paper.tell(chance.command(paper.state))
            except Refused as refusal:
                assert refusal.message
        elif roll == 4 and chance.dice.randrange(4) == 0:
            paper.tell(chance.schema(paper.state))
        elif roll == 4:
            paper.tell(chance.look(paper.state))
        elif paper.open:
            intent = paper.open.pop(chance.dice.randrange(len(paper.open)))
            if isinstance(intent, AgentRequested) and chance.dice.randrange(2):
                paper.open.append(intent)
                paper.tell(AgentStarted(intent.task, intent.attempt, 7, "/log"))
                if chance.bad(8):
                    error = TaskError(ErrorType.TEST, "no")
                    paper.tell(TestFailed(intent.task, intent.attempt, error))
                continue
            for outcome in chance.answer(intent):
                paper.tell(outcome)


def answered_all(paper: Paper, chance: Chance) -> None:
    """Answer all there is, but for the agents that stand still because of a conflict: those do not end."""
    while paper.open:
        still = [task for task in paper.state.moving if stands_still(paper.state, task)]
        held = {f"agent:{task.id}:{task.attempt}" for task in still}
        going = [intent for intent in paper.open if intent.key not in held]
        if not going and any(record.critical and record.open for record in paper.state.conflicts.values()):
            paper.tell(Unpause())
            continue
        if not going and (reading := [task for task in paper.state.moving if in_review(task)]):
            paper.tell(Review(reading[0].id, by="finisher"))
            continue
        waits = {task.id: (task.held_by, firsts(paper.state, task.id)) for task in paper.state.moving}
        assert going, f"everybody stands still: {waits} {paper.state.orders}"
        paper.open.remove(going[0])
        if chance.bad(3):
            paper.tell(chance.look(paper.state))
        for outcome in chance.answer(going[0]):
            paper.tell(outcome)


def finish(paper: Paper, chance: Chance) -> None:
    """From here on the person approves, unpauses and resumes, and the world answers well in the end."""
    for _ in range(400):
        answered_all(paper, chance)
        state = paper.state
        if state.phase.value == "done":
            return
        if any(task.held for task in state.tasks.values()) and not state.ended:
            paper.tell(Unpause())
        elif state.ended:
            paper.tell(Resume(auto_approve=True))
        elif any(wave.phase.value == "offered" for wave in state.waves):
            paper.tell(Approve(by="finisher"))
        elif waits_for_gate(state):
            paper.tell(RetryGate())
        elif asking := [t for t in state.moving if t.isolated and not t.merge_approved]:
            assert asking[0].phase is Phase.COMPLETE, f"the run hangs: {state.open} {paper.log[-6:]}"
            paper.tell(ApproveMerge(asking[0].id, "finisher"))
        elif any(critical_of(state, task.id) for task in state.moving):
            paper.tell(Unpause())
        elif reading := [task for task in state.moving if in_review(task)]:
            paper.tell(Review(reading[0].id, by="finisher"))
        elif people_wanted(state):
            paper.tell(Tick(by="finisher"))
        else:
            dead = [t.id for t in state.tasks.values() if t.phase in (Phase.FAILED, Phase.STOPPED)]
            waits = {
                task.id: (
                    task.phase.value,
                    waiting_for(state, task),
                    [need.task for need in state.spec(task.id).needs],
                )
                for task in state.tasks.values()
            }
            about = (state.plan.settings.merge_order, state.plan.start_policy, state.waves, state.orders)
            assert dead, f"the run hangs: {state.open} {state.merge} {waits} {about} {state.conflicts}"
            paper.tell(Retry(dead[0]))
    raise AssertionError(f"the run does not come to its end: {paper.state.phase} {paper.log[-8:]}")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(plans(), st.integers(0, 2**32), st.booleans(), st.integers(0, 12), st.integers(0, 120))
def test_every_run_keeps_its_promises_and_can_be_brought_to_its_end(made, seed, auto, faults, rounds):
    chance = Chance(seed, faults)
    paper = Watched(made, auto=auto)
    live(paper, chance, rounds)
    finish(paper, chance)
    tasks = paper.state.tasks.values()
    assert all(task.phase in (Phase.MERGED, Phase.SKIPPED) for task in tasks)
    assert paper.state.landed == paper.state.tip or by_pull_request(paper.state)
    merged = [event.subject for event in paper.events(Advanced) if event.subject in paper.state.tasks]
    assert len(merged) == len(set(merged)), "a task was merged twice"
    place = {name: index for index, name in enumerate(merged)}
    for task in made.tasks:
        for need in task.needs:
            if task.id in place and need.task in place:
                assert place[need.task] < place[task.id], "a dependant was merged before its dependency"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(plans(), st.integers(0, 2**32), st.integers(0, 8), st.integers(0, 80))
def test_a_journal_replays_to_the_state_it_was_written_from(made, seed, faults, rounds):
    chance = Chance(seed, faults)
    paper = Paper(made)
    live(paper, chance, rounds)
    encode, decode = msgspec.json.encode, msgspec.json.Decoder(tuple[Event, ...]).decode
    state = State()
    for events in paper.log:
        for event in decode(encode(events)):
            state = evolve(state, event)
    assert state == paper.state
    if not state.ended:
        assert step(state, nothing_new(state))[1][1:] == (), "a state at rest has no more to say"


def nothing_new(state: State) -> Outcome:
    """An outcome that changes nothing, to see whether the rules are at rest."""
    return AgentReported(next(iter(state.tasks)), 1, Report())


def test_the_kinds_of_events_that_matter_do_occur_in_these_runs():
    """The property tests above would be worth little if their runs were all alike."""
    seen: set[str] = set()
    for seed in range(400):
        chance = Chance(seed, 6)
        tasks = tuple(Task(name, run="true", needs=(Need("a"),) if name != "a" else ()) for name in "abc")
        paper = Paper(plan(*tasks, waves=[("a",), ("b", "c")], gates=Gates((Gate("t", "true"),))), auto=False)
        live(paper, chance, 80)
        seen |= {type(event).__name__ for events in paper.log for event in events}
    for kind in (WaveApproved, TaskCompleted, WorktreeFailed, Clashed, GateEnded, LandRefused, Recovered):
        assert kind.__name__ in seen
    assert {"KillRequested", "FreezeRequested", "TaskBlocked", "TaskStopped", "RunResumed"} <= seen
    assert {"ConflictHeld", "ConflictReleased", "TasksSerialized", "TaskIsolated"} <= seen
    assert {"RestartAsked", "DecisionUndone", "SerializeLifted", "TaskRejoined"} <= seen
    assert LIVE
