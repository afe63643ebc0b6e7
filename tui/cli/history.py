"""`wavetree history`: the runs of this repository."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterable
from pathlib import Path

from engine import (
    Client,
    Phase,
    PlanError,
    Project,
    WavetreeError,
    clean,
    find_project,
    measured,
    parse_duration,
    review,
    score_words,
    show_duration,
)
from tui.cli.periods import by_period, trend
from tui.cli.target import add_json, examples, say
from tui.measures import count


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--since", type=_age, metavar="AGE", help="only runs begun since then: 7d, 12h")
    parser.add_argument(
        "--review", action="store_true", help="what repeats: files that clash, slow gates, wrong estimates"
    )
    parser.add_argument(
        "--by", choices=("week", "month", "quarter", "all"), help="totals of each, against the period before"
    )
    add_json(parser)
    examples(
        parser,
        "wavetree history",
        "wavetree history --since 7d",
        "wavetree history --by month",
        "wavetree history --review",
        "wavetree history --json",
    )


def run(args: argparse.Namespace) -> int:
    project = find_project(Path.cwd())
    if args.review:
        return _review(project, as_json=args.json)
    if args.by:
        return by_period(project, args.by, args.since, as_json=args.json)
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
    if args.since and lines and not args.json:
        lines.append(trend(project, args.since))
    say("\n".join(lines) or "no run yet; start one with: wavetree run PLAN", rows, as_json=args.json)
    return 0


def _review(project: Project, *, as_json: bool) -> int:
    """What repeats over the last runs."""
    seen = review(project)
    if not seen.runs:
        say("no run is over yet", {"runs": 0}, as_json=as_json)
        return 0
    lines = [f"the last {count(seen.runs, 'run')} of this repository"]
    lines += _listed(
        "files that clashed", (f"{name}: in {count(number, 'run')}" for name, number in seen.files)
    )
    lines += _listed(
        "gates, the dearest first",
        (
            f"{one.gate}: ran {count(one.ran, 'time')}, {one.bad} not green, {one.seconds:.1f} s each"
            for one in seen.gates
        ),
    )
    lines += _listed("tried again", (f"{name}: {count(number, 'time')}" for name, number in seen.again))
    lines += _listed("errors", (f"{name}: {number}" for name, number in seen.errors))
    if seen.off is not None:
        lines += [
            "estimates",
            f"  agents take {seen.off:.2f} times the estimate (median of {seen.judged} tasks)",
        ]
    lines += ["forecasts of conflicts", f"  {score_words(seen.forecast)}"]
    data = {
        "runs": seen.runs,
        "files": [{"file": name, "runs": number} for name, number in seen.files],
        "gates": [
            {"gate": one.gate, "ran": one.ran, "bad": one.bad, "seconds": one.seconds} for one in seen.gates
        ],
        "again": [{"task": name, "times": number} for name, number in seen.again],
        "errors": [{"type": name, "times": number} for name, number in seen.errors],
        "estimates": {"ratio": seen.off, "tasks": seen.judged},
        "forecast": {"precision": seen.forecast.precision, "recall": seen.forecast.recall},
    }
    say("\n".join(clean(line, 400) for line in lines), data, as_json=as_json)
    return 0


def _listed(title: str, lines: Iterable[str]) -> list[str]:
    found = [f"  {line}" for line in lines]
    return [title, *found] if found else []


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
        "time_saved": measured(client, "time_savings"),
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
