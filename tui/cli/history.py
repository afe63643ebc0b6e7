"""`wavetree history`: the runs of this repository."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from engine import Client, Phase, WavetreeError, clean, find_project, show_duration
from tui.cli.target import add_json, examples, say


def add(parser: argparse.ArgumentParser) -> None:
    add_json(parser)
    examples(parser, "wavetree history", "wavetree history --json")


def run(args: argparse.Namespace) -> int:
    project = find_project(Path.cwd())
    rows: list[object] = []
    lines = []
    for name in reversed(project.runs()):
        try:
            client = Client(project, name)
        except WavetreeError as error:
            rows.append({"run": name, "state": "damaged", "error": error.message})
            lines.append(f"{name:<5} damaged: {clean(error.message)}")
            continue
        row = _row(client)
        rows.append(row)
        lines.append(_line(client, row))
        client.close()
    say("\n".join(lines) or "no run yet; start one with: wavetree run PLAN", rows, as_json=args.json)
    return 0


def _row(client: Client) -> dict[str, object]:
    state, times = client.state, client.timeline
    tasks = list(state.tasks.values())
    interrupted = not state.ended and not client.engine_alive
    return {
        "run": client.run,
        "plan": state.plan.name,
        "state": "interrupted" if interrupted else state.phase.value,
        "started": times.created,
        "seconds": round((times.ended or times.last) - times.created, 3),
        "tasks": len(tasks),
        "merged": sum(task.phase is Phase.MERGED for task in tasks),
        "failed": sum(task.phase is Phase.FAILED for task in tasks),
    }


def _line(client: Client, row: dict[str, object]) -> str:
    started = time.strftime("%Y-%m-%d %H:%M", time.localtime(client.timeline.created))
    took = show_duration(client.timeline.last - client.timeline.created)
    counts = f"{row['merged']} of {row['tasks']} merged, {row['failed']} failed"
    return f"{client.run:<5} {started}  {row['state']:<12} {took:>10}  {counts}  {clean(str(row['plan']))}"
