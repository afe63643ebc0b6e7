"""A run's report in words and as data: the documents' summaries, metrics, decisions, conflicts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from engine.core.clean import clean
from engine.core.durations import show
from engine.core.few import few
from engine.core.record.chronicle import Attempt, Chronicle, Doing
from engine.core.record.context_use import ContextUse
from engine.core.record.foretold import Score, pairs, score
from engine.core.record.metrics import Metric
from engine.core.record.notes import Note
from engine.core.record.pace import pace
from engine.core.state import Phase, State, TaskState, WaveState
from engine.core.strategy import watches
from engine.core.timeline import Timeline
from engine.core.waiting import word
from engine.exporters.report_notes import noted, velocity, velocity_data

MONITORING = ("real_time_tracking", "conflict_detection", "performance_metrics")
"""What a story may have off."""
FAILED = (Phase.FAILED, Phase.STOPPED)
SUCCESSFUL = (Phase.COMPLETE, Phase.MERGING, Phase.MERGED, Phase.SKIPPED)


class Report(Struct, frozen=True):
    """All that a report tells: the batch result as data, the chronicle, the metrics, what people noted, how
    shared contexts were used."""

    batch: dict[str, Any]
    told: Chronicle
    times: Timeline
    metrics: tuple[Metric, ...]
    notes: tuple[Note, ...] = ()
    contexts: tuple[ContextUse, ...] = ()

    @property
    def state(self) -> State:
        return self.told.state


def batch_summary(batch: Mapping[str, Any], *, going: bool = False) -> str:
    """The documents' summary of a batch result (M189), from its data alone; of a run that is `going` on, how
    it stands."""
    seen = batch.get("monitoring_result") or {}
    done, total = int(seen.get("completed", 0)), int(seen.get("total", 0))
    rate = f"{done}/{total} ({done / total:.0%})" if total else "0/0 (n/a)"
    head = "Parallel Execution Complete ✅" if batch.get("success") else "Parallel Execution Failed ❌"
    if going:
        head = "Parallel Execution Under Way"
    lines = [
        "",
        head,
        "",
        f"Priorities Executed: {', '.join(str(one) for one in batch.get('priorities_executed', ()))}",
        f"Duration: {float(batch.get('duration_seconds') or 0) / 3600:.1f} hours",
        f"Success Rate: {rate}",
        "",
        "Merge Results:",
    ]
    for name, result in (batch.get("merge_results") or {}).items():
        mark = "❌" if "conflict" in str(result) or "failed" in str(result) else "✅"
        lines.append(f"  {mark} {'PRIORITY ' if str(name).isdecimal() else ''}{name}: {result}")
    if (error := batch.get("error")) and not going:
        lines += ["", f"Error: {error}"]
    return "\n".join(clean(line, 2_000) for line in lines) + "\n"


def text(report: Report) -> str:
    """The whole report for a terminal."""
    parts = [batch_summary(report.batch, going=not report.state.ended), *sections(report), _metrics(report)]
    return "\n".join(part.rstrip("\n") + "\n" for part in parts if part)


def sections(report: Report) -> list[str]:
    """What a report says in words: each wave, decisions, conflicts, the forecast, velocity, notes; a heading
    and its lines each, none that is empty."""
    parts = [
        *(wave_summary(report, wave) for wave in report.state.waves),
        decisions(report.state),
        conflicts(report),
        forecast(report),
        velocity(pace(report.told)),
        costs(report.state),
        noted(report.state.plan, report.notes),
    ]
    return [part for part in parts if part]


def wave_summary(report: Report, wave: WaveState) -> str:
    """One line for each task of a wave with details (M190)."""
    tasks = [report.state.tasks[name] for name in wave.tasks]
    tried = [task for task in tasks if task.attempt]
    if not tried:
        return ""
    failed = [task for task in tried if task.phase in FAILED]
    going = [task for task in tried if task.phase not in (*FAILED, *SUCCESSFUL)]
    counts = [f"{len(tried) - len(failed) - len(going)}/{len(tried)} successful"]
    counts += [f"{len(some)} {word}" for some, word in ((failed, "failed"), (going, "not ended")) if some]
    name = "" if wave.name == f"Wave {wave.number}" else f" {wave.name}"
    lines = [f"Wave {wave.number}{name}: {', '.join(counts)}"]
    for task in tried:
        lines += _task_lines(report, task)
    files = {file for task in tried for file in task.files}
    lines.append(f"Total files changed: {len(files)}")
    spans = [span for one in report.told.attempts if one.task in wave.tasks for span in one.spans]
    if spans:
        took = max(end for _, _, end in spans) - min(start for _, start, _ in spans)
        lines.append(f"Phase duration: {show(took)}")
    for use in report.contexts:
        if use.wave == wave.number:
            hits = f"{use.hits} cache hits, {use.saved:.3f} s saved"
            lines.append(f"Context of {use.agent}: {use.reads} files read once, {hits}")
    if failed:
        again = (f"wavetree {'fixed' if task.retry_queued else 'retry'} {task.id}" for task in failed[:3])
        lines.append(f"Next steps: {'; '.join(again)}")
    return "\n".join(clean(line, 2_000) for line in lines) + "\n"


def _task_lines(report: Report, task: TaskState) -> Iterator[str]:
    title = report.state.spec(task.id).title
    number = f"Story #{task.id}" if task.id.isdecimal() else task.id
    name = f"[{number}: {title}]" if title else f"[{number}]"
    mine = [one for one in report.told.attempts if one.task == task.id]
    took = sum(one.seconds(Doing.ACTIVE) for one in mine)
    if task.phase in FAILED:
        yield f"  ✗ {name} - {task.phase.value.upper()}"
    elif task.phase not in SUCCESSFUL:
        yield f"  ● {name} - {word(report.state, task)} ({show(took)})"
    else:
        yield f"  ✓ {name} ({show(took)}{f', ${task.cost_usd:.2f}' if task.cost_usd else ''})"
    if task.files:
        yield f"      files: {few(task.files, 8)}"
    if task.error:
        yield f"      {task.error.type}: {task.error.message}"
        yield f"      {task.error.context}"
        yield from (f"      hint: {hint}" for hint in task.error.hints)


def decisions(state: State) -> str:
    """Who decided what and why (M132)."""
    if not state.decisions:
        return ""
    lines = ["Decisions"]
    for one in state.decisions:
        what = one.conflict or " ".join(one.tasks) or f"wave {one.wave}"
        why = f": {one.note}" if one.note else ""
        back = ", taken back" if one.undone else ""
        lines.append(
            f"  {one.number}. {one.verb.value} {what}, by {one.by}{why}{back}{_cost(state, one.tasks)}"
        )
    return "\n".join(clean(line, 2_000) for line in lines) + "\n"


def _cost(state: State, tasks: tuple[str, ...]) -> str:
    delays = [order.delay for order in state.orders if (order.first, order.second) == tasks and order.delay]
    return f" (estimated delay {show(delays[0])})" if delays else ""


def conflicts(report: Report) -> str:
    """The grave conflicts of the run as text; empty when there was none."""
    records = [one for one in report.state.conflicts.values() if one.grave]
    if not records:
        return ""
    lines = ["Conflicts"]
    for one in records:
        times = report.times.conflicts.get(one.id)
        lost = times.delayed(report.told.ended) if times else 0.0
        files = ", ".join(overlap.file for overlap in one.files if overlap.conflict)
        end = f"{one.how}, by {one.resolved_by}" if one.resolved_by else one.state.value
        cost = f", stood still for {show(lost)}" if lost else ""
        lines.append(f"  {one.id} {' and '.join(one.tasks)}: {files}; {end}{cost}")
    return "\n".join(clean(line, 2_000) for line in lines) + "\n"


def costs(state: State) -> str:
    """What the agents said that they cost, which is never estimated (M230); empty where none did."""
    known = [task.cost_usd for task in state.tasks.values() if task.cost_usd]
    if not known:
        return ""
    return f"Cost: ${sum(known):.2f}, as reported by {len(known)} of {len(state.tasks)} tasks\n"


def forecast(report: Report) -> str:
    """What was foretold against what came, pair by pair, and how good that was."""
    found = pairs(report.told)
    if not found:
        return ""
    lines = ["Forecast of conflicts", f"  {score_words(score(found))}"]
    for one in found:
        level = f"foretold {one.foretold.value}" if one.foretold else "not foretold"
        end = f"came in {', '.join(one.came)}" if one.came else "did not come"
        lines.append(f"  {one.first} and {one.second}: {level}, {end}")
    return "\n".join(clean(line, 2_000) for line in lines) + "\n"


def score_words(seen: Score) -> str:
    """`3 foretold, 2 came, both 2: precision 67 %, recall 100 %`; n/a where there is nothing to divide by."""
    rates = (f"{value:.0f} %" if value is not None else "n/a" for value in (seen.precision, seen.recall))
    precision, recall = rates
    counts = f"{seen.foretold} foretold, {seen.came} came, {seen.hits} both"
    return f"{counts}: precision {precision}, recall {recall}"


def _metrics(report: Report) -> str:
    """The metrics, and what the story has off (M028)."""
    plan = report.state.plan
    off = [name for name in MONITORING if not watches(plan, name)]
    table = metric_table(report.metrics) if "performance_metrics" not in off else ""
    told = "".join(f"{name.replace('_', ' ')}: off, as the story says\n" for name in off)
    return table + told


def metric_table(metrics: Sequence[Metric]) -> str:
    """One line for each target of the documents; none is left out (M226)."""
    lines = [f"{'metric':<30}{'value':>8}  {'verdict':<13}{'target':<9}{'from':<8}numbers"]
    for one in metrics:
        value = shown(one)
        numbers = ", ".join(f"{name} {number:g}" for name, number in rounded(one))
        lines.append(
            f"{one.name:<30}{value:>8}  {one.verdict:<13}{one.target:<9}{one.source:<8}{numbers}".rstrip()
        )
    return "\n".join(lines) + "\n"


def shown(metric: Metric) -> str:
    """The value with its sign, or n/a."""
    return "n/a" if metric.value is None else f"{metric.value:.1f}%"


def rounded(metric: Metric) -> list[tuple[str, float]]:
    """The numbers that a metric came from, by name, to a tenth."""
    return [(name, round(number, 1)) for name, number in metric.inputs.items()]


def data(report: Report) -> dict[str, Any]:
    """The report as plain data: the batch result's keys and `metrics`, `attempts`, `conflicts`, `forecast`,
    `velocity`, `notes`, `decisions`, `cost_usd` by task."""
    return {
        **report.batch,
        "metrics": [
            {
                "name": one.name,
                "value": one.value,
                "target": one.target,
                "verdict": one.verdict,
                "inputs": dict(rounded(one)),
                "source": one.source,
            }
            for one in report.metrics
        ],
        "cost_usd": {task.id: task.cost_usd or None for task in report.state.tasks.values()},
        "waited_for_a_person": round(report.told.waited(), 3),
        "attempts": [_attempt(one) for one in report.told.attempts],
        "conflicts": [
            {"id": one.id, "tasks": list(one.tasks), "kind": one.kind.value, "how": one.how}
            for one in report.state.conflicts.values()
            if one.grave
        ],
        "forecast": _forecast(report),
        "velocity": velocity_data(pace(report.told)),
        "notes": [{"at": one.at, "by": one.by, "about": one.about, "text": one.text} for one in report.notes],
        "decisions": [
            {
                "number": one.number,
                "verb": one.verb.value,
                "tasks": list(one.tasks),
                "by": one.by,
                "note": one.note,
            }
            for one in report.state.decisions
        ],
    }


def _forecast(report: Report) -> dict[str, Any]:
    found = pairs(report.told)
    seen = score(found)
    return {
        "foretold": seen.foretold,
        "came": seen.came,
        "both": seen.hits,
        "precision": seen.precision,
        "recall": seen.recall,
        "pairs": [
            {
                "tasks": [one.first, one.second],
                "foretold": one.foretold.value if one.foretold else None,
                "came": list(one.came),
            }
            for one in found
        ],
    }


def _attempt(one: Attempt) -> dict[str, Any]:
    return {
        "task": one.task,
        "attempt": one.number,
        "outcome": one.outcome,
        "seconds": {doing.value: round(one.seconds(doing), 3) for doing in Doing if one.seconds(doing)},
    }


def markdown(report: Report) -> str:
    """The report as Markdown: the texts as they are, the metrics as a table."""
    rows = [f"| {one.name} | {shown(one)} | {one.target} | {one.verdict} |" for one in report.metrics]
    texts = [batch_summary(report.batch, going=not report.state.ended), *sections(report)]
    blocks = [f"```\n{part.strip()}\n```" for part in texts]
    head = f"# Run {report.state.run}: {clean(report.state.plan.name, 200)}"
    table = ["| metric | value | target | verdict |", "|---|---|---|---|", *rows]
    return "\n\n".join([head, *blocks, "\n".join(table)]) + "\n"
