"""Past runs on the screen: listed, filtered, opened, compared, replayed (M217, M225)."""

from __future__ import annotations

import dataclasses

import pytest
from msgspec.structs import replace
from screen_runs import T0, Shelf, clashing, failed, midway, told
from test_screen import SMALL, WIDE, app_of, shown, typed
from textual.widgets import Input

from engine import ConflictTimes, RunReport, Timeline, run_metrics
from tui.lines import plain
from tui.panes.chart import gantt_lines
from tui.panes.past import past_lines


@pytest.mark.parametrize("size", [WIDE, SMALL])
async def test_runs_are_listed_and_the_selected_one_is_opened(size: tuple[int, int]) -> None:
    app = app_of(midway(), past=Shelf())
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        await typed(pilot, "h")
        assert "r2" in shown(app, "runs")
        assert "the journal of r3 is damaged" in shown(app, "report")
        await typed(pilot, "down")
        assert "0 of 2 tasks merged · took 1 min 20 s" in shown(app, "report")
        assert "time savings" in shown(app, "report")
        assert "━━━" in shown(app, "report")
        await typed(pilot, "escape")
        assert app.screen is app.board


WORDS = ("F", "I", "R", "S", "T", "space", *"failed")


async def test_a_filter_leaves_the_runs_that_have_its_words() -> None:
    """M217: filters."""
    app = app_of(midway(), past=Shelf())
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        await typed(pilot, "h", "slash", *WORDS, "enter")
        assert shown(app, "runs").split()[1:3] == ["✗", "r1"]
        assert "r2" not in shown(app, "runs")
        assert "━━━" in shown(app, "report"), "the first that is left is opened"
        await typed(pilot, "slash", *"x")
        assert "no run has these words" in shown(app, "runs")
        await typed(pilot, "escape")
        assert "r2" in shown(app, "runs")
        assert not app.screen.query_one("#filter", Input).value
        assert app.screen is not app.board, "escape takes the filter back before it leaves"


async def test_a_past_run_is_opened_on_the_dashboard_with_its_tasks_and_logs() -> None:
    """M217: a past run's logs."""
    app = app_of(midway(), past=Shelf())
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        await typed(pilot, "h", "enter")
        assert app.screen is not app.board, "a damaged one is not opened"
        await typed(pilot, "down", "enter")
        assert app.screen is app.board
        assert app.frame.phase == failed().state.phase.value
        await typed(pilot, "h")
        assert "r2" in shown(app, "runs"), "and the others are still there"


async def test_two_runs_are_compared_and_one_is_replayed_by_a_slider() -> None:
    app = app_of(midway(), past=Shelf())
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        await typed(pilot, "h", "down", "c", "down", "c")
        assert "idle at wave barriers" in shown(app, "report")
        assert shown(app, "report").split()[:3] == ["r2", "r1", "change"]
        assert "-9.6 %" in shown(app, "report")
        await typed(pilot, "left_square_bracket")
        assert "1 min 18 s of 1 min 20 s" in shown(app, "report")
        assert "time savings" not in shown(app, "report"), "only what was until then"


def test_the_numbers_of_a_metric_stand_beside_it_or_are_asked_for() -> None:
    seen = told(0)
    report = RunReport({}, seen, Timeline(), run_metrics(seen))
    assert "sequential time 140, parallel time 80" in plain(past_lines(report, 140))
    assert "sequential time" not in plain(past_lines(report, 70))
    assert "   sequential time 140" in plain(past_lines(report, 70, numbers=True))


def test_what_the_report_says_is_wrapped_and_failures_stand_out() -> None:
    seen = dataclasses.replace(told(0), state=failed().state)
    lines = past_lines(RunReport({}, seen, Timeline(), ()), 40)
    text = plain(lines)
    assert "✗ [api-developer" in text
    assert max(map(len, text.splitlines())) <= 40
    styles = {bit.style for line in lines for bit in line if "hint: set DATABASE_URL" in bit.text}
    assert styles == {"accent"}


def test_a_bar_shows_what_an_attempt_was_at_for_most_of_each_cell() -> None:
    lines = gantt_lines(told(40), 31)
    assert plain(lines[:1]).strip() == "a        " + "━" * 15 + "═" * 5
    assert plain(lines[1:2]).strip() == "b #2     " + "━" * 10 + "┄" * 10
    assert plain(gantt_lines(told(40), 31, 0.5)[1:2]).strip() == "b #2     " + "━" * 10


def test_a_chart_has_its_time_its_waves_and_its_conflicts() -> None:
    seen = told(40)
    axis = plain(gantt_lines(seen, 31)[2:3])
    assert axis == " " * 10 + "╵0 s      ╵1 min"[: len(axis) - 10]
    state = clashing().state
    (record,) = state.conflicts.values()
    tasks = {**seen.state.tasks, "b": replace(seen.state.tasks["b"], wave=2)}
    record = replace(record, tasks=("a", "b"))
    seen = dataclasses.replace(seen, state=replace(seen.state, tasks=tasks, conflicts={record.id: record}))
    times = Timeline(conflicts={record.id: ConflictTimes(found=T0 + 20)})
    text = plain(gantt_lines(seen, 31, times=times)).splitlines()
    assert text[0].strip() == "wave 1"
    assert text[1].split()[1] == "━" * 5 + "✖" + "━" * 9 + "═" * 5
    assert text[2].strip() == "wave 2"
    assert "✖ conflict" in text[-2] + text[-1]
