"""`wavetree worktrees`: what runs left on disk, and its removal when nothing of value would go."""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path

from engine import UsageError, clean, find_project, leftovers, sweep
from tui.cli.target import add_json, examples, say


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", nargs="?", default="list", choices=["list", "clean"])
    parser.add_argument("--force", action="store_true", help="with clean: also those with unmerged work")
    parser.add_argument("--yes", action="store_true", help="with --force: do not ask")
    add_json(parser)
    examples(parser, "wavetree worktrees", "wavetree worktrees clean")


def run(args: argparse.Namespace) -> int:
    project = find_project(Path.cwd())
    found = leftovers(project)
    if args.what == "list":
        rows: list[object] = [
            {
                "path": str(place.path),
                "branch": place.branch,
                "commit": place.head,
                "task": place.task,
                "run": place.run,
                "state": place.state,
            }
            for place in found
        ]
        lines = [f"Active Worktrees: {sum(place.live for place in found)}"]
        lines += [
            f"{clean(str(place.path))}  {place.head[:7]} [{clean(place.branch)}]  "
            f"{place.run} {place.task}: {clean(place.state)}"
            for place in found
        ]
        say("\n".join(lines), rows, as_json=args.json)
        return 0
    if args.force and not args.yes:
        _ask(len(found))
    done = asyncio.run(sweep(project, found, force=args.force))
    said = [f"kept {path}: {why}" if why else f"removed {path}" for path, why in done]
    if args.force and not all(why for _, why in done):
        said.append("what was not merged is kept: git for-each-ref refs/wavetree/rescue")
    data: list[object] = [{"path": str(path), "removed": not why, "reason": why} for path, why in done]
    say("\n".join(map(clean, said)) or "nothing to remove", data, as_json=args.json)
    return 0


def _ask(count: int) -> None:
    try:
        answer = input(f"remove {count} worktrees even where work in them is not merged? [y/N] ")
    except EOFError:
        answer = ""
    if answer.strip().lower() not in ("y", "yes"):
        raise UsageError("nothing was removed", "wavetree worktrees clean --force --yes")
