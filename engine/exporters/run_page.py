"""A run's report as one HTML page with a chart: opens from disk, prints, runs no script."""

from __future__ import annotations

import html
from collections.abc import Iterator

from engine.core.clean import clean
from engine.core.durations import moment, show, ticks
from engine.core.record.chronicle import Attempt, Chronicle, Doing
from engine.core.record.foretold import Pair, pairs, score
from engine.core.record.metrics import Metric
from engine.core.record.pace import pace
from engine.core.state import Phase, State, WaveState
from engine.exporters.report_notes import noted, velocity
from engine.exporters.run_report import (
    Report,
    costs,
    decisions,
    rounded,
    score_words,
    shown,
    wave_summary,
)

LOOKS = {
    Doing.WORKTREE: ("setup", "worktree, set-up and clean-up"),
    Doing.SETUP: ("setup", ""),
    Doing.CLEANUP: ("setup", ""),
    Doing.ACTIVE: ("active", "active"),
    Doing.PAUSED: ("paused", "paused, or held by a person"),
    Doing.PERSON: ("paused", ""),
    Doing.WAITING: ("waits", "waits to merge"),
    Doing.GATE: ("gate", "gate"),
    Doing.MERGE: ("merge", "merge"),
}
"""The class of each thing an attempt is at, and the words of that class in the legend."""
NAMES, CHART, ROW = 220, 740, 24
"""Units of the drawing for the names, for the bars, and for the height of a row."""
TICKS = 8

_STYLE = """
:root{--ink:#1d242b;--dim:#5d6b78;--line:#d8dfe6;--soft:#f3f5f8;--ground:#fff;--good:#1a7246;--bad:#b42318;
--warn:#8a5a00;--active:#2f9e68;--paused:#e0a100;--waits:#c3ccd5;--gate:#3b7dd8;--merge:#7a5cc0;--setup:#9aa5b1}
@media screen and (prefers-color-scheme:dark){:root{--ink:#e3e9ef;--dim:#93a1af;--line:#333d48;--soft:#1b222a;
--ground:#12171d;--good:#5fd39a;--bad:#ff8a7d;--warn:#f0c05a;--waits:#4d5965;--setup:#6d7986}}
*{box-sizing:border-box}
body{font:15px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem;color:var(--ink);
background:var(--ground)}
h1{font-size:1.5rem;margin:0}h2{font-size:1.1rem;margin:2.2rem 0 .5rem}
.sub{color:var(--dim);margin:.2rem 0 1.2rem}
dl{display:flex;flex-wrap:wrap;gap:.6rem;margin:0}
dl div{background:var(--soft);border-radius:.4rem;padding:.5rem .9rem}
dt{color:var(--dim);font-size:.8rem}dd{margin:0;font-size:1.15rem;font-weight:600}
pre{font:13px/1.5 ui-monospace,monospace;background:var(--soft);border-radius:.4rem;padding:.8rem;
margin:.5rem 0;white-space:pre-wrap;overflow-wrap:anywhere}
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%}caption{text-align:left;color:var(--dim)}
td,th{text-align:left;padding:.3rem .7rem;border-bottom:1px solid var(--line);vertical-align:top}
thead th{color:var(--dim);font-weight:500}.n{text-align:right;white-space:nowrap}
.s{color:var(--dim);font-size:.85rem}
.pass,.ok{color:var(--good)}.fail,.critical,.failed{color:var(--bad)}
.warning,.below,.above,.stopped{color:var(--warn)}
.na{color:var(--dim)}svg{display:block;min-width:44rem;width:100%}
svg text{font:12px system-ui,sans-serif;fill:var(--ink)}
svg .t{fill:var(--dim)}svg .g{stroke:var(--line)}svg .band{fill:var(--soft)}
svg .x{fill:var(--bad);font-weight:700;stroke:var(--ground);stroke-width:3px;paint-order:stroke}
.active{fill:var(--active)}.paused{fill:var(--paused)}.waits{fill:var(--waits)}.gate{fill:var(--gate)}
.merge{fill:var(--merge)}.setup{fill:var(--setup)}
.key{display:flex;flex-wrap:wrap;gap:.2rem 1.1rem;color:var(--dim);margin:.5rem 0;padding:0;list-style:none}
.key svg{display:inline-block;min-width:0;width:1rem;height:.7rem;margin-right:.35rem}
@media print{body{margin:0;max-width:none;font-size:12px}h2{break-after:avoid}svg,tr,pre{break-inside:avoid}
.wide{overflow:visible}svg{min-width:0}rect{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
"""


def page(report: Report) -> str:
    """One self-contained page: opens from disk, prints, runs no script; all that came from outside is
    escaped."""
    title = _said(f"{report.state.plan.name or 'a plan'}, run {report.state.run}", 200)
    sections = (
        ("When each attempt did what", gantt(report)),
        ("Waves", "".join(_pre(wave_summary(report, wave)) for wave in report.state.waves)),
        ("Conflicts between tasks", _listed(report.state)),
        ("Conflicts foretold against those that came", _matrix(report.told)),
        ("Decisions", _pre(decisions(report.state).partition("\n")[2])),
        ("Metrics", _metric_rows(report)),
        ("Velocity and cost", _pre(velocity(pace(report.told)) + costs(report.state))),
        ("Notes", _pre(noted(report.state.plan, report.notes).partition("\n")[2])),
    )
    body = "".join(f"<section><h2>{name}</h2>{text}</section>" for name, text in sections if text)
    head = '<meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">'
    return (
        f'<!doctype html><html lang="en"><head>{head}<title>{title}</title><style>{_STYLE}</style></head>'
        f"<body><h1>{title}</h1>{_facts(report)}{body}</body></html>\n"
    )


def _said(text: str, most: int) -> str:
    return html.escape(clean(text, most))


def _pre(text: str) -> str:
    return f"<pre>{html.escape(text.strip())}</pre>" if text.strip() else ""


def _facts(report: Report) -> str:
    """How it ended, in a row of figures."""
    state, told = report.state, report.told
    merged = sum(task.phase is Phase.MERGED for task in state.tasks.values())
    failed = sum(task.phase is Phase.FAILED for task in state.tasks.values())
    facts = [
        ("the run", state.phase.value, "ok" if state.phase.value == "done" else state.phase.value),
        ("tasks merged", f"{merged} of {len(state.tasks)}", ""),
        *([("tasks failed", str(failed), "failed")] if failed else []),
        ("took", show(told.wall()), ""),
        ("waited for a person", show(told.waited()), ""),
        ("conflicts", str(sum(one.grave for one in state.conflicts.values())), ""),
    ]
    cells = "".join(
        f'<div><dt>{name}</dt><dd class="{look}">{html.escape(value)}</dd></div>'
        for name, value, look in facts
    )
    begun = f"begun {moment(told.created)}" if told.created else ""
    reason = f" · {_said(state.reason, 400)}" if state.reason else ""
    return f'<p class="sub">{begun}{reason}</p><dl>{cells}</dl>'


def gantt(report: Report) -> str:
    """The attempts as bars over time, wave by wave, with marks where a conflict was found."""
    told = report.told
    attempts = [one for one in told.attempts if one.spans]
    if not attempts:
        return "<p>no attempt was begun</p>"
    span = max(told.done, told.begun + 0.001) - told.begun
    rows: list[str] = []
    bands, top = "", 0
    for number, wave in enumerate(_waves(told.state)):
        mine = [one for one in attempts if one.task in wave.tasks]
        if not mine:
            continue
        height = ROW * (len(mine) + 1)
        if number % 2 == 0:
            bands += f'<rect class="band" y="{top}" width="{NAMES + CHART}" height="{height}"/>'
        name = "" if wave.name == f"Wave {wave.number}" else f" {wave.name}"
        rows.append(f'<text class="t" x="6" y="{top + 16}">wave {wave.number}{_said(name, 60)}</text>')
        for place, one in enumerate(mine, 1):
            rows += _bar(report, one, top + place * ROW, span)
        top += height
    grid = "".join(_tick(at, span, top) for at in ticks(span, TICKS))
    title = f"<title>{len(attempts)} attempts over {show(span)}</title>"
    drawn = f"{title}{bands}{grid}{''.join(rows)}"
    drawing = f'<svg viewBox="0 0 {NAMES + CHART + 10} {top + 22}" role="img">{drawn}</svg>'
    return f'<div class="wide">{drawing}</div>{_key(attempts)}'


def _waves(state: State) -> tuple[WaveState, ...]:
    """The waves, each with the tasks that belong to it now."""
    return state.waves or (WaveState(1, "Wave 1", tuple(state.tasks)),)


def _bar(report: Report, one: Attempt, top: int, span: float) -> Iterator[str]:
    begun, scale = report.told.begun, CHART / span
    name = one.task + (f" #{one.number}" if one.number > 1 else "")
    yield f'<text x="16" y="{top + 15}">{_said(name, 30)}<title>{_said(name, 200)}</title></text>'
    for doing, since, until in one.spans:
        x, width = NAMES + (since - begun) * scale, max(0.8, (until - since) * scale)
        tip = html.escape(f"{clean(name, 80)}: {doing.value}, {show(until - since)}")
        look = LOOKS[doing][0]
        yield (
            f'<rect class="{look}" x="{x:.1f}" y="{top + 3}" width="{width:.1f}" height="{ROW - 8}" rx="2">'
            f"<title>{tip}</title></rect>"
        )
    for record in report.state.conflicts.values():
        times = report.times.conflicts.get(record.id)
        if record.grave and one.task in record.tasks and times and _covers(one, times.found):
            x = NAMES + (times.found - begun) * scale
            tip = html.escape(f"{record.id}: {' and '.join(record.tasks)}")
            yield f'<text class="x" x="{x - 4:.1f}" y="{top + 16}">✕<title>{tip}</title></text>'


def _covers(one: Attempt, at: float) -> bool:
    return one.spans[0][1] <= at <= one.spans[-1][2]


def _tick(at: float, span: float, height: int) -> str:
    x = NAMES + at / span * CHART
    line = f'<line class="g" x1="{x:.1f}" x2="{x:.1f}" y1="0" y2="{height}"/>'
    anchor = "end" if at > 0.95 * span else "start"
    return f'{line}<text class="t" x="{x:.1f}" y="{height + 16}" text-anchor="{anchor}">{show(at)}</text>'


def _key(attempts: list[Attempt]) -> str:
    """What the colours mean, of those that there are."""
    seen = {LOOKS[doing][0] for one in attempts for doing, _, _ in one.spans}
    marks = "".join(
        f'<li><svg viewBox="0 0 16 11"><rect class="{look}" width="16" height="11" rx="2"/></svg>{words}</li>'
        for look, words in LOOKS.values()
        if words and look in seen
    )
    return f'<ul class="key">{marks}<li>✕ a conflict was found</li></ul>'


def _table(head: tuple[str, ...], rows: str) -> str:
    titles = "".join(f'<th scope="col">{title}</th>' for title in head)
    return f'<div class="wide"><table><thead><tr>{titles}</tr></thead><tbody>{rows}</tbody></table></div>'


def _matrix(told: Chronicle) -> str:
    """Every task against every other: what was foretold of the two, and what came."""
    found = {frozenset((one.first, one.second)): one for one in pairs(told)}
    names = [task.id for task in told.state.plan.tasks if any(task.id in pair for pair in found)]
    if not names:
        return "<p>nothing was foretold, and nothing came</p>"
    rows = ""
    for one in names:
        cells = "".join(
            _cell(found.get(frozenset((one, other)))) if one != other else '<td class="na">·</td>'
            for other in names
        )
        rows += f'<tr><th scope="row">{_said(one, 40)}</th>{cells}</tr>'
    words = html.escape(score_words(score(found.values())))
    return f"<p>{words}</p>{_table(('', *(_said(name, 40) for name in names)), rows)}"


def _cell(pair: Pair | None) -> str:
    if pair is None:
        return '<td class="na">–</td>'
    level = pair.foretold.value if pair.foretold else "not foretold"
    if not pair.came:
        return f"<td>{level}, did not come</td>"
    look = "ok" if pair.expected else "fail"
    files = _said(", ".join(pair.came), 200)
    return f'<td class="{look}"><b>{level}, came</b><br><span class="s">{files}</span></td>'


def _listed(state: State) -> str:
    """Which tasks clashed in which files, and how that ended."""
    graves = [one for one in state.conflicts.values() if one.grave]
    if not graves:
        return "<p>no conflict</p>"
    rows = ""
    for one in graves:
        files = ", ".join(overlap.file for overlap in one.files if overlap.conflict)
        cells = (one.id, " and ".join(one.tasks), files, one.how or one.state.value, one.resolved_by)
        rows += f"<tr>{''.join(f'<td>{_said(cell, 400)}</td>' for cell in cells)}</tr>"
    return _table(("id", "tasks", "files", "end", "by"), rows)


def _metric_rows(report: Report) -> str:
    rows = "".join(map(_metric_row, report.metrics))
    return _table(("metric", "value", "target", "verdict", "from"), rows) if rows else ""


def _metric_row(one: Metric) -> str:
    look = one.verdict.split()[0].replace("/", "")
    numbers = ", ".join(f"{name.replace('_', ' ')} {number:g}" for name, number in rounded(one))
    return (
        f'<tr><th scope="row">{html.escape(one.name.replace("_", " "))}</th><td class="n">{shown(one)}</td>'
        f'<td class="n">{html.escape(one.target)}</td><td class="{look}">{html.escape(one.verdict)}</td>'
        f'<td class="s">{html.escape(numbers)}</td></tr>'
    )
