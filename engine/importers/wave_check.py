"""Whether the waves of a plan are valid: every task in one, and what it needs before it (M057)."""

from __future__ import annotations

from typing import Any

from engine.importers.log import Log, listed
from engine.importers.nodes import Path
from engine.importers.reading import BAD
from engine.importers.task_data import Tasks, dicts, need_path, needs_of, tell_unknown

Placed = dict[str, tuple[int, int]]
"""Of each task its wave and its place in it, both counted from 0."""


def check_waves(waves: Any, tasks: Tasks, log: Log) -> Placed:
    """Tell the log which tasks no wave has, or two; where each task stands: its wave and its place there."""
    placed: Placed = {}
    for number, wave in dicts(waves):
        for place, other in enumerate(wave.get("needs", ())):
            if other is not BAD and other > number:
                log.error(
                    ("waves", number, "needs", place),
                    f"found {other}; accepted: the number of an earlier wave",
                )
        for place, task_id in enumerate(wave.get("tasks", ())):
            path: Path = ("waves", number, "tasks", place)
            if task_id is BAD:
                continue
            if task_id not in tasks:
                tell_unknown(task_id, tasks, path, log)
            elif task_id in placed:
                log.error(path, f"found {task_id!r}, which waves[{placed[task_id][0]}] has already")
            else:
                placed[task_id] = (number, place)
    if missing := [task_id for task_id in tasks if task_id not in placed]:
        log.error(("waves",), f"no wave has {listed(missing)}; accepted: every task in exactly one wave")
    return placed


def check_order(waves: Any, tasks: Tasks, placed: Placed, log: Log) -> None:
    """Tell the log which needs the waves do not respect."""
    for task_id, (index, task) in tasks.items():
        for place, need in needs_of(task):
            if need["task"] == task_id or task_id not in placed or need["task"] not in placed:
                continue
            (here, spot), (there, other) = placed[task_id], placed[need["task"]]
            sequential = waves[here].get("mode") == "sequential"
            message = ""
            if there > here:
                message = "is in a later wave; accepted: a task of an earlier wave"
            elif there == here and sequential and other > spot:
                message = "comes later in the same wave; accepted: one that comes earlier"
            elif there == here and not sequential and "milestone" not in need:
                message = "is in the same wave; put it in an earlier wave, or make the wave's mode sequential"
            if message:
                path = _place(need_path(index, place, log), ("waves", here, "tasks", spot), log)
                log.error(path, f"{task_id} needs {need['task']}, which {message}")


def _place(need: Path, wave: Path, log: Log) -> Path:
    """Where the need is said; where the wave names its task, when that stands in another file: somebody moved
    the task there, the need was there before."""
    return need if log.at(need).file == log.at(wave).file else wave
