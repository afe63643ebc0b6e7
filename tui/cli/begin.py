"""`wavetree tui`, and `wavetree` alone on a terminal: the choice of work, or the run that goes on."""

from __future__ import annotations

import argparse
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from tui.cli.guard import as_data
from tui.cli.show import need_terminal, open_screen, say_left
from tui.cli.target import add_json, examples, say

if TYPE_CHECKING:
    from engine import PlanFile
    from tui.work import Looked


def add(parser: argparse.ArgumentParser) -> None:
    add_json(parser)
    examples(parser, "wavetree", "wavetree tui", "wavetree tui --json")
    parser.epilog = f"{parser.epilog}\n\n--json opens no screen; it prints what there is to choose from."


def run(args: argparse.Namespace) -> int:
    bench = import_module("tui.work").Workbench(Path.cwd())
    if args.json:
        say("", _offered(bench.name, bench.look()), as_json=True)
        return 0
    need_terminal()
    if client := bench.running():
        return open_screen(client)
    try:
        followed = import_module("tui.app").choose(bench)
        return say_left(followed) if followed is not None else 0
    finally:
        if words := bench.tidy():
            print(words)


def _offered(name: str, looked: Looked) -> dict[str, object]:
    return {
        "repository": name,
        "trouble": looked.trouble,
        "files": [_file(file) for file in looked.search.files],
        "cut": looked.search.cut,
        "runs": list(looked.runs),
    }


def _file(file: PlanFile) -> dict[str, object]:
    return {
        "file": str(file.path),
        "kind": file.kind,
        "tasks": file.tasks,
        "open": file.open,
        "errors": [as_data(fault) for fault in file.found.errors],
        "warnings": [as_data(fault) for fault in file.found.warnings],
    }
