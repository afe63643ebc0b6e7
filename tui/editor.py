"""Other programs in the person's terminal while the screen waits: their editor, a shell in a worktree."""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import SuspendNotSupported

from engine import Sides, WavetreeError, tool_result

if TYPE_CHECKING:
    from tui.app import WavetreeApp


def editor() -> list[str]:
    """The person's editor, in words. Raises ValueError when $VISUAL or $EDITOR cannot be read as one."""
    return shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi") or ["vi"]


def shell() -> list[str]:
    """The person's shell."""
    return [os.environ.get("SHELL") or "sh"]


def run_in_terminal(app: WavetreeApp, words: list[str], where: Path | None = None, *, instead: str) -> bool:
    """Give the terminal to a program until it ends; whether it ended well. What went wrong is said on the
    screen; `instead` is what to do where no program can have the terminal, as in a browser."""
    try:
        with app.suspend():
            code = subprocess.call(words, cwd=where)
    except SuspendNotSupported:
        app.orders.say(f"no program can be opened from here; {instead}", "error")
        return False
    except OSError as error:
        app.orders.say(f"{words[0]} cannot be started: {error.strerror}", "error")
        return False
    if code:
        app.orders.say(f"{words[0]} ended with exit code {code}", "warning")
    return not code


def by_tool(app: WavetreeApp, one: Sides, *, instead: str) -> tuple[bytes | None] | None:
    """What the person's merge tool makes of a file in conflict (None in it: no file); None when it was not
    settled, which has been said."""
    with tempfile.TemporaryDirectory(prefix="wavetree-") as name:
        folder = Path(name)
        try:
            if run_in_terminal(app, app.client.mergetool(one, folder), instead=instead):
                return (tool_result(one, folder),)
        except WavetreeError as error:
            app.orders.say(error.message, "error")
        return None


def edited(app: WavetreeApp, text: str, suffix: str, *, instead: str) -> str | None:
    """A text as the person leaves it in their editor; None when it was not edited, which has been said."""
    try:
        words = editor()
    except ValueError as error:
        app.orders.say(f"$EDITOR cannot be read: {error}", "error")
        return None
    with tempfile.TemporaryDirectory(prefix="wavetree-") as folder:
        place = Path(folder, f"text{suffix}")
        place.write_text(text)
        if not run_in_terminal(app, [*words, str(place)], instead=instead):
            return None
        return place.read_text(errors="replace")
