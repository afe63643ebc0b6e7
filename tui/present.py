"""A run's state as one frozen frame of rows, words and numbers; pure, for the screen and the commands."""

from __future__ import annotations

from functools import partial

from engine import (
    DONE,
    LIVE,
    SETTLED,
    ConflictKind,
    Phase,
    Plan,
    RunPhase,
    State,
    Task,
    TaskState,
    TaskTimes,
    Timeline,
    Vitals,
    WavePhase,
    WaveState,
    clean,
    decision_words,
    firsts,
    in_review,
    overdue,
    people_wanted,
    points_for_people,
    review_words,
    waiting_for,
    word,
)
from tui.alerts import alert_lines
from tui.blocks import progress_block, status_block
from tui.estimates import progress, remaining, run_remaining
from tui.frame import Frame, Gauge, Row, WaveHead
from tui.keys import pressed
from tui.measures import listing, rate, size
from tui.next_line import Say, everything_held, next_line
from tui.shape import Shape, shape_of

__all__ = ["present", "progress_block", "status_block"]

NAME_LIMIT = 80
TEXT_LIMIT = 200

_kept: tuple[Plan, tuple[tuple[str, str], ...], Shape] | None = None


def present(
    state: State,
    timeline: Timeline,
    vitals: Vitals,
    now: float,
    *,
    alive: bool = True,
    keys: dict[str, str] | None = None,
    say: Say | None = None,
) -> Frame:
    """What there is to show at `now` (seconds since the epoch). `alive`: the engine's process is there.
    `keys` are a person's own; `say` says how things are done where no keys are."""
    keys = keys or {}
    shape = _shape(state.plan, tuple((order.first, order.second) for order in state.orders))
    rows = tuple(_row(state, task, timeline, vitals, now) for task in state.tasks.values())
    left = {
        task.id: remaining(state.spec(task.id), task, timeline.tasks.get(task.id, TaskTimes()), now)
        for task in state.tasks.values()
    }
    current = state.current_wave
    heads = tuple(_wave(state, wave) for wave in state.waves)
    alerts = alert_lines(state, timeline, now, keys)
    until = timeline.ended or now
    return Frame(
        project=clean(state.plan.name, NAME_LIMIT),
        run=clean(state.run, NAME_LIMIT),
        number=state.number,
        base=clean(state.base, NAME_LIMIT),
        phase=state.phase.value,
        ended=state.ended,
        held=everything_held(state),
        alive=alive,
        wave=heads[current.number - 1] if current else None,
        waves=heads,
        offered=current.number if current and current.phase is WavePhase.OFFERED else 0,
        digest=current.digest if current else "",
        rows=rows,
        columns=shape.columns,
        edges=shape.edges,
        critical=shape.critical,
        critical_seconds=shape.critical_seconds,
        overall=sum(row.percent or 0.0 for row in rows) / len(rows) if rows else 0.0,
        eta=None if state.ended or not rows else run_remaining(state, shape, left),
        elapsed=max(0.0, until - timeline.created) if timeline.created else 0.0,
        gauges=_gauges(state, vitals),
        load="" if state.load == "free" else state.load,
        cpu=vitals.cpu,
        measured=vitals.at,
        slots=state.slots,
        slots_used=len(state.sessions()),
        alerts=alerts,
        needs=sum(alert.open for alert in alerts),
        next_line=next_line(state, say or partial(pressed, keys), alive=alive),
        keys=keys,
        undo=_undo(state),
        signing=bool(people_wanted(state) or points_for_people(state)),
        conflict=_conflict(state, ""),
        queue=tuple(clean(task, NAME_LIMIT) for task in state.queue),
        merged=sum(task.phase in DONE for task in state.tasks.values()),
    )


def _shape(plan: Plan, orders: tuple[tuple[str, str], ...]) -> Shape:
    """The plan's shape with the tasks that were serialized, computed once as long as these are the same."""
    global _kept
    if _kept is None or _kept[0] is not plan or _kept[1] != orders:
        _kept = (plan, orders, shape_of(plan, orders))
    return _kept[2]


def _conflict(state: State, task: str) -> str:
    """The newest open conflict between lines, of a task where one is named."""
    kinds = (ConflictKind.CONFLICT, ConflictKind.MERGE, ConflictKind.BASE)
    found = [
        record.id
        for record in state.conflicts.values()
        if record.open and record.kind in kinds and (not task or task in record.tasks)
    ]
    return found[-1] if found else ""


def _undo(state: State) -> str:
    last = next((decision for decision in reversed(state.decisions) if not decision.undone), None)
    if last is None:
        return ""
    return clean(decision_words(last), TEXT_LIMIT)


def _row(state: State, task: TaskState, timeline: Timeline, vitals: Vitals, now: float) -> Row:
    spec = state.spec(task.id)
    times = timeline.tasks.get(task.id, TaskTimes())
    seen = vitals.sessions.get(task.id)
    done = progress(spec, task, times, now)
    live = task.phase in LIVE
    spoken = word(state, task)
    left = remaining(spec, task, times, now) if live and spoken != "paused" else None
    waits = waiting_for(state, task)
    event, event_eta = _next_event(spec, task, left)
    return Row(
        id=task.id,
        name=clean(task.id, NAME_LIMIT),
        title=clean(spec.title, TEXT_LIMIT),
        wave=task.wave,
        word=spoken,
        live=live,
        settled=task.phase in SETTLED,
        percent=done.percent,
        source=done.source,
        step=("isolated · " if task.isolated and live else "")
        + (
            review_words(task, overdue=overdue(state, task, times, now))
            if in_review(task)
            else _step(state, spec, task, waits)
        ),
        says=clean(task.says, TEXT_LIMIT),
        branch=clean(task.branch, TEXT_LIMIT),
        commits=max(task.commits, seen.commits if seen and live else 0),
        tests=clean(task.tests, 24),
        eta=left,
        cpu=seen.cpu if seen and live else None,
        rss=seen.rss if seen and live else None,
        attempt=task.attempt,
        held=task.held or bool(task.held_by),
        waits=tuple(clean(reason, NAME_LIMIT) for reason in waits),
        note=_note(task),
        next_event=event,
        next_eta=event_eta,
        changed=seen.changed if seen and live else 0,
        asks_fix=task.retry_queued,
        asks_merge=task.phase is Phase.COMPLETE
        and (task.isolated or not state.plan.settings.auto_merge)
        and not task.merge_approved,
        asks_review=in_review(task),
        overdue=overdue(state, task, times, now),
        isolated=task.isolated,
        conflict=_conflict(state, task.id),
        after=tuple(firsts(state, task.id)),
        health=seen.health if seen and live else "",
    )


def _step(state: State, spec: Task, task: TaskState, waits: tuple[str, ...]) -> str:
    """The one phrase that says what the task is at."""
    match task.phase:
        case Phase.PENDING:
            return f"waits: {listing([clean(reason, 40) for reason in waits], 3)}" if waits else "ready"
        case Phase.MAKING | Phase.MADE:
            return "making worktree"
        case Phase.UNDOING:
            return "taking the worktree back"
        case Phase.SETUP | Phase.READY:
            return "set-up"
        case Phase.RUNNING if (before := firsts(state, task.id)) and not task.held:
            return f"waits until {listing([clean(name, 40) for name in before], 3)} is merged, as serialized"
        case Phase.RUNNING if task.held_by and not task.held:
            return _stands_still(state, task)
        case Phase.RUNNING:
            return _running_step(spec, task)
        case Phase.COLLECTING:
            return "collecting the work"
        case Phase.COMPLETE:
            return f"waits: {listing([clean(reason, 40) for reason in waits], 3)}"
        case Phase.MERGING:
            return _merging(state, task)
        case Phase.FAILED:
            return clean(task.error.message, TEXT_LIMIT) if task.error else "failed"
        case Phase.BLOCKED:
            return f"blocked by {clean(task.blocked_by, 40)}"
        case Phase.STOPPED:
            return "stopped by you"
        case Phase.SKIPPED:
            return "complete before the run"
        case Phase.MERGED:
            return f"merged as {task.merge[:8]}" if task.merge else "merged"


def _merging(state: State, task: TaskState) -> str:
    place = next((place for place, merge in enumerate(state.train) if merge.task == task.id), None)
    if place is None:
        return "merging"
    ahead = clean(state.train[place - 1].task, 40) if place else ""
    return f"merging: {state.train[place].stage.value}" + (f", on top of {ahead}" if ahead else "")


def _stands_still(state: State, task: TaskState) -> str:
    id = task.held_by[0]
    if state.conflicts[id].asks or state.plan.conflicts.handling.value == "manual":
        return f"conflict {id}: waits for you"
    others = [name for name in state.conflicts[id].tasks if name != task.id]
    return f"conflict {id}: waits until {listing([clean(name, 40) for name in others], 3)} is merged"


def _running_step(spec: Task, task: TaskState) -> str:
    says = clean(task.says, TEXT_LIMIT)
    if task.step is None or not spec.steps:
        return says or "working"
    place = min(max(task.step, 1), len(spec.steps))
    return f"{place}/{len(spec.steps)} {says or clean(spec.steps[place - 1], TEXT_LIMIT)}"


def _next_event(spec: Task, task: TaskState, left: float | None) -> tuple[str, float | None]:
    """The end of the step in work, or of the work; its share of the time that is left."""
    if task.phase not in LIVE:
        return "", None
    if task.step is None or not spec.steps:
        return "work done", left
    place = min(max(task.step, 1), len(spec.steps))
    steps_left = len(spec.steps) - place + 0.5
    return clean(spec.steps[place - 1], NAME_LIMIT), None if left is None else left * 0.5 / steps_left


def _note(task: TaskState) -> str:
    """What is worth a remark beside the row."""
    if task.question:
        return f"asks: {clean(task.question, TEXT_LIMIT)}"
    if task.notes:
        return clean("; ".join(task.notes), TEXT_LIMIT)
    return f"worktree kept: {clean(task.kept, TEXT_LIMIT)}" if task.kept else ""


def _wave(state: State, wave: WaveState) -> WaveHead:
    return WaveHead(
        number=wave.number,
        name=clean(wave.name, NAME_LIMIT),
        word=_wave_word(state, wave),
        done=sum(state.tasks[task].phase in DONE for task in wave.tasks),
        total=len(wave.tasks),
        closed=wave.phase is WavePhase.CLOSED,
    )


def _wave_word(state: State, wave: WaveState) -> str:
    if wave is state.current_wave and (wanted := people_wanted(state)):
        return f"waits for {listing([clean(one, 60) for one in wanted], 2)}"
    match wave.phase:
        case WavePhase.PENDING:
            return "to come"
        case WavePhase.OFFERED:
            return "waits for your approval"
        case WavePhase.OPEN:
            return "at work" if state.phase is RunPhase.ACTIVE else state.phase.value
        case WavePhase.SYNCING:
            return f"comparing with {clean(state.base, 40)}"
        case WavePhase.GATING:
            return "gates"
        case WavePhase.ADVANCING:
            return "gates green"
        case WavePhase.LANDING:
            return f"landing on {clean(state.base, 40)}"
        case WavePhase.FAILED:
            return "gate red"
        case WavePhase.CLOSED:
            return "closed"


def _gauges(state: State, vitals: Vitals) -> tuple[Gauge, ...]:
    settings = state.plan.settings
    marks = tuple(
        limit for limit in (settings.start_cpu_percent, settings.max_cpu_percent) if limit is not None
    )
    measured = vitals.at > 0
    load = {"no new starts": "warn", "throttled": "bad"}.get(state.load, "")
    limits = " ".join(
        f"{name} {limit:.0f}"
        for name, limit in (("start", settings.start_cpu_percent), ("run", settings.max_cpu_percent))
        if limit is not None
    )
    return (
        Gauge("CPU", vitals.cpu if measured else None, limits, marks, load),
        Gauge(
            "RAM",
            vitals.ram if measured else None,
            f"of {size(vitals.ram_total)}" if vitals.ram_total else "",
        ),
        Gauge("Disk", None, f"{rate(vitals.disk)}  {size(vitals.disk_free)} free" if measured else ""),
        Gauge(
            "Network", vitals.network_percent if measured else None, rate(vitals.network) if measured else ""
        ),
    )
