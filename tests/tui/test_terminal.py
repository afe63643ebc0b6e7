"""What really reaches a terminal: the raw bytes of a screen whose every foreign string is hostile."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

HERE = Path(__file__).parent
SCREEN = """
import sys
sys.path[:0] = [{here!r}, {root!r}]
from pathlib import Path
from screen_runs import HOSTILE, NOW, hostile, with_task
from tui.app import WavetreeApp
still = hostile()
still.state = with_task(still.state, "api-developer", path={folder!r})
still.logs["api-developer"] = Path({log!r})
still.diffs["api-developer"] = "diff --git a/x b/x\\n@@ -1 +1 @@ " + HOSTILE + "\\n+" + HOSTILE
WavetreeApp(still, now=lambda: NOW, ascii_only=False).run()
"""
PAYLOADS = (b"\x1b]52", b"cGFzdGU", b"\x1bc", b"\x1b[6n", b"\xe2\x80\xae")
DIRTY = "\x1b]52;c;cGFzdGU=\x07 \x1bc \x9b2J \x1b[6n \x9d0;t\x9c \u202eend-of-log\n"


def test_no_payload_of_a_hostile_run_reaches_the_terminal(tmp_path: Path) -> None:
    screen, master = opened(tmp_path)
    try:
        seen = until(master, b"end-of-log")
        for key, sign in (
            (b"\r", b"what it is to do"),
            (b"3f", b"diff"),
            (b"\x1b", b"needs you"),
            (b"?", b"keys and marks"),
        ):
            os.write(master, key)
            seen += until(master, sign)
    finally:
        screen.kill()
        screen.wait()
        os.close(master)
    assert b"evil" in seen
    text_only = seen.decode("utf-8", "replace")
    assert not {letter for letter in text_only if "\x80" <= letter <= "\x9f"}
    assert [payload for payload in PAYLOADS if payload in seen] == []


def test_a_screen_whose_terminal_is_gone_ends(tmp_path: Path) -> None:
    """A closed connection leaves no process behind that looks for keys for ever"""
    screen, master = opened(tmp_path)
    try:
        until(master, b"end-of-log")
        os.close(master)
        screen.wait(timeout=30)
    finally:
        screen.kill()
        screen.wait()


def test_a_shell_opens_in_the_worktree_and_the_screen_comes_back(tmp_path: Path) -> None:
    """M218: the terminal is the shell's until it ends."""
    shell = tmp_path / "shell"
    shell.write_text(f"#!/bin/sh\npwd > {tmp_path}/was-in\necho in-the-shell\nread line\n")
    shell.chmod(0o755)
    screen, master = opened(tmp_path, SHELL=str(shell))
    try:
        until(master, b"end-of-log")
        os.write(master, b"\r")
        until(master, b"what it is to do")
        os.write(master, b"!")
        until(master, b"in-the-shell")
        os.write(master, b"\n")
        until(master, b"what it is to do")
    finally:
        screen.kill()
        screen.wait()
        os.close(master)
    assert (tmp_path / "was-in").read_text().strip() == str(tmp_path)


def opened(folder: Path, **more: str) -> tuple[subprocess.Popen[bytes], int]:
    """The screen in a terminal of its own, and the other end of that."""
    log = folder / "log"
    log.write_text(DIRTY * 5)
    code = SCREEN.format(here=str(HERE), root=str(HERE.parents[1]), log=str(log), folder=str(folder))
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    env = {
        "PATH": os.environ["PATH"],
        "TERM": "xterm-256color",
        "LANG": "C.UTF-8",
        "HOME": str(folder),
        **more,
    }
    screen = subprocess.Popen([sys.executable, "-c", code], stdin=slave, stdout=slave, stderr=slave, env=env)
    os.close(slave)
    return screen, master


def until(terminal: int, sign: bytes, seconds: float = 30.0) -> bytes:
    """What the terminal got up to and with `sign`; fails when it does not come in time."""
    seen = b""
    deadline = time.monotonic() + seconds
    while sign not in seen:
        assert time.monotonic() < deadline, f"{sign!r} did not come; the end was {seen[-400:]!r}"
        if select.select([terminal], [], [], 0.1)[0]:
            seen += os.read(terminal, 65536)
    return seen
