"""A task that waits for a milestone starts from the other one's commits, and is merged only after them."""

from __future__ import annotations

import msgspec
from world_of_paper import Paper, plan, task, well

from engine.core.commands import Resume, Retry, SetSlots
from engine.core.events import Event
from engine.core.intents import (
    AgentRequested,
    CandidateRequested,
    CleanupRequested,
    CollectRequested,
    Ground,
    UndoRequested,
    WorktreeRequested,
)
from engine.core.outcomes import (
    AgentExited,
    AgentReported,
    AgentStarted,
    Outcome,
    Report,
    WorktreeFailed,
    WorktreeMade,
)
from engine.core.plan import Need, Plan, StartPolicy, Task
from engine.core.state import Phase, RunPhase
from engine.core.verdicts import TaskBlocked


def waiting(id: str, *others: str) -> Task:
    return Task(id, run="true", needs=tuple(Need(other, "stone") for other in others))


class Held(Paper):
    """A run on paper whose agents end when the test says so."""

    def __init__(self, made: Plan, *, slots: int = 4) -> None:
        super().__init__(made, slots=slots)
        self.running: dict[str, AgentRequested] = {}
        self.go_on()

    def go_on(self) -> None:
        self.run(self.held)

    def held(self, intent: Event) -> tuple[Outcome, ...] | None:
        if isinstance(intent, AgentRequested):
            self.running[intent.task] = intent
            return (AgentStarted(intent.task, intent.attempt, 1, "/log"),)
        return None

    def stone(self, name: str) -> None:
        self.tell(AgentReported(name, self.running[name].attempt, Report(milestones=("stone",))))

    def end(self, name: str, code: int = 0) -> None:
        agent = self.running.pop(name)
        self.tell(AgentExited(agent.key, name, agent.attempt, code))
        self.go_on()

    def requests(self, name: str) -> list[WorktreeRequested]:
        found = [event for event in self.events(WorktreeRequested) if isinstance(event, WorktreeRequested)]
        return [event for event in found if event.task == name]

    def phases(self) -> dict[str, str]:
        return {task.id: task.phase.value for task in self.state.tasks.values()}


def free(*tasks: Task) -> Plan:
    return plan(*tasks, start_policy=StartPolicy.DEPENDENCY)


def started() -> Held:
    """`b` has started from what `a` had at its milestone; both are at work."""
    paper = Held(free(task("a"), waiting("b", "a")))
    paper.stone("a")
    paper.go_on()
    assert paper.phases() == {"a": "running", "b": "running"}
    return paper


def test_a_worktree_is_asked_for_on_the_branch_of_the_task_whose_milestone_was_waited_for():
    paper = started()
    [request] = paper.requests("b")
    assert (request.base, request.on) == ("base0", (Ground("a", 1, "feature/a", "base0"),))
    assert paper.state.tasks["b"].base == "base0+feature/a"


def test_the_commit_it_started_at_is_what_its_work_is_counted_and_merged_from():
    paper = started()
    paper.end("b")
    paper.end("a")
    assert paper.state.phase is RunPhase.DONE
    collected = {e.task: e.base for e in paper.events(CollectRequested) if isinstance(e, CollectRequested)}
    merged = [(e.task, e.base) for e in paper.events(CandidateRequested) if isinstance(e, CandidateRequested)]
    assert collected == {"a": "base0", "b": "base0+feature/a"}
    assert merged == [("a", "base0"), ("b", "base0+feature/a")]


def test_a_task_merged_before_the_dependant_starts_is_no_ground():
    paper = Held(free(task("a"), waiting("b", "a")))
    paper.end("a")
    [request] = paper.requests("b")
    assert (request.base, request.on) == ("base0+a", ())


def test_several_milestones_are_asked_for_in_the_order_of_the_needs():
    paper = Held(free(task("a"), task("b"), waiting("c", "b", "a")))
    paper.stone("a")
    paper.stone("b")
    assert [ground.task for ground in paper.requests("c")[0].on] == ["b", "a"]


def test_only_own_commits_of_a_ground_are_wanted_once_all_below_it_is_merged():
    tasks = (
        task("a"),
        waiting("b", "a"),
        waiting("c", "b"),
        Task("d", run="true", needs=(Need("b", "late"),)),
    )
    paper = Held(free(*tasks))
    paper.stone("a")
    paper.go_on()
    paper.stone("b")
    paper.go_on()
    assert paper.requests("c")[0].on == (Ground("b", 1, "feature/b", ""),)
    paper.end("a")
    paper.tell(AgentReported("b", 1, Report(milestones=("late",))))
    assert paper.requests("d")[0].on == (Ground("b", 1, "feature/b", "base0+feature/a"),)


def test_what_is_missing_at_the_start_is_noted_on_the_task_to_its_end():
    paper = Held(free(task("a"), waiting("b", "a")))
    paper.stone("a")
    request = paper.take(WorktreeRequested)
    note = "starts without work of a: there is no commit of it yet"
    paper.tell(WorktreeMade(request.key, "b", 1, "base0", (), (note,)))
    paper.go_on()
    assert paper.state.tasks["b"].built_on == ()
    assert [alert.text for alert in paper.state.alerts] == [f"b {note}"]
    paper.end("b")
    paper.end("a")
    assert paper.state.phase is RunPhase.DONE
    assert paper.state.tasks["b"].notes == (note,)


def test_the_branch_of_a_merged_task_stays_until_the_worktree_that_starts_from_it_is_made():
    paper = Held(free(task("a"), waiting("b", "a")))
    paper.stone("a")
    request = paper.take(WorktreeRequested)
    paper.end("a")
    assert paper.state.tasks["a"].phase is Phase.MERGED
    assert not paper.events(CleanupRequested)
    for outcome in well(request):
        paper.tell(outcome)
    assert [event.task for event in paper.events(CleanupRequested)] == ["a"]


def test_taking_back_a_batch_names_the_commit_its_worktree_started_at():
    paper = Held(free(task("a"), waiting("b", "a"), waiting("c", "a")))
    paper.stone("a")
    made, failed = paper.take(WorktreeRequested), paper.take(WorktreeRequested)
    for outcome in well(made):
        paper.tell(outcome)
    paper.tell(WorktreeFailed(failed.key, failed.task, 1, "no"))
    undone = paper.take(UndoRequested)
    assert (undone.task, undone.base) == ("b", "base0+feature/a")


# ── when the other one fails ────────────────────────────────────────────────────────────────────────


def test_a_dependant_at_work_on_a_failed_tasks_commits_ends_visibly_with_its_work_kept():
    paper = started()
    paper.end("a", code=1)
    assert paper.phases() == {"a": "failed", "b": "running"}
    paper.end("b")
    assert paper.phases() == {"a": "failed", "b": "failed"}
    b = paper.state.tasks["b"]
    assert b.error.message == "b is complete, but a it was built on failed"
    assert (b.head, b.kept) == ("head-b-1", "failed: DependencyError")
    assert not [event for event in paper.events(CandidateRequested) if event.task == "b"]


def test_a_dependant_built_on_an_attempt_that_was_given_up_is_not_merged_after_the_next_one():
    paper = started()
    paper.end("a", code=1)
    paper.tell(Retry("a"))
    paper.go_on()
    paper.end("a")
    assert paper.phases() == {"a": "merged", "b": "running"}
    paper.end("b")
    error = paper.state.tasks["b"].error
    assert error.message == "b is complete, but a it was built on was given up and started anew"
    assert error.hints == ("take over what still fits: git log feature/b", "wavetree retry b")
    paper.tell(Resume())
    paper.go_on()
    assert paper.requests("b")[-1].on == ()
    paper.end("b")
    assert paper.state.phase is RunPhase.DONE


def test_a_complete_dependant_fails_as_soon_as_the_other_one_is_tried_again():
    paper = Held(free(task("a"), waiting("b", "a")), slots=2)
    paper.stone("a")
    paper.go_on()
    paper.end("a", code=1)
    paper.tell(Retry("a"))
    paper.go_on()
    paper.end("b")
    assert paper.phases() == {"a": "running", "b": "failed"}


def test_nothing_starts_at_the_milestone_of_a_task_that_has_failed_since():
    paper = Held(free(task("a"), waiting("b", "a")), slots=1)
    paper.stone("a")
    paper.end("a", code=1)
    assert paper.phases() == {"a": "failed", "b": "blocked"}
    assert [(event.task, event.by) for event in paper.events(TaskBlocked)] == [("b", "a")]
    assert paper.state.ended


def test_nothing_starts_at_the_milestone_of_a_task_that_is_itself_built_on_what_was_given_up():
    paper = Held(free(task("a"), waiting("b", "a"), waiting("c", "b")), slots=2)
    paper.stone("a")
    paper.go_on()
    paper.end("a", code=1)
    paper.tell(Retry("a"))
    paper.go_on()
    paper.stone("b")
    paper.tell(SetSlots(3))
    paper.go_on()
    assert paper.phases() == {"a": "running", "b": "running", "c": "pending"}
    paper.end("b")
    assert paper.phases() == {"a": "running", "b": "failed", "c": "blocked"}


def test_a_journal_from_before_worktrees_told_where_they_start_is_understood():
    request = msgspec.json.decode(
        b'{"type": "WorktreeRequested", "task": "a", "attempt": 1, "batch": 1,'
        b' "branch": "feature/a", "path": "/repo-wta", "base": "base0"}',
        type=WorktreeRequested,
    )
    made = msgspec.json.decode(
        b'{"type": "WorktreeMade", "answers": "worktree:a:1", "task": "a", "attempt": 1}', type=WorktreeMade
    )
    paper = Paper(free(task("a")))
    paper.run(lambda intent: (made,) if intent == request else None)
    assert paper.state.phase is RunPhase.DONE
    assert paper.state.tasks["a"].base == "base0"
