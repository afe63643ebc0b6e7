"""M195: what a tracker is told of a ticket, change by change."""

from __future__ import annotations

from world_of_paper import Paper, plan, task

from engine.core.evolve import evolve
from engine.core.intents import Intent
from engine.core.outcomes import AgentExited, AgentStarted, Outcome
from engine.core.plan import Gates, Plan, ReviewRule, Settings
from engine.core.state import State
from engine.core.tracking import TicketChange, inside, ticket_changes


def told(made: Plan, answer: object = lambda _: None) -> list[TicketChange]:
    """The changes of a run on paper, from its journal."""
    paper = Paper(made)
    paper.run(answer)  # type: ignore[arg-type]
    state, found = State(), []
    for cursor, events in enumerate(paper.log, 1):
        before = state
        for event in events:
            state = evolve(state, event)
        found += ticket_changes(before, state, "now", cursor)
    return found


def steps(changes: list[TicketChange]) -> list[tuple[str, str]]:
    return [(one.before, one.status) for one in changes]


def test_a_ticket_goes_from_to_do_to_done_and_every_change_has_an_id_of_its_own() -> None:
    found = told(plan(task("a", title="One"), trackers=("tickets.yaml",)))
    assert steps(found) == [("To Do", "In Progress"), ("In Progress", "Done")]
    assert len({one.id for one in found}) == 2
    assert (found[-1].ticket, found[-1].title, found[-1].run) == ("a", "One", "r1")
    assert found[-1].commit


def failing(intent: Intent) -> tuple[Outcome, ...] | None:
    key = getattr(intent, "key", "")
    if key.startswith("agent:a"):
        return (AgentStarted("a", 1, 4711, "/log"), AgentExited(key, "a", 1, 1))
    return None


def test_one_that_failed_and_one_that_needs_it_are_blocked_with_the_reason() -> None:
    found = told(plan(task("a"), task("b", "a"), waves=[("a",), ("b",)], trackers=("t",)), failing)
    blocked = {one.ticket: one.reason for one in found if one.status == "Blocked"}
    assert "exit code 1" in blocked["a"] and blocked["b"] == "needs a"


def test_a_branch_that_is_read_and_a_pull_request_are_in_review() -> None:
    found = told(plan(task("a"), trackers=("t",), gates=Gates(review=ReviewRule())))
    assert steps(found)[-1] == ("In Progress", "In Review")
    proposed = plan(task("a"), trackers=("t",), settings=Settings(pull_request=("gh",)))
    assert steps(told(proposed))[-1] == ("In Progress", "In Review")


def test_nobody_is_told_unless_the_plan_is_from_tickets_or_names_a_command() -> None:
    assert told(plan(task("a"))) == []
    off = Settings(tracker_sync=False, tracker_command=("tell",))
    assert told(plan(task("a"), trackers=("t",), settings=off)) == []
    assert told(plan(task("a"), settings=Settings(tracker_command=("tell",))))


def test_only_files_of_the_history_are_marked_by_a_commit() -> None:
    assert inside(plan(task("a"), trackers=("tickets.yaml", "/elsewhere/tickets.yaml"))) == ("tickets.yaml",)
