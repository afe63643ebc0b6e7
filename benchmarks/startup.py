"""How soon something can be read: `wavetree --help`, the dashboard's first paint, against a bare Python."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import tempfile
import termios
import time
from functools import partial
from pathlib import Path

from benchmarks.instant import created
from benchmarks.layered import layered, repository
from benchmarks.measuring import Row, alternate, timed
from engine import State
from engine.core.decide import step
from engine.edge.journal import Journal
from engine.edge.runs import Project

NAME = "start-up"
AIM = 0.25
SIZE = struct.pack("HHHH", 40, 140, 0, 0)
SIGN = b"layer 1"
"""A word that is on the dashboard and nowhere before it: the name of a wave."""


def run(quick: bool) -> list[Row]:
    """A run of 50 tasks is looked at."""
    return measure(tasks=50, rounds=3 if quick else 9)


def measure(tasks: int, rounds: int) -> list[Row]:
    """Milliseconds, each beside those of `python -c pass`."""
    with tempfile.TemporaryDirectory(prefix="wavetree-bench-") as folder:
        checkout = repository(Path(folder).resolve() / "repo", 1)
        _run_of(checkout, tasks)
        found = alternate(
            {
                "python": partial(timed, [sys.executable, "-c", "pass"]),
                "help": partial(timed, [sys.executable, "-m", "tui", "--help"]),
                "paint": partial(first_paint, checkout),
            },
            rounds,
        )
    bare, words, paint = found["python"], found["help"], found["paint"]
    return [
        Row(NAME, "python -c pass", bare * 1e3, "ms"),
        Row(NAME, "wavetree --help", words * 1e3, "ms", "python", words / bare, "250 ms", words <= AIM),
        Row(NAME, "wavetree attach: first paint", paint * 1e3, "ms", "python", paint / bare),
    ]


def _run_of(checkout: Path, tasks: int) -> None:
    """A run that has begun and whose engine is gone."""
    project = Project(checkout, checkout / ".git")
    first = created(layered(tasks, 5), str(checkout))
    folder = project.create(first)
    _, events = step(State(), first)
    with Journal(folder / "journal.db", write=True) as journal:
        journal.append(time.time(), events)


def first_paint(checkout: Path) -> float:
    """Seconds from starting the command until the dashboard is on its terminal."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, SIZE)
    argv = [sys.executable, "-m", "tui", "attach"]
    begun = time.perf_counter()
    process = subprocess.Popen(
        argv, cwd=checkout, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
        env=os.environ | {"TERM": "xterm-256color"},
    )  # fmt: skip
    os.close(theirs)
    try:
        _until(ours, SIGN, 30.0)
        return time.perf_counter() - begun
    finally:
        process.kill()
        process.wait()
        os.close(ours)


def _until(terminal: int, sign: bytes, within: float) -> None:
    """Read until the sign was written. Raises RuntimeError with the last output when it does not come."""
    seen = b""
    deadline = time.monotonic() + within
    while sign not in seen:
        if not select.select([terminal], [], [], max(0.0, deadline - time.monotonic()))[0]:
            raise RuntimeError(f"nothing was painted: {seen[-500:]!r}")
        try:
            seen += os.read(terminal, 65536)
        except OSError as error:
            raise RuntimeError(f"the screen ended: {seen[-500:]!r}") from error
