"""The start screen and the plan before it starts: what is offered, what is refused, what it says (M220)."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from engine import find_plans
from tui.__main__ import main
from tui.app import WavetreeApp
from tui.follows import NoRun
from tui.lines import plain
from tui.screens.history import HistoryScreen
from tui.screens.pick import PickSheet
from tui.screens.preview import PreviewScreen
from tui.screens.start import StartScreen
from tui.widgets.painted import Painted
from tui.work import Workbench

DOCUMENTS = Path(__file__).parents[1] / "data" / "documents"
PLAN = """
wavetree: 1
name: week
slots: 2
tasks:
  - {id: one, title: The first, run: "true", files: [app.py], estimate: 10 minutes}
  - {id: two, title: The second, run: "true", files: [app.py], estimate: 20 minutes}
  - {id: three, title: The third, run: "true", needs: [one, two], estimate: 5 minutes}
"""
BROKEN = """
wavetree: 1
name: broken
tasks:
  - {id: one, title: The first, run: "true", needs: [nobody]}
  - {id: two, colour: red, run: "true"}
"""


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository without a commit, where the person stands."""
    repo = tmp_path / "shop"
    repo.mkdir()
    subprocess.run(["git", "init", "-q", "-b", "main", str(repo)], check=True)
    monkeypatch.chdir(repo)
    return repo


def begun(repo: Path, **options: Any) -> WavetreeApp:
    bench = Workbench(repo)
    options = {"live": False, "ascii_only": False, **options}
    return WavetreeApp(NoRun(), past=bench.past(), first=StartScreen(bench), **options)


async def settled(pilot: Pilot[None]) -> None:
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()


async def typed(pilot: Pilot[None], *keys: str) -> None:
    for key in keys:
        await pilot.press(key)
        await settled(pilot)


def shown(app: Any, name: str) -> str:
    return plain(app.screen.query_one(f"#{name}", Painted).lines)


def toasts(app: Any) -> str:
    return "\n".join(note.message for note in app._notifications)


async def test_what_looks_like_a_plan_is_offered_first_with_its_tasks_and_errors_in_place(shop: Path) -> None:
    """M220: counts for what is sound, the first error with its line for what is not, all beside it."""
    (shop / "plan.yaml").write_text(PLAN)
    (shop / "broken.yaml").write_text(BROKEN)
    (shop / "compose.yaml").write_text("services: {db: {image: postgres}}\n")
    shutil.copy(DOCUMENTS / "004_ROADMAP.md", shop / "ROADMAP.md")
    app = begun(shop)
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        listed = shown(app, "list")
        assert listed.index("plan.yaml") < listed.index("ROADMAP.md") < listed.index("broken.yaml")
        assert "3 tasks · 2 waves" in listed
        assert "4 priorities · 3 open" in listed
        assert "line 5:" in listed
        assert "compose" not in listed
        assert "▸ ○ plan.yaml" in listed
        assert "one    shell · 10 min" in shown(app, "about")
        await typed(pilot, "down", "down")
        about = " ".join(shown(app, "about").split())
        assert "line 5: tasks[0].needs" in about and "line 6: tasks[1]" in about
        await typed(pilot, "enter")
        assert isinstance(app.screen, StartScreen)
        assert "correct the file" in toasts(app)


async def test_the_plan_is_shown_with_its_graph_waves_and_what_will_meet(shop: Path) -> None:
    """M220: the dashboard's own drawing, waves with times, forecast conflicts; a task under the bar."""
    (shop / "plan.yaml").write_text(PLAN)
    app = begun(shop)
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        await typed(pilot, "enter")
        assert isinstance(app.screen, PreviewScreen)
        assert "▶ ◌ three" in shown(app, "graph")
        assert "shell · 10 min" in shown(app, "graph")
        assert "nothing has started" in shown(app, "header")
        assert "one ⇄ two" in shown(app, "meetings") and "app.py" in shown(app, "meetings")
        before = shown(app, "header")
        await typed(pilot, "minus", "down")
        assert "on 1 slot " in shown(app, "header") and shown(app, "header") != before
        assert "The first" in shown(app, "next")
        await typed(pilot, "escape")
        assert isinstance(app.screen, StartScreen)


async def test_what_may_meet_stands_before_what_is_only_to_be_thought_about(shop: Path) -> None:
    """M220: open conflicts first, then warnings, then what the order of the waves takes care of."""
    tasks = "".join(
        f"  - {{id: t{n}, title: T, run: 'true', files: [app.py], needs: [{'t0' if n == 3 else ''}]}}\n"
        for n in range(4)
    )
    (shop / "plan.yaml").write_text(f"wavetree: 1\nname: week\nslots: 5\ntasks:\n{tasks}")
    app = begun(shop)
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        await typed(pilot, "enter")
        told = shown(app, "meetings")
        assert 0 <= told.index("t0 ⇄ t1") < told.index("! ") < told.index("✓ t0 ⇄ t3")


async def test_the_task_under_the_bar_is_brought_into_view(shop: Path) -> None:
    tasks = "".join(f"  - {{id: t{n:02}, title: T, run: 'true', files: [{n}.py]}}\n" for n in range(40))
    (shop / "plan.yaml").write_text(f"wavetree: 1\nname: wide\ntasks:\n{tasks}")
    app = begun(shop)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await typed(pilot, "enter", *("down",) * 30)
        graph = app.screen.query_one("#graph", Painted)
        top = round(graph.scroll_offset.y)
        seen = plain(graph.lines[top : top + graph.size.height])
        assert "t29" in seen


async def test_a_run_that_cannot_begin_stays_on_its_plan_and_says_why(shop: Path) -> None:
    (shop / "plan.yaml").write_text(PLAN)
    app = begun(shop)
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        await typed(pilot, "enter", "enter")
        assert isinstance(app.screen, PreviewScreen)
        assert "the repository has no commit yet" in toasts(app)


async def test_tickets_epics_sprints_and_priorities_are_chosen_from_lists(shop: Path) -> None:
    """M220 over M011, M012, M013, M017: what is picked becomes the plan; who does it is chosen there."""
    shutil.copy(DOCUMENTS / "003_epic-10.yaml", shop / "epic.yaml")
    shutil.copy(DOCUMENTS / "003_sprint-15.yaml", shop / "sprint.yaml")
    shutil.copy(DOCUMENTS / "004_ROADMAP.md", shop / "ROADMAP.md")
    app = begun(shop)
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        await typed(pilot, "e")
        assert isinstance(app.screen, PickSheet)
        await typed(pilot, "enter")
        assert "epic EPIC-10 of epic.yaml" in shown(app, "header")
        await typed(pilot, "enter")
        assert "nobody to do it" in toasts(app)
        await typed(pilot, "a", "enter")
        assert "nobody" not in shown(app, "meetings")
        assert "claude" in shown(app, "graph")
        await typed(pilot, "escape", "s", "enter")
        assert "sprint Sprint 15 of sprint.yaml" in shown(app, "header")
        await typed(pilot, "escape", "r")
        assert app.screen.query_one("#box").border_subtitle == "3 of 3 marked"
        await typed(pilot, "space")
        assert app.screen.query_one("#box").border_subtitle == "2 of 3 marked"
        await typed(pilot, "enter")
        assert "2 tickets of ROADMAP.md" in shown(app, "header")


async def test_tickets_that_need_others_are_asked_for_again_with_what_was_chosen(shop: Path) -> None:
    """M014 over M220: the sheet comes back with its marks, and says which are missing."""
    shutil.copy(DOCUMENTS / "003_tickets_dependencies.yaml", shop / "tickets.yaml")
    app = begun(shop)
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        await typed(pilot, "i", "down", "space", "enter")
        assert isinstance(app.screen, PickSheet)
        assert "neither selected nor complete" in toasts(app)
        assert app.screen.query_one("#box").border_subtitle == "1 of 3 marked"
        await typed(pilot, "asterisk", "enter")
        assert "3 tickets of tickets.yaml" in shown(app, "header")


async def test_a_theme_is_taken_on_before_there_is_a_run(shop: Path) -> None:
    app = begun(shop)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        before = app.screen.query_one("#list", Painted).palette
        await typed(pilot, "t")
        assert app.screen.query_one("#list", Painted).palette is app.palette is not before


async def test_several_marked_files_are_read_as_one_plan(shop: Path) -> None:
    shutil.copy(DOCUMENTS / "000_agent_dependency_analysis.yaml", shop / "a.yaml")
    shutil.copy(DOCUMENTS / "000_parallel_block_design.yaml", shop / "b.yaml")
    app = begun(shop)
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        await typed(pilot, "space", "space", "enter")
        assert "a.yaml, b.yaml" in shown(app, "header")
        assert "Foundation Architecture" in shown(app, "waves")


async def test_a_path_that_is_typed_is_looked_at_and_a_wrong_one_is_named(shop: Path, tmp_path: Path) -> None:
    (tmp_path / "week.yaml").write_text(PLAN)
    app = begun(shop)
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        await typed(pilot, "f", *"nope", "enter")
        assert "nope: cannot be read" in toasts(app)
        await typed(pilot, "f")
        await typed(pilot, *("full_stop", "full_stop", "slash"), *"week", "full_stop", *"yaml", "enter")
        assert isinstance(app.screen, PreviewScreen)


async def test_what_cannot_be_chosen_says_why_and_keys_of_a_run_do_nothing(shop: Path) -> None:
    app = begun(shop)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        assert "▸ d demo" in shown(app, "list")
        await typed(pilot, "i", "h")
        assert "no file with tickets here" in toasts(app) and "there is no run yet" in toasts(app)
        await typed(pilot, "p", "X", "R", "w", "1")
        assert isinstance(app.screen, StartScreen)
        assert not isinstance(app.screen, HistoryScreen)
        await typed(pilot, "question_mark")
        assert "a new story from fifteen questions" in shown(app, "body")
        await typed(pilot, "escape", "q")
    assert app.return_value is None


async def test_names_from_outside_are_only_text(shop: Path) -> None:
    """Invariant 8: what a file or its content is called cannot steer the terminal or the markup."""
    (shop / "[red]x\x1b[2J\u202e.yaml").write_text(PLAN.replace("week", "'[@click=app.quit]evil'"))
    (shop / "b.yaml").write_text(BROKEN.replace("colour", "'[/]colour'"))
    app = begun(shop)
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        for name in ("list", "about"):
            assert not set(shown(app, name)) & set("\x1b\u202e")
        assert "[red]x" in shown(app, "list")
        await typed(pilot, "enter")
        assert "[@click=app.quit]evil" in shown(app, "header")


def test_the_search_is_bounded_and_follows_no_links(shop: Path, tmp_path: Path) -> None:
    """M220: neither links, hidden or foreign folders nor huge files are read, and a cut is said."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "plan.yaml").write_text(PLAN)
    (shop / "linked").symlink_to(outside)
    (shop / "link.yaml").symlink_to(outside / "plan.yaml")
    for folder in (".hidden", "node_modules", "a/b/c/d/e"):
        (shop / folder).mkdir(parents=True)
        (shop / folder / "plan.yaml").write_text(PLAN)
    (shop / "golangci.yaml").write_text("issues: {max: 3}\n")
    (shop / "huge.yaml").write_text(PLAN + "# " + "x" * 300_000)
    (shop / "a" / "b" / "plan.yaml").write_text(PLAN)
    found = find_plans(shop)
    assert [str(file.path) for file in found.files] == ["a/b/plan.yaml"]
    assert not found.cut
    (shop / "golangci.yaml").unlink()
    for number in range(70):
        (shop / f"p{number:02}.yaml").write_text(PLAN)
    found = find_plans(shop)
    assert found.cut and len(found.files) == 60


def test_what_there_is_to_choose_from_is_data_for_a_script(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """M203, M220: the same files, counts and errors as on the screen."""
    (shop / "plan.yaml").write_text(PLAN)
    (shop / "broken.yaml").write_text(BROKEN)
    assert main(["tui", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    sound, broken = data["files"]
    assert (data["repository"], data["runs"]) == ("shop", [])
    assert (sound["file"], sound["kind"], sound["tasks"], sound["open"]) == ("plan.yaml", "plan", 3, 3)
    assert broken["tasks"] == 0 and broken["errors"][0]["line"] == 5
    assert main([]) == 2  # there is no terminal


def test_no_more_is_read_than_fits_into_a_moment(shop: Path) -> None:
    """M220: many large files are not all parsed; that some were left out is said."""
    for number in range(20):
        (shop / f"p{number:02}.yaml").write_text(PLAN + "# " + "x" * 200_000 + "\n")
    found = find_plans(shop)
    assert found.cut and 5 < len(found.files) < 15


async def test_a_click_chooses_and_a_second_one_looks(shop: Path) -> None:
    """The mouse works everywhere the keyboard does."""
    (shop / "plan.yaml").write_text(PLAN)
    (shop / "later.yaml").write_text(PLAN.replace("week", "later"))
    app = begun(shop)
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        await pilot.click("#list", offset=(6, 3))
        await settled(pilot)
        assert "▸ ○ plan.yaml" in shown(app, "list")
        await pilot.click("#list", offset=(6, 3), times=2)
        await settled(pilot)
        assert isinstance(app.screen, PreviewScreen)
        assert "week" in shown(app, "header")
