"""Hostile text on every page: no control code in any cell, and no cell of another line moved by it."""

from __future__ import annotations

import dataclasses
import json
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from rich.cells import cell_len
from screen_runs import HOSTILE, T0, Still, clashing, failed, hostile, offered, told, with_task, with_wave
from test_screen import SMALL, WIDE, app_of, typed

from engine import Decision, Note, Part, PastRun, RunReport, Sides, Timeline, Verb, run_metrics
from tui.app import WavetreeApp

DOCUMENT = Path(__file__).parents[1] / "data" / "documents" / "001_execution_plan.json"
CODES = "[link=http://x]y[/link] \x9b31m\x08\r\x1b]8;;http://x\x07 漢字 e\u0301 \u200b\u2066"
NASTY = f"{HOSTILE} {CODES} {'w' * 500}"


def spoiled(value: Any) -> Any:
    """The same data, every text in it followed by what no terminal may get."""
    if isinstance(value, dict):
        return {key: spoiled(each) for key, each in value.items()}
    if isinstance(value, list):
        return [spoiled(each) for each in value]
    return f"{value} {NASTY}" if isinstance(value, str) else value


def at_work() -> Still:
    """An open conflict with hostile sides, and a plan whose every section is hostile."""
    still, other = hostile(), clashing()
    (record,) = other.state.conflicts.values()
    files = tuple(replace(one, file=f"{one.file}{NASTY}") for one in record.files)
    decision = Decision(1, Verb.RESOLVE, (), 0, conflict="c1", by=NASTY, note=NASTY)
    sections = spoiled(json.loads(DOCUMENT.read_text()))
    plan = replace(still.state.plan, sections={**still.state.plan.sections, **sections})
    still.state = replace(
        still.state,
        plan=plan,
        conflicts={"c1": replace(record, files=files, how=NASTY, resolved_by="")},
        decisions=(decision,),
    )
    parts = (Part(f"{NASTY}\n"), Part(f"{NASTY}\n", f"{NASTY}\n", f"{NASTY}\n", f"{NASTY}\n", True))
    still.clashing = (Sides(f"src/{NASTY}", NASTY, NASTY, ("0", "1", "2"), b"", b"", b"", parts),)
    still.diffs["api-developer"] = (
        f"diff --git a/{NASTY} b/{NASTY}\n@@ -1 +1 @@ {NASTY}\n-{NASTY}\n+{NASTY}\n"
    )
    return still


def waiting() -> Still:
    """A wave that waits for its approval, with hostile names and titles."""
    still = offered()
    tasks = tuple(replace(task, title=NASTY, agent=NASTY, files=(NASTY,)) for task in still.state.plan.tasks)
    plan = replace(still.state.plan, tasks=tasks)
    still.state = with_wave(
        replace(still.state, plan=plan, specs={task.id: task for task in tasks}, base=NASTY), 1, name=NASTY
    )
    return still


class NastyShelf:
    """One past run that failed, hostile in every word."""

    def runs(self) -> list[PastRun]:
        return [PastRun("r1", NASTY, "failed", T0, 2, 1, 1)]

    def open(self, run: str) -> Still:
        return at_work()

    def report(self, run: str) -> RunReport:
        state = failed().state
        error = state.tasks["api-developer"].error
        assert error is not None
        error = replace(error, message=NASTY, context=NASTY, hints=(NASTY,))
        state = with_task(state, "api-developer", error=error, files=(NASTY,))
        decisions = (Decision(1, Verb.RESOLVE, (), 0, conflict="c1", by=NASTY, note=NASTY),)
        state = replace(state, reason=NASTY, decisions=decisions)
        seen = dataclasses.replace(told(20), state=state)
        seen.attempts[0].task = NASTY
        return RunReport({}, seen, Timeline(), run_metrics(seen), (Note(T0, NASTY, NASTY, NASTY),))


WALKS: dict[str, tuple[Callable[[], Still], tuple[str, ...]]] = {
    "the dashboard and its panes": (at_work, ("1", "2", "3", "4", "5")),
    "a task": (at_work, ("enter", "2", "3", "f")),
    "a conflict": (at_work, ("c", "o", "B")),
    "the views": (at_work, ("o", "tab", "tab", "tab", "tab")),
    "a past run": (at_work, ("h", "v", "space", "space", "left_square_bracket", "enter")),
    "the sheet": (waiting, ("a", "down", "r")),
    "the help": (at_work, ("question_mark",)),
}


@pytest.mark.parametrize("size", [WIDE, SMALL])
@pytest.mark.parametrize("walk", list(WALKS))
async def test_no_cell_holds_a_control_code_and_every_line_is_as_wide_as_the_screen(
    walk: str, size: tuple[int, int]
) -> None:
    moment, keys = WALKS[walk]
    app = app_of(moment(), past=NastyShelf())
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        evil = check(app, size)
        for key in keys:
            await typed(pilot, key)
            evil = check(app, size) or evil
        assert evil, "hostile text is shown, as text"


def check(app: WavetreeApp, size: tuple[int, int]) -> bool:
    """Whether hostile text is on the screen; fails where it does harm."""
    texts = ["".join(part.text for part in strip) for strip in app.screen._compositor.render_strips()]
    for text in texts:
        bad = {letter for letter in text if unicodedata.category(letter) in ("Cc", "Cf", "Cs")}
        assert not bad, (bad, text)
        assert cell_len(text) == size[0], text
    assert len(texts) == size[1]
    return any("evil" in text or "www" in text for text in texts)
