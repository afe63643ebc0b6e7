"""What a plan says about itself before anything runs, gathered for the commands that show it.

Functions that are named like their module are imported under another name: the module stays reachable."""

from __future__ import annotations

from msgspec import Struct

from engine.core.analysis.constraints import Violation, violations
from engine.core.analysis.dependencies import (
    Bottleneck,
    Standing,
    Timing,
    bottlenecks,
    standings,
    timings,
)
from engine.core.analysis.quality import Criterion
from engine.core.analysis.quality import quality as quality_of
from engine.core.analysis.risk import (
    Finding,
    SharedFile,
    WaveRisk,
    findings,
    open_conflicts,
    shared_files,
    wave_risks,
)
from engine.core.analysis.simplify import Offer, offer
from engine.core.analysis.suitability import Obstacles, Suitability, obstacles
from engine.core.analysis.suitability import suitability as suitability_of
from engine.core.analysis.totals import Contradiction, contradictions
from engine.core.analysis.unfit import Unfit
from engine.core.analysis.unfit import unfit as unfit_of
from engine.core.clashes import Clash, clashes, undeclared
from engine.core.forecast import Forecast, forecast
from engine.core.plan import Plan


class Analysis(Struct, frozen=True):
    """Everything about a plan with so many slots: its tasks, times and risks in the order of the plan, what
    is worst first in lists of what is wrong. `unknown` are tasks without declared files, `conflicts` counts
    the open ones; `obstacles` and `simpler` are None when there is no need for them."""

    plan: Plan
    forecast: Forecast
    standings: tuple[Standing, ...]
    timings: tuple[Timing, ...]
    bottlenecks: tuple[Bottleneck, ...]
    clashes: tuple[Clash, ...]
    files: tuple[SharedFile, ...]
    waves: tuple[WaveRisk, ...]
    findings: tuple[Finding, ...]
    conflicts: int
    unknown: tuple[str, ...]
    suitability: Suitability
    obstacles: Obstacles | None
    simpler: Offer | None
    unfit: tuple[Unfit, ...]
    violations: tuple[Violation, ...]
    contradictions: tuple[Contradiction, ...]
    quality: tuple[Criterion, ...]


def analyse(plan: Plan, slots: int, told: Forecast | None = None) -> Analysis:
    """The analysis of a plan; `told` is a forecast that was made already. Raises graph.CycleError."""
    found = clashes(plan)
    told = told or forecast(plan, slots)
    others = findings(plan, found)
    return Analysis(
        plan=plan,
        forecast=told,
        standings=standings(plan),
        timings=timings(plan),
        bottlenecks=bottlenecks(plan),
        clashes=found,
        files=shared_files(plan, found),
        waves=wave_risks(plan, found),
        findings=others,
        conflicts=open_conflicts(found, others),
        unknown=undeclared(plan),
        suitability=suitability_of(plan, told, found),
        obstacles=obstacles(plan, slots, told),
        simpler=offer(plan, found, told),
        unfit=unfit_of(plan),
        violations=violations(plan, told, told.slots),
        contradictions=contradictions(plan, told, found),
        quality=quality_of(plan, told),
    )
