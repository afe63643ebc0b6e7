"""Projects to schedule: PSPLIB's single-mode files and reference makespans, and random ones like them."""

from __future__ import annotations

import re
from pathlib import Path
from random import Random

from msgspec import Struct

from engine.core.scheduling import Problem


class UnreadableError(Exception):
    """A file is not what this reader knows; says which and why."""


class Instance(Struct, frozen=True):
    """A problem of a set, job 0 its source and the last one its sink; `name` as the file, without .sm."""

    name: str
    problem: Problem


class _Lines:
    """The lines of a file between its rulers, with the file's name for complaints."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._lines = path.read_text().splitlines()
        except UnicodeDecodeError:
            raise self.wrong("it is not text") from None

    def wrong(self, why: str) -> UnreadableError:
        return UnreadableError(f"{self.path}: {why}")

    def number(self, words: str) -> int:
        """The first number behind `words :`."""
        for line in self._lines:
            if match := re.match(rf"\s*(?:-\s*)?{re.escape(words)}.*?:\s*(\d+)", line):
                return int(match[1])
        raise self.wrong(f"no line '{words}'")

    def table(self, title: str) -> list[list[int]]:
        """The rows of numbers below a title, up to the next ruler of stars."""
        titles = [place for place, line in enumerate(self._lines) if line.strip().startswith(title)]
        if not titles:
            raise self.wrong(f"no table '{title}'")
        rows: list[list[int]] = []
        for line in self._lines[titles[0] + 1 :]:
            if line.startswith("***"):
                break
            fields = line.split()
            if fields and all(field.isdigit() for field in fields):
                rows.append([int(field) for field in fields])
            elif rows and fields:
                raise self.wrong(f"'{line.strip()}' is no row of '{title}'")
        return rows


def read_instance(path: Path) -> Instance:
    """One .sm file: renewable resources, one mode a job. Raises UnreadableError."""
    lines = _Lines(path)
    count, resources = lines.number("jobs"), lines.number("renewable")
    if lines.number("nonrenewable") or lines.number("doubly constrained"):
        raise lines.wrong("only renewable resources are understood")
    before: list[list[int]] = [[] for _ in range(count)]
    edges = lines.table("PRECEDENCE RELATIONS")
    requests = lines.table("REQUESTS/DURATIONS")
    for title, rows in (("PRECEDENCE RELATIONS", edges), ("REQUESTS/DURATIONS", requests)):
        if [row[0] for row in rows] != list(range(1, count + 1)):
            raise lines.wrong(f"'{title}' does not have jobs 1 to {count} in this order, one mode each")
    for row in edges:
        job, *counts = row[:3]
        after = row[3:]
        if counts != [1, len(after)] or not all(1 <= other <= count for other in after):
            raise lines.wrong(f"successors of job {job} are not understood")
        for other in after:
            before[other - 1].append(job - 1)
    if any(len(row) != 3 + resources for row in requests):
        raise lines.wrong(f"'REQUESTS/DURATIONS' does not have {resources} resources in every row")
    capacities = lines.table("RESOURCEAVAILABILITIES")
    if len(capacities) != 1 or len(capacities[0]) != resources:
        raise lines.wrong(f"'RESOURCEAVAILABILITIES' does not have {resources} numbers")
    demands = [{kind: amount for kind, amount in enumerate(row[3:]) if amount} for row in requests]
    try:
        problem = Problem([row[2] for row in requests], before, demands, capacities[0])
    except ValueError as error:
        raise lines.wrong(str(error)) from error
    return Instance(path.name.removesuffix(".sm"), problem)


def read_reference(path: Path) -> dict[str, int]:
    """The smallest makespan of each instance by its name. Raises UnreadableError.

    Rows are `parameter instance makespan ...`; the set, which the rows do not name, is the file's name up
    to `opt` or `hrs`."""
    name = re.match(r"(.+?)(opt|hrs|lb)?\.sm$", path.name)
    if not name:
        raise UnreadableError(f"{path}: not named like j30opt.sm or j60hrs.sm")
    found: dict[str, int] = {}
    for line in path.read_text(errors="replace").splitlines():
        if match := re.match(r"\s*(\d+)\s+(\d+)\s+(\d+)\b", line):
            instance = f"{name[1]}{match[1]}_{match[2]}"
            found[instance] = min(int(match[3]), found.get(instance, int(match[3])))
    if not found:
        raise UnreadableError(f"{path}: no row 'parameter instance makespan'")
    return found


COMPLEXITY = (1.5, 1.8, 2.1)
"""Edges a job."""
FACTOR = (0.25, 0.5, 0.75, 1.0)
"""Share of the resources that a job uses."""
STRENGTH = (0.2, 0.5, 0.7)
"""Where capacities lie between the least possible (0) and what the earliest starts would use (1)."""
RESOURCES = 4


def random_project(jobs: int, seed: int) -> Problem:
    """A project in the manner of Kolisch, Sprecher and Drexl (1995), whose parameters vary with the seed.
    Jobs are numbered so that each comes after its predecessors."""
    chance = Random(seed)
    complexity, factor, strength = map(chance.choice, (COMPLEXITY, FACTOR, STRENGTH))
    durations = [chance.randint(1, 10) for _ in range(jobs)]
    before: list[set[int]] = [set() for _ in range(jobs)]
    for job in range(3, jobs):
        before[job].add(chance.randrange(max(0, job - jobs // 4), job))
    # jobs are near their predecessors, as in a network that has a width of a few jobs
    while sum(map(len, before)) < complexity * (jobs - 3):
        job = chance.randrange(3, jobs)
        before[job].add(chance.randrange(max(0, job - jobs // 4), job))
    demands: list[dict[int, int]] = []
    for _ in range(jobs):
        kinds = chance.sample(range(RESOURCES), max(1, round(factor * RESOURCES)))
        demands.append({kind: chance.randint(1, 10) for kind in kinds})
    capacities = [_capacity(durations, before, demands, kind, strength) for kind in range(RESOURCES)]
    return Problem(durations, [sorted(others) for others in before], demands, capacities)


def _capacity(
    durations: list[int], before: list[set[int]], demands: list[dict[int, int]], kind: int, strength: float
) -> int:
    """Between the largest single demand and the peak of use when every job starts as early as it can."""
    starts: list[int] = []
    for others in before:
        starts.append(max([starts[other] + durations[other] for other in others], default=0))
    peak = max(
        sum(
            demands[job].get(kind, 0)
            for job, start in enumerate(starts)
            if start <= moment < start + durations[job]
        )
        for moment in starts
    )
    least = max(demand.get(kind, 0) for demand in demands)
    return least + round(strength * (peak - least))
