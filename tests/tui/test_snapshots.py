"""Pictures of the screen at fixed sizes, themes and moments; a changed picture has to be looked at."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from screen_runs import NOW, Shelf, Still, begun, clashing, failed, midway, offered, thirty

from engine import State, load_plan
from tui.app import WavetreeApp

WIDE, SMALL, HUGE = (120, 40), (80, 24), (200, 60)
LOG = Path(__file__).parent / "session.log"


def empty() -> Still:
    return Still(State())


def strategy() -> Still:
    return Still(begun(load_plan(LOG.parents[1] / "data" / "documents" / "001_execution_plan.json")))


SHOTS: dict[str, tuple[Callable[[], Still], tuple[int, int], tuple[str, ...], dict[str, Any]]] = {
    "dashboard_dark_wide": (midway, WIDE, (), {}),
    "dashboard_dark_small": (midway, SMALL, (), {}),
    "dashboard_light_wide": (midway, WIDE, (), {"theme": "light"}),
    "dashboard_high_contrast_wide": (midway, WIDE, (), {"theme": "high-contrast"}),
    "dashboard_colour_blind_wide": (midway, WIDE, (), {"theme": "colour-blind"}),
    "dashboard_terminal_wide": (midway, WIDE, (), {"theme": "terminal"}),
    "dashboard_ascii_wide": (midway, WIDE, (), {"ascii_only": True}),
    "dashboard_empty_wide": (empty, WIDE, (), {}),
    "graph_small": (midway, SMALL, ("2",), {}),
    "graph_of_thirty": (thirty, HUGE, (), {}),
    "approval_wide": (offered, WIDE, ("a",), {}),
    "approval_small_light": (offered, SMALL, ("a",), {"theme": "light"}),
    "task_failed_wide": (failed, WIDE, ("enter",), {}),
    "task_paused_small": (midway, SMALL, ("down", "enter"), {}),
    "task_diff_huge": (midway, HUGE, ("enter", "3", "f"), {}),
    "conflict_wide": (clashing, WIDE, ("c", "t"), {}),
    "conflict_small": (clashing, SMALL, ("c", "b"), {}),
    "conflict_chosen_light": (clashing, HUGE, ("c", "o", "t", "p"), {"theme": "light"}),
    "history_small": (midway, SMALL, ("h", "down"), {"past": Shelf()}),
    "history_wide": (midway, WIDE, ("h", "down"), {"past": Shelf()}),
    "views_gates_wide": (strategy, WIDE, ("o",), {}),
    "views_schedule_small": (strategy, SMALL, ("o", "5"), {}),
    "stop_asks_small": (midway, SMALL, ("X",), {}),
    "help_wide": (midway, WIDE, ("question_mark",), {}),
}


def picture(moment: Callable[[], Still], options: dict[str, Any]) -> WavetreeApp:
    still = moment()
    if still.state.tasks:
        still.logs["api-developer"] = LOG
        still.diffs["api-developer"] = (
            "diff --git a/src/config.ts b/src/config.ts\n@@ -1,3 +1,3 @@\n-export\n+import\n rest\n"
        )
    options = {"ascii_only": False, **options}
    return WavetreeApp(still, now=lambda: NOW, clock=lambda: 0.0, live=False, **options)


@pytest.mark.parametrize("name", list(SHOTS))
def test_a_picture_is_as_it_was_looked_at(
    name: str, snap_compare: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.delenv("WAVETREE_THEME", raising=False)
    monkeypatch.chdir(LOG.parent)
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    moment, size, keys, options = SHOTS[name]
    assert snap_compare(picture(moment, options), terminal_size=size, run_before=_after(keys))


def test_without_colour_the_picture_is_grey(snap_compare: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.chdir(LOG.parent)
    assert snap_compare(picture(midway, {}), terminal_size=WIDE, run_before=_after(()))


def _after(keys: tuple[str, ...]) -> Callable[[Any], Awaitable[None]]:
    """Press the keys, then wait until every worker has ended and the frame was drawn at its final size."""

    async def drawn(pilot: Any) -> None:
        await pilot.pause()
        for key in keys:
            await pilot.press(key)
            await pilot.pause()
        await pilot.app.workers.wait_for_complete()
        pilot.app.tick()
        await pilot.pause()

    return drawn
