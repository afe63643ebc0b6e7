"""The core's choices, one by one, against a world on paper."""

from __future__ import annotations

import pytest
from world_of_paper import Paper, plan, task, well

from engine.core.commands import (
    Approve,
    ApproveMerge,
    Pause,
    Reject,
    Resume,
    Retry,
    SetSlots,
    Stop,
    StopTask,
    Unpause,
)
from engine.core.errors import Refused
from engine.core.gauged import GateVerdict
from engine.core.intents import (
    AdvanceRequested,
    AgentRequested,
    CandidateRequested,
    CheckRequested,
    CleanupRequested,
    CollectRequested,
    FreezeRequested,
    GateRequested,
    KillRequested,
    LandRequested,
    SetupRequested,
    SyncRequested,
    ThawRequested,
    UndoRequested,
    WorktreeRequested,
)
from engine.core.outcomes import (
    Advanced,
    AdvanceRefused,
    AgentExited,
    AgentReported,
    AgentStarted,
    Checked,
    Clashed,
    Collected,
    Frozen,
    GateEnded,
    LandRefused,
    Recovered,
    Report,
    SetupEnded,
    SyncMade,
    Thawed,
    WorktreeFailed,
)
from engine.core.plan import (
    Gate,
    Gates,
    Land,
    MergeOrder,
    Mode,
    Need,
    Settings,
    Setup,
    StartPolicy,
    Task,
    Wave,
)
from engine.core.plan import Plan as PlanData
from engine.core.state import AlertKind, Phase, RunPhase, WavePhase
from engine.core.verdicts import TaskBlocked, TaskCompleted, TaskFailed, WaveApproved, WaveClosed, WaveOffered
from engine.core.waiting import waiting_for, word


def failing(*names: str, code: int = 1):
    """A world in which these tasks' agents exit with `code`."""

    def answer(intent):
        if isinstance(intent, AgentRequested) and intent.task in names:
            return (
                AgentStarted(intent.task, intent.attempt, 1, "/log"),
                AgentExited(intent.key, intent.task, intent.attempt, code),
            )
        return None

    return answer


def phases(paper: Paper) -> dict[str, str]:
    return {task.id: task.phase.value for task in paper.state.tasks.values()}


# ── waves, approvals, starts ────────────────────────────────────────────────────────────────────────


def test_a_plan_runs_to_its_end_and_lands_wave_by_wave():
    paper = Paper(plan(task("a"), task("b"), task("c", "a"), waves=[("a", "b"), ("c",)]))
    state = paper.run()
    assert state.phase is RunPhase.DONE
    assert state.landed == state.tip == "base0+a+b+c"
    assert [event.wave for event in paper.events(WaveClosed)] == [1, 2]
    assert [event.new for event in paper.events(LandRequested)] == ["base0+a+b", "base0+a+b+c"]


def test_no_worktree_is_asked_for_before_the_wave_is_approved():
    paper = Paper(plan(task("a")), auto=False)
    paper.run()
    assert paper.events(WaveOffered)
    assert not paper.events(WorktreeRequested)
    assert word(paper.state, paper.state.tasks["a"]) == "waiting"
    assert waiting_for(paper.state, paper.state.tasks["a"]) == ("approval of wave 1",)
    paper.approve(1)
    assert paper.events(WorktreeRequested)


def test_each_wave_asks_for_its_own_approval():
    paper = Paper(plan(task("a"), task("b"), waves=[("a",), ("b",)]), auto=False)
    paper.run()
    paper.approve()
    paper.run()
    assert phases(paper) == {"a": "merged", "b": "pending"}
    assert paper.state.waves[1].phase is WavePhase.OFFERED
    paper.approve(2)
    assert paper.run().phase is RunPhase.DONE
    assert [event.by for event in paper.events(WaveApproved)] == ["someone", "someone"]


def test_an_approval_of_something_that_changed_since_is_refused():
    paper = Paper(plan(task("a")), auto=False)
    paper.run()
    shown = paper.state.waves[0].digest
    paper.tell(SetSlots(1))
    assert paper.state.waves[0].digest != shown
    with pytest.raises(Refused, match="changed since"):
        paper.tell(Approve(1, by="someone", digest=shown))
    paper.tell(Approve(1, by="someone", digest=paper.state.waves[0].digest))
    assert paper.state.waves[0].phase is WavePhase.OPEN


def test_a_rejected_wave_stops_the_run_and_is_asked_for_again_after_a_resume():
    paper = Paper(plan(task("a"), task("b"), waves=[("a",), ("b",)]), auto=False)
    paper.run()
    paper.approve()
    paper.run()
    paper.tell(Reject(2, by="someone", reason="not yet"))
    assert paper.run().phase is RunPhase.STOPPED
    assert "not yet" in paper.state.reason
    assert waiting_for(paper.state, paper.state.tasks["b"]) == ("the run, which is stopped",)
    paper.tell(Resume())
    paper.run()
    assert paper.state.waves[1].phase is WavePhase.OFFERED
    assert phases(paper)["a"] == "merged"


def test_all_that_may_start_starts_in_one_step_within_the_slots():
    paper = Paper(plan(*[task(name) for name in "abcde"], slots=3))
    paper.run()
    steps = [[e.task for e in events if isinstance(e, WorktreeRequested)] for events in paper.log]
    assert next(names for names in steps if names) == ["a", "b", "c"]


def test_agents_of_a_batch_are_asked_for_in_one_step():
    paper = Paper(plan(task("a"), task("b"), task("c"), slots=3))
    paper.run()
    together = [[e.task for e in events if isinstance(e, AgentRequested)] for events in paper.log]
    assert [names for names in together if names] == [["a", "b", "c"]]


def test_the_longest_critical_path_starts_first():
    tasks = (task("short"), task("long"), task("behind", "long"), task("last", "behind"))
    paper = Paper(plan(*tasks, start_policy=StartPolicy.DEPENDENCY, slots=1))
    paper.run()
    assert [event.task for event in paper.events(WorktreeRequested)] == ["long", "short", "behind", "last"]


def test_a_wave_barrier_holds_back_what_a_dependency_start_lets_go():
    tasks = (task("a"), task("b"), task("c", "a"))
    for policy, early in ((StartPolicy.WAVE, False), (StartPolicy.DEPENDENCY, True)):
        paper = Paper(plan(*tasks, waves=[("a", "b"), ("c",)], start_policy=policy))
        # `b` never ends: its agent is left open
        held = []

        def answer(intent, held=held):
            if isinstance(intent, AgentRequested) and intent.task == "b":
                held.append(intent)
                return (AgentStarted("b", 1, 1, "/log"),)
            return None

        paper.run(answer)
        assert (paper.state.tasks["c"].phase is Phase.MERGED) is early, policy
        for outcome in well(held[0]):
            paper.tell(outcome)
        assert paper.run().phase is RunPhase.DONE


def test_a_dependant_starts_from_a_tip_that_holds_what_it_needs():
    paper = Paper(plan(task("a"), task("b", "a"), start_policy=StartPolicy.DEPENDENCY))
    paper.run()
    starts = {event.task: event.base for event in paper.events(WorktreeRequested)}
    assert starts == {"a": "base0", "b": "base0+a"}


def test_a_milestone_lets_a_dependant_start_before_its_dependency_has_ended():
    later = Task("b", run="true", needs=(Need("a", "schema done"),))
    paper = Paper(plan(task("a"), later, start_policy=StartPolicy.DEPENDENCY))
    open_agent = []

    def answer(intent):
        if isinstance(intent, AgentRequested) and intent.task == "a":
            open_agent.append(intent)
            return (AgentStarted("a", 1, 1, "/log"),)
        return None

    paper.run(answer)
    assert phases(paper) == {"a": "running", "b": "pending"}
    assert waiting_for(paper.state, paper.state.tasks["b"]) == ("a: schema done",)
    paper.tell(AgentReported("a", 1, Report(milestones=("schema done",))))
    paper.run(answer)
    assert phases(paper) == {"a": "running", "b": "complete"}, "b may not be merged before a"
    paper.tell(AgentExited(open_agent[0].key, "a", 1, 0))
    assert paper.run().phase is RunPhase.DONE
    assert paper.state.tip == "base0+a+b"


def test_a_sequential_wave_runs_one_at_a_time_in_its_order():
    tasks = (task("b"), task("a"))
    waves = (Wave(1, "one", ("b", "a"), Mode.SEQUENTIAL),)
    paper = Paper(PlanData("p", tasks, waves))
    paper.run()
    starts = [(event.task, event.base) for event in paper.events(WorktreeRequested)]
    assert starts == [("b", "base0"), ("a", "base0+b")]


def test_complete_tasks_are_skipped_and_a_wave_of_them_makes_no_worktree():
    done = Task("a", run="true", complete=True)
    paper = Paper(plan(done, task("b", "a"), waves=[("a",), ("b",)]), auto=False)
    paper.run()
    assert phases(paper) == {"a": "skipped", "b": "pending"}
    assert paper.state.waves[0].phase is WavePhase.CLOSED
    paper.approve(2)
    assert paper.run().phase is RunPhase.DONE
    assert [event.task for event in paper.events(WorktreeRequested)] == ["b"]


# ── failures ────────────────────────────────────────────────────────────────────────────────────────


def test_a_failed_task_stops_no_sibling_and_blocks_its_dependants():
    tasks = (task("a"), task("b"), task("c"), task("d", "b"), task("e", "a"), task("f", "d"))
    paper = Paper(plan(*tasks, waves=[("a", "b", "c"), ("d", "e"), ("f",)]))
    state = paper.run(failing("b"))
    assert phases(paper) == {
        "a": "merged",
        "b": "failed",
        "c": "merged",
        "d": "blocked",
        "e": "merged",
        "f": "blocked",
    }
    assert {event.task: event.by for event in paper.events(TaskBlocked)} == {"d": "b", "f": "d"}
    assert state.phase is RunPhase.FAILED
    assert state.landed == "base0+a+c+e"


def test_a_crash_is_told_with_its_exit_code_and_log():
    paper = Paper(plan(task("a")))
    paper.run(failing("a"))
    error = paper.state.tasks["a"].error
    assert error.type == "InstanceCrash"
    assert error.message == "shell instance crashed (exit code 1)"
    assert "Check logs: /log" in error.hints
    assert 2 <= len(error.hints) <= 4


def test_an_exit_that_nobody_recorded_is_a_failure():
    paper = Paper(plan(task("a")))
    paper.run(failing("a", code=None))
    assert phases(paper) == {"a": "failed"}


def test_exit_0_with_nothing_changed_is_flagged_and_fails_where_the_plan_names_files():
    def answer(intent):
        if isinstance(intent, CollectRequested):
            return (Collected(intent.key, intent.task, intent.attempt, "base0", 0, ()),)
        return None

    paper = Paper(plan(task("free"), task("bound", files=("x.py",))))
    paper.run(answer)
    assert phases(paper) == {"free": "merged", "bound": "failed"}
    assert "no changes" in paper.state.tasks["free"].notes
    assert any(alert.kind is AlertKind.NO_CHANGES and alert.open for alert in paper.state.alerts)
    assert "changed nothing" in paper.state.tasks["bound"].error.message


def test_a_worktree_that_cannot_be_made_undoes_its_batch_and_halts_the_run():
    def answer(intent):
        if isinstance(intent, WorktreeRequested) and intent.task == "b":
            return (WorktreeFailed(intent.key, "b", 1, "fatal: a file is in the way"),)
        return None

    paper = Paper(plan(task("a"), task("b"), task("c"), slots=2))
    state = paper.run(answer)
    assert [event.task for event in paper.events(UndoRequested)] == ["a"]
    assert not paper.events(AgentRequested)
    assert state.phase is RunPhase.FAILED
    assert phases(paper) == {"a": "pending", "b": "failed", "c": "pending"}
    assert "a file is in the way" in state.reason
    paper.tell(Resume())
    assert paper.run().phase is RunPhase.DONE
    assert {event.attempt for event in paper.events(WorktreeRequested)} == {1}, "no agent ever ran"


def test_retry_is_the_next_attempt_on_a_branch_of_its_own_from_the_present_tip():
    paper = Paper(plan(task("a"), task("b"), task("c", "b"), waves=[("a", "b"), ("c",)]))
    paper.run(failing("b"))
    assert phases(paper) == {"a": "merged", "b": "failed", "c": "blocked"}
    paper.tell(Resume())
    assert paper.run().phase is RunPhase.DONE
    second = [event for event in paper.events(WorktreeRequested) if event.task == "b"][1]
    assert (second.attempt, second.branch, second.path) == (2, "feature/b-2", "/repo-wtb-2")
    assert second.base == "base0+a"


def test_a_second_attempt_never_takes_the_name_of_another_task():
    paper = Paper(plan(task("a"), task("a-2"), task("b", "a"), waves=[("a", "a-2"), ("b",)]))
    paper.run(failing("a"))
    paper.tell(Resume())
    assert paper.run().phase is RunPhase.DONE
    branches = [event.branch for event in paper.events(WorktreeRequested)]
    assert len(branches) == len(set(branches))
    assert "feature/a-attempt-2" in branches


def test_retry_during_the_run_unblocks_what_waited_for_the_task():
    waves = [("a", "slow"), ("c", "d")]
    paper = Paper(plan(task("a"), task("slow"), task("c", "a"), task("d", "c"), waves=waves, slots=2))
    kept = []

    def answer(intent):
        if isinstance(intent, AgentRequested) and intent.task == "slow":
            kept.append(intent)
            return (AgentStarted("slow", 1, 1, "/log"),)
        if isinstance(intent, AgentRequested) and intent.attempt == 1 and intent.task == "a":
            return (AgentStarted("a", 1, 1, "/log"), AgentExited(intent.key, "a", 1, 3))
        return None

    paper.run(answer)
    assert phases(paper) == {"a": "failed", "slow": "running", "c": "blocked", "d": "blocked"}
    paper.tell(Retry("a"))
    assert phases(paper)["c"] == phases(paper)["d"] == "pending"
    for outcome in well(kept[0]):
        paper.tell(outcome)
    assert paper.run().phase is RunPhase.DONE


def test_only_what_failed_can_be_retried():
    paper = Paper(plan(task("a")), auto=False)
    paper.run()
    with pytest.raises(Refused, match="pending"):
        paper.tell(Retry("a"))
    with pytest.raises(Refused, match="no task 'zz'"):
        paper.tell(Retry("zz"))


def test_a_setup_comes_before_the_agent_and_its_failure_is_the_tasks():
    def answer(intent):
        if isinstance(intent, SetupRequested) and intent.task == "b":
            return (SetupEnded(intent.key, "b", 1, False, "exit code 1", "/setup.log"),)
        return None

    paper = Paper(plan(task("a"), task("b"), setup=Setup(run="npm ci")))
    paper.run(answer)
    assert phases(paper) == {"a": "merged", "b": "failed"}
    assert [event.task for event in paper.events(AgentRequested)] == ["a"]
    assert "/setup.log" in " ".join(paper.state.tasks["b"].error.hints)


# ── the merge queue ─────────────────────────────────────────────────────────────────────────────────


def test_one_merge_at_a_time_each_onto_the_tip_before():
    paper = Paper(plan(task("a"), task("b"), task("c")))
    paper.run()
    tips = [event.tip for event in paper.events(CandidateRequested)]
    assert tips == ["base0", "base0+a", "base0+a+b"]


def test_under_wave_barriers_merging_begins_when_the_agents_have_ended():
    paper = Paper(plan(task("a"), task("b")))
    kept = []

    def answer(intent):
        if isinstance(intent, AgentRequested) and intent.task == "b":
            kept.append(intent)
            return (AgentStarted("b", 1, 1, "/log"),)
        return None

    paper.run(answer)
    assert phases(paper) == {"a": "complete", "b": "running"}
    for outcome in well(kept[0]):
        paper.tell(outcome)
    assert paper.run().phase is RunPhase.DONE


def completing(order: list[str]):
    """A world in which the agents end in that order, after all have started."""
    held = {}

    def answer(intent):
        if isinstance(intent, AgentRequested):
            held[intent.task] = intent
            if len(held) < len(order):
                return (AgentStarted(intent.task, 1, 1, "/log"),)
            found = [AgentStarted(intent.task, 1, 1, "/log")]
            return (*found, *[AgentExited(held[name].key, name, 1, 0) for name in order])
        return None

    return answer


@pytest.mark.parametrize(
    ("order", "merged"), [(MergeOrder.COMPLETION, ["66", "65"]), (MergeOrder.PLAN, ["65", "66"])]
)
def test_the_merge_order_is_of_completion_or_of_the_plan(order, merged):
    paper = Paper(plan(task("65"), task("66"), settings=Settings(merge_order=order)))
    paper.run(completing(["66", "65"]))
    assert [event.subject for event in paper.events(Advanced)] == merged


def test_a_clash_fails_that_task_only_and_the_others_still_merge():
    def answer(intent):
        if isinstance(intent, CandidateRequested) and intent.task == "b":
            return (Clashed(intent.key, "b", 1, ("coffee_maker/database.py",)),)
        return None

    paper = Paper(plan(task("a"), task("b"), task("c")))
    paper.run(answer)
    assert phases(paper) == {"a": "merged", "b": "failed", "c": "merged"}
    assert paper.state.tip == "base0+a+c"
    assert paper.state.tasks["b"].error.message == "merge conflict: coffee_maker/database.py"
    alert = [alert for alert in paper.state.alerts if alert.open][-1]
    assert (alert.kind, alert.tasks) == (AlertKind.CONFLICT, ("b",))
    assert not any(event.task == "b" for event in paper.events(CleanupRequested))


def gated(**verdicts):
    """A world in which the gates of these subjects end with these verdicts."""

    def answer(intent):
        if isinstance(intent, GateRequested):
            verdict = verdicts.get(intent.subject, GateVerdict.GREEN)
            return (GateEnded(intent.key, intent.level, intent.subject, intent.gate.name, verdict),)
        return None

    return answer


@pytest.mark.parametrize("verdict", [GateVerdict.RED, GateVerdict.TIMEOUT, GateVerdict.BROKEN])
def test_only_a_green_gate_lets_a_candidate_through(verdict):
    gates = Gates(task=(Gate("lint", "true"), Gate("unit", "true")))
    paper = Paper(plan(task("a"), task("b"), gates=gates))
    paper.run(gated(a=verdict))
    assert phases(paper) == {"a": "failed", "b": "merged"}
    assert paper.state.tip == "base0+b"
    assert paper.state.tasks["a"].error.gate == "lint"


def test_what_is_advanced_is_what_was_gated():
    paper = Paper(plan(task("a"), gates=Gates(task=(Gate("unit", "true"),))))
    paper.run()
    gate, advance = paper.events(GateRequested)[0], paper.events(AdvanceRequested)[0]
    assert gate.sha == advance.new


def test_a_red_wave_gate_stops_before_landing_and_runs_again_after_a_resume():
    gates = Gates(wave=(Gate("integration", "true"),))
    paper = Paper(plan(task("a"), task("b"), waves=[("a",), ("b",)], gates=gates))
    state = paper.run(gated(**{"1": GateVerdict.RED}))
    assert state.phase is RunPhase.FAILED
    assert state.landed == "base0"
    assert not paper.events(LandRequested)
    paper.tell(Resume())
    assert paper.run().phase is RunPhase.DONE


def test_run_gates_run_once_on_the_last_tip_before_it_lands():
    gates = Gates(wave=(Gate("w", "true"),), run=(Gate("full", "true"),))
    paper = Paper(plan(task("a"), task("b"), waves=[("a",), ("b",)], gates=gates))
    paper.run()
    ran = [(event.level.value, event.subject, event.sha) for event in paper.events(GateRequested)]
    assert ran == [("wave", "1", "base0+a"), ("wave", "2", "base0+a+b"), ("run", "2", "base0+a+b")]


def test_a_base_that_moved_is_merged_in_and_gated_before_it_lands():
    def answer(intent):
        if isinstance(intent, SyncRequested):
            return (SyncMade(intent.key, intent.wave, "base9", f"{intent.tip}+base9"),)
        return None

    paper = Paper(plan(task("a"), gates=Gates(task=(Gate("unit", "true"),))))
    paper.run(answer)
    gated_shas = [event.sha for event in paper.events(GateRequested)]
    assert gated_shas == ["base0+a", "base0+a+base9"]
    assert [event.new for event in paper.events(LandRequested)] == ["base0+a+base9"]
    assert paper.state.tip == "base0+a+base9"


@pytest.mark.parametrize(
    ("land", "landings"), [(Land.WAVE, ["base0+a", "base0+a+b"]), (Land.END, ["base0+a+b"]), (Land.NEVER, [])]
)
def test_landing_follows_the_setting(land, landings):
    paper = Paper(plan(task("a"), task("b"), waves=[("a",), ("b",)], settings=Settings(land=land)))
    assert paper.run().phase is RunPhase.DONE
    assert [event.new for event in paper.events(LandRequested)] == landings


def test_a_landing_that_was_refused_is_tried_again_and_tells_what_to_type():
    refusals = ["dirty"]

    def answer(intent):
        if isinstance(intent, LandRequested) and refusals:
            return (LandRefused(intent.key, intent.wave, refusals.pop(), "git merge --ff-only x"),)
        return None

    paper = Paper(plan(task("a"), task("b"), waves=[("a",), ("b",)]))
    assert paper.run(answer).phase is RunPhase.DONE
    assert paper.state.landed == "base0+a+b"
    refused = [alert for alert in paper.state.alerts if alert.kind is AlertKind.LANDING]
    assert refused[0].remedy == "git merge --ff-only x"
    assert not refused[0].open


def test_a_run_whose_last_landing_was_refused_has_not_succeeded():
    def answer(intent):
        if isinstance(intent, LandRequested):
            return (LandRefused(intent.key, intent.wave, "dirty", "type this"),)
        return None

    paper = Paper(plan(task("a")))
    assert paper.run(answer).phase is RunPhase.FAILED
    assert "not updated" in paper.state.reason
    paper.tell(Resume())
    assert paper.run().phase is RunPhase.DONE
    assert paper.state.landed == paper.state.tip


def test_an_integration_branch_moved_by_somebody_else_is_built_upon_not_overwritten():
    moved = ["foreign"]

    def answer(intent):
        if isinstance(intent, AdvanceRequested) and moved:
            return (AdvanceRefused(intent.key, intent.subject, moved.pop()),)
        return None

    paper = Paper(plan(task("a")))
    assert paper.run(answer).phase is RunPhase.DONE
    assert paper.state.tip == "foreign+a"


def test_with_auto_merge_off_a_finished_branch_waits_for_a_person():
    paper = Paper(plan(task("a"), settings=Settings(auto_merge=False)))
    paper.run()
    assert phases(paper) == {"a": "complete"}
    assert waiting_for(paper.state, paper.state.tasks["a"]) == ("your approval of the merge",)
    paper.tell(ApproveMerge("a", "someone"))
    assert paper.run().phase is RunPhase.DONE


def test_a_damaged_repository_fails_the_run():
    def answer(intent):
        if isinstance(intent, CheckRequested):
            return (Checked(intent.key, False, "missing blob"),)
        return None

    paper = Paper(plan(task("a")))
    assert paper.run(answer).phase is RunPhase.FAILED
    assert "missing blob" in paper.state.reason


# ── pause, stop, resume, recovery ───────────────────────────────────────────────────────────────────


def working(*tasks: Task, **more) -> tuple[Paper, list]:
    """A run whose agents have started and not ended; their intents."""
    paper = Paper(plan(*tasks, **more))
    agents = []

    def answer(intent):
        if isinstance(intent, AgentRequested):
            agents.append(intent)
            return (AgentStarted(intent.task, intent.attempt, 4711, "/log"),)
        return None

    paper.run(answer)
    return paper, agents


def test_pause_is_desired_state_and_is_asked_for_again_after_a_crash():
    paper, _ = working(task("a"), task("b"))
    paper.tell(Pause(("a",)))
    assert [event.task for event in paper.events(FreezeRequested)] == ["a"]
    paper.run()
    assert word(paper.state, paper.state.tasks["a"]) == "paused"
    assert word(paper.state, paper.state.tasks["b"]) == "running"
    paper.tell(Recovered(1))
    assert len(paper.events(FreezeRequested)) == 2
    paper.run()
    paper.tell(Unpause(("a",)))
    assert [event.task for event in paper.events(ThawRequested)] == ["a"]
    paper.run()
    assert word(paper.state, paper.state.tasks["a"]) == "running"


def test_who_was_let_go_on_as_the_engine_died_is_let_go_on_by_the_next() -> None:
    """M162: the thaw may not have been done; a frozen agent that nobody thaws never ends"""
    paper, _ = working(task("a"))
    paper.tell(Pause(("a",)))
    paper.run()
    paper.tell(Unpause(("a",)))
    paper.take(ThawRequested)
    paper.tell(Recovered(1))
    thaw = paper.take(ThawRequested)
    paper.tell(Thawed(thaw.key, "a", 1))
    assert not paper.open, "it is told once"


def test_who_was_paused_and_let_go_on_before_the_engine_died_is_let_go_on_by_the_next() -> None:
    """M162: the freeze may have been done, though nobody wrote that down"""
    paper, _ = working(task("a"))
    paper.tell(Pause(("a",)))
    paper.take(FreezeRequested)
    paper.tell(Unpause(("a",)))
    assert not paper.open
    paper.tell(Recovered(1))
    assert [type(intent) for intent in paper.open] == [ThawRequested]


def test_pausing_what_has_just_ended_asks_once_and_waits_for_its_exit():
    paper, agents = working(task("a"))
    paper.tell(Pause(("a",)))
    freeze = paper.take(FreezeRequested)
    paper.tell(Frozen(freeze.key, "a", 1, -1))
    assert len(paper.events(FreezeRequested)) == 1
    paper.tell(AgentExited(agents[0].key, "a", 1, 0))
    assert paper.run().phase is RunPhase.DONE


def test_pausing_all_holds_what_has_not_started():
    paper, _ = working(task("a"), task("b"), task("c"), slots=2)
    paper.tell(Pause())
    paper.run()
    assert {task.id for task in paper.state.tasks.values() if task.frozen} == {"a", "b"}
    assert waiting_for(paper.state, paper.state.tasks["c"]) == ("held by you",)
    paper.tell(Unpause())
    paper.run()
    assert not any(task.held or task.frozen for task in paper.state.tasks.values())


def test_stop_ends_every_agent_and_the_run_can_be_resumed():
    paper, agents = working(task("a"), task("b"), task("c"), slots=2)
    paper.tell(Stop("someone"))
    assert {event.task for event in paper.events(KillRequested)} == {"a", "b"}
    for agent in agents:
        paper.tell(AgentExited(agent.key, agent.task, 1, None, 15))
    state = paper.run()
    assert state.phase is RunPhase.STOPPED
    assert phases(paper) == {"a": "stopped", "b": "stopped", "c": "pending"}
    assert [event.commit for event in paper.events(CollectRequested)] == [False, False]
    paper.tell(Resume())
    assert paper.run().phase is RunPhase.DONE


def test_an_agent_that_ends_well_when_it_is_told_to_stop_counts_as_stopped():
    paper, agents = working(task("a"))
    paper.tell(StopTask("a"))
    paper.tell(AgentExited(agents[0].key, "a", 1, 0))
    paper.run()
    assert phases(paper) == {"a": "stopped"}
    assert not paper.events(TaskCompleted)


def test_a_stop_does_not_wait_for_a_gate_and_the_gate_runs_again_after_a_resume():
    paper = Paper(plan(task("a"), gates=Gates(task=(Gate("slow", "sleep 600"),))))
    gates = []

    def answer(intent):
        if isinstance(intent, GateRequested) and not gates:
            gates.append(intent)
            return ()
        return None

    paper.run(answer)
    paper.tell(Stop())
    paper.run()
    gate = gates[0]
    paper.tell(GateEnded(gate.key, gate.level, gate.subject, gate.gate.name, GateVerdict.RED))
    assert paper.run().phase is RunPhase.STOPPED
    assert phases(paper) == {"a": "complete"}
    assert not paper.events(TaskFailed)
    paper.tell(Resume())
    assert paper.run().phase is RunPhase.DONE


def test_commands_to_a_run_that_has_ended_are_refused_with_what_to_type():
    paper = Paper(plan(task("a")))
    paper.run()
    with pytest.raises(Refused) as refusal:
        paper.tell(Pause())
    assert refusal.value.remedy == "wavetree resume"
    with pytest.raises(Refused, match="nothing is left"):
        paper.tell(Resume())
