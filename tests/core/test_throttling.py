"""The machine under pressure: fewer agents step by step, and all again after relief (M071, M072)."""

from __future__ import annotations

import pytest
from test_conflicts import begun, end
from world_of_paper import Paper, plan, task

from engine.core.intents import AgentRequested, FreezeRequested, ThawRequested, WorktreeRequested
from engine.core.outcomes import AgentStarted, Frozen, LoadSeen, Recovered, Thawed
from engine.core.plan import Settings
from engine.core.throttling import READING
from engine.core.verdicts import TaskThrottled, TaskUnthrottled
from engine.core.waiting import waiting_for


def settle(paper: Paper) -> None:
    """Freeze and thaw as asked; agents go on working."""

    def answer(intent):
        match intent:
            case AgentRequested(task=name, attempt=attempt):
                return (AgentStarted(name, attempt, 7, "/log"),)
            case FreezeRequested(task=name, attempt=attempt):
                return (Frozen(intent.key, name, attempt, 1),)
            case ThawRequested(task=name, attempt=attempt):
                return (Thawed(intent.key, name, attempt),)
            case _:
                return None

    paper.run(answer)


def seen(paper: Paper, level: str, why: str = "") -> list[str]:
    """Who works after a look at the machine."""
    paper.tell(LoadSeen(level, 50.0, why))
    settle(paper)
    return [one.id for one in paper.state.sessions() if not one.frozen]


def test_nothing_starts_until_the_load_is_below_the_start_limit() -> None:
    """M071: 75, 75, 40: no start until the third reading; the wait is on record twice"""
    paper = Paper(plan(task("a"), slots=1), auto=False)
    paper.run()
    why = "⏳ Waiting for resources... CPU 75.0% >= 60%"
    paper.tell(LoadSeen("no new starts", 75, why))
    paper.approve()
    settle(paper)
    paper.tell(LoadSeen("no new starts", 75, why))
    assert not paper.events(WorktreeRequested)
    assert waiting_for(paper.state, paper.state.tasks["a"]) == (why,)
    assert len([event for event in paper.events(LoadSeen) if event.why == why]) == 2
    assert seen(paper, "free") == ["a"]


def test_before_the_first_look_nothing_starts_where_the_load_counts() -> None:
    """M071: nor after a new engine has taken the run over; without limits nobody waits for a look"""
    paper = Paper(plan(task("a"), slots=1, settings=Settings(start_cpu_percent=60)))
    settle(paper)
    assert not paper.events(WorktreeRequested)
    assert waiting_for(paper.state, paper.state.tasks["a"]) == (READING,)
    why = "⏳ Waiting for resources... CPU 75.0% >= 60%"
    assert seen(paper, "no new starts", why) == []
    assert [alert.text for alert in paper.state.alerts] == [f"no new starts: {why}"]
    assert seen(paper, "free") == ["a"]
    paper.tell(Recovered(1, (), ()))
    assert paper.state.load_why == READING
    assert Paper(plan(task("a"))).state.load == "free"


def test_under_pressure_the_newest_agents_are_paused_one_by_one_and_come_back_after_relief() -> None:
    """M072: 3, 2, 1, never none; then up again, an event each"""
    paper = begun("a", "b", "c")
    said = "CPU usage too high: 85.2% > 80%"
    assert seen(paper, "throttled", said) == ["a", "b"]
    assert said in [alert.text for alert in paper.state.alerts]
    assert seen(paper, "throttled", said) == ["a"]
    assert seen(paper, "throttled", said) == ["a"], "one always works"
    assert [event.task for event in paper.events(TaskThrottled)] == ["c", "b"]
    assert seen(paper, "no new starts") == ["a"]
    assert seen(paper, "free") == ["a", "b"]
    assert seen(paper, "free") == ["a", "b", "c"]
    assert [event.task for event in paper.events(TaskUnthrottled)] == ["b", "c"]
    told = [alert.text.partition(":")[0] for alert in paper.state.alerts if "slots:" in alert.text]
    assert told == ["2 of 3 slots", "1 of 3 slots", "2 of 3 slots", "3 of 3 slots"]


def test_who_is_left_works_when_the_others_have_ended() -> None:
    """M072: a paused agent never waits for nobody"""
    paper = begun("a", "b")
    assert seen(paper, "throttled", "x") == ["a"]
    end(paper, "a")
    settle(paper)
    assert [one.id for one in paper.state.sessions() if not one.frozen] == ["b"]


@pytest.mark.parametrize("level", ["throttled", "no new starts"])
def test_under_pressure_nothing_starts(level: str) -> None:
    paper = begun("a")
    assert seen(paper, level, "x") == ["a"]
    assert paper.state.load == level
