"""`wavetree logs`: what a task's agent printed, now or as it comes."""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

from engine import Client, UsageError, clean
from tui.cli.target import add_json, add_run, client, examples

TICK = 0.1
LONGEST = 10_000


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("task", metavar="TASK")
    parser.add_argument("-f", "--follow", action="store_true", help="go on until the agent has ended")
    parser.add_argument("--attempt", type=int, default=0, metavar="N", help="an earlier attempt")
    parser.add_argument("--gate", action="store_true", help="the task's gates instead of its agent")
    add_run(parser)
    add_json(parser)
    examples(parser, "wavetree logs PROJ-123", "wavetree logs PROJ-123 -f")


def run(args: argparse.Namespace) -> int:
    to = client(args.run)
    if args.task not in to.state.tasks:
        raise UsageError(f"run {to.run} has no task {args.task!r}", f"tasks: {', '.join(to.state.tasks)}")
    if args.gate:
        return _gates(to, args.task, as_json=args.json)
    path = _path(to, args.task, args.attempt)
    if path is None and not args.follow:
        raise UsageError(f"{args.task} has not started yet", f"wavetree logs {args.task} -f waits for it")
    position = 0
    while True:
        over = _over(to, args.task, args.attempt)
        path = path or _path(to, args.task, args.attempt)
        data = {"task": args.task} if args.json else None
        position = _print(path, position, data, rest=over or not args.follow)
        if not args.follow or over:
            return 0
        time.sleep(TICK)
        to.refresh()


def _path(to: Client, task: str, attempt: int) -> Path | None:
    if not attempt:
        return to.log_path(task)
    if attempt > to.state.tasks[task].attempt:
        raise UsageError(f"{task} has had {to.state.tasks[task].attempt} attempts, not {attempt}")
    return to.log_path(task, attempt)


def _over(to: Client, task: str, attempt: int) -> bool:
    """Whether nothing more will be printed; asked before reading, so that the last words are read."""
    seen = to.state.tasks[task]
    past = bool(attempt) and attempt < seen.attempt
    return past or to.state.ended or not to.engine_alive or (bool(seen.log) and not seen.pid)


def _print(path: Path | None, position: int, data: dict[str, str] | None, *, rest: bool = True) -> int:
    """Print what stands after `position`, with `data` as one object a line; the new position. Without
    `rest` a line whose end was not written yet is left for the next time."""
    if path is None or not path.exists():
        return position
    with path.open("rb") as log:
        log.seek(position)
        while raw := log.readline(LONGEST):
            if not rest and not raw.endswith(b"\n") and len(raw) < LONGEST:
                break
            position += len(raw)
            text = clean(raw.decode(errors="replace").rstrip("\n"), LONGEST)
            sys.stdout.write((json.dumps({**data, "line": text}) if data else text) + "\n")
        sys.stdout.flush()
    return position


def _gates(to: Client, task: str, *, as_json: bool) -> int:
    found = [result for result in to.state.results if result.subject == task]
    if not found:
        raise UsageError(f"no gate of {task} has run yet", "wavetree status")
    for result in found:
        if not as_json:
            print(f"── {clean(result.gate)}: {result.verdict.value}")
        data = {"task": task, "gate": result.gate, "verdict": result.verdict.value} if as_json else None
        _print(Path(result.log) if result.log else None, 0, data)
    return 0
