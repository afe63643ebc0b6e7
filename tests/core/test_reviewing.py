"""M149: code review as a gate before merge, off unless the plan asks."""

from __future__ import annotations

import pytest
from world_of_paper import Paper, plan, task

from engine.core.commands import Retry, Review
from engine.core.errors import Refused
from engine.core.gate_texts import gate_texts
from engine.core.gauged import GateLevel
from engine.core.intents import CandidateRequested, CollectRequested, Intent
from engine.core.outcomes import Collected, Outcome
from engine.core.plan import Gates, Plan, ReviewRule
from engine.core.reviewing import overdue, review_rule, review_words, unreviewed
from engine.core.state import Phase, RunPhase
from engine.core.timeline import TaskTimes
from engine.core.waiting import word
from engine.world.review_clock import ReviewClock

HOUR = 3600.0
ON = Gates(review=ReviewRule())
SAID = {
    "code_review": {
        "review_requirements": "All code reviewed before merge",
        "cross_team_reviews": "For shared components and interfaces",
        "architecture_reviews": "For significant design decisions",
        "review_timelines": "24-hour review SLA",
    },
    "testing_coordination": {
        "unit_testing": "Each team responsible for their components",
        "integration_testing": "Coordinated cross-team integration testing",
        "system_testing": "End-to-end testing after wave completion",
        "performance_testing": "Continuous performance monitoring",
    },
}


def shared() -> Plan:
    one = task("a", team="web", files=("shared.txt", "a.txt"))
    two = task("b", team="api", files=("shared.txt",), complete=True)
    return plan(one, two, gates=ON)


def changing(*files: str) -> object:
    def answer(intent: Intent) -> tuple[Outcome, ...] | None:
        if isinstance(intent, CollectRequested):
            return (Collected(intent.key, intent.task, intent.attempt, "head", 1, files),)
        return None

    return answer


def test_nothing_is_reviewed_unless_the_plan_asks() -> None:
    assert review_rule(plan(task("a"))) is None
    none = {"quality_assurance": {"code_review": {"review_requirements": "none"}}}
    assert review_rule(plan(task("a"), sections=none)) is None


def test_the_documents_words_ask_for_it_with_their_time() -> None:
    rule = review_rule(plan(task("a"), sections={"quality_assurance": SAID}))
    assert rule == ReviewRule(24 * HOUR, True)


def test_a_finished_branch_waits_in_review_and_merges_once_it_is_approved() -> None:
    paper = Paper(plan(task("a"), gates=ON))
    paper.run()
    assert not paper.events(CandidateRequested)
    assert word(paper.state, paper.state.tasks["a"]) == "reviewing"
    assert review_words(paper.state.tasks["a"]) == "in review"
    paper.tell(Review("a", by="kim"))
    paper.run()
    assert paper.state.phase is RunPhase.DONE


def test_a_file_of_two_teams_needs_an_approval_of_each() -> None:
    paper = Paper(shared())
    paper.run(changing("shared.txt"))  # type: ignore[arg-type]
    assert unreviewed(paper.state.tasks["a"]) == ("web", "api")
    paper.tell(Review("a", by="kim"))
    assert not paper.events(CandidateRequested)
    with pytest.raises(Refused, match="kim has approved a; it waits for the approval of api"):
        paper.tell(Review("a", by="kim"))
    with pytest.raises(Refused, match="waits for the approval of api"):
        paper.tell(Review("a", team="web", by="lee"))
    paper.tell(Review("a", by="lee"))
    paper.run()
    assert paper.state.phase is RunPhase.DONE


def test_a_file_of_one_team_needs_one_approval() -> None:
    paper = Paper(shared())
    paper.run(changing("a.txt"))  # type: ignore[arg-type]
    assert unreviewed(paper.state.tasks["a"]) == ("web",)


def test_a_rejection_with_its_reason_fails_the_task_which_can_be_tried_again() -> None:
    paper = Paper(plan(task("a"), gates=ON))
    paper.run()
    with pytest.raises(Refused, match="needs a reason"):
        paper.tell(Review("a", approve=False, by="kim"))
    paper.tell(Review("a", approve=False, by="kim", note="no tests"))
    failed = paper.state.tasks["a"]
    assert failed.phase is Phase.FAILED and failed.error is not None
    assert failed.error.message == "a: the review by kim rejected it: no tests"
    with pytest.raises(Refused, match="not in review"):
        paper.tell(Review("a", by="kim"))


def test_after_25_hours_it_is_overdue_and_told_of_once() -> None:
    paper = Paper(plan(task("a"), gates=ON))
    paper.run()
    clock = ReviewClock()
    assert clock.look(paper.state, 0.0) == []
    assert clock.look(paper.state, 23 * HOUR) == []
    (late,) = clock.look(paper.state, 25 * HOUR)
    paper.tell(late)
    assert clock.look(paper.state, 26 * HOUR) == []
    assert review_words(paper.state.tasks["a"]) == "in review, overdue"
    (told,) = [alert for alert in paper.state.alerts if alert.open]
    assert told.text == "a is overdue: in review for 1 d 1 h"
    paper.tell(Review("a", by="kim"))
    assert not any(alert.open for alert in paper.state.alerts)


def test_what_the_journal_says_of_its_time_counts_for_a_new_engine_too() -> None:
    paper = Paper(plan(task("a"), gates=ON))
    paper.run()
    waiting, times = paper.state.tasks["a"], TaskTimes(ended=100.0)
    assert not overdue(paper.state, waiting, times, 100 + 23 * HOUR)
    assert overdue(paper.state, waiting, times, 100 + 25 * HOUR)


def test_a_branch_without_changes_needs_no_review() -> None:
    paper = Paper(plan(task("a"), gates=ON))
    paper.run(changing())  # type: ignore[arg-type]
    assert paper.state.phase is RunPhase.DONE


def test_the_next_attempt_is_reviewed_anew() -> None:
    paper = Paper(plan(task("a"), task("z"), gates=ON), slots=2)
    paper.run()
    paper.tell(Review("a", approve=False, by="kim", note="no"))
    paper.tell(Retry("a", "kim"))
    paper.run()
    assert word(paper.state, paper.state.tasks["a"]) == "reviewing"
    assert paper.state.tasks["a"].attempt == 2


def test_what_documents_say_of_testing_is_shown_at_its_gate() -> None:
    made = plan(task("a"), sections={"quality_assurance": SAID})
    assert [name for name, _ in gate_texts(made, GateLevel.WAVE)] == ["integration_testing", "system_testing"]
    assert (
        dict(gate_texts(made, GateLevel.TASK))["architecture_reviews"] == "For significant design decisions"
    )
    assert [name for name, _ in gate_texts(made, GateLevel.RUN)] == ["performance_testing"]
