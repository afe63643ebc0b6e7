"""`wavetree compare`: two runs beside each other."""

from __future__ import annotations

import argparse

from engine import RunRow, compared, report_of
from tui.cli.target import add_json, client, examples, say
from tui.panes.history import row_texts


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("first", metavar="RUN")
    parser.add_argument("second", metavar="RUN")
    add_json(parser)
    examples(parser, "wavetree compare r3 r4")


def run(args: argparse.Namespace) -> int:
    rows = compared(report_of(client(args.first)), report_of(client(args.second)))
    lines = [f"{'':<32}{args.first:>12}{args.second:>12}{'change':>12}", *map(_line, rows)]
    data = [{"name": row.name, "first": row.first, "second": row.second, "unit": row.unit} for row in rows]
    say("\n".join(lines), list(data), as_json=args.json)
    return 0


def _line(row: RunRow) -> str:
    first, second, change = row_texts(row)
    return f"{row.name:<32}{first:>12}{second:>12}{change:>12}".rstrip()
