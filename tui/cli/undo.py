"""`wavetree undo`: take back the last decision on agents in conflict, or the one of that number."""

from __future__ import annotations

import argparse

from engine import Decision, UndoDecision, clean
from tui.cli.target import add_json, add_note, add_run, by, client, examples, positive, say, send


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "number", nargs="?", type=positive, default=0, metavar="N", help="default: the newest"
    )
    parser.add_argument("--list", action="store_true", help="show what was decided, take nothing back")
    add_note(parser)
    add_run(parser)
    add_json(parser)
    examples(parser, "wavetree undo --list", "wavetree undo", "wavetree undo 3")


def run(args: argparse.Namespace) -> int:
    to = client(args.run)
    if not args.list:
        return send(to, UndoDecision(args.number, by(), args.note), as_json=args.json)
    decisions = to.state.decisions
    words = "\n".join(map(_line, decisions)) or "nothing was decided"
    say(words, [as_data(decision) for decision in decisions], as_json=args.json)
    return 0


def _line(decision: Decision) -> str:
    what = " ".join(decision.tasks) or f"wave {decision.wave}"
    note = f": {decision.note}" if decision.note else ""
    back = ", taken back" if decision.undone else ""
    return clean(f"{decision.number:>3}  {decision.verb.value} {what}, by {decision.by}{note}{back}")


def as_data(decision: Decision) -> dict[str, object]:
    """A decision as data for a script (M132)."""
    return {
        "number": decision.number,
        "verb": decision.verb.value,
        "tasks": list(decision.tasks),
        "wave": decision.wave,
        "by": decision.by,
        "note": decision.note,
        "undone": decision.undone,
    }
