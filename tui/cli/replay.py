"""`wavetree replay`: a run again from its journal, as it went on, at any speed (M225)."""

from __future__ import annotations

import argparse
import json
import time

from engine import TaskState, clean, word
from tui.cli.target import add_json, client, examples

SLOWEST = 5.0
"""Most seconds between two lines: a night in which nothing happened is not sat through."""


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", nargs="?", default="", metavar="RUN", help="default: the newest")
    parser.add_argument("--speed", type=_factor, default=10.0, metavar="N", help="times as fast; 0: at once")
    add_json(parser)
    examples(parser, "wavetree replay r3 --speed 60", "wavetree replay --speed 0")


def run(args: argparse.Namespace) -> int:
    to = client(args.run)
    seen: dict[str, str] = {}
    before = begun = 0.0
    for state, at, _ in to.history():
        begun = begun or at
        words = {task.id: word(state, task) for task in state.tasks.values()}
        changed = {name: said for name, said in words.items() if seen.get(name) != said}
        if changed and seen:
            if args.speed and before:
                time.sleep(min(SLOWEST, max(0.0, at - before) / args.speed))
            before = at
            _tell(args, at - begun, changed, state.tasks)
        seen = words
    final = {"run": to.run, "state": to.state.phase.value, "tasks": seen}
    print(json.dumps(final) if args.json else f"{to.run} {to.state.phase.value}: {_all(seen)}", flush=True)
    return 0


def _tell(args: argparse.Namespace, at: float, changed: dict[str, str], tasks: dict[str, TaskState]) -> None:
    for name, said in changed.items():
        if args.json:
            print(json.dumps({"at": round(at, 3), "task": name, "state": said}), flush=True)
        else:
            attempt = f" #{tasks[name].attempt}" if tasks[name].attempt > 1 else ""
            print(clean(f"{at:9.1f} s  {name}{attempt} {said}"), flush=True)


def _all(seen: dict[str, str]) -> str:
    return clean(", ".join(f"{name} {said}" for name, said in seen.items()), 2_000)


def _factor(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < 1e9:
        raise argparse.ArgumentTypeError(f"found {text[:40]!r}; accepted: a number, 0 or more")
    return value
