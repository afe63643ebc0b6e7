"""`wavetree bench`: the demo's plan one task after the other and side by side, by the same engine (M227)."""

from __future__ import annotations

import argparse
import sys
from typing import NamedTuple

from rich.console import RenderableType

from engine import UsageError
from tui.cli.printing import show, table
from tui.cli.target import add_json, examples, say
from tui.proof import Proof, demo, proved

OVERHEAD = 2.0
"""Seconds that the engine may add to a task."""


class Case(NamedTuple):
    """A part of the demo's plan, and what percent of time its slots should save; 0: nothing is aimed at."""

    what: str
    independent: int
    slots: int
    aim: float


CASES = (
    Case("2 independent tasks", 2, 2, 40.0),
    Case("3 independent tasks", 3, 3, 55.0),
    Case("the whole demo plan", 0, 3, 0.0),
)


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--seconds", type=float, default=4.0, metavar="S", help="how long each agent works; default: 4"
    )
    add_json(parser)
    examples(parser, "wavetree bench", "wavetree bench --seconds 10 --json")


def run(args: argparse.Namespace) -> int:
    """0 when both runs of each case ended the same; 1 when not. Times depend on the machine, so an aim that
    was missed is only said."""
    if not 0.1 <= args.seconds <= 3600:
        raise UsageError(f"an agent cannot work for {args.seconds:g} seconds", "accepted: 0.1 to 3600")
    found: list[tuple[Case, Proof]] = []
    for case in CASES:
        sys.stderr.write(f"{case.what}, one slot and {case.slots} …\n")
        found.append((case, proved(case.what, demo(args.seconds, case.independent), case.slots)))
    if args.json:
        say("", {"seconds": args.seconds, "rows": [_data(*each) for each in found]}, as_json=True)
    else:
        show([_table(found)])
    return 0 if all(proof.same for _, proof in found) else 1


def _table(found: list[tuple[Case, Proof]]) -> RenderableType:
    columns = ("plan", "#one slot", "#slots", "#side by side", "#saved", "aim", "#engine a task", "results")
    return table(columns, (_row(*each) for each in found))


def _row(case: Case, proof: Proof) -> tuple[str, ...]:
    aim = f"{_mark(met)} ≥ {case.aim:g}%" if (met := _met(case, proof)) is not None else ""
    return (
        case.what,
        f"{proof.one.wall:.1f} s",
        str(proof.slots),
        f"{proof.many.wall:.1f} s",
        f"{proof.saved:.0f}%",
        aim,
        f"{_mark(proof.one.overhead < OVERHEAD)} {proof.one.overhead:.2f} s",
        "the same" if proof.same else "DIFFERENT",
    )


def _met(case: Case, proof: Proof) -> bool | None:
    return proof.saved >= case.aim if case.aim else None


def _mark(met: bool) -> str:
    return "✓" if met else "✗"


def _data(case: Case, proof: Proof) -> dict[str, object]:
    return {
        "plan": case.what,
        "tasks": proof.tasks,
        "slots": proof.slots,
        "sequential_seconds": round(proof.one.wall, 3),
        "parallel_seconds": round(proof.many.wall, 3),
        "together": [proof.one.together, proof.many.together],
        "time_savings": round(proof.saved, 1),
        "target": case.aim or None,
        "met": _met(case, proof),
        "overhead_seconds": round(proof.one.overhead, 3),
        "overhead_target": OVERHEAD,
        "same_results": proof.same,
    }
