"""What needs a person: the run's alerts and the approvals that wait, open ones first, newest first."""

from __future__ import annotations

from collections.abc import Mapping

from engine import (
    Alert,
    AlertKind,
    ConflictKind,
    Phase,
    State,
    TaskTimes,
    Timeline,
    WavePhase,
    clean,
    in_review,
    overdue,
    people_wanted,
    review_words,
)
from tui.frame import AlertLine
from tui.keys import key_among
from tui.measures import count


def alert_lines(
    state: State, timeline: Timeline, now: float, keys: Mapping[str, str]
) -> tuple[AlertLine, ...]:
    """Alerts in the order in which a person should read them; approvals that wait come first. `keys` are the
    person's own."""
    lines = [_line(state, alert, timeline, now) for alert in state.alerts]
    lines.sort(key=lambda line: (not line.open, -line.number))
    return (*_approvals(state, timeline, now, keys), *lines)


def _approvals(state: State, timeline: Timeline, now: float, keys: Mapping[str, str]) -> list[AlertLine]:
    if state.ended:
        return []
    waiting = []
    approve, review, merge = (key_among(keys, name) for name in ("approve", "review", "merge"))
    for wave in state.waves:
        if wave.phase is WavePhase.OFFERED:
            times = timeline.waves.get(wave.number)
            since = times.offered if times and times.offered else now
            text = f"wave {wave.number} {clean(wave.name, 60)} waits for your approval"
            waiting.append(
                _approval(text, wave.tasks, f"{approve} looks at it and approves", now - since, "approve")
            )
    if (wanted := people_wanted(state)) and (over := state.current_wave):
        text = f"wave {over.number} {clean(over.name, 60)} is over and waits for {', '.join(wanted)}"
        waiting.append(_approval(clean(text, 400), over.tasks, f"{approve} signs and ticks", 0.0, "approve"))
    for task in state.moving:
        if in_review(task):
            seen = timeline.tasks.get(task.id, TaskTimes())
            late = overdue(state, task, seen, now)
            text = f"{clean(task.id, 60)} is {review_words(task, overdue=late)}"
            since = now - (seen.ended or now)
            waiting.append(_approval(text, (task.id,), f"{review} approves its branch", since, "review"))
    for task in state.tasks.values():
        asks = task.isolated or not state.plan.settings.auto_merge
        if asks and task.phase is Phase.COMPLETE and not task.merge_approved:
            times_of = timeline.tasks.get(task.id)
            since = times_of.ended if times_of and times_of.ended else now
            alone = ", isolated" if task.isolated else ""
            text = f"{clean(task.id, 60)} is complete{alone}: may it merge?"
            waiting.append(_approval(text, (task.id,), f"{merge} lets it merge", now - since, "merge"))
    return waiting


def _approval(text: str, tasks: tuple[str, ...], remedy: str, age: float, key: str) -> AlertLine:
    return AlertLine(
        number=0,
        kind="approval",
        text=text,
        tasks=tuple(clean(task, 60) for task in tasks),
        files=(),
        remedy=f"{remedy} ({count(len(tasks), 'task')})",
        open=True,
        age=max(0.0, age),
        acts=(key,),
    )


def _line(state: State, alert: Alert, timeline: Timeline, now: float) -> AlertLine:
    place = alert.number - 1
    since = timeline.alerts[place] if 0 <= place < len(timeline.alerts) else now
    return AlertLine(
        number=alert.number,
        kind=alert.kind.value,
        text=clean(alert.text, 400),
        tasks=tuple(clean(task, 60) for task in alert.tasks),
        files=tuple(clean(file, 200) for file in alert.files),
        remedy=clean(alert.remedy, 400),
        open=alert.open,
        age=max(0.0, now - since),
        acts=_acts(state, alert),
    )


def _acts(state: State, alert: Alert) -> tuple[str, ...]:
    record = state.conflicts.get(alert.conflict)
    if record is not None and record.open and record.kind not in (ConflictKind.SCHEMA, ConflictKind.NAMING):
        return ("conflict", "isolate", "serialize")
    if alert.kind in {AlertKind.FAILURE, AlertKind.CONFLICT, AlertKind.GATE} and alert.tasks:
        return ("retry",)
    return ("details",) if alert.tasks else ()
