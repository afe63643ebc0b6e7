"""`wavetree note`: words about a run that no number tells, for its report (M192)."""

from __future__ import annotations

import argparse
import time

from engine import MOST_NOTE, Client, Note, UsageError, add_note, clean, noted, notes_asked_for
from tui.cli.target import add_json, add_run, by, client, examples, say


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("text", nargs="?", metavar="TEXT", help="without it: the notes that there are")
    parser.add_argument("--about", metavar="MEASURE", default="", help="such as `Team satisfaction`")
    add_run(parser)
    add_json(parser)
    examples(
        parser,
        "wavetree note 'the second wave could have been one task'",
        "wavetree note --about 'Team satisfaction' 'good; fewer meetings than last time' --run r3",
        "wavetree note",
    )


def run(args: argparse.Namespace) -> int:
    to = client(args.run)
    if args.text is None:
        return _list(to, as_json=args.json)
    if not args.text.strip() or len(args.text) > MOST_NOTE or len(args.about) > 200:
        raise UsageError(
            f"found a note of {len(args.text)} characters; accepted: 1 to {MOST_NOTE}, about up to 200",
            "wavetree note 'what went well'",
        )
    add_note(to.folder, Note(time.time(), by(), args.text.strip(), args.about.strip()))
    said = f"noted for run {to.run}; wavetree report {to.run} shows it"
    say(said, {"ok": True, "run": to.run, "message": said}, as_json=args.json)
    return 0


def _list(to: Client, *, as_json: bool) -> int:
    """The notes of a run, and what its plan wants told and nobody has."""
    found = noted(to.folder)
    told = {note.about.casefold() for note in found}
    missing = [name for name in notes_asked_for(to.state.plan) if name.casefold() not in told]
    lines = [f"{f'{clean(note.about, 200)}: ' if note.about else ''}{clean(note.text)}" for note in found]
    lines += [f"{clean(name, 200)}: nothing noted yet" for name in missing]
    rows = [{"at": one.at, "by": one.by, "about": one.about, "text": one.text} for one in found]
    nothing = f"no notes on run {to.run}; add one with: wavetree note TEXT"
    say("\n".join(lines) or nothing, {"run": to.run, "notes": rows, "missing": missing}, as_json=as_json)
    return 0
