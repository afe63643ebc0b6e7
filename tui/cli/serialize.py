"""`wavetree serialize`: one task is merged before another goes on, on top of it; or a whole wave so."""

from __future__ import annotations

import argparse

from engine import Client, Serialize, SerializeWave, Span, UsageError, clean, duration_text
from tui.cli.target import add_json, add_note, add_run, ask, by, client, examples, positive, say, send


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "tasks", nargs="*", metavar="FIRST SECOND", help="the one that goes on, and the other"
    )
    parser.add_argument(
        "--wave", type=positive, metavar="N", help="what is left of a wave, one after the other"
    )
    add_note(parser)
    add_run(parser)
    add_json(parser)
    examples(
        parser,
        "wavetree serialize PROJ-123 PROJ-124",
        "wavetree serialize --wave 2 --note 'they all touch the router'",
    )


def run(args: argparse.Namespace) -> int:
    if args.wave and not args.tasks:
        return send(client(args.run), SerializeWave(args.wave, by(), args.note), as_json=args.json)
    if args.wave or len(args.tasks) != 2:
        raise UsageError("name two tasks, or --wave N", "wavetree serialize FIRST SECOND")
    first, second = args.tasks
    to = client(args.run)
    said = ask(to, Serialize(first, second, by(), args.note))
    to.refresh()
    orders = [order for order in to.state.orders if (order.first, order.second) == (first, second)]
    delay = orders[0].delay if orders else None
    data = {"ok": True, "run": to.run, "message": said, "delay": delay}
    say(f"{_report(to, first, second, delay)}\n\n{said}", data, as_json=args.json)
    return 0


def _report(to: Client, first: str, second: str, delay: float | None) -> str:
    """What was decided, in the documents' words (M127)."""
    pair = {first, second}
    records = [record for record in to.state.conflicts.values() if record.open and {*record.tasks} == pair]
    files = list(dict.fromkeys(overlap.file for record in records for overlap in record.files))
    lines = [
        "Conflict Detected:",
        "",
        f"{first} and {second} both modify:",
        *(f"- {file}" for file in files),
        "",
    ]
    lines = [
        *(lines if files else ()),
        "Resolution Strategy:",
        f"1. Complete {first} first",
        f"2. Rebase {second} on {first}",
        "3. Resolve conflicts",
        "4. Continue execution",
    ]
    if delay is not None:
        lines += ["", f"Estimated Delay: {duration_text(Span(delay, delay, 'minute'))}"]
    return "\n".join(clean(line) for line in lines)
