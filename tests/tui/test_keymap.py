"""A person's own keys: a file beside the themes, checked whole, told everywhere a key is named."""

from __future__ import annotations

from pathlib import Path

import pytest
from screen_runs import midway, offered
from test_screen import SMALL, WIDE, app_of, shown, toasts, typed

from engine import Pause
from tui.keymap import load_keymap
from tui.screens.approval import ApprovalSheet


@pytest.fixture
def keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The place of the file; nothing is there yet."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    file = tmp_path / "wavetree" / "keys.yaml"
    file.parent.mkdir()
    return file


async def test_an_own_key_does_what_the_usual_one_did_and_is_the_one_that_is_named(keys: Path) -> None:
    keys.write_text("pause: space\nlog: ['!', f2]\n")
    still = midway()
    app = app_of(still)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        await typed(pilot, "p")
        assert still.sent == []
        await typed(pilot, "space")
        assert still.sent == [Pause(("api-developer",))]
        assert "space pause" in shown(app, "footer")
        assert "! log" in shown(app, "footer")
        await typed(pilot, "question_mark")
        assert "space" in shown(app, "body")


@pytest.mark.parametrize("size", [WIDE, SMALL])
async def test_what_is_to_be_pressed_next_is_said_with_the_own_key(keys: Path, size: tuple[int, int]) -> None:
    keys.write_text("approve: f2\n")
    app = app_of(offered())
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        assert "waits for you: f2" in shown(app, "header")
        assert "press f2" in app.frame.next_line
        await typed(pilot, "f2")
        assert isinstance(app.screen, ApprovalSheet)


async def test_a_faulty_file_changes_no_key_and_every_fault_is_told_at_once(keys: Path) -> None:
    keys.write_text("pause: x\nfly: f\nretry: nokey\nleave: [ctrl+c]\n")
    still = midway()
    app = app_of(still)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        for part in ("x would do pause and stop", "fly unknown", "'nokey' is no key", "'ctrl+c' is no key"):
            assert part in toasts(app)[0]
        await typed(pilot, "p")
        assert still.sent == [Pause(("api-developer",))]


@pytest.mark.parametrize("text", ["- a\n", "pause: [\n", "42\n", "pause: {a: b}\n", "pause: ','\n"])
def test_what_is_no_list_of_keys_is_a_fault_that_names_the_file(tmp_path: Path, text: str) -> None:
    file = tmp_path / "keys.yaml"
    file.write_text(text)
    found = load_keymap(file)
    assert found.keys == {}
    assert str(file) in str(found.faults[0])


def test_no_file_and_an_empty_one_are_no_fault(tmp_path: Path) -> None:
    assert load_keymap(tmp_path / "keys.yaml").faults == ()
    (tmp_path / "keys.yaml").write_text("# nothing yet\n")
    assert load_keymap(tmp_path / "keys.yaml").faults == ()


def test_two_actions_may_change_places(tmp_path: Path) -> None:
    file = tmp_path / "keys.yaml"
    file.write_text("pause: r\nretry: p\n")
    assert load_keymap(file).names == {"pause": "r", "retry": "p"}


async def test_questions_and_approvals_that_wait_name_the_own_key(keys: Path) -> None:
    """What to press is never said with a key that does something else"""
    keys.write_text("retry: f5\napprove: f2\n")
    app = app_of(offered())
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        assert app.frame.alerts[0].remedy.startswith("f2 looks at it and approves")
    app = app_of(midway())
    async with app.run_test(size=WIDE) as pilot:
        await typed(pilot, "x")
        assert "f5 tries it again" in shown(app, "body")
