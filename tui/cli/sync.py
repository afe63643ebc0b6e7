"""`wavetree sync`: the sync points of a run, and what is done about a missed one (M153, M154)."""

from __future__ import annotations

import argparse

from engine import ChooseProcedure, Client, PointState, UsageError, arrived, clean, expected, wanted
from tui.cli.target import add_json, add_run, by, client, examples, say, send


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", nargs="?", choices=("show", "choose"), default="show")
    parser.add_argument("point", nargs="?", default="", metavar="POINT", help="a sync point's name or id")
    parser.add_argument("procedure", nargs="?", default="", metavar="PROCEDURE", help="what is done about it")
    add_run(parser)
    add_json(parser)
    examples(
        parser,
        "wavetree sync",
        "wavetree approve 'API Contract Validation'",
        "wavetree sync choose 'API Contract Validation' 'Design iteration'",
    )


def run(args: argparse.Namespace) -> int:
    to = client(args.run)
    if args.what == "choose":
        if not (args.point and args.procedure):
            raise UsageError("name the sync point and the procedure", "wavetree sync choose POINT PROCEDURE")
        return send(to, ChooseProcedure(args.point, args.procedure, by()), as_json=args.json)
    rows: list[object] = [_row(to, point) for point in to.state.points]
    lines = [line for point in to.state.points for line in _lines(to, point)]
    say("\n".join(lines) or "the plan has no sync points", rows, as_json=args.json)
    return 0


def _row(to: Client, point: PointState) -> dict[str, object]:
    return {
        "id": point.id,
        "name": point.name,
        "state": _word(to, point),
        "participants": list(point.tasks),
        "arrived": list(arrived(to.state, point)),
        "triggers": list(point.triggers),
        "share": point.share or None,
        "seconds": point.lasts or None,
        "criteria": list(point.criteria),
        "approved": point.approved or None,
        "procedures": list(point.procedures),
        "chosen": point.chosen or None,
    }


def _word(to: Client, point: PointState) -> str:
    if point.passed:
        return "passed"
    if point.missed:
        return "missed"
    return "waiting" if arrived(to.state, point) else "ahead"


def _lines(to: Client, point: PointState) -> list[str]:
    lines = [f"{point.name}: {_word(to, point)}"]
    if here := arrived(to.state, point):
        lines.append(f"  arrived    {', '.join(here)}")
        if others := expected(to.state, point):
            lines.append(f"  missing    {', '.join(others)}")
    lines += [f"  criterion  {text}" for text in point.criteria]
    if here and not point.passed and (point.missed or wanted(to.state, point)):
        lines.append(f"  approve    wavetree approve '{point.name}'")
    if point.missed and not point.passed:
        lines += [f"  procedure  {'* ' if one == point.chosen else ''}{one}" for one in point.procedures]
    return [clean(line, 400) for line in lines]
