"""`wavetree serialize`: one task is merged before another goes on, on top of it; or a whole wave so."""

from __future__ import annotations

import argparse

from engine import Serialize, SerializeWave, UsageError, show_duration
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
    words = said if delay is None else f"{said}\nEstimated Delay: {show_duration(delay)}"
    data = {"ok": True, "run": to.run, "message": said, "delay": delay}
    say(words, data, as_json=args.json)
    return 0
