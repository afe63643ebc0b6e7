"""The live status and the progress of a run as plain text, for the command line (M107, M108)."""

from __future__ import annotations

from tui.frame import Frame, Row
from tui.measures import duration, long_duration

CELLS = 10


def bar(percent: float | None) -> str:
    """`[●●●●●●●●○○] 80%`: ten cells."""
    value = percent or 0.0
    full = min(CELLS, max(0, round(value / 100 * CELLS)))
    return f"[{'●' * full}{'○' * (CELLS - full)}] {value:.0f}%"


def arrow(percent: float | None) -> str:
    """`[========>  ]`: eleven characters between the brackets, an arrow's head after each full tenth."""
    full = min(CELLS, max(0, round((percent or 0.0) / 100 * CELLS)))
    return f"[{'=' * full}>{' ' * (CELLS - full)}]"


def status_block(frame: Frame) -> str:
    """The live status: of each session its bar, branch, commits, tests and ETA; then the machine."""
    parts = ["Live Status Dashboard:", ""]
    for row in _shown(frame):
        parts += [*_session(row), ""]
    parts += ["System Resources:"]
    parts += [
        f"{gauge.name}: {bar(gauge.percent)}"
        for gauge in frame.gauges
        if gauge.name in {"CPU", "RAM", "Network"}
    ]
    return "\n".join(parts)


def progress_block(frame: Frame) -> str:
    """The progress of each session, what is expected next of each, and the mean of all."""
    rows = _shown(frame)
    parts = ["Execution Progress:", ""]
    parts += [f"{arrow(row.percent)} {row.name}: {_percent(row)}{_said(row)}" for row in rows]
    events = [row for row in rows if row.next_event]
    if events:
        parts += ["", "Next Updates:"]
        parts += [f"- {row.name}: {row.next_event} (ETA {_short(row.next_eta)})" for row in events]
    mean = sum(row.percent or 0.0 for row in rows) / len(rows) if rows else frame.overall
    return "\n".join([*parts, "", f"Overall: {mean:.0f}% complete"])


def _shown(frame: Frame) -> tuple[Row, ...]:
    return tuple(row for row in frame.rows if row.attempt) or frame.rows


def _session(row: Row) -> list[str]:
    mark = "~" if row.source == "e" else ""
    tests = f"{row.tests} passing" if row.tests and "/" in row.tests else row.tests or "N/A"
    return [
        f"{row.name} {bar(row.percent).replace('] ', f'] {mark}')}",
        f"├── Branch: {row.branch or 'none yet'}",
        f"├── Commits: {row.commits}",
        f"├── Tests: {tests}",
        f"└── ETA: {long_duration(row.eta) if row.live else row.word}",
    ]


def _percent(row: Row) -> str:
    value = 0.0 if row.percent is None else row.percent
    return f"~{value:.0f}%" if row.source == "e" else f"{value:.0f}%"


def _said(row: Row) -> str:
    text = row.says or (row.word if not row.live else "")
    return f" ({text})" if text else ""


def _short(seconds: float | None) -> str:
    return "unknown" if seconds is None else duration(seconds)
