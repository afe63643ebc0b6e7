"""A conflict between live branches on the screen: an alert with lines, and what its later agent waits for."""

from __future__ import annotations

from msgspec.structs import replace
from screen_runs import NOW, begun

from engine import Level, Phase, Plan, State, Task, Timeline, Vitals, Wave, outcomes, verdicts
from engine.core.evolve import evolve
from engine.core.overlaps import Overlap
from tui.frame import Frame
from tui.lines import plain
from tui.panes.alerts import alert_lines, need_line
from tui.present import present


def at_work() -> State:
    plan = Plan("two", (Task("a"), Task("b")), (Wave(1, "one", ("a", "b")),))
    state = begun(plan)
    tasks = {name: replace(one, phase=Phase.RUNNING, attempt=1) for name, one in state.tasks.items()}
    return replace(state, tasks=tasks)


def seen(state: State, *, conflict: bool) -> State:
    overlap = Overlap("a", "b", "app.py", conflict, ((3, 9),), ((4, 4),), later="b")
    return evolve(state, outcomes.OverlapsSeen((overlap,), (), {"a": 1, "b": 1}, state.tip))


def frame_of(state: State) -> Frame:
    return present(state, Timeline(created=NOW), Vitals(), NOW)


def test_the_same_lines_are_an_alert_that_names_tasks_file_and_lines() -> None:
    """M211: kind, tasks, file, and the keys that help"""
    frame = frame_of(seen(at_work(), conflict=True))
    assert frame.needs == 1
    assert "b and a change the same place: app.py (lines 4 and 3-9)" in plain([need_line(frame, 120)])
    words = plain(alert_lines(frame, 100))
    assert "conflict #1  b, a" in words
    assert "wavetree conflicts c1" in words
    assert "on b: c conflict  i isolate  s serialize" in words


def test_the_same_file_is_no_alert() -> None:
    state = seen(at_work(), conflict=False)
    assert state.conflicts["c1"].level is Level.LOW
    assert frame_of(state).alerts == ()


def test_who_stands_still_says_for_whom_and_can_be_let_go_on() -> None:
    state = evolve(seen(at_work(), conflict=True), verdicts.ConflictHeld("c1", "b"))
    state = evolve(state, outcomes.Frozen("freeze:b:1", "b", 1, 2))
    row = frame_of(state).row("b")
    assert row is not None
    assert (row.word, row.held, row.step) == ("paused", True, "conflict c1: waits until a is merged")
    assert "unpause b" in frame_of(state).alerts[0].remedy
