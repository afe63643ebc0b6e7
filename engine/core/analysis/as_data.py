"""An analysis as plain data for `wavetree analyze --json`: ids, numbers, words; every time is in seconds."""

from __future__ import annotations

from typing import Any

import msgspec

from engine.core import graph, strategy, teams
from engine.core.analysis import Analysis
from engine.core.analysis.dependencies import Standing, Timing, blocking
from engine.core.clashes import files_of
from engine.core.plan import Need, Task, Wave

Data = dict[str, Any]


def as_data(analysis: Analysis) -> Data:
    """What planning needs of an analysis (M009): tasks with dependencies, critical path, bottlenecks,
    conflicts, phases, resources and constraints, and what was judged of them."""
    return {
        "slots": analysis.forecast.slots,
        "durations": _durations(analysis),
        "tasks": _tasks(analysis),
        "critical_path": {
            "tasks": list(analysis.forecast.critical),
            "seconds": analysis.forecast.critical_seconds,
        },
        "bottlenecks": [
            {"task": one.task, "blocks": one.blocks, "words": one.words} for one in analysis.bottlenecks
        ],
        "phases": _phases(analysis),
        "conflicts": _conflicts(analysis),
        "resources": _resources(analysis),
        **_judged(analysis),
    }


def _plain(value: object) -> Any:
    """Structs, tuples and words of closed lists as what JSON has for them."""
    return msgspec.json.decode(msgspec.json.encode(value))


def _durations(analysis: Analysis) -> Data:
    told = analysis.forecast
    return {
        "seconds": told.seconds,
        "sequential_seconds": told.sequential,
        "saved_percent": round(told.saved * 100, 1),
        "seconds_without_barriers": told.free_seconds,
    }


def _tasks(analysis: Analysis) -> list[Data]:
    declared = files_of(analysis.plan)
    counts = blocking(analysis.plan)
    rows = zip(analysis.plan.tasks, analysis.standings, analysis.timings, strict=True)
    return [
        _task(task, standing, timing, analysis)
        | {"files": list(declared.get(task.id, task.files)), "blocks": counts[task.id]}
        for task, standing, timing in rows
    ]


def _task(task: Task, standing: Standing, timing: Timing, analysis: Analysis) -> Data:
    start, end = analysis.forecast.spans.get(task.id, (None, None))
    return {
        "id": task.id,
        "title": task.title,
        "kind": standing.kind.value,
        "needs": [_need(need) for need in standing.needs],
        "required_by": list(standing.required_by),
        "followers": list(standing.followers),
        "seconds": graph.estimate(task),
        "estimated": task.estimate is not None,
        "earliest": timing.earliest,
        "slack": timing.slack,
        "gain": timing.gain,
        "start": start,
        "end": end,
        "resources": dict(task.resources),
    }


def _need(need: Need) -> Data:
    return {"task": need.task} | ({"milestone": need.milestone} if need.milestone else {})


def _phases(analysis: Analysis) -> list[Data]:
    seconds = {one.number: one.seconds for one in analysis.forecast.waves}
    risks = {one.wave: one for one in analysis.waves}

    def phase(wave: Wave) -> Data:
        risk = risks[wave.number]
        return {
            "wave": wave.number,
            "name": wave.name,
            "mode": wave.mode.value,
            "tasks": list(wave.tasks),
            "needs": list(wave.needs),
            "seconds": seconds[wave.number],
            "conflict_risk": risk.level.value,
            "files": list(risk.files),
        }

    return [phase(wave) for wave in analysis.plan.waves]


def _conflicts(analysis: Analysis) -> Data:
    return {
        "open": analysis.conflicts,
        "files": _plain(analysis.files),
        "files_unknown": list(analysis.unknown),
        "findings": _plain(analysis.findings),
    }


def _resources(analysis: Analysis) -> Data:
    plan = analysis.plan
    return {
        "supplies": {name: supply.count for name, supply in strategy.supplies(plan).items()},
        "constraints": _plain(strategy.constraints(plan)),
        "teams": [
            {
                "wave": load.wave,
                "team": load.team,
                "hours": load.taken,
                "there": load.there,
                "over": load.over,
            }
            for load in teams.loads(plan)
        ],
    }


def _judged(analysis: Analysis) -> Data:
    simpler = analysis.simpler
    return {
        "suitability": _plain(analysis.suitability),
        "obstacles": _plain(analysis.obstacles),
        "simpler": None
        if simpler is None
        else {
            "reasons": list(simpler.reasons),
            "seconds": simpler.seconds,
            "seconds_before": simpler.seconds_before,
            "waves": [{"tasks": list(wave.tasks), "mode": wave.mode.value} for wave in simpler.plan.waves],
        },
        "not_for_parallel": _plain(analysis.unfit),
        "violations": _plain(analysis.violations),
        "contradictions": _plain(analysis.contradictions),
        "quality": _plain(analysis.quality),
        "risks": _plain(strategy.risks(analysis.plan)),
    }
