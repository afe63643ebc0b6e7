"""`wavetree conflicts`: what clashed, what was done about it, and what still waits for a person (M128)."""

from __future__ import annotations

import argparse

from engine import Alert, AlertKind, Client, clean
from tui.cli.target import add_json, client, examples, say


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", nargs="?", default="", metavar="RUN", help="default: the newest")
    add_json(parser)
    examples(parser, "wavetree conflicts", "wavetree conflicts r3 --json")


def run(args: argparse.Namespace) -> int:
    to = client(args.run)
    found = [
        (place, alert) for place, alert in enumerate(to.state.alerts) if alert.kind is AlertKind.CONFLICT
    ]
    rows: list[object] = [_row(to, place, alert) for place, alert in found]
    lines = [line for _, alert in found for line in _lines(alert)]
    say("\n".join(lines) or "no conflict", rows, as_json=args.json)
    return 0


def _lines(alert: Alert) -> list[str]:
    state = "open" if alert.open else "resolved"
    head = f"{alert.number}  {state:<8}  {', '.join(alert.tasks) or 'base'}: {clean(alert.text)}"
    return [head, f"   {clean(alert.remedy)}"] if alert.open and alert.remedy else [head]


def _row(to: Client, place: int, alert: Alert) -> dict[str, object]:
    """The record of one conflict. What clashed was aborted; nothing of its content is chosen (D03)."""
    stamps = to.timeline.alerts
    return {
        "id": alert.number,
        "kind": "merge" if alert.tasks else "base moved",
        "level": "error",
        "tasks": list(alert.tasks),
        "files": list(alert.files),
        "found": stamps[place] if place < len(stamps) else None,
        "rule": "merge-tree",
        "action": "merge aborted, left to a person",
        "state": "open" if alert.open else "resolved",
        "text": alert.text,
        "remedy": alert.remedy,
    }
