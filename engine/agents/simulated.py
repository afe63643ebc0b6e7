"""The built-in simulated agent (M101): a real process that edits real files, without network or model."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import msgspec

from engine.agents import launching, reports
from engine.agents.contract import Brief, Launch
from engine.core.parts import path_of
from engine.core.patterns import plain_path
from engine.core.plan import Task
from engine.core.simulation import SimulatedStep, Simulation, Write

SCRIPT = "simulation.json"
_PROCESS = Path(__file__).with_name("simulated_process.py")

LASTS = 1.0
"""Seconds that a task without a simulation takes."""
_WORKS = 0.9 * LASTS

_LINES = {
    "# {}": "py rb sh toml yaml yml tf pl",
    "// {}": "c cc cpp cs go h java js jsx kt mjs rs scss swift ts tsx",
    "-- {}": "sql lua hs",
    "/* {} */": "css",
    "<!-- {} -->": "md html xml svg vue",
    "": "json",
}
"""A line that changes nothing of what a file means, by the ends of file names."""
_LINE_OF = {f".{end}": line for line, ends in _LINES.items() for end in ends.split()}

report = reports.parse
failure = reports.failure


def launch(brief: Brief) -> Launch:
    """The process that carries out the task's `simulate`, or else a stand-in's. Its script is written to the
    attempt's folder: it may be longer than an argument."""
    brief.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    script = brief.folder / SCRIPT
    script.write_bytes(msgspec.json.encode(brief.task.simulate or stand_in(brief.task, brief.worktree)))
    argv = (sys.executable, "-I", "-S", str(_PROCESS), str(script), str(brief.worktree))
    return Launch(argv=argv, env={**launching.surroundings(brief), **brief.spec.env})


def stand_in(task: Task, worktree: Path) -> Simulation:
    """What a task without a simulation does: it goes through its steps, adds a line to each file that it
    declares by its plain name, or to one of its own, and commits."""
    names = dict.fromkeys(plain_path(path_of(entry)) for entry in task.files)
    files = [name for name in names if name and not (worktree / name).is_dir()] or [
        f"simulated/{task.id}.txt"
    ]
    steps = [
        SimulatedStep(at=at, step=number, progress=round(100.0 * at / LASTS))
        for number, at in enumerate(_spread(len(task.steps)), 1)
    ]
    edits = [
        SimulatedStep(at=at, append=Write(name, _line(task, worktree / name)))
        for name, at in zip(files, _spread(len(files)), strict=True)
    ]
    message = f"{task.id}: {task.title or 'simulated work'}"
    end = SimulatedStep(at=_WORKS, commit=message, progress=100.0)
    return Simulation(duration=LASTS, do=(*steps, *edits, end))


def _spread(count: int) -> list[float]:
    """So many moments, evenly over the time in which there is work."""
    return [_WORKS * place / count for place in range(count)]


def _line(task: Task, file: Path) -> str:
    style = _LINE_OF.get(file.suffix.lower(), "{}")
    return ("" if _ended(file) else "\n") + style.format(f"simulated: {task.id}") + "\n"


def _ended(file: Path) -> bool:
    """Whether a line can be added as it is: the file is not there, empty, or its last line is ended."""
    try:
        if file.is_symlink() or not file.is_file() or not file.stat().st_size:
            return True
        with file.open("rb") as content:
            content.seek(-1, os.SEEK_END)
            return content.read() == b"\n"
    except OSError:
        return True  # the process will say what is wrong with it
