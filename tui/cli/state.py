"""`wavetree state`: the files that a run's state can be read in, whether they agree, their backups."""

from __future__ import annotations

import argparse
import time

from engine import (
    Client,
    UsageError,
    back_up,
    backups,
    clean,
    disagreements,
    mend_sessions,
    restore,
    session_folder,
)
from tui.cli.target import add_json, add_run, client, examples, say

WHAT = ("show", "check", "backup", "restore")


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", nargs="?", choices=WHAT, default="show", metavar="|".join(WHAT))
    parser.add_argument("name", nargs="?", default="", metavar="BACKUP", help="a backup's name")
    add_run(parser)
    add_json(parser)
    examples(
        parser,
        "wavetree state",
        "wavetree state check",
        "wavetree state backup",
        "wavetree state restore 000042-wave-2",
    )


def run(args: argparse.Namespace) -> int:
    to = client(args.run)
    match args.what:
        case "check":
            return _check(to, as_json=args.json)
        case "backup":
            return _backup(to, args.name, as_json=args.json)
        case "restore":
            return _restore(to, args.name, as_json=args.json)
        case _:
            return _show(to, as_json=args.json)


def _show(to: Client, *, as_json: bool) -> int:
    mend_sessions(to)
    folder = session_folder(to.project, to.state.plan, to.run)
    files = sorted(file.name for file in folder.glob("*.json"))
    kept = [one.name for one in backups(to.project) if one.run == to.run]
    lines = [f"state     {to.project.home}", f"sessions  {folder}"]
    lines += [f"  {name}" for name in files] or ["  none yet"]
    lines += [f"backups of run {to.run}: {len(kept)}", *(f"  {name}" for name in kept)]
    data = {
        "run": to.run,
        "state": str(to.project.home),
        "sessions": str(folder),
        "files": files,
        "backups": kept,
    }
    say("\n".join(map(clean, lines)), data, as_json=as_json)
    return 0


def _check(to: Client, *, as_json: bool) -> int:
    found = disagreements(to)
    words = "\n".join(map(clean, found)) or f"run {to.run}: journal, log, session files and git agree"
    say(words, {"run": to.run, "ok": not found, "problems": found}, as_json=as_json)
    return 1 if found else 0


def _backup(to: Client, name: str, *, as_json: bool) -> int:
    if name and not name.replace("-", "").replace("_", "").isalnum():
        raise UsageError(f"{name!r} cannot be a backup's name", "use letters, digits, - and _")
    name = name or f"{to.cursor:06}-by-hand"
    mend_sessions(to)
    made = back_up(to.project, to.run, session_folder(to.project, to.state.plan, to.run), name, time.time())
    words = f"backup {made.name}: {len(made.files)} files; put back with: wavetree state restore {made.name}"
    say(words, {"run": to.run, "backup": made.name, "files": list(made.files)}, as_json=as_json)
    return 0


def _restore(to: Client, name: str, *, as_json: bool) -> int:
    if not name:
        raise UsageError("name the backup", "wavetree state")
    files = [str(file) for file in restore(to.project, to.run, name)]
    say("\n".join(["put back:", *(f"  {clean(file)}" for file in files)]), {"files": files}, as_json=as_json)
    return 0
