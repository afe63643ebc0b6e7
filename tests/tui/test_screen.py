"""The screen under a robot's fingers: keys become commands, nothing is done unasked, text is only text."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace
from rich.color import Color
from screen_runs import (
    HOSTILE,
    NOW,
    Still,
    clashing,
    failed,
    hostile,
    midway,
    offered,
    thirty,
    with_task,
    with_wave,
)
from textual.pilot import Pilot

from engine import (
    Alert,
    AlertKind,
    Approve,
    ApproveMerge,
    ApprovePoint,
    ChooseProcedure,
    Decision,
    Fixed,
    Gates,
    Isolate,
    Notification,
    Order,
    Pause,
    Phase,
    PointState,
    Refused,
    Reject,
    Release,
    Resume,
    Retry,
    RetryGate,
    RunPhase,
    Say,
    Serialize,
    SetSlots,
    State,
    Stop,
    StopTask,
    Tick,
    UndoDecision,
    Unpause,
    Verb,
    WavePhase,
)
from engine.core.messages import Kind, Message
from engine.core.plan import SignOff
from tui.app import WavetreeApp
from tui.lines import plain
from tui.screens.approval import ApprovalSheet
from tui.screens.asking import Confirm, Help, Leave
from tui.screens.task import TaskScreen
from tui.widgets.log import LogView
from tui.widgets.painted import Painted

WIDE, SMALL = (120, 40), (80, 24)


class Clock:
    """A monotonic time that moves when told."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def app_of(still: Still, clock: Callable[[], float] | None = None, **more: object) -> WavetreeApp:
    more.setdefault("ascii_only", False)
    return WavetreeApp(still, now=lambda: NOW, clock=clock or Clock(), live=False, **more)  # type: ignore[arg-type]


async def typed(pilot: Pilot[None], *keys: str) -> None:
    for key in keys:
        await pilot.press(key)
        await pilot.pause()
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()


def shown(app: WavetreeApp, pane: str) -> str:
    return plain(app.screen.query_one(f"#{pane}", Painted).lines)


def toasts(app: WavetreeApp) -> list[str]:
    return [note.message for note in app._notifications]


async def test_the_four_panes_are_in_view_together_and_none_is_empty() -> None:
    app = app_of(midway())
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        for pane in ("graph", "sessions", "machine", "alerts", "log"):
            assert app.screen.query_one(f"#{pane}").region.area > 0, pane
            assert shown(app, pane).strip(), pane


async def test_the_rows_say_what_the_engine_says() -> None:
    app = app_of(midway())
    async with app.run_test(size=(160, 40)) as pilot:
        await pilot.pause()
        row = next(line for line in shown(app, "sessions").splitlines() if "api-developer" in line)
        for part in (
            "running",
            "80% r",
            "4/5 testing",
            "feature/api-developer",
            "12/15",
            "3 min",
            "38 %",
            "312 MB",
        ):
            assert part in row


@pytest.mark.parametrize("keys", [("down", "down", "up"), ("j", "j", "k"), ("down",)])
async def test_arrows_and_letters_select_and_the_log_follows(keys: tuple[str, ...], tmp_path: Path) -> None:
    still = midway()
    (tmp_path / "log").write_text("from the second row\n")
    still.logs["vue-spa-architect"] = tmp_path / "log"
    app = app_of(still)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        assert app.selected == "api-developer"
        await typed(pilot, *keys)
        assert app.selected == "vue-spa-architect"
        assert "from the second row" in shown(app, "log")


async def test_the_working_task_is_selected_until_the_person_selects_one() -> None:
    still = midway()
    app = app_of(still)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        still.state = with_task(still.state, "api-developer", phase=Phase.MERGED)
        app.tick()
        assert app.selected == "vue-spa-architect"
        app.select("api-developer")
        app.tick()
        assert app.selected == "api-developer"


@pytest.mark.parametrize(
    ("task", "keys", "command"),
    [
        ("api-developer", ("p",), Pause(("api-developer",))),
        ("vue-spa-architect", ("p",), Unpause(("vue-spa-architect",))),
        ("api-developer", ("P",), Pause()),
        ("api-developer", ("plus",), SetSlots(4)),
        ("api-developer", ("minus",), SetSlots(2)),
        ("api-developer", ("x", "y"), StopTask("api-developer")),
        ("api-developer", ("X", "y"), Stop(by="tester")),
    ],
)
async def test_a_key_sends_its_command(
    task: str, keys: tuple[str, ...], command: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WAVETREE_USER", "tester")
    still = midway()
    app = app_of(still)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        app.select(task)
        await typed(pilot, *keys)
        assert still.sent == [command]
        assert toasts(app) == ["as you said"]


async def test_a_failed_task_is_retried_even_after_the_run_ended() -> None:
    still = failed()
    app = app_of(still)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        await typed(pilot, "r")
        assert still.sent == [Resume(app.person)]


async def test_the_fix_of_a_failing_test_is_said_with_the_same_key() -> None:
    """M170"""
    still = failed()
    ended = with_task(still.state, "api-developer", retry_queued=True)
    still.state, still.engine_alive = replace(ended, phase=RunPhase.ACTIVE), True
    app = app_of(still)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        app.select("api-developer")
        await typed(pilot, "r")
        assert still.sent == [Fixed("api-developer", app.person)]


async def test_a_red_gate_is_run_again_from_the_sheet() -> None:
    """M147: while the run goes on"""
    still = midway()
    state = replace(with_wave(still.state, 1, phase=WavePhase.FAILED, red="fits"), auto_approve=False)
    still.state = state
    app = app_of(still)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        await typed(pilot, "a")
        assert "gate fits of wave 1 is red: run it again" in shown(app, "body")
        await typed(pilot, "1")
        assert still.sent == [RetryGate(1, app.person)]


async def test_the_agent_of_a_running_task_is_ended_only_on_yes_to_try_it_again() -> None:
    """M122"""
    still = midway()
    app = app_of(still)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        await typed(pilot, "r")
        assert "end the agent of api-developer and try again?" in shown(app, "body")
        await typed(pilot, "y")
        assert still.sent == [Retry("api-developer", app.person)]


async def test_two_tasks_are_serialized_by_choosing_who_goes_first() -> None:
    """M214: those in conflict first, either way round; then the new edge is in the graph"""
    still = midway()
    pair = ("api-developer", "vue-spa-architect")
    clash = Alert(3, AlertKind.CONFLICT, "both change src/api.ts", pair)
    still.state = replace(still.state, alerts=(*still.state.alerts, clash))
    app = app_of(still)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        app.select("vue-spa-architect")
        await typed(pilot, "s")
        assert "1  api-developer first, then vue-spa-architect" in shown(app, "body")
        assert "2  vue-spa-architect first, then api-developer" in shown(app, "body")
        await typed(pilot, "1")
        assert still.sent == [Serialize(*pair, app.person)]
        assert pair not in app.frame.edges
        still.state = replace(still.state, orders=(Order(*pair),))
        app.tick()
        assert pair in app.frame.edges
        row = app.frame.row("vue-spa-architect")
        assert row is not None
        assert row.after == ("api-developer",)


async def test_an_isolated_task_is_marked_and_released_by_the_same_key() -> None:
    """M213: the mark is in the row and in the graph"""
    still = midway()
    app = app_of(still)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        await typed(pilot, "i")
        assert still.sent == [Isolate("api-developer", app.person)]
        still.state = with_task(still.state, "api-developer", isolated=True)
        app.tick()
        await pilot.pause()
        assert "isolated · " in shown(app, "sessions")
        assert "isolated 80" in shown(app, "graph")
        await typed(pilot, "i")
        assert still.sent[1:] == [Release("api-developer", app.person)]


async def test_the_last_decision_is_taken_back_on_yes() -> None:
    still = midway()
    decision = Decision(1, Verb.ISOLATE, ("api-developer",), 2, "kim")
    still.state = replace(still.state, decisions=(decision,))
    app = app_of(still)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        await typed(pilot, "u")
        assert "take back: isolate api-developer?" in shown(app, "body")
        await typed(pilot, "y")
        assert still.sent == [UndoDecision(by=app.person)]


@pytest.mark.parametrize("answer", ["n", "escape", "enter", "x"])
async def test_stopping_happens_only_on_yes(answer: str) -> None:
    still = midway()
    app = app_of(still)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        await typed(pilot, "X")
        assert isinstance(app.screen, Confirm)
        assert "stop 2 agents, 1 with uncommitted work?" in shown(app, "body")
        await typed(pilot, answer)
        assert still.sent == []


async def test_a_disabled_key_says_why_and_sends_nothing() -> None:
    still = midway()
    app = app_of(still)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        app.select("workflow-specialist")
        await typed(pilot, "a", "r")
        assert still.sent == []
        assert toasts(app)[0] == "no wave waits for an approval"
        assert "nothing of it could be tried again" in toasts(app)[1]


async def test_an_approval_carries_the_digest_that_was_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAVETREE_USER", "tester")
    still = offered()
    app = app_of(still)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        await typed(pilot, "a")
        assert isinstance(app.screen, ApprovalSheet)
        text = shown(app, "body")
        for part in (
            "doctype-designer",
            "claude",
            "15-18 min",
            "doctype/*.json",
            "low",
            "unit",
            "integration_test",
        ):
            assert part in text
        caption = str(app.screen.query_one("#box").border_subtitle)
        assert "7f3a5512" in caption
        assert "nothing has started" in caption
        await typed(pilot, "enter")
        assert still.sent == [Approve(1, by="tester", digest="7f3a5512e0c4b9d1")]
        assert app.screen is app.board


async def test_a_wave_offered_anew_is_approved_with_its_new_digest_and_not_by_a_key_already_on_its_way() -> (
    None
):
    still, clock = offered(), Clock()
    app = app_of(still, clock)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        await typed(pilot, "a", "plus")
        assert still.sent == [SetSlots(4)]
        still.state = with_wave(replace(still.state, slots=4), 1, digest="beef000011112222")
        app.tick()
        await typed(pilot, "enter")
        assert still.sent == [SetSlots(4)], "the digest changed a moment ago"
        clock.seconds += 0.31
        await typed(pilot, "enter")
        assert isinstance(still.sent[-1], Approve)
        assert still.sent[-1].digest == "beef000011112222"


async def test_a_wave_is_rejected_with_the_reason_that_was_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAVETREE_USER", "tester")
    still = offered()
    app = app_of(still)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        await typed(pilot, "a", "r", *"too early", "enter")
        assert still.sent == [Reject(1, by="tester", reason="too early")]


async def test_a_reason_can_be_thought_better_of() -> None:
    still = offered()
    app = app_of(still)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        await typed(pilot, "a", "r", "x", "escape")
        assert isinstance(app.screen, ApprovalSheet)
        await typed(pilot, "escape")
        assert app.screen is app.board
        assert still.sent == []


async def test_a_sheet_that_opens_by_itself_is_announced_first_and_deaf_at_first() -> None:
    still, clock = offered(), Clock()
    app = app_of(still, clock)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        assert app.screen is app.board
        assert "wave 1 waits for you: a" in shown(app, "header")
        clock.seconds += 1.1
        app.tick()
        await pilot.pause()
        assert isinstance(app.screen, ApprovalSheet)
        await typed(pilot, "enter", "r", "escape")
        assert isinstance(app.screen, ApprovalSheet)
        assert still.sent == []
        clock.seconds += 0.31
        await typed(pilot, "enter")
        assert len(still.sent) == 1


async def test_while_keys_are_typed_and_after_later_no_sheet_opens_by_itself() -> None:
    still, clock = offered(), Clock()
    app = app_of(still, clock)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        for _ in range(4):
            clock.seconds += 0.9
            await typed(pilot, "down")
            app.tick()
        assert app.screen is app.board
        clock.seconds += 1.1
        app.tick()
        await pilot.pause()
        clock.seconds += 1
        await typed(pilot, "escape")
        clock.seconds += 10
        app.tick()
        await pilot.pause()
        assert app.screen is app.board


async def test_a_sheet_closes_when_the_wave_was_approved_elsewhere() -> None:
    still = offered()
    app = app_of(still)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        await typed(pilot, "a")
        still.state = with_wave(still.state, 1, phase=WavePhase.OPEN)
        app.tick()
        await pilot.pause()
        assert app.screen is app.board


async def test_a_sheet_closes_when_the_engine_is_gone_and_the_next_line_says_what_to_type() -> None:
    still = offered()
    app = app_of(still)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        await typed(pilot, "a")
        still.engine_alive = False
        app.tick()
        await pilot.pause()
        assert app.screen is app.board
        assert "wavetree resume" in shown(app, "next")


async def test_a_branch_that_waits_is_merged_by_key_after_a_question() -> None:
    still = midway()
    plan = replace(still.state.plan, settings=replace(still.state.plan.settings, auto_merge=False))
    still.state = with_task(replace(still.state, plan=plan), "api-developer", phase=Phase.COMPLETE)
    app = app_of(still)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        assert "api-developer is complete: may it merge?" in shown(app, "alerts")
        await typed(pilot, "m", "y")
        assert isinstance(still.sent[0], ApproveMerge)
        assert still.sent[0].task == "api-developer"


async def test_who_clashes_with_what_is_merged_is_not_let_merge_unwarned() -> None:
    still = clashing()
    still.state = with_task(still.state, "vue-spa-architect", phase=Phase.COMPLETE, isolated=True)
    app = app_of(still)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        await typed(pilot, "m")
        assert "git will refuse it. c settles that first." in " ".join(shown(app, "body").split())


async def test_what_the_engine_refuses_is_shown_with_its_remedy_and_the_screen_goes_on() -> None:
    still = midway()
    still.refuses = Refused("[red]no[/]", "do this\x1b[2J instead")
    app = app_of(still)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        await typed(pilot, "p")
        assert toasts(app) == ["[red]no[/]\ndo this instead"]
        still.refuses = None
        await typed(pilot, "p")
        assert len(still.sent) == 1


async def test_leaving_a_live_run_asks_and_keeping_it_sends_nothing() -> None:
    still = midway()
    app = app_of(still)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        await typed(pilot, "q")
        assert isinstance(app.screen, Leave)
        await typed(pilot, "escape")
        assert app.screen is app.board
        await typed(pilot, "q", "enter")
        assert not app.is_running
    assert still.sent == []


async def test_leaving_with_a_stop_asks_a_second_time() -> None:
    still = midway()
    app = app_of(still)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        await typed(pilot, "q", "s")
        assert isinstance(app.screen, Confirm)
        assert still.sent == []
        await pilot.press("y")
        await pilot.pause()
        await app.workers.wait_for_complete()
    assert [type(command) for command in still.sent] == [Stop]


@pytest.mark.parametrize("gone", [False, True])
async def test_a_run_that_ended_or_lost_its_engine_is_left_at_once(gone: bool) -> None:
    still = midway() if gone else failed()
    still.engine_alive = False
    app = app_of(still)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        assert ("engine not running · R resumes" in shown(app, "header")) is gone
        await typed(pilot, "q")
        assert not app.is_running


@pytest.mark.parametrize("gone", [False, True])
async def test_a_run_that_ended_or_lost_its_engine_is_taken_up_by_key(gone: bool) -> None:
    still = midway() if gone else failed()
    still.engine_alive = False
    app = app_of(still)
    async with app.run_test(size=WIDE) as pilot:
        await typed(pilot, "R")
        await app.workers.wait_for_complete()
    assert [type(command) for command in still.sent] == [Resume]


async def test_the_task_screen_shows_error_hints_steps_log_and_diff(tmp_path: Path) -> None:
    still = failed()
    (tmp_path / "log").write_text("Traceback\n")
    still.logs["api-developer"] = tmp_path / "log"
    still.diffs["api-developer"] = f"+++ b/x\n+{HOSTILE}\n"
    app = app_of(still)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        await typed(pilot, "enter")
        assert isinstance(app.screen, TaskScreen)
        about = shown(app, "about")
        for part in (
            "ValidationError",
            "DATABASE_URL missing",
            "database.py:12",
            "set DATABASE_URL in .env",
            "✓ routes",
        ):
            assert part in about
        assert "Traceback" in shown(app, "tasklog")
        assert "evil" in shown(app, "diff")
        with (tmp_path / "log").open("a") as log:
            log.write("one line more\n")
        app.screen.query_one("#tasklog", LogView).read()
        assert "one line more" in shown(app, "tasklog")
        await typed(pilot, "escape")
        assert app.screen is app.board


async def test_steering_works_from_the_task_screen_too() -> None:
    still = midway()
    app = app_of(still)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        await typed(pilot, "enter", "tab", "2", "3", "p")
        assert still.sent == [Pause(("api-developer",))]


@pytest.mark.parametrize("size", [WIDE, SMALL, (200, 60)])
async def test_hostile_text_is_only_text_wherever_it_is_shown(size: tuple[int, int], tmp_path: Path) -> None:
    still = hostile()
    (tmp_path / "log").write_text(HOSTILE + "\n")
    still.logs["api-developer"] = tmp_path / "log"
    still.diffs["api-developer"] = HOSTILE
    app = app_of(still)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        for key in ("1", "2", "3", "4", "5", "enter", "escape", "question_mark", "escape"):
            await typed(pilot, key)
            for painted in app.screen.query(Painted):
                assert all(bit.text.isprintable() for line in painted.lines for bit in line)
        for y in range(0, size[1], 2):
            await pilot.click(offset=(size[0] // 3, y))
        assert app.is_running


async def test_at_80_by_24_every_pane_can_be_reached_and_is_filled() -> None:
    """M223: below a width the panes are tabs"""
    app = app_of(midway())
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        for key, pane in zip("12345", ("sessions", "graph", "log", "machine", "alerts"), strict=True):
            await typed(pilot, key)
            assert app.screen.query_one(f"#{pane}").region.height > 10, pane
            assert shown(app, pane).strip(), pane
        await typed(pilot, "tab")
        assert app.board.pane == "sessions"
        assert shown(app, "footer").endswith("q leave")
        assert "outside its worktree" in shown(app, "need")


async def test_a_resized_screen_is_drawn_for_its_new_size() -> None:
    """M223: between tabs and panes, both ways"""
    app = app_of(midway())
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        await pilot.pause()
        assert app.screen.query_one("#tabs").region.height == 1
        assert app.screen.query_one("#graph").region.area == 0
        assert len(shown(app, "footer")) <= 80
        await pilot.resize_terminal(160, 50)
        await pilot.pause()
        await pilot.pause()
        assert app.screen.query_one("#graph").region.area > 0


@pytest.mark.parametrize("size", [(60, 20), (40, 12), (20, 6), (10, 3)])
async def test_even_a_tiny_terminal_breaks_nothing(size: tuple[int, int]) -> None:
    for still in (midway(), offered(), thirty()):
        app = app_of(still)
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            await typed(
                pilot, "2", "3", "4", "5", "1", "enter", "escape", "question_mark", "escape", "a", "escape"
            )
            assert app.screen is app.board


async def test_an_empty_run_says_what_would_be_there() -> None:
    app = app_of(Still(State()))
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        assert "no tasks yet" in shown(app, "sessions")
        assert "no plan yet" in shown(app, "graph")
        assert "nothing needs you" in shown(app, "alerts")
        assert "measuring" in shown(app, "machine")
        await typed(pilot, "down", "up", "enter", "p", "l", "g", "tab", "end", "pageup", "pagedown")
        assert app.screen is app.board


async def test_help_opens_by_question_mark_and_closes() -> None:
    app = app_of(midway())
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        await typed(pilot, "question_mark")
        assert isinstance(app.screen, Help)
        await typed(pilot, "down", "pagedown", "escape")
        assert app.screen is app.board


async def test_every_action_and_theme_is_in_the_command_palette() -> None:
    app = app_of(midway())
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        commands = list(app.get_system_commands(app.screen))
        titles = " ".join(command.title.lower() for command in commands)
        for words in ("pause the selected task", "approve or reject", "theme light", "leave the screen"):
            assert words in titles
        assert any("not now: no wave waits" in command.help for command in commands)
        await typed(pilot, "ctrl+p")
        assert app.screen is not app.board


async def test_what_the_engine_tells_is_shown_for_a_moment_and_rings_only_if_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """M193"""
    still, rung = midway(), []
    app = app_of(still)
    monkeypatch.setattr(app, "bell", lambda: rung.append(1))
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        still.told = [Notification("Conflict", "c1: a and [bold]b[/] in x.py", "warning")]
        app.toast_news()
        await pilot.pause()
        assert toasts(app) == ["Conflict: c1: a and [bold]b[/] in x.py"]
        assert rung == []
        still.told = [Notification("Approval needed", "wave 2", "warning", sound=True)]
        app.toast_news()
        await pilot.pause()
        assert len(toasts(app)) == 1, "the header says that"
        assert rung == [1]


async def test_the_theme_key_goes_round() -> None:
    app = app_of(midway())
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        seen = [app.theme]
        for _ in range(5):
            await typed(pilot, "t")
            seen.append(app.theme)
        assert seen == ["dark", "colour-blind", "high-contrast", "light", "terminal", "dark"]


async def test_a_theme_file_that_is_saved_is_on_the_screen_and_a_faulty_one_leaves_it_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """M222: the person's own folder, read again while the screen is open"""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    mine = tmp_path / "wavetree" / "themes" / "mine.yaml"
    mine.parent.mkdir(parents=True)
    good = (
        (Path(__file__).parents[2] / "themes" / "dark.yaml").read_text().replace("name: dark", "name: mine")
    )
    mine.write_text(good)
    app = app_of(midway(), theme="mine")
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        assert app.theme == "mine"
        mine.write_text(good.replace("#6cb6ff", "#123456"))
        app.reload_themes()
        assert app.palette.style("accent").color == Color.parse("#123456")
        mine.write_text(good.replace("#6cb6ff", "bluish").replace("dim:", "dimm:"))
        app.reload_themes()
        assert app.palette.style("accent").color == Color.parse("#123456")
        await pilot.pause()
        assert "'bluish' is no colour" in toasts(app)[-1]
        assert "colours.dimm: unknown" in toasts(app)[-1]
        assert app.theme == "mine"


async def test_a_new_theme_reaches_every_cell_at_once() -> None:
    app = app_of(midway())
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        app.wear("light")
        await pilot.pause()
        await pilot.pause()
        sessions = app.screen.query_one("#sessions", Painted)
        background = app.themes.themes["light"].colours["background"].lower()
        seen = {
            segment.style.bgcolor.triplet.hex
            for y in (0, 3, 4)
            for segment in sessions.render_line(y)
            if segment.style and segment.style.bgcolor and segment.style.bgcolor.triplet
        }
        assert seen == {background}


async def test_a_click_selects_a_row_a_second_one_opens_it_and_the_footer_is_clickable() -> None:
    still = midway()
    app = app_of(still)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        await pilot.click("#sessions", offset=(8, 3))
        await pilot.pause()
        assert app.selected == "vue-spa-architect"
        await pilot.click("#footer", offset=(shown(app, "footer").index("? help"), 0))
        await pilot.pause()
        assert isinstance(app.screen, Help)
        await typed(pilot, "escape")
        await pilot.click("#sessions", offset=(8, 2), times=2)
        await pilot.pause()
        assert isinstance(app.screen, TaskScreen)


async def test_a_selection_far_down_is_brought_into_view() -> None:
    app = app_of(thirty())
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        await typed(pilot, *["down"] * 28)
        sessions = app.screen.query_one("#sessions", Painted)
        top = round(sessions.scroll_offset.y)
        assert top > 0
        assert "▸✓" in plain(sessions.lines[top : top + sessions.size.height])


async def test_in_ascii_mode_nothing_else_reaches_the_terminal() -> None:
    app = app_of(midway(), ascii_only=True)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        app.tick()
        await pilot.pause()
        seen = "".join(segment.text for strip in app.screen._compositor.render_strips() for segment in strip)
        assert "api-developer" in seen
        assert seen.isascii(), sorted({letter for letter in seen if not letter.isascii()})


async def test_without_colour_states_differ_by_glyph_and_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = app_of(midway())
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        assert app.no_color
        lines = shown(app, "sessions").splitlines()
        assert {" ".join(line[1:3].split()) for line in lines[1:4]} == {"●", "‖", "◌"}
        assert all(word in "\n".join(lines) for word in ("running", "paused", "waiting", "merged"))


async def test_a_log_stays_where_the_person_scrolled_to_and_follows_again_from_the_end(
    tmp_path: Path,
) -> None:
    still = midway()
    log = tmp_path / "log"
    log.write_text("".join(f"line {number}\n" for number in range(100)))
    still.logs["api-developer"] = log
    app = app_of(still)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        view = app.screen.query_one("#log", LogView)
        await typed(pilot, "l")
        assert view.scroll_offset.y == view.max_scroll_y > 0
        await typed(pilot, "pageup")
        kept = view.scroll_offset.y
        with log.open("a") as file:
            file.write("more\n" * 20)
        view.read()
        await pilot.pause()
        assert view.scroll_offset.y == kept
        await typed(pilot, "end")
        assert view.scroll_offset.y == view.max_scroll_y
        with log.open("a") as file:
            file.write("the very last\n")
        view.read()
        await pilot.pause()
        assert view.scroll_offset.y == view.max_scroll_y


async def test_at_a_waves_end_criteria_are_ticked_and_roles_signed_by_their_numbers() -> None:
    """M147, M148"""
    still = midway()
    gates = Gates(sign_off=(SignOff("quality", ("architect",), ("it is fast",)),))
    still.state = replace(still.state, plan=replace(still.state.plan, gates=gates), auto_approve=False)
    for task in still.state.waves[1].tasks:
        still.state = with_task(still.state, task, phase=Phase.MERGED, attempt=1)
    still.state = with_wave(still.state, 2, phase=WavePhase.LANDING)
    app = app_of(still)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        assert "waits for the sign-off of architect, criteria 0/1: press a" in app.frame.next_line
        await typed(pilot, "a")
        assert "1  [ ] it is fast" in shown(app, "body")
        await typed(pilot, "1", "2")
        assert still.sent == [Tick(2, (1,), app.person), Approve(2, app.person, "architect")]
        await typed(pilot, "escape")
        assert app.screen is app.board


async def test_a_person_writes_to_the_selected_agent() -> None:
    """M151"""
    still = midway()
    app = app_of(still)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        await typed(pilot, "w", *"use", "space", *"v2", "enter")
        assert still.sent == [Say("api-developer", "use v2", app.person)]
        await typed(pilot, "w", "x", "escape")
        assert len(still.sent) == 1


async def test_the_messages_of_a_task_are_on_its_page() -> None:
    """M151"""
    still = midway()
    message = Message(1, Kind.STATUS, "vue-spa-architect", "person", "[b]done[/b] with v2")
    still.state = replace(still.state, recent=(message,))
    app = app_of(still)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        app.select("vue-spa-architect")
        await typed(pilot, "enter")
        assert "to person, status: [b]done[/b] with v2" in shown(app, "about")


async def test_a_missed_sync_point_is_dealt_with_on_the_sheet() -> None:
    """M153, M154: choose a procedure, or let those who wait go on"""
    still = midway()
    task = "vue-spa-architect"
    procedures = ("Design iteration", "Architecture review")
    point = PointState("api", "API review", (task,), missed=True, procedures=procedures)
    waits = replace(still.state.tasks[task], at_points=("API review",), held=False)
    still.state = replace(still.state, points=(point,), tasks={**still.state.tasks, task: waits})
    app = app_of(still)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        row = app.frame.row(task)
        assert row is not None
        assert row.word == "coordinating"
        await typed(pilot, "a")
        assert "1  API review was missed: Design iteration" in shown(app, "body")
        await typed(pilot, "2")
        assert still.sent == [ChooseProcedure("API review", "Architecture review", app.person)]
        await typed(pilot, "3")
        assert still.sent[-1] == ApprovePoint("API review", app.person)


async def test_the_diff_of_a_task_is_walked_by_places_and_shown_over_the_whole_screen() -> None:
    """M218"""
    still = midway()
    places = "".join(
        f"@@ -{at},1 +{at},1 @@ f{at}\n-a{at}\n+b{at}\n" + " same\n" * 30 for at in (1, 100, 200)
    )
    still.diffs["api-developer"] = f"diff --git a/x b/x\n{places}"
    app = app_of(still)
    async with app.run_test(size=(200, 40)) as pilot:
        await pilot.pause()
        await typed(pilot, "enter")
        pane = app.screen.query_one("#diff", Painted)
        await typed(pilot, "right_square_bracket", "right_square_bracket")
        assert "f100" in plain([pane.lines[round(pane.scroll_offset.y)]])
        await typed(pilot, "left_square_bracket")
        assert "f1" in plain([pane.lines[round(pane.scroll_offset.y)]])
        assert "│" not in shown(app, "diff")
        await typed(pilot, "f")
        assert pane.region.width > 190
        assert "│" in shown(app, "diff"), "both sides beside each other"
        await typed(pilot, "f")
        assert pane.region.width < 110


async def test_the_task_screen_says_why_the_task_is_not_further() -> None:
    """M218: from what the journal says, with what the other one is at."""
    still = midway()
    app = app_of(still)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        app.select("workflow-specialist")
        await typed(pilot, "enter")
        about = shown(app, "about")
        assert "why it is not further" in about
        assert "wave 2 has to be over first: api-developer (running, 80 %)" in " ".join(about.split())
        await typed(pilot, "escape")
        app.select("vue-spa-architect")
        await typed(pilot, "enter")
        about = shown(app, "about")
        assert "you hold it" in about
        assert "attempt 1" in about
        assert "failed after 5 min" in about


async def test_the_path_of_a_worktree_is_copied_and_a_shell_asks_for_a_terminal(tmp_path: Path) -> None:
    """M218"""
    still = midway()
    still.state = with_task(still.state, "api-developer", path=str(tmp_path))
    app = app_of(still)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        await typed(pilot, "enter", "y")
        assert app.clipboard == str(tmp_path)
        await typed(pilot, "exclamation_mark")
        assert any("no program can be opened from here" in text for text in toasts(app))
        await typed(pilot, "escape")
        app.select("workflow-specialist")
        await typed(pilot, "enter", "e")
        assert any("has no worktree now" in text for text in toasts(app))


async def test_the_last_minutes_of_the_machine_are_a_strip_of_three_lines() -> None:
    still = midway()
    app = app_of(still)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        for step in range(12):
            still.vitals = replace(still.vitals, at=NOW + 10 * step, cpu=8.0 * step, ram=50.0)
            app.tick()
            await pilot.pause()
        *_, cpu, ram, slots = shown(app, "machine").splitlines()
        assert (cpu.split()[0], ram.split()[0], slots.split()[0]) == ("CPU", "RAM", "slots")
        assert cpu.endswith("▃▁▂▂▃▄▄▅▆▆▇█  2 min"), "the first is from before"
        assert ram.split()[1] == "▅" * 12


@pytest.mark.parametrize("size", [SMALL, WIDE])
async def test_the_longest_word_of_a_state_is_shown_whole(size: tuple[int, int]) -> None:
    still = midway()
    point = PointState("api", "API review", ("api-developer", "vue-spa-architect"))
    waits = replace(still.state.tasks["api-developer"], at_points=("API review",), held=False)
    tasks = {**still.state.tasks, "api-developer": waits}
    still.state = replace(still.state, points=(point,), tasks=tasks)
    app = app_of(still)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        assert "coordinating" in shown(app, "sessions")
