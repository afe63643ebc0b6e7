"""M215: on the approval sheet a wave is changed before it starts: tasks out, one after another, estimates."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from screen_runs import Still, begun, offered, story, with_wave
from test_screen import Clock, app_of, shown, toasts, typed

from engine import (
    Approve,
    Decision,
    Estimate,
    Level,
    Move,
    Order,
    Score,
    Serialize,
    Span,
    UndoDecision,
    Verb,
    Wave,
    WavePhase,
)
from tui.screens.approval import ApprovalSheet
from tui.screens.serialize import SerializeSheet

WIDE = (120, 40)


@pytest.fixture(autouse=True)
def person(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAVETREE_USER", "tester")


async def test_the_chosen_task_is_moved_out_and_taken_back() -> None:
    still = offered()
    app = app_of(still)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        await typed(pilot, "a", "down", "x", "u")
        assert still.sent == [Move("api-architect", by="tester"), UndoDecision(by="tester")]
        assert isinstance(app.screen, ApprovalSheet), "it stays open, for the rest of the wave"


async def test_the_arrow_keys_stay_within_the_wave() -> None:
    app = app_of(offered())
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        await typed(pilot, "a", *["down"] * 9)
        assert isinstance(app.screen, ApprovalSheet)
        assert app.screen.chosen == "ui-layout-designer"
        await typed(pilot, *["up"] * 9)
        assert app.screen.chosen == "doctype-designer"


async def test_the_chosen_task_waits_for_another() -> None:
    still = offered()
    app = app_of(still)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        await typed(pilot, "a", "down", "o")
        assert isinstance(app.screen, SerializeSheet)
        await typed(pilot, "1")
        assert still.sent == [Serialize("doctype-designer", "api-architect", "tester")]
        assert isinstance(app.screen, ApprovalSheet)


async def test_an_estimate_is_typed_and_a_wrong_one_is_explained() -> None:
    still = offered()
    app = app_of(still)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        await typed(pilot, "a", "e", *"soon", "enter")
        assert "soon" in toasts(app)[-1]
        assert still.sent == []
        await typed(pilot, *["backspace"] * 4, *"2 hours", "enter")
        assert still.sent == [Estimate("doctype-designer", Span(7200, 7200), "tester")]
        await typed(pilot, "enter")
        assert isinstance(still.sent[-1], Approve), "the field is closed, enter approves again"


async def test_what_was_changed_is_told_on_the_sheet() -> None:
    still = offered()
    state = still.state
    still.state = replace(
        state,
        orders=(Order("doctype-designer", "ui-layout-designer"),),
        decisions=(Decision(1, Verb.MOVE, ("workflow-specialist",), 1, "tester"),),
    )
    app = app_of(still)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        await typed(pilot, "a")
        text = shown(app, "body")
        assert "doctype-designer, then ui-layout-designer" in text
        assert "workflow-specialist moved to wave 3" in text


async def test_the_time_of_the_wave_counts_who_waits_for_whom() -> None:
    still = offered()
    app = app_of(still)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        await typed(pilot, "a")
        assert "18 min with 3 slots · 45 min one by one" in shown(app, "body")
        still.state = replace(still.state, orders=(Order("doctype-designer", "ui-layout-designer"),))
        app.tick()
        await pilot.pause()
        assert "30 min with 3 slots · 45 min one by one" in shown(app, "body")


async def test_a_changed_wave_is_not_approved_by_a_key_already_on_its_way() -> None:
    still, clock = offered(), Clock()
    app = app_of(still, clock)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        await typed(pilot, "a", "x")
        waves = (replace(still.state.waves[0], digest="beef"), *still.state.waves[1:])
        still.state = replace(still.state, waves=waves)
        app.tick()
        await typed(pilot, "enter")
        assert still.sent == [Move("doctype-designer", by="tester")]
        clock.seconds += 0.31
        await typed(pilot, "enter")
        assert still.sent[-1] == Approve(1, by="tester", digest="beef")


def wave_of_five() -> Still:
    """Five tasks in one wave, two of which declare the same file."""
    plan = story()
    free = tuple(replace(one, needs=()) for one in plan.tasks[:5])
    waves = (Wave(1, "all", tuple(one.id for one in free)), Wave(2, "last", (plan.tasks[5].id,)))
    state = begun(replace(plan, tasks=(*free, plan.tasks[5]), waves=waves))
    return Still(with_wave(state, 1, phase=WavePhase.OFFERED, digest="7f3a"))


async def test_the_sheet_shows_who_meets_whom_and_how_good_forecasts_were() -> None:
    """M215: the wave's conflict matrix, and how often what is foretold so came before."""
    still = wave_of_five()
    still.track = lambda: Score(12, 6, 5, 4, {Level.MEDIUM: (8, 3)})  # type: ignore[method-assign]
    app = app_of(still)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        await typed(pilot, "a")
        text = shown(app, "body")
        row = next(line for line in text.splitlines() if line.strip().startswith("vue-spa-architect   "))
        assert row.count("medium") == 1
        assert "medium: 3 of 8 such came before" in text
        assert (
            "forecasts of the last 4 runs: 12 foretold, 6 came, 5 both: precision 42 %, recall 83 %" in text
        )


async def test_without_earlier_runs_nothing_is_said_of_them() -> None:
    app = app_of(wave_of_five())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await typed(pilot, "a")
        text = shown(app, "body")
        assert "forecasts of the last" not in text
        assert "api-developer ⇄ vue-spa-architect" in text


async def test_the_actions_of_a_documents_gate_stand_behind_its_name() -> None:
    still = offered()
    gates = {
        "per_agent_gates": [{"gate": "agent_validation", "actions": ["validate_output", "update_progress"]}]
    }
    sections = {**still.state.plan.sections, "parallel_quality_gates": gates}
    still.state = replace(still.state, plan=replace(still.state.plan, sections=sections))
    app = app_of(still)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        await typed(pilot, "a")
        said = " ".join(shown(app, "body").split())
        assert "before each merge: unit, agent_validation (validate_output, update_progress)" in said
        assert "after the wave: integration_test" in said
