"""`wavetree events`: everything that happened in a run, one line each (M095)."""

from __future__ import annotations

import argparse
import json
import time

import msgspec

from engine import Event, State, clean
from tui.cli.target import add_json, client, examples


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", nargs="?", default="", metavar="RUN", help="default: the newest")
    add_json(parser)
    examples(parser, "wavetree events", "wavetree events r3 --json | jq .kind")


def run(args: argparse.Namespace) -> int:
    to = client(args.run)
    for state, at, event in to.history():
        print(json.dumps(_row(state, at, event)) if args.json else _line(state, at, event))
    return 0


def _row(state: State, at: float, event: Event) -> dict[str, object]:
    """Time, wave, task, kind and data of one event."""
    data = msgspec.to_builtins(event)
    kind = data.pop("type")
    task = data.get("task", "")
    wave = data.get("wave") or (state.tasks[task].wave if task in state.tasks else None)
    return {"time": at, "wave": wave, "task": task or None, "kind": kind, "data": data}


def _line(state: State, at: float, event: Event) -> str:
    row = _row(state, at, event)
    data = row["data"] if row["kind"] != "RunCreated" else {"run": state.run}
    clock = time.strftime("%H:%M:%S", time.localtime(at))
    return clean(f"{clock} {row['kind']:<22} {row['task'] or '':<20} {json.dumps(data)}", 400)
