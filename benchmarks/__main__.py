"""`python -m benchmarks [NAME...] [--json] [--quick]`: runs them one after the other and prints one table."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table

from benchmarks.measuring import Row

BENCHMARKS = (
    "engine_step",
    "replay",
    "dispatch",
    "scheduling",
    "planning",
    "conflicts",
    "alerts",
    "merging",
    "startup",
    "screen",
    "soak",
    "whole_run",
)
WIDTH = 132
"""Columns of the table where there is no terminal to ask."""
SLOW_DISK = 300.0
"""Microseconds for making a file from which on the disk, not the program, is what a whole run measures."""


def main(argv: Sequence[str] | None = None) -> int:
    """0, also when an aim was missed: figures depend on the machine. 2 for a name that is no benchmark."""
    parser = argparse.ArgumentParser(
        prog="benchmarks",
        description="Speed against what a person would otherwise use; ratios of one run, medians of times.",
        epilog="Repositories are made in the temporary folder; elsewhere: TMPDIR=/dev/shm make bench",
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(BENCHMARKS)}; default: all")
    parser.add_argument("--json", action="store_true", help="print data instead of a table")
    parser.add_argument("--quick", action="store_true", help="smaller sizes and fewer rounds")
    args = parser.parse_args(argv)
    if unknown := sorted(set(args.names) - set(BENCHMARKS)):
        parser.error(f"no benchmark {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}")
    rows: list[Row] = []
    for name in args.names or BENCHMARKS:
        sys.stderr.write(f"{name} …\n")
        rows += import_module(f"benchmarks.{name}").run(args.quick)
    if args.json:
        sys.stdout.write(
            json.dumps({"machine": machine(), "rows": msgspec.to_builtins(rows)}, indent=1) + "\n"
        )
    else:
        show(rows)
    return 0


def machine() -> dict[str, float]:
    """What the figures depend on: cores, load, microseconds for making a small file, milliseconds until a
    write is on the disk."""
    return {
        "cores": os.cpu_count() or 1,
        "load": round(os.getloadavg()[0], 2),
        "file_us": round(file_cost(), 1),
        "sync_ms": round(sync_cost(), 2),
    }


def file_cost(count: int = 500) -> float:
    """Microseconds for making a file in the temporary folder."""
    with tempfile.TemporaryDirectory(prefix="wavetree-bench-") as folder:
        begun = time.perf_counter()
        for number in range(count):
            Path(folder, f"{number}").write_text("x")
        return (time.perf_counter() - begun) / count * 1e6


def sync_cost(count: int = 30) -> float:
    """Milliseconds for getting a small write onto the disk of the temporary folder."""
    with tempfile.TemporaryFile(prefix="wavetree-bench-") as file:
        begun = time.perf_counter()
        for _ in range(count):
            file.write(b"x" * 400)
            file.flush()
            os.fsync(file.fileno())
        return (time.perf_counter() - begun) / count * 1e3


def show(rows: Sequence[Row]) -> None:
    """Print the table, and below it what the figures depend on."""
    here = machine()
    costs = f"making a file {here['file_us']:g} µs, getting it onto the disk {here['sync_ms']:g} ms"
    advice = "\nThe disk dominates a whole run; try TMPDIR=/dev/shm." if here["file_us"] > SLOW_DISK else ""
    table = Table(
        caption=f"{here['cores']:g} cores, load {here['load']:g}, {costs}{advice}", caption_justify="left"
    )
    for heading in ("benchmark", "what"):
        table.add_column(heading)
    for heading in ("measured", "ratio", "aim"):
        table.add_column(heading, justify="right", no_wrap=True)
    before = ""
    for row in rows:
        if row.name != before and before:
            table.add_section()
        ratio = f"{row.ratio:.2f}x {row.against}" if row.ratio is not None else ""
        table.add_row("" if row.name == before else row.name, row.what, value(row), ratio, aim(row))
        before = row.name
    Console(markup=False, width=None if sys.stdout.isatty() else WIDTH).print(table)


def value(row: Row) -> str:
    """The figure with its unit, to three digits."""
    if row.note:
        return row.note
    digits = 0 if row.value >= 100 else 1 if row.value >= 10 else 2 if row.value >= 1 else 3
    return f"{row.value:,.{digits}f} {row.unit}"


def aim(row: Row) -> str:
    """What was aimed at, and whether it was reached."""
    if row.met is None:
        return row.aim
    return f"{row.aim} {'✓' if row.met else '✗ missed'}"


if __name__ == "__main__":
    sys.exit(main())
