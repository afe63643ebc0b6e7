"""What a plan says beside its tasks, looked up on the screen (M219, M155)."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from screen_runs import HOSTILE, NOW, Still, begun, hostile, machine, story, with_wave
from test_screen import app_of, shown, typed

from engine import Timeline, WavePhase, load_plan
from tui.lines import plain
from tui.panes.views import VIEWS
from tui.screens.views import ViewsPage

DOCUMENT = Path(__file__).parents[1] / "data" / "documents" / "001_execution_plan.json"


def execution_plan() -> Still:
    return Still(begun(load_plan(DOCUMENT)), Timeline(created=NOW), machine())


TEXTS = {
    "gates": (
        *("end of wave 1 Foundation Setup", "technical_lead", "architect", "Database schema established"),
        "integration_testing: Coordinated cross-team",
    ),
    "sync points": ("API Contract Review and Validation: ahead", "4 h 00", "Design iteration"),
    "risks": ("coord_001", "probability", "mitigation"),
    "teams": ("backend_team_1", "hours a week", "skills"),
    "schedule": ("parallel_team_standup daily 9:00 AM", "Progress updates", "Blockers and dependencies"),
}


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
async def test_each_view_of_the_execution_plan_shows_its_texts(size: tuple[int, int]) -> None:
    """M219: by key, one after the other."""
    app = app_of(execution_plan())
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        await typed(pilot, "o")
        assert isinstance(app.screen, ViewsPage)
        for title, texts in TEXTS.items():
            assert app.screen.view == title
            assert app.screen.query_one("#view").region.height > 10
            for text in texts:
                assert text in shown(app, "view"), title
            await typed(pilot, "tab")
        await typed(pilot, "3", "escape")
        assert app.screen is app.board


def test_a_meeting_is_shown_with_its_next_time() -> None:
    """M155: nothing acts on it; the day after, since today's was at nine."""
    state = execution_plan().state
    late = datetime(2026, 3, 2, 9, 1).timestamp()  # a person's calendar
    text = plain(VIEWS["schedule"](state, late, 100))
    assert "Tue 03 Mar 09:00" in text.partition("integration_coordination")[0]


def test_the_gates_view_says_how_each_gate_ended_last() -> None:
    state = with_wave(
        begun(story()), 1, phase=WavePhase.GATING, signed=("architect",), overridden="known flake"
    )
    text = plain(VIEWS["gates"](state, NOW, 100))
    for part in ("unit", "make test", "has not run yet", "integration_test", "architect", "known flake"):
        assert part in text


@pytest.mark.parametrize("view", list(VIEWS))
def test_a_plan_without_such_things_says_so(view: str) -> None:
    assert plain(VIEWS[view](Still(begun(story())).state, NOW, 80)).strip()


@pytest.mark.parametrize("view", list(VIEWS))
def test_hostile_texts_stay_text(view: str) -> None:
    text = plain(VIEWS[view](hostile().state, NOW, 80))
    assert HOSTILE not in text
    assert "\x1b" not in text
