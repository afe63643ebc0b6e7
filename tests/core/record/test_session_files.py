"""Session files: the documents' lifecycle and when each file is written."""

from __future__ import annotations

from itertools import product

import pytest
from world_of_paper import Paper, plan, task

from engine.core.evolve import evolve
from engine.core.intents import AgentRequested
from engine.core.outcomes import AgentExited, AgentReported, AgentStarted, Report, Words
from engine.core.record.session_files import Lifecycle, Sessions, every, moved, place
from engine.core.state import State

ALLOWED = {
    ("created", "active"),
    ("active", "coordinating"),
    ("coordinating", "active"),
    ("active", "completed"),
    ("coordinating", "completed"),
    ("completed", "archived"),
}


@pytest.mark.parametrize(("old", "new"), product(Lifecycle, repeat=2))
def test_a_lifecycle_takes_the_documents_steps_and_no_other(old: Lifecycle, new: Lifecycle) -> None:
    """M158"""
    if (old.value, new.value) in ALLOWED:
        assert moved(old, new) is new
    else:
        with pytest.raises(ValueError, match=f"{old.value} does not become {new.value}"):
            moved(old, new)


def told(paper: Paper) -> tuple[Sessions, list]:
    """The sessions of a run on paper, and every file as it was due."""
    sessions, state, due = Sessions({"a": "session_001", "b": "session_002"}), State(), []
    for at, events in enumerate(paper.log, 1):
        for event in events:
            state = evolve(state, event)
            due += sessions.take(state, float(at), event)
    return sessions, due


def chatty(messages: int, by: int = 1) -> Paper:
    """A run whose agent sends so many messages, as many at once as `by` says."""
    paper = Paper(plan(task("a")))

    def answer(intent):
        if not isinstance(intent, AgentRequested):
            return None
        words = Words("status", "person", "still at it")
        said = [AgentReported("a", 1, Report(messages=(words,) * by)) for _ in range(messages // by)]
        return [AgentStarted("a", 1, 7, "/log"), *said, AgentExited(intent.key, "a", 1, 0)]

    paper.run(answer)
    return paper


@pytest.mark.parametrize("by", [1, 4, 12])
def test_a_session_is_written_after_every_fifth_interaction_and_at_its_end(by: int) -> None:
    """M156: twelve messages; two syncs, the last at ten; one more at the end."""
    _, due = told(chatty(12, by))
    running = [one for one in due if one.lifecycle is Lifecycle.ACTIVE and one.interactions]
    assert (running[-1].syncs, running[-1].last_synced) == (2, 10)
    done = next(one for one in due if one.lifecycle is Lifecycle.COMPLETED)
    assert (done.syncs, done.last_synced, done.interactions) == (3, 12, 12)


def test_after_the_run_all_sessions_are_archived_and_each_came_its_way() -> None:
    """M158"""
    paper = Paper(plan(task("a"), task("b", "a")))
    paper.run()
    sessions, due = told(paper)
    for name in ("a", "b"):
        seen = [one.lifecycle.value for one in due if one.task == name]
        assert list(dict.fromkeys(seen)) == ["created", "active", "completed", "archived"]
    assert {one.file: one.lifecycle.value for one in sessions.written.values()} == {
        "session_001.json": "archived",
        "session_002.json": "archived",
    }
    assert sessions.written["session_001.json"].state == "merged"


def test_a_second_attempt_has_a_file_of_its_own() -> None:
    paper = Paper(plan(task("a")))
    first = True

    def answer(intent):
        nonlocal first
        if isinstance(intent, AgentRequested) and first:
            first = False
            return [AgentStarted("a", 1, 7, "/log"), AgentExited(intent.key, "a", 1, None, interrupted=True)]
        return None

    paper.run(answer)
    sessions, _ = told(paper)
    assert {name: one.lifecycle.value for name, one in sessions.written.items()} == {
        "session_001.json": "archived",
        "session_001-2.json": "archived",
    }


@pytest.mark.parametrize(
    ("said", "number"),
    [("every_5_interactions", 5), ("every_12_interactions", 12), ("daily", 5), (3, 3), ("0", 1)],
)
def test_the_number_of_interactions_is_read_from_the_words(said: object, number: int) -> None:
    """M156"""
    managed = {"session_management": {"state_sync_frequency": said, "session_state_location": "x/[project]/"}}
    made = plan(task("a"), sections={"session_coordination": managed})
    assert (every(made), place(made)) == (number, "x/[project]/")
    assert (every(plan(task("a"))), place(plan(task("a")))) == (5, "")
