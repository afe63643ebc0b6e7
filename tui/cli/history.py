"""`wavetree history`: the runs of this repository."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from engine import (
    Client,
    Phase,
    PlanError,
    WavetreeError,
    clean,
    find_project,
    parse_duration,
    show_duration,
    time_saved,
)
from tui.cli.target import add_json, examples, say


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--since", type=_age, metavar="AGE", help="only runs begun since then: 7d, 12h")
    add_json(parser)
    examples(parser, "wavetree history", "wavetree history --since 7d", "wavetree history --json")


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
        if args.since is None or client.timeline.created >= time.time() - args.since:
            row = _row(client)
            rows.append(row)
            lines.append(_line(client, row))
        client.close()
    say("\n".join(lines) or "no run yet; start one with: wavetree run PLAN", rows, as_json=args.json)
    return 0


def _age(text: str) -> float:
    """Seconds that a duration stands for, for argparse."""
    try:
        return parse_duration(text).most
    except PlanError as error:
        raise argparse.ArgumentTypeError(f"found {text[:40]!r}; accepted: a duration such as 7d") from error


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
        "conflicts": sum(record.grave for record in state.conflicts.values()),
        "time_saved": time_saved(client),
    }


def _line(client: Client, row: dict[str, object]) -> str:
    started = time.strftime("%Y-%m-%d %H:%M", time.localtime(client.timeline.created))
    took = show_duration(client.timeline.last - client.timeline.created)
    counts = f"{row['merged']} of {row['tasks']} merged, {row['failed']} failed"
    if row["conflicts"]:
        counts += f", {row['conflicts']} conflicts"
    if row["time_saved"] is not None:
        counts += f", {row['time_saved']:g} % saved"
    return f"{client.run:<5} {started}  {row['state']:<12} {took:>10}  {counts}  {clean(str(row['plan']))}"
