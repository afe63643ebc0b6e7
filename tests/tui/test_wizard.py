"""The story wizard on the screen: four groups, each waited for; then a plan in a file (M018)."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from engine import STORY_GROUPS, load_plan
from tui.app import WavetreeApp
from tui.follows import NoRun
from tui.lines import plain
from tui.screens.preview import PreviewScreen
from tui.screens.start import StartScreen
from tui.screens.wizard import WizardScreen
from tui.widgets.painted import Painted
from tui.work import Workbench

GROUPS = (
    ("plan meals", "Kitchen", "medium"),
    ("Recipe, Menu", "4", "a board", "yes", "no"),
    ("yes", "yes", "yes", "none"),
    ("api/*.py", "tabRecipe", "hooks.py"),
)


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    repo = tmp_path / "shop"
    repo.mkdir()
    subprocess.run(["git", "init", "-q", "-b", "main", str(repo)], check=True)
    monkeypatch.chdir(repo)
    return repo


def begun(repo: Path) -> WavetreeApp:
    return WavetreeApp(NoRun(), first=StartScreen(Workbench(repo)), live=False, ascii_only=False)


async def settled(pilot: Pilot[None]) -> None:
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()


async def opened(pilot: Pilot[None]) -> None:
    await settled(pilot)
    await press(pilot, "n")
    assert isinstance(pilot.app.screen, WizardScreen)


async def press(pilot: Pilot[None], *keys: str) -> None:
    for key in keys:
        await pilot.press(key)
        await settled(pilot)


async def answer(pilot: Pilot[None], *texts: str) -> None:
    """Fill the field with the focus, and press enter."""
    for text in texts:
        field = pilot.app.focused
        assert isinstance(field, Input)
        field.value = text
        await press(pilot, "enter")


def shown(app: Any, name: str) -> str:
    return plain(app.screen.query_one(f"#{name}", Painted).lines)


def visible(app: Any) -> list[str]:
    """The questions that are on the screen, as they are drawn."""
    drawn = [each for each in app.screen.query(".question") if each.region.height]
    return [plain(each.lines).strip() for each in drawn]


async def test_the_four_groups_are_asked_one_after_the_other_with_all_their_questions(shop: Path) -> None:
    """M018: 3, 5, 4 and 3 questions; the plan that comes out is shown, and is the one of the command."""
    app = begun(shop)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        for group, answers in zip(STORY_GROUPS, GROUPS, strict=True):
            listed = visible(app)
            assert len(listed) == len(group.questions) == len(answers)
            for line, each in zip(listed, group.questions, strict=True):
                assert line.endswith(each.text)
            await answer(pilot, *answers)
        assert "6 tasks in 3 waves" in shown(app, "draft")
        await answer(pilot, "plans/meals.yaml", "S-7", "Meals")
        assert isinstance(app.screen, PreviewScreen)
        assert "workflow-specialist" in plain(app.screen.query_one("#graph", Painted).lines)
    plan = load_plan(shop / "plans" / "meals.yaml")
    assert plan.story and (plan.story.id, plan.story.title) == ("S-7", "Meals")
    assert plan.story.answers["module"] == "Kitchen"
    assert not (shop / "story-answers.json").exists()


async def test_a_group_with_an_open_question_is_not_left_and_the_question_is_named(shop: Path) -> None:
    """M018: leaving a group unanswered keeps the wizard on that group."""
    app = begun(shop)
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot)
        await answer(pilot, "plan meals", "", "medium")
        assert visible(app)[0].endswith("What functionality needs to be implemented?")
        assert "not answered: Which ERPNext module is this for?" in shown(app, "explain")
        assert app.focused is not None and app.focused.id == "a-module"
        await press(pilot, "pagedown")
        assert len(visible(app)) == 3
        await answer(pilot, "Kitchen")
        await press(pilot, "pagedown")
        assert len(visible(app)) == 5
        await press(pilot, "pageup")
        assert len(visible(app)) == 3


async def test_an_answer_that_cannot_be_taken_says_why(shop: Path) -> None:
    app = begun(shop)
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot)
        for answers in GROUPS[:3]:
            await answer(pilot, *answers)
        await answer(pilot, "/etc/passwd", "none", "none")
        assert "File paths that will be modified: found '/etc/passwd'" in shown(app, "explain")
        assert app.focused is not None and app.focused.id == "a-files"


async def test_answers_are_kept_as_they_are_given_and_filled_in_the_next_time(shop: Path) -> None:
    """M018: what was typed survives leaving; F8 begins anew beside it."""
    for number in (1, 2):
        app = begun(shop)
        async with app.run_test(size=(120, 40)) as pilot:
            await opened(pilot)
            if number == 1:
                await answer(pilot, *GROUPS[0], "Recipe, Menu")
                await press(pilot, "escape")
                assert isinstance(app.screen, StartScreen)
            else:
                assert shown(app, "intro").strip().startswith("4 of 15 answered")
                assert app.focused is not None and app.focused.id == "a-endpoints"
                await press(pilot, "f8")
                assert shown(app, "intro").strip().startswith("0 of 15 answered")
    assert json.loads((shop / "story-answers.json").read_text())["module"] == "Kitchen"


async def test_a_file_that_is_there_is_not_written_over(shop: Path) -> None:
    (shop / "mine.yaml").write_text("mine")
    app = begun(shop)
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot)
        for answers in GROUPS:
            await answer(pilot, *answers)
        await answer(pilot, "mine.yaml", "", "")
        assert "mine.yaml is there already" in shown(app, "explain")
        assert isinstance(app.screen, WizardScreen)
        await answer(pilot, "", "", "")
        assert "name a file" in shown(app, "explain")
    assert (shop / "mine.yaml").read_text() == "mine"


async def test_typed_text_is_only_text(shop: Path) -> None:
    """Invariant 8: neither markup nor control codes of an answer reach the screen or the plan as such."""
    app = begun(shop)
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot)
        await answer(pilot, "plan [/meals] \x1b[2J[@click=app.quit]x", *GROUPS[0][1:])
        for answers in GROUPS[1:]:
            await answer(pilot, *answers)
        await answer(pilot, "a.yaml", "S-1", "[red]Meals[/]")
        assert isinstance(app.screen, PreviewScreen)
    text = (shop / "a.yaml").read_text()
    assert "[red]Meals[/]" in text and "\x1b" not in text
