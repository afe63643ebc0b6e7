"""`wavetree compare`: two runs beside each other."""

from __future__ import annotations

import argparse

from engine import RunRow, compared, report_of, show_duration
from tui.cli.target import add_json, client, examples, say


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
    change = ""
    if row.first is not None and row.second is not None:
        change = _shown(row.second - row.first, row.unit, True)
    first, second = (_shown(value, row.unit) for value in (row.first, row.second))
    return f"{row.name:<32}{first:>12}{second:>12}{change:>12}".rstrip()


def _shown(value: float | None, unit: str, signed: bool = False) -> str:
    if value is None:
        return "n/a"
    sign = "+" if signed and value > 0 else "-" if signed and value < 0 else ""
    number = abs(value) if signed else value
    if unit == "s":
        return f"{sign}{show_duration(number)}"
    return f"{sign}{number:.1f} %" if unit else f"{sign}{number:g}"
