"""`wavetree resource`: who has which resource, and keeping one from everybody for a while (M076)."""

from __future__ import annotations

import argparse

from engine import Client, FreezeResource, UnfreezeResource, UsageError, clean
from tui.cli.target import add_json, add_note, add_run, by, client, examples, say, send


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", nargs="?", choices=("list", "freeze", "unfreeze"), default="list")
    parser.add_argument("name", nargs="?", default="", metavar="NAME")
    add_note(parser)
    add_run(parser)
    add_json(parser)
    examples(parser, "wavetree resource", "wavetree resource freeze database --note 'being migrated'")


def run(args: argparse.Namespace) -> int:
    to = client(args.run)
    if args.what == "list":
        rows = _rows(to)
        say("\n".join(map(_line, rows)) or "the plan has no resources", list(rows), as_json=args.json)
        return 0
    if not args.name:
        raise UsageError(f"name the resource to {args.what}", f"wavetree resource {args.what} NAME")
    freezes = args.what == "freeze"
    command = FreezeResource(args.name, by(), args.note) if freezes else UnfreezeResource(args.name, by())
    return send(to, command, as_json=args.json)


def _rows(to: Client) -> list[dict[str, object]]:
    """Each resource that tasks share: how much there is, how much is taken, and by whom."""
    state = to.state
    held = {task.id: state.holdings.takes.get(task.id, {}) for task in state.sessions()}
    names = dict.fromkeys([*state.holdings.counts, *state.frozen_resources])
    return [
        {
            "name": name,
            "count": state.holdings.counts.get(name),
            "taken": sum(taken.get(name, 0.0) for taken in held.values()),
            "tasks": [task for task, taken in held.items() if name in taken],
            "frozen": name in state.frozen_resources,
        }
        for name in names
    ]


def _line(row: dict[str, object]) -> str:
    tasks = row["tasks"]
    by_whom = f" by {', '.join(tasks)}" if isinstance(tasks, list) and tasks else ""
    frozen = "  frozen" if row["frozen"] else ""
    count = "?" if row["count"] is None else f"{row['count']:g}"
    return clean(f"{row['name']:<24} {row['taken']:g} of {count} taken{by_whom}{frozen}")
