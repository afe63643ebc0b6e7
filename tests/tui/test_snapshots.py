"""Pictures of the screen at fixed sizes, themes and moments; a changed picture has to be looked at."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from screen_runs import NOW, Shelf, Still, begun, clashing, failed, midway, offered, thirty

from engine import State, load_plan
from tui.app import WavetreeApp
from tui.follows import NoRun
from tui.screens.start import StartScreen
from tui.work import Workbench

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


FOUND = {
    "plan.yaml": """
wavetree: 1
name: avatar-week
slots: 3
tasks:
  - {id: doctype-designer, title: Design, agent: claude, files: ["doctype/*.json"], estimate: 15-18 minutes}
  - {id: api-architect, title: Sketch, agent: codex, files: [docs/api.md], estimate: 10-15 minutes}
  - id: api-developer
    title: Write the endpoints
    agent: claude
    needs: [doctype-designer, api-architect]
    files: ["api/*.py", src/config.ts]
    estimate: 15-20 minutes
  - id: vue-spa-architect
    title: Build the single-page app
    agent: codex
    needs: [api-architect]
    files: ["public/js/*.vue", src/config.ts]
    estimate: 20-25 minutes
  - {id: workflow-specialist, title: Join, agent: claude, needs: [api-developer], estimate: 10-15 minutes}
""",
    "week.yaml": "wavetree: 1\nname: week\ntasks:\n  - {id: one, needs: [two]}\n  - {id: 2nd, x: y}\n",
}
ANSWERS = {
    "functionality": "As a cook, I want to plan meals so that nothing is wasted",
    "module": "Kitchen",
    "complexity": "medium",
    "doctypes": "Recipe, Menu",
    "frontend": "a board",
    "integrations": "no",
}
REST = {"endpoints": "4", "workflow": "yes", "doctype_first": "yes", "api_first": "yes", "ui_first": "yes",
        "ordering": "none", "files": "api/*.py", "tables": "tabRecipe", "config": "hooks.py"}  # fmt: skip
TRACKERS = ("003_epic-10.yaml", "003_sprint-15.yaml", "004_ROADMAP.md")
BEGINNINGS: dict[str, tuple[str, tuple[int, int], tuple[str, ...], dict[str, Any]]] = {
    "start_wide": ("full", WIDE, (), {}),
    "start_small": ("full", SMALL, (), {}),
    "start_empty_small_light": ("empty", SMALL, (), {"theme": "light"}),
    "start_faulty_wide": ("full", WIDE, ("down",) * 4, {}),
    "pick_wide": ("full", WIDE, ("r",), {}),
    "preview_wide": ("full", WIDE, ("enter", "down", "down"), {}),
    "preview_small": ("full", SMALL, ("enter",), {}),
    "preview_ascii_small": ("full", SMALL, ("enter",), {"ascii_only": True}),
    "wizard_small": ("empty", SMALL, ("n", "pagedown"), {}),
    "wizard_wide": ("empty", WIDE, ("n", "pagedown"), {}),
    "wizard_draft_small": ("answered", SMALL, ("n",), {}),
    "wizard_draft_wide": ("answered", WIDE, ("n",), {}),
}


@pytest.mark.parametrize("name", list(BEGINNINGS))
def test_a_beginning_is_as_it_was_looked_at(
    name: str, snap_compare: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """M018, M220: the start screen, a plan before it starts, the wizard."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.delenv("WAVETREE_THEME", raising=False)
    what, size, keys, options = BEGINNINGS[name]
    shop = tmp_path / "shop"
    shop.mkdir()
    subprocess.run(["git", "init", "-q", "-b", "main", str(shop)], check=True)
    monkeypatch.chdir(shop)
    answers = ANSWERS | (REST if what == "answered" else {})
    (shop / "story-answers.json").write_text(json.dumps(answers))
    for file, text in FOUND.items() if what == "full" else ():
        (shop / file).write_text(text)
    for file in TRACKERS if what == "full" else ():
        shutil.copy(LOG.parents[1] / "data" / "documents" / file, shop / file[4:])
    first = StartScreen(Workbench(shop))
    options = {"ascii_only": False, **options}
    app = WavetreeApp(NoRun(), now=lambda: NOW, clock=lambda: 0.0, live=False, first=first, **options)
    assert snap_compare(app, terminal_size=size, run_before=_one_by_one(keys))


def _one_by_one(keys: tuple[str, ...]) -> Callable[[Any], Awaitable[None]]:
    """Press the keys, each when what came of the one before is there."""

    async def drawn(pilot: Any) -> None:
        for key in ("", *keys):
            if key:
                await pilot.press(key)
            await pilot.app.workers.wait_for_complete()
            await pilot.pause()
        pilot.app.screen.show()
        await pilot.pause()

    return drawn
