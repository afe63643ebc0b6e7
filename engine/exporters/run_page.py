"""A run's report as one HTML page with a chart: opens from disk, prints, runs no script."""

from __future__ import annotations

import html

from engine.core.clean import clean
from engine.core.durations import show
from engine.core.record.chronicle import Chronicle, Doing
from engine.core.record.foretold import Pair, pairs, score
from engine.core.record.metrics import Metric
from engine.core.record.pace import pace
from engine.core.state import State
from engine.exporters.report_notes import noted, velocity
from engine.exporters.run_report import (
    Report,
    batch_summary,
    conflicts,
    decisions,
    rounded,
    score_words,
    shown,
    wave_summary,
)

COLOURS = {
    Doing.WORKTREE: "#9aa5b1",
    Doing.SETUP: "#b8a9c9",
    Doing.ACTIVE: "#2f9e68",
    Doing.PAUSED: "#e0a100",
    Doing.PERSON: "#c97b2d",
    Doing.WAITING: "#c3ccd5",
    Doing.GATE: "#3b7dd8",
    Doing.MERGE: "#7a5cc0",
    Doing.CLEANUP: "#7d8894",
}


_STYLE = """
body{font:15px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem;color:#1d242b}
h1{font-size:1.5rem}h2{font-size:1.1rem;margin-top:2rem}pre{background:#f4f6f8;padding:.8rem;overflow:auto}
table{border-collapse:collapse;width:100%}
td,th{text-align:left;padding:.25rem .6rem;border-bottom:1px solid #dde3e9}
.pass,.ok{color:#1f7a4d}.fail,.critical{color:#b42318}.warning,.below,.above{color:#93660a}
svg text{font:12px system-ui,sans-serif}.key span{display:inline-block;margin-right:1rem}
.key i{display:inline-block;width:.9rem;height:.7rem;margin-right:.3rem}
@media print{body{margin:0}h2{break-after:avoid}svg,table{break-inside:avoid}}
"""


def page(report: Report) -> str:
    """One self-contained page: opens from disk, prints, runs no script; all that came from outside is
    escaped."""
    title = html.escape(clean(f"{report.state.plan.name}, run {report.state.run}", 200))
    texts = [batch_summary(report.batch), *(wave_summary(report, wave) for wave in report.state.waves)]
    blocks = "".join(f"<pre>{html.escape(part.strip())}</pre>" for part in texts if part.strip())
    more = "".join(
        f"<h2>{name}</h2><pre>{html.escape(part.strip())}</pre>"
        for name, part in (
            ("Decisions", decisions(report.state)),
            ("Conflicts", conflicts(report)),
            ("Velocity", velocity(pace(report.told))),
            ("Notes", noted(report.state.plan, report.notes)),
        )
        if part
    )
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title><style>{_STYLE}</style>'
        f"<h1>{title}</h1>{blocks}<h2>When each attempt did what</h2>{gantt(report.told)}"
        f"<h2>Conflicts between tasks</h2>{_listed(report.state)}{more}"
        f"<h2>Conflicts foretold against those that came</h2>{_matrix(report.told)}"
        f"<h2>Metrics</h2>{_metric_rows(report)}</html>\n"
    )


def gantt(told: Chronicle) -> str:
    """The attempts as bars over time."""
    attempts = [one for one in told.attempts if one.spans]
    if not attempts:
        return "<p>no attempt was begun</p>"
    start, end = told.begun, max(told.done, told.begun + 0.001)
    scale = 760 / (end - start)
    rows = []
    for row, one in enumerate(attempts):
        name = one.task + (f" #{one.number}" if one.number > 1 else "")
        top = row * 22 + 4
        rows.append(f'<text x="0" y="{top + 12}">{html.escape(clean(name, 28))}</text>')
        for doing, since, until in one.spans:
            x, width = 200 + (since - start) * scale, max(0.5, (until - since) * scale)
            tip = html.escape(f"{name}: {doing.value}, {show(until - since)}")
            rows.append(
                f'<rect x="{x:.1f}" y="{top}" width="{width:.1f}" height="15" fill="{COLOURS[doing]}">'
                f"<title>{tip}</title></rect>"
            )
    height = len(attempts) * 22 + 8
    marks = (
        f'<span><i style="background:{fill}"></i>{doing.value}</span>' for doing, fill in COLOURS.items()
    )
    key = "".join(marks)
    took = f"<p>{show(end - start)} from the first worktree to the last merge</p>"
    return f'<svg viewBox="0 0 970 {height}" role="img">{"".join(rows)}</svg><p class="key">{key}</p>{took}'


def _matrix(told: Chronicle) -> str:
    """Every task against every other: what was foretold of the two, and what came."""
    found = {frozenset((one.first, one.second)): one for one in pairs(told)}
    names = [task.id for task in told.state.plan.tasks if any(task.id in pair for pair in found)]
    if not names:
        return "<p>nothing was foretold, and nothing came</p>"
    head = "".join(f"<th>{html.escape(clean(name, 24))}" for name in names)
    rows = ""
    for one in names:
        cells = "".join(
            _cell(found.get(frozenset((one, other)))) if one != other else "<td>·" for other in names
        )
        rows += f"<tr><th>{html.escape(clean(one, 24))}{cells}"
    words = html.escape(score_words(score(found.values())))
    return f"<p>{words}</p><table><tr><th>{head}{rows}</table>"


def _cell(pair: Pair | None) -> str:
    if pair is None:
        return "<td>"
    level = pair.foretold.value if pair.foretold else "not foretold"
    if not pair.came:
        return f"<td>{level}, did not come"
    look = "ok" if pair.expected else "fail"
    files = html.escape(clean(", ".join(pair.came), 200))
    return f'<td class="{look}" title="{files}"><b>{level}, came</b>'


def _listed(state: State) -> str:
    """Which tasks clashed in which."""
    pairs = [
        (one, " and ".join(one.tasks), ", ".join(o.file for o in one.files if o.conflict))
        for one in state.conflicts.values()
        if one.grave
    ]
    if not pairs:
        return "<p>no conflict</p>"
    rows = "".join(
        f"<tr><td>{html.escape(one.id)}<td>{html.escape(clean(who, 200))}<td>{html.escape(clean(files, 400))}"
        f"<td>{html.escape(clean(one.how or one.state.value, 200))}"
        for one, who, files in pairs
    )
    return f"<table><tr><th>id<th>tasks<th>files<th>end{rows}</table>"


def _metric_rows(report: Report) -> str:
    rows = "".join(map(_metric_row, report.metrics))
    return f"<table><tr><th>metric<th>value<th>target<th>verdict<th>from{rows}</table>"


def _metric_row(one: Metric) -> str:
    value = shown(one)
    look = one.verdict.split()[0].replace("/", "")
    numbers = ", ".join(f"{name} {number:g}" for name, number in rounded(one))
    cells = (one.name, value, one.target)
    row = "".join(f"<td>{html.escape(cell)}" for cell in cells)
    return f'<tr>{row}<td class="{look}">{one.verdict}<td>{html.escape(numbers)}'
