"""Needs you: open matters first, each with its remedy and the key that answers it; settled ones dim."""

from __future__ import annotations

from tui.frame import AlertLine, Frame
from tui.keys import BY_ID, Action, Context, key_of
from tui.lines import Bit, Line, clip, flowing, spread, wrap
from tui.measures import count, duration, listing

GLYPH = {"approval": "▶", "question": "?", "notice": "·", "no changes": "–"}
MILD = {"approval", "question", "notice", "no changes"}


def alert_lines(frame: Frame, width: int) -> tuple[Line, ...]:
    """All alerts; with none, what would be here."""
    lines: list[Line] = []
    for alert in frame.alerts:
        lines += _alert(frame, alert, width)
    return tuple(lines) or _empty(frame, width)


def need_line(frame: Frame, width: int) -> Line:
    """The alerts as one line: the first open one and how many more there are."""
    first = next((alert for alert in frame.alerts if alert.open), None)
    if first is None:
        return (Bit(" needs you: nothing", "dim"),)
    more = (Bit(f" +{frame.needs - 1} more ", "dim"),) if frame.needs > 1 else ()
    style = "warn" if first.kind in MILD else "bad"
    glyph = GLYPH.get(first.kind, "✖")
    return spread((Bit(f" {glyph} {first.text}", style, _click(first)),), more, width)


def _alert(frame: Frame, alert: AlertLine, width: int) -> list[Line]:
    click = _click(alert)
    style = ("warn" if alert.kind in MILD else "bad") if alert.open else "dim"
    glyph = GLYPH.get(alert.kind, "✖") if alert.open else "✓"
    number = f" #{alert.number}" if alert.number else ""
    tasks = f"  {listing(alert.tasks, 3)}" if alert.kind != "approval" and alert.tasks else ""
    head = (
        Bit(f" {glyph} {alert.kind}{number}", style, click),
        Bit(tasks, "text" if alert.open else "dim", click),
    )
    lines = [spread(head, (Bit(f"{duration(alert.age)} ", "dim"),), width)]
    if not alert.open:
        lines.append(clip((Bit(f"   {alert.text}", "dim", click),), width))
        return lines
    lines += [(Bit(f"   {part}", "text", click),) for part in wrap(alert.text, width - 4)[:3]]
    if alert.files:
        lines.append(clip((Bit(f"   {listing(alert.files, 3)}", "dim", click),), width))
    if alert.remedy:
        lines += [(Bit(f"   {part}", "accent", click),) for part in wrap(alert.remedy, width - 4)[:3]]
    if alert.acts and alert.kind != "approval":
        on = Bit(f"   on {alert.tasks[0]}: ", "dim", click)
        context = Context(frame, frame.row(alert.tasks[0]))
        acts = [BY_ID[act] for act in alert.acts]
        possible = [act for act in acts if act is acts[0] or not act.why_not(context)]
        keys = [_key(frame, act, context, click) for act in possible]
        lines += flowing(on, keys, width)
    return lines


def _key(frame: Frame, act: Action, context: Context, click: str) -> tuple[Bit, Bit]:
    return Bit(key_of(frame, act.id), "key", click), Bit(f" {act.label(context)}  ", "dim", click)


def _click(alert: AlertLine) -> str:
    if alert.kind == "approval":
        return f"do:{alert.acts[0]}"
    return f"select:{alert.tasks[0]}" if alert.tasks else ""


def _empty(frame: Frame, width: int) -> tuple[Line, ...]:
    working = count(len(frame.live), "agent") + " at work" if frame.live else "no agent at work"
    about = f"{working}; no open conflicts, failures or questions. They appear here, newest first."
    return (
        (Bit(" nothing needs you", "ok"),),
        *((Bit(f" {part}", "dim"),) for part in wrap(about, width - 2)),
    )
