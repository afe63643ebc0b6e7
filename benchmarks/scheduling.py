"""How short the schedules of the search are: on its own random problems, or on a folder of PSPLIB's.

`python -m benchmarks.scheduling --instances DIR [--reference FILE] --schedules N`: PSPLIB (Kolisch and
Sprecher 1996) is the field's yardstick; its single-mode sets are j30, j60, j90 and j120.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean
from time import process_time

from msgspec import Struct, to_builtins

if not __package__:
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.measuring import Row
from benchmarks.projects import Instance, UnreadableError, random_project, read_instance, read_reference
from engine.core.scheduling import Schedule, solve

NAME = "scheduling"


def run(quick: bool) -> list[Row]:
    """Random projects of 30, 60 and 120 jobs."""
    return [row for jobs in (30, 60, 120) for row in measure(jobs, projects=4 if quick else 40)]


def measure(jobs: int, projects: int, schedules: int = 300) -> list[Row]:
    """The search against the dispatch by latest finish time: mean length over the critical path, and
    milliseconds. Complexity, resource factor and strength vary as in PSPLIB."""
    took = {1: 0.0, schedules: 0.0}
    lengths: dict[int, list[float]] = {1: [], schedules: []}
    for seed in range(projects):
        problem = random_project(jobs, seed)
        path = critical_path(problem.durations, problem.predecessors)
        for effort in took:
            begun = process_time()
            lengths[effort].append(solve(problem, effort).makespan / path)
            took[effort] += (process_time() - begun) / projects * 1e3
    dispatch, search = fmean(lengths[1]), fmean(lengths[schedules])
    shorter, much = search / dispatch, f"{jobs} jobs, {schedules} schedules"
    return [
        Row(NAME, f"{jobs} jobs, dispatched", dispatch, "critical paths"),
        Row(NAME, much, search, "critical paths", "dispatch", shorter, "not longer", shorter <= 1),
        Row(NAME, f"{much}, CPU", took[schedules], "ms", "dispatch", took[schedules] / took[1]),
    ]


def critical_path(durations: Sequence[float], predecessors: Sequence[Sequence[int]]) -> float:
    """The longest path, of jobs numbered so that each comes after its predecessors."""
    ends: list[float] = []
    for takes, before in zip(durations, predecessors, strict=True):
        ends.append(takes + max([ends[other] for other in before], default=0))
    return max(ends, default=0)


class Summary(Struct, frozen=True):
    """Means over a set, in percent and milliseconds of CPU; None where there was nothing to compare with."""

    instances: int
    schedules: int
    seed: int
    above_critical_path: float
    above_reference: float | None
    at_reference: float | None
    proven: float
    cpu_ms: float
    below_reference: tuple[str, ...]
    """Instances with a schedule shorter than the reference: a mistake somewhere, or a new record."""


class Solved(Struct, frozen=True):
    """One instance with its schedule and the seconds of CPU that this took."""

    instance: Instance
    schedule: Schedule
    seconds: float


def solved(instance: Instance, schedules: int, seed: int) -> Solved:
    """Without a limit of `placements`: the literature counts whole schedules only."""
    begun = process_time()
    schedule = solve(instance.problem, schedules, placements=None, seed=seed)
    return Solved(instance, schedule, process_time() - begun)


def summary(found: Sequence[Solved], reference: dict[str, int], schedules: int, seed: int) -> Summary:
    """Raises UnreadableError when the reference lacks an instance."""
    above: list[float] = []
    below: list[str] = []
    for one in found if reference else ():
        name = one.instance.name
        if name not in reference:
            raise UnreadableError(f"the reference has no line for {name}")
        above.append(one.schedule.makespan / reference[name] - 1)
        if above[-1] < 0:
            below.append(name)
    return Summary(
        instances=len(found),
        schedules=schedules,
        seed=seed,
        above_critical_path=100 * fmean(one.schedule.makespan / path_of(one.instance) - 1 for one in found),
        above_reference=100 * fmean(above) if above else None,
        at_reference=100 * fmean(value == 0 for value in above) if above else None,
        proven=100 * fmean(one.schedule.proven for one in found),
        cpu_ms=1e3 * fmean(one.seconds for one in found),
        below_reference=tuple(below),
    )


def path_of(instance: Instance) -> float:
    """The critical path of an instance. Raises UnreadableError when nothing in it takes time."""
    path = critical_path(instance.problem.durations, instance.problem.predecessors)
    if not path:
        raise UnreadableError(f"{instance.name} has no job that takes time")
    return path


def main(argv: Sequence[str] | None = None) -> int:
    """0 when the set was solved, 1 with a word when something could not be read."""
    parser = argparse.ArgumentParser(prog="benchmarks.scheduling", description=__doc__.splitlines()[0])
    parser.add_argument("--instances", type=Path, required=True, metavar="DIR", help="folder of .sm files")
    parser.add_argument("--reference", type=Path, metavar="FILE", help="best known makespans of the set")
    parser.add_argument("--schedules", type=int, default=1000, metavar="N", help="schedules an instance")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the start of every job as JSON")
    parser.add_argument("--json", action="store_true", help="print data instead of words")
    args = parser.parse_args(argv)
    if args.schedules < 1:
        parser.error("--schedules: at least one")
    try:
        reference = read_reference(args.reference) if args.reference else {}
        found = [solved(one, args.schedules, args.seed) for one in instances(args.instances)]
        report = summary(found, reference, args.schedules, args.seed)
    except (UnreadableError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    if args.out:
        args.out.write_text(json.dumps(starts(found), indent=1) + "\n")
    print(json.dumps(to_builtins(report), indent=1) if args.json else words(report))
    return 0


def instances(folder: Path) -> list[Instance]:
    """All .sm files of a folder, in the order of their numbers. Raises UnreadableError without any."""
    paths = sorted(
        folder.glob("*.sm"), key=lambda path: [int(part) for part in re.findall(r"\d+", path.name)]
    )
    if not paths:
        raise UnreadableError(f"{folder}: no .sm file")
    return [read_instance(path) for path in paths]


def starts(found: Sequence[Solved]) -> dict[str, dict[str, int]]:
    """Of each instance the start of each job by its number, source and sink included."""
    return {
        one.instance.name: {str(job): int(start) for job, start in enumerate(one.schedule.starts, start=1)}
        for one in found
    }


def words(report: Summary) -> str:
    """The summary for people."""
    lines = [
        f"{report.instances} instances, {report.schedules:,} schedules, seed {report.seed}",
        f"above the critical path  {report.above_critical_path:8.3f} %",
    ]
    if report.above_reference is not None and report.at_reference is not None:
        lines += [
            f"above the reference      {report.above_reference:8.3f} %",
            f"at the reference         {report.at_reference:8.1f} % of instances",
        ]
    lines += [
        f"proven shortest          {report.proven:8.1f} % of instances",
        f"CPU an instance          {report.cpu_ms:8.1f} ms",
    ]
    if report.below_reference:
        lines.append(
            f"BELOW THE REFERENCE: {len(report.below_reference)}: {', '.join(report.below_reference)}"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
