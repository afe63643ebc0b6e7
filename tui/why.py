"""Why a task is not further: each thing it waits for, since when, and what that thing is at itself."""

from __future__ import annotations

from engine import DONE, Phase, State, TaskState, Timeline, WavePhase, clean, few, waiting_for, word
from tui.measures import count, duration


def why(state: State, timeline: Timeline, task_id: str, now: float) -> tuple[str, ...]:
    """Sentences, the nearest reason first; none for a task that is at work or over."""
    task = state.tasks[task_id]
    if state.ended and task.phase not in DONE:
        return (f"the run has ended: {clean(state.reason or state.phase.value, 200)}",)
    found: list[str] = []
    if task.held:
        found.append("you hold it; p, or wavetree unpause, lets it go on")
    found += [_conflict(state, timeline, id, task_id, now) for id in task.held_by]
    if task.throttled:
        found.append(f"the machine is busy: {clean(state.load_why, 120)}; it goes on by itself")
    if task.question:
        found.append(f"its agent asks: {clean(task.question, 200)}")
    if task.phase is Phase.BLOCKED:
        other = state.tasks[task.blocked_by]
        found.append(f"{clean(other.id, 60)}, which it needs, is {word(state, other)}; try that one again")
    found += [_point(state, point) for point in task.at_points]
    for reason in waiting_for(state, task):
        found.append(_reason(state, timeline, task, reason, now))
    return tuple(dict.fromkeys(found))


def _conflict(state: State, timeline: Timeline, id: str, task_id: str, now: float) -> str:
    record = state.conflicts[id]
    times = timeline.conflicts.get(id)
    since = f", for {duration(now - times.found)}" if times else ""
    files = ", ".join(clean(one.file, 80) for one in record.files[:2])
    if record.asks:
        return f"conflict {id} in {files} waits for your answer{since}"
    others = [clean(name, 60) for name in record.tasks if name != task_id]
    return f"conflict {id} in {files}: it stands still until {' and '.join(others)} is merged{since}"


def _point(state: State, name: str) -> str:
    point = next((one for one in state.points if name in (one.id, one.name)), None)
    missing = [other for other in point.tasks if name not in state.tasks[other].at_points] if point else []
    coming = ", ".join(f"{clean(other, 60)} ({word(state, state.tasks[other])})" for other in missing[:3])
    return (
        f"it is at the sync point {clean(name, 60)} and waits for {coming or 'its criteria to be approved'}"
    )


def _reason(state: State, timeline: Timeline, task: TaskState, reason: str, now: float) -> str:
    wave = state.waves[task.wave - 1]
    need = reason.partition(":")[0].removesuffix(", as serialized")
    if reason == f"wave {wave.number - 1}":
        return _wave(state, wave.number - 1)
    if wave.phase is WavePhase.OFFERED and reason.startswith("approval"):
        offered = timeline.waves.get(wave.number)
        since = f", for {duration(now - offered.offered)}" if offered and offered.offered else ""
        return f"wave {wave.number} waits for your approval{since}"
    if need in state.tasks:
        return f"it needs {clean(reason, 80)}, which is {_standing(state, state.tasks[need])}"
    if reason == "its turn to merge":
        ahead = state.queue[: state.queue.index(task.id)] if task.id in state.queue else ()
        at = state.merge.task if state.merge else ""
        now_at = f"; {clean(at, 60)} is being merged" if at and at != task.id else ""
        return f"it waits for its turn in the merge queue, {count(len(ahead), 'task')} ahead of it{now_at}"
    if reason.startswith("a free slot"):
        busy = ", ".join(clean(other.id, 40) for other in state.sessions()[:4])
        return f"it waits for {clean(reason, 80)}: {busy} have them"
    return f"it waits for {clean(reason, 200)}"


def _wave(state: State, number: int) -> str:
    wave = state.waves[number - 1]
    names = [name for name in wave.tasks if state.tasks[name].phase not in DONE]
    left = few(f"{clean(name, 60)} ({_standing(state, state.tasks[name])})" for name in names)
    at = {"gating": "its gates run", "landing": "it lands", "failed": "its gate is red"}.get(
        wave.phase.value, ""
    )
    return f"wave {number} has to be over first: {left or at or wave.phase.value}"


def _standing(state: State, task: TaskState) -> str:
    share = f", {task.progress:.0f} %" if task.progress is not None and task.phase is Phase.RUNNING else ""
    return f"{word(state, task)}{share}"
