"""Runs of a repository as they were: one run's report, two compared, and what counts of all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

from msgspec import Struct

from engine.client import Client
from engine.core.errors import WavetreeError
from engine.core.record.chronicle import Chronicle, chronicle
from engine.core.record.foretold import Score, pairs, score, summed
from engine.core.record.looking_back import Review, look_back
from engine.core.record.metrics import Metric, Outcome, Sample, metrics
from engine.core.record.pace import pace
from engine.core.record.periods import Counted
from engine.core.results import batch_result
from engine.core.state import Phase, RunPhase, State
from engine.core.strategy import watches
from engine.edge.context_uses import read_uses
from engine.edge.notes import read_notes
from engine.edge.runs import LOAD, Project
from engine.exporters.run_report import Report


def report_of(client: Client) -> Report:
    """The report of a run, from its journal and what was measured meanwhile."""
    told = chronicle(client.history())
    past = outcomes(client.project, client.run)
    measures = watches(client.state.plan, "performance_metrics")
    found = metrics(told, samples(client.folder), past) if measures else ()
    batch = batch_result(client.state, client.timeline)
    contexts = tuple(read_uses(client.folder))
    return Report(batch, told, client.timeline, found, read_notes(client.folder), contexts)


def measured(client: Client, name: str) -> float | None:
    """The percent that the run's report tells under the metric's name, such as `time_savings`; None when it
    cannot be told. For metrics of the run itself, not of the machine or of earlier runs."""
    return _measured(chronicle(client.history()), name)


def _measured(told: Chronicle, name: str) -> float | None:
    return next(metric.value for metric in metrics(told) if metric.name == name)


def counted(client: Client) -> Counted:
    """What counts of a run in a sum of many."""
    told = chronicle(client.history())
    phases = [task.phase for task in told.state.tasks.values()]
    return Counted(
        datetime.fromtimestamp(client.timeline.created).date(),  # a person's own calendar
        told.state.phase is RunPhase.DONE,
        phases.count(Phase.MERGED),
        phases.count(Phase.FAILED),
        sum(record.grave for record in told.state.conflicts.values()),
        told.wall(),
        _measured(told, "time_savings"),
        score(pairs(told)),
    )


def samples(folder: Path) -> tuple[Sample, ...]:
    """The machine's load as the run's engine wrote it down; what is no line of it is passed over."""
    found = []
    place = folder / LOAD
    for line in place.read_text(errors="replace").splitlines() if place.exists() else ():
        try:
            found.append(Sample(*map(float, line.split())))
        except (TypeError, ValueError):
            continue
    return tuple(found)


def outcomes(project: Project, upto: str) -> tuple[Outcome, ...]:
    """What counts of each run up to this one; damaged ones do not."""
    found = []
    for name in project.runs():
        try:
            client = Client(project, name)
        except WavetreeError:
            continue
        found.append(Outcome(fell_back(client.state), client.state.phase is RunPhase.DONE))
        client.close()
        if name == upto:
            break
    return tuple(found)


LAST = 20
"""So many of the last runs are looked back at."""


def track(project: Project) -> Score:
    """How good the forecasts of the last runs were."""
    return summed(score(pairs(told)) for told in _over(project))


def review(project: Project) -> Review:
    """What repeats over the last runs."""
    return look_back(list(_over(project)))


def _over(project: Project) -> Iterator[Chronicle]:
    """The last runs that are over; damaged ones do not count."""
    found = 0
    for name in reversed(project.runs()):
        try:
            client = Client(project, name)
        except WavetreeError:
            continue
        if client.state.ended:
            found += 1
            yield chronicle(client.history())
        client.close()
        if found == LAST:
            return


def fell_back(state: State) -> bool:
    """Whether a wave of the run was made sequential while it went on (M180)."""
    return any(order.wave for order in state.orders)


class PastRun(Struct, frozen=True):
    """A run in a list; `started` in seconds since the epoch. A damaged one has no numbers."""

    run: str
    plan: str
    state: str
    started: float
    tasks: int
    merged: int
    failed: int


class Archive:
    """The runs of one repository, for who looks back."""

    def __init__(self, project: Project) -> None:
        self._project = project

    def runs(self) -> list[PastRun]:
        """All of them, the newest first."""
        return [self.row(name) for name in reversed(self._project.runs())]

    def row(self, name: str) -> PastRun:
        """That run, in a line; one whose journal cannot be read is `damaged`."""
        try:
            client = Client(self._project, name)
        except WavetreeError:
            return PastRun(name, "", "damaged", 0.0, 0, 0, 0)
        state = client.state
        gone = not state.ended and not client.engine_alive
        phases = [task.phase for task in state.tasks.values()]
        row = PastRun(
            name,
            state.plan.name,
            "interrupted" if gone else state.phase.value,
            client.timeline.created,
            len(phases),
            phases.count(Phase.MERGED),
            phases.count(Phase.FAILED),
        )
        client.close()
        return row

    def open(self, run: str) -> Client:
        """A client of that run, to look around in it. Raises UsageError or JournalError."""
        return Client(self._project, run)

    def report(self, run: str) -> Report:
        """One run's report. Raises UsageError or JournalError."""
        client = Client(self._project, run)
        try:
            return report_of(client)
        finally:
            client.close()


class Row(Struct, frozen=True):
    """One number of two runs; None where it cannot be told."""

    name: str
    first: float | None
    second: float | None
    unit: str = ""


def compared(one: Report, two: Report) -> tuple[Row, ...]:
    """Two runs beside each other: what was done, what it took, what stood idle, each metric."""
    numbers: list[tuple[str, Callable[[Report], float], str]] = [
        ("tasks merged", lambda run: float(run.batch["done"]), ""),
        ("tasks failed", lambda run: float(run.batch["monitoring_result"]["failed"]), ""),
        ("conflicts", lambda run: float(sum(c.grave for c in run.state.conflicts.values())), ""),
        ("wall time", lambda run: run.told.wall(), "s"),
        ("waited for a person", lambda run: run.told.waited(), "s"),
        ("idle at wave barriers", lambda run: idle(run.told), "s"),
    ]
    rows = [Row(name, number(one), number(two), unit) for name, number, unit in numbers]
    known: dict[str, Metric] = {metric.name: metric for metric in two.metrics}
    scores = score(pairs(one.told)), score(pairs(two.told))
    rows += [
        Row("forecast precision", scores[0].precision, scores[1].precision, "%"),
        Row("forecast recall", scores[0].recall, scores[1].recall, "%"),
    ]
    fast = pace(one.told), pace(two.told)
    rows += [
        Row("tasks per day", fast[0].tasks_per_day, fast[1].tasks_per_day),
        Row("points per day", fast[0].points_per_day, fast[1].points_per_day),
    ]
    rows += [Row(metric.name, metric.value, known[metric.name].value, "%") for metric in one.metrics]
    return tuple(rows)


def idle(told: Chronicle) -> float:
    """Seconds that finished tasks waited for the rest of their wave, in sum: the price of wave barriers."""
    last: dict[int, float] = {}
    for attempt in told.attempts:
        if attempt.ended:
            wave = told.state.tasks[attempt.task].wave
            last[wave] = max(last.get(wave, 0.0), attempt.ended)
    return sum(last[told.state.tasks[one.task].wave] - one.ended for one in told.attempts if one.ended)
