"""The metrics of a run and of many: value, target, verdict, and the numbers they came from (M177-M187)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from engine.core.plan import Plan
from engine.core.record.chronicle import Attempt, Chronicle, Doing
from engine.core.record.targets import Target, Wanted, wanted, warning
from engine.core.risk_signs import standing
from engine.core.state import Phase, RunPhase
from engine.core.strategy import risks

NONE = "n/a"
COORDINATION = (Doing.WORKTREE, Doing.SETUP, Doing.PAUSED, Doing.GATE, Doing.MERGE, Doing.CLEANUP)


class Metric(Struct, frozen=True):
    """One metric: `value` in percent (None: it cannot be told), `verdict` is pass, fail or n/a, or one of ok,
    below target, above target, warning, critical where there are levels. `inputs` are the numbers it came
    from, `source` the documents that want it."""

    name: str
    value: float | None
    target: str
    verdict: str
    inputs: dict[str, float]
    source: str = ""


class Rule(Struct, frozen=True):
    """A metric's usual target and levels, and where they come from."""

    target: Target
    source: str
    warning: float | None = None
    critical: float | None = None


RULES: dict[str, Rule] = {
    "time_savings": Rule(Target(">", 30), "0"),
    "time_reduction": Rule(Target(">=", 40), "1"),
    "parallel_execution_efficiency": Rule(Target(">=", 65), "1", 50, 40),
    "velocity_increase": Rule(Target(">=", 75), "4"),
    "agent_utilization": Rule(Target(">", 70), "0"),
    "capacity_utilization": Rule(Target(">", 80), "1"),
    "coordination_overhead": Rule(Target("<", 10), "1", 15, 20),
    "conflict_rate": Rule(Target("<", 5), "0"),
    "fallback_rate": Rule(Target("<", 10), "0"),
    "completion_rate": Rule(Target(">", 95), "0"),
    "auto_merge_rate": Rule(Target(">=", 90), "4"),
    "instance_failure_rate": Rule(Target("<", 10), "4"),
    "cpu_peak": Rule(Target("<", 80), "4"),
    "memory_peak": Rule(Target("<", 80), "4"),
    "risks_prevented": Rule(Target(">=", 95), "1"),
    "worktrees_cleaned": Rule(Target(">=", 100), "4"),
    "repository_intact": Rule(Target(">=", 100), "4"),
}
"""Every success target of the documents, none left out (M226)."""


TOO_SHORT = 1.0
"""Seconds of agents' work below which a share of time saved says nothing."""


class Sample(Struct, frozen=True):
    """The machine at one moment, in percent."""

    at: float
    cpu: float
    ram: float


class Outcome(Struct, frozen=True):
    """What counts of one run among many (M180)."""

    fell_back: bool
    complete: bool


def metrics(
    told: Chronicle, samples: Sequence[Sample] = (), past: Sequence[Outcome] = ()
) -> tuple[Metric, ...]:
    """All metrics of a run; `past` are the runs of the repository up to this one, this one too. A target that
    the plan states holds instead of the usual one."""
    wants = wanted(told.state.plan.sections, {name: rule.target.sign for name, rule in RULES.items()})
    values = {**_times(told), **_counts(told), **_machine(samples), **_many(past), **_end(told)}
    return tuple(_metric(name, *values.get(name, (None, {})), wants) for name in RULES)


def limits(plan: Plan) -> dict[tuple[str, str], float]:
    """The thresholds that a plan states itself, in percent, by the metric's name and level."""
    wants = wanted(plan.sections, {})
    stated = ((name, "warning", want.warning) for name, want in wants.items())
    graver = ((name, "critical", want.critical) for name, want in wants.items())
    return {(name, level): limit for name, level, limit in (*stated, *graver) if limit is not None}


def warnings(told: Chronicle) -> tuple[str, ...]:
    """Sentences on the metrics that are beyond a threshold which the plan itself states (M117)."""
    stated = limits(told.state.plan)
    return tuple(
        warning(one.name, one.verdict, one.value, stated[one.name, one.verdict])
        for one in metrics(told)
        if one.value is not None and (one.name, one.verdict) in stated
    )


Value = tuple[float | None, dict[str, float]]


def _metric(name: str, value: float | None, inputs: dict[str, float], wants: Mapping[str, Wanted]) -> Metric:
    rule, want = RULES[name], wants.get(name)
    target = want.target if want else rule.target
    warning = want.warning if want and want.warning is not None else rule.warning
    critical = want.critical if want and want.critical is not None else rule.critical
    verdict = judged(value, target, warning, critical)
    shown = None if value is None else round(value, 1)
    return Metric(name, shown, f"{target.text}%", verdict, inputs, f"seed {rule.source}")


def judged(
    value: float | None, target: Target, warning: float | None = None, critical: float | None = None
) -> str:
    """The verdict on a value; what cannot be told never passes. With levels it is ok, on the wrong side of
    the target, warning or critical (M182, M183)."""
    if value is None:
        return NONE
    if warning is None or critical is None:
        return "pass" if target.met(value) else "fail"
    if target.met(value):
        return "ok"
    low = target.sign in (">", ">=", "=")
    if value < critical if low else value > critical:
        return "critical"
    if value < warning if low else value > warning:
        return "warning"
    return "below target" if low else "above target"


def ratio(part: float, whole: float) -> float | None:
    """Percent; None when there is nothing to be a part of."""
    return part / whole * 100 if whole > 0 else None


def _finished(told: Chronicle) -> list[Attempt]:
    return [attempt for attempt in told.attempts if attempt.outcome == "merged"]


def _times(told: Chronicle) -> dict[str, Value]:
    """The metrics of time: sequential is what the agents of finished tasks worked in sum, parallel the wall
    time without waits for a person (M177, M178, M181-M184). Of agents that worked less than `TOO_SHORT`
    together nothing can be said of time saved: what starting a run takes is most of what it took."""
    sequential = sum(attempt.seconds(Doing.ACTIVE) for attempt in _finished(told))
    parallel = told.wall()
    active = sum(attempt.seconds(Doing.ACTIVE) for attempt in told.attempts)
    lives = sum(attempt.ended - attempt.began for attempt in told.attempts if attempt.began)
    gates = sum(end - start for start, end in told.gates)
    coordination = sum(attempt.seconds(*COORDINATION) for attempt in told.attempts) + gates
    measured = sequential >= TOO_SHORT
    saved = ratio(sequential - parallel, sequential) if measured else None
    inputs = {"sequential_time": sequential, "parallel_time": parallel, "waited_for_a_person": told.waited()}
    faster = ratio(sequential - parallel, parallel) if measured else None
    slots = float(told.state.slots)
    return {
        "time_savings": (saved, inputs),
        "time_reduction": (saved, inputs),
        "parallel_execution_efficiency": (saved, inputs),
        "velocity_increase": (faster, inputs),
        "agent_utilization": (
            ratio(active, lives),
            {"active_agent_time": active, "total_execution_time": lives},
        ),
        "capacity_utilization": (
            ratio(active, parallel * slots),
            {"active_agent_time": active, "wall_time": parallel, "slots": slots},
        ),
        "coordination_overhead": (
            ratio(coordination, active + coordination),
            {"coordination_time": coordination, "development_time": active + coordination},
        ),
    }


def overlapping(attempts: Iterable[Attempt]) -> int:
    """How many attempts were alive beside another (D30)."""
    lives = [attempt.life for attempt in attempts if attempt.began]
    return sum(any(one is not two and one[0] < two[1] and two[0] < one[1] for two in lives) for one in lives)


def _counts(told: Chronicle) -> dict[str, Value]:
    """The metrics of counts: conflicts, merges, failures (M179, M185)."""
    operations = overlapping(told.attempts)
    conflicts = sum(record.grave for record in told.state.conflicts.values())
    came = [attempt for attempt in told.attempts if attempt.outcome == "merged" or attempt.clashed]
    clean = sum(not attempt.clashed for attempt in came)
    tried = len(told.attempts)
    failed = sum(attempt.outcome == "failed" and not attempt.clashed for attempt in told.attempts)
    return {
        "conflict_rate": (
            ratio(conflicts, operations),
            {"conflicts_detected": conflicts, "total_parallel_operations": operations},
        ),
        "auto_merge_rate": (ratio(clean, len(came)), {"merged_cleanly": clean, "merges": len(came)}),
        "instance_failure_rate": (ratio(failed, tried), {"failed": failed, "attempts": tried}),
    }


def _machine(samples: Sequence[Sample]) -> dict[str, Value]:
    """Peaks and means of the machine's load (M186)."""
    found: dict[str, Value] = {}
    for name, seen in (("cpu", [one.cpu for one in samples]), ("memory", [one.ram for one in samples])):
        if seen:
            mean = round(sum(seen) / len(seen), 1)
            found[f"{name}_peak"] = (max(seen), {"peak": max(seen), "mean": mean, "samples": len(seen)})
    return found


def _many(past: Sequence[Outcome]) -> dict[str, Value]:
    """The metrics over the repository's runs; a run counts once (M180)."""
    fell, done, runs = sum(one.fell_back for one in past), sum(one.complete for one in past), len(past)
    return {
        "fallback_rate": (ratio(fell, runs), {"fallbacks_to_sequential": fell, "total_executions": runs}),
        "completion_rate": (
            ratio(done, runs),
            {"successful_parallel_executions": done, "total_attempts": runs},
        ),
    }


def _end(told: Chronicle) -> dict[str, Value]:
    """What is to be in order at the end: risks, of which none may show itself any more (M192), worktrees of
    merged tasks gone, the repository whole."""
    merged = [task for task in told.state.tasks.values() if task.phase is Phase.MERGED]
    gone = sum(task.tree.value in ("removed", "none") for task in merged)
    whole = told.state.checked
    risks_ = [standing(told.state, risk).state for risk in risks(told.state.plan)]
    averted = sum(state != "warning" for state in risks_)
    return {
        "risks_prevented": (
            ratio(averted, len(risks_)),
            {"not_occurred_or_resolved": averted, "risks": len(risks_)},
        ),
        "worktrees_cleaned": (ratio(gone, len(merged)), {"removed": gone, "merged": len(merged)}),
        "repository_intact": (None if whole is None else 100.0 * whole, {}),
    }


def outcome(told: Chronicle, fell_back: bool) -> Outcome:
    """What counts of a run among many."""
    return Outcome(fell_back, told.state.phase is RunPhase.DONE)
