"""What a benchmark reports, and how contenders are timed: alternately, in one run, medians of rounds."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median

from msgspec import Struct

Contender = Callable[[], float]
"""Does the work once and returns how long it took, in seconds."""


class Row(Struct, frozen=True):
    """One line of the table. `ratio` compares with `against`, in the same run; below 1 is better. `aim` is
    what is hoped for in words, and `met` whether it was reached; None where nothing is aimed at."""

    name: str
    what: str
    value: float
    unit: str
    against: str = ""
    ratio: float | None = None
    aim: str = ""
    met: bool | None = None
    note: str = ""


def alternate(contenders: Mapping[str, Contender], rounds: int) -> dict[str, float]:
    """The median of each contender's times. Every round lets each have a go, the next round in the
    opposite order, so that a machine that gets busier or warmer favours none."""
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for number in range(rounds):
        order = list(contenders) if number % 2 == 0 else list(contenders)[::-1]
        for name in order:
            times[name].append(contenders[name]())
    return {name: median(found) for name, found in times.items()}


def timed(argv: Sequence[str], cwd: Path | None = None) -> float:
    """Seconds that a command took. Raises RuntimeError with its words when it fails."""
    begun = time.perf_counter()
    done = subprocess.run(argv, cwd=cwd, capture_output=True, text=True)
    seconds = time.perf_counter() - begun
    if done.returncode:
        raise RuntimeError(f"{argv[0]} ended with {done.returncode}: {(done.stderr or done.stdout)[-2000:]}")
    return seconds


def percentile(values: Sequence[float], percent: float) -> float:
    """The value below which `percent` of the values lie; 0.0 of none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))] if ordered else 0.0
