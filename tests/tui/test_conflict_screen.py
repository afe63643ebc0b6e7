"""Both sides of a conflict on the screen, chosen place by place, then settled (M216)."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from msgspec.structs import replace
from screen_runs import clashing
from test_screen import SMALL, WIDE, app_of, shown, toasts, typed

from engine import Choice, Decision, Isolate, Part, Pause, Refused, Resolve, Serialize, Sides, Verb
from engine.core.settled import Settled
from tui.lines import plain
from tui.panes.conflict import View, conflict_lines

HEAD = "import { url } from './env'\n\n"
MIDDLE = "export const avatar = url\n"


def sent(text: str, note: str = "") -> Resolve:
    settled = (Settled("src/config.ts", "", "", "", text),)
    return Resolve("c1", settled, how="by hand: src/config.ts", by="tester", note=note)


async def test_each_place_is_chosen_and_the_whole_file_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAVETREE_USER", "tester")
    still = clashing()
    app = app_of(still)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        await typed(pilot, "c")
        assert "place 1 of 2" in shown(app, "conflict")
        assert "ours, api-developer" in shown(app, "conflict")
        await typed(pilot, "enter")
        assert "2 places are not chosen yet" in toasts(app)[0]
        await typed(pilot, "t")
        assert "place 2 of 2" in shown(app, "conflict"), "on to the next that is not chosen"
        await typed(pilot, "B", "w", *"both", "enter")
        await typed(pilot, "enter")
        last = "export const width = 64\nexport const size = 64\n"
        middle = "const retries = 5\nconst wait = 200\n"
        assert still.sent == [sent(HEAD + middle + MIDDLE + last, "both")]
        assert app.screen is app.board


async def test_escape_sends_nothing_and_a_choice_can_be_cleared() -> None:
    still = clashing()
    app = app_of(still)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        await typed(pilot, "c", "o", "p")
        assert "result: ours" in shown(app, "conflict")
        await typed(pilot, "c")
        assert "not chosen yet" in shown(app, "conflict")
        await typed(pilot, "escape")
        assert still.sent == []


async def test_a_place_is_edited_in_the_persons_editor(monkeypatch: pytest.MonkeyPatch) -> None:
    script = "import sys,pathlib; pathlib.Path(sys.argv[1]).write_text('const retries = 4\\n')"
    monkeypatch.setenv("EDITOR", f'{sys.executable} -c "{script}"')
    still = clashing()
    app = app_of(still)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        monkeypatch.setattr(type(app), "suspend", NoTerminal)
        await typed(pilot, "c", "e", "p")
        assert "result: edited" in shown(app, "conflict")
        assert "const retries = 4" in shown(app, "conflict")
        monkeypatch.setenv("EDITOR", "true")
        await typed(pilot, "e")
        assert "line 1: a conflict mark is left" in toasts(app)[-1]


async def test_a_file_is_edited_as_a_whole_or_settled_in_the_merge_tool(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """M129, M216: `git mergetool` for a conflict of a run."""
    monkeypatch.setenv("WAVETREE_USER", "tester")
    script = "import sys,pathlib; pathlib.Path(sys.argv[1]).write_text('third\\n')"
    monkeypatch.setenv("EDITOR", f'{sys.executable} -c "{script}"')
    settings = tmp_path / "gitconfig"
    tool = '[mergetool "mine"]\ncmd = cp \\"$REMOTE\\" \\"$MERGED\\"\ntrustExitCode = true\n'
    settings.write_text(f"[merge]\ntool = mine\n{tool}")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    still = clashing()
    still.clashing = tuple(replace(one, theirs=b"the tool's\n") for one in still.clashing)
    app = app_of(still)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        monkeypatch.setattr(type(app), "suspend", NoTerminal)
        await typed(pilot, "c", "o", "E")
        assert "result: the whole file, edited" in shown(app, "conflict")
        assert "third" in shown(app, "conflict")
        await typed(pilot, "o")
        assert "result: ours" in shown(app, "conflict"), "a place chosen anew counts again"
        await typed(pilot, "m", "enter")
        assert still.sent == [sent("the tool's\n")]


class NoTerminal:
    """A test has no terminal to give away."""

    def __enter__(self) -> None: ...

    def __exit__(self, *error: object) -> None: ...


async def test_what_the_run_has_against_it_is_said_and_the_screen_stays() -> None:
    still = clashing()

    async def refuses(*_: object, **__: object) -> Resolve:
        raise Refused("b has changed it since", "look again: r")

    still.chosen = refuses  # type: ignore[method-assign, assignment]
    app = app_of(still)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        await typed(pilot, "c", "o", "o", "enter")
        assert "b has changed it since" in toasts(app)[-1]
        assert app.screen is not app.board


def test_a_file_that_is_no_text_is_chosen_as_a_whole() -> None:
    one = Sides("logo.png", "a", "b", ("0", "1", "2"), b"\\0", b"\\0one", None)
    view = View("c1", "logo", (one,))
    assert "theirs, b: no such file" in plain(conflict_lines(view, 80))
    assert view.chose(Choice.THEIRS).contents() == {"logo.png": None}
    assert view.chose(Choice.OURS).contents() == {"logo.png": b"\\0one"}


@pytest.mark.parametrize("width", [40, 80, 120])
def test_foreign_text_is_only_text_and_stays_within_the_width(width: int) -> None:
    hostile = "\x1b]52;c;eA==\x07[bold]x[/] \u202e" + "w" * 500 + "\n"
    parts = (Part(hostile), Part("", hostile, hostile, hostile, True))
    view = View("c1", "about", (Sides("f\x1b[31m", "a\x07", "b", ("0", "1", "2"), b"", b"", b"", parts),))
    for line in conflict_lines(view.chose(Choice.BOTH), width):
        text = plain((line,))
        assert not set("\x1b\x07\u202e") & set(text)
        assert len(text) <= width


@pytest.mark.parametrize(
    ("key", "command"),
    [
        ("P", Pause(("vue-spa-architect",))),
        ("i", Isolate("vue-spa-architect", "tester")),
        ("s", Serialize("api-developer", "vue-spa-architect", "tester")),
    ],
)
async def test_instead_of_settling_it_the_later_agent_is_steered(
    key: str, command: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WAVETREE_USER", "tester")
    still = clashing()
    app = app_of(still)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        await typed(pilot, "c", key)
        assert still.sent == [command]
        assert app.screen is app.board


async def test_who_takes_an_answer_back_is_told_that_a_worktree_may_have_it() -> None:
    still = clashing()
    decision = Decision(1, Verb.RESOLVE, (), 2, conflict="c1")
    still.state = replace(still.state, decisions=(decision,))
    app = app_of(still)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        await typed(pilot, "u")
        said = " ".join(shown(app, "body").split())
        assert "take back: resolve c1?" in said
        assert "A worktree that has got the answer already keeps it." in said
