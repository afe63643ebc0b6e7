"""Past runs on the screen: listed, opened with chart and report, compared, replayed (M217, M225)."""

from __future__ import annotations

import pytest
from screen_runs import Shelf, midway, told
from test_screen import SMALL, WIDE, app_of, shown, typed

from tui.lines import plain
from tui.panes.history import gantt_lines


@pytest.mark.parametrize("size", [WIDE, SMALL])
async def test_runs_are_listed_and_the_selected_one_is_opened(size: tuple[int, int]) -> None:
    app = app_of(midway(), past=Shelf())
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        await typed(pilot, "h")
        assert "r2" in shown(app, "runs")
        assert "the journal of r3 is damaged" in shown(app, "report")
        await typed(pilot, "down")
        assert "Parallel Execution Complete" in shown(app, "report")
        assert "time_savings" in shown(app, "report")
        assert "━━━" in shown(app, "report")
        await typed(pilot, "escape")
        assert app.screen is app.board


async def test_two_runs_are_compared_and_one_is_replayed_by_a_slider() -> None:
    app = app_of(midway(), past=Shelf())
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        await typed(pilot, "h", "down", "c", "down", "c")
        assert "idle at wave barriers" in shown(app, "report")
        assert "r2" in shown(app, "report").splitlines()[0]
        await typed(pilot, "left_square_bracket")
        assert "78 s of 1 min" in shown(app, "report") or " of 1 min" in shown(app, "report")
        assert "Parallel Execution" not in shown(app, "report"), "only what was until then"


def test_a_bar_shows_what_an_attempt_was_at_for_most_of_each_cell() -> None:
    lines = gantt_lines(told(40), 43)
    assert plain(lines[1:2]).strip() == "a                    " + "━" * 15 + "═" * 5
    assert plain(lines[2:3]).strip() == "b #2                 " + "━" * 10 + "┄" * 10
    assert plain(gantt_lines(told(40), 43, 0.5)[2:3]).strip() == "b #2                 " + "━" * 10
