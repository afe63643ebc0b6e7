"""What a person who is not at the screen is told: ends, conflicts, failures, waves, metrics (M193, M194)."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from engine.core.conflict_words import pair_of
from engine.core.durations import parse, show
from engine.core.errors import PlanError
from engine.core.escalation import said_in
from engine.core.events import Event
from engine.core.failing_tests import detected
from engine.core.messages import Kind
from engine.core.outcomes import Recorded, ReviewOverdue, TestFailed
from engine.core.plan import Plan, once
from engine.core.state import DONE, AlertKind, RunPhase, State, WavePhase, WaveState
from engine.core.strategy import part
from engine.core.verdicts import MessageSent, ReviewAsked, RunEnded, TaskFailed, WaveClosed, WaveOffered

ORCHESTRATOR = "orchestrator"
PER_WAVE = "per_block_completion"
OFF = "disabled"
DAY = 86400.0
_EVERY = {"hourly": 3600.0, "daily": DAY, "weekly": 7 * DAY}


class Notification(Struct, frozen=True):
    """One thing to be told, with the documents' five fields; `level` is info, warning or error."""

    title: str
    message: str
    level: str = "info"
    sound: bool = False
    agent_id: str = ORCHESTRATOR


class Wishes(Struct, frozen=True):
    """What is to be told beside failures and the run's end: conflicts, ended waves, the metrics at the end,
    and `every` so many seconds how far it is; 0: not."""

    conflicts: bool = True
    waves: bool = False
    metrics: bool = False
    every: float = 0.0


@once
def wishes(plan: Plan) -> Wishes:
    """What the settings ask for, else the sections of the plan's documents."""
    said = {key: str(value) for key, value in said_in(plan.sections)}
    own = plan.settings
    frequency = part(plan, "monitoring_and_control", "progress_tracking").get("reporting_frequency", "")
    updates = own.progress_updates or said.get("progress_updates", "") or str(frequency).casefold()
    return Wishes(
        conflicts=(own.conflict_reporting or said.get("conflict_reporting")) != OFF,
        waves=updates == PER_WAVE,
        metrics=(own.metrics_tracking or said.get("metrics_tracking")) == "enabled",
        every=interval(updates) or 0.0,
    )


def interval(updates: str) -> float | None:
    """Seconds between two progress reports: of `30m` or `daily`; 0 for none, None for what says nothing."""
    if updates in ("", PER_WAVE, OFF):
        return 0.0
    if updates in _EVERY:
        return _EVERY[updates]
    try:
        return parse(updates).most or None
    except PlanError:
        return None


def told(before: State, state: State, event: Event, wish: Wishes) -> Iterator[Notification]:
    """What there is to tell of an event that led from one state to the other."""
    if wish.conflicts and state.conflicts is not before.conflicts:
        yield from _conflicts(before, state)
    match event:
        case TestFailed(task=task) if not before.tasks[task].failing:
            yield _failed(state, task, detected(state, state.tasks[task]))
        case TaskFailed(task=task, error=error) if not before.tasks[task].failing:
            words = detected(state, state.tasks[task]) or f"{task}: {error.type.value}: {error.message}"
            yield _failed(state, task, words)
        case WaveOffered(wave=wave):
            words = f"wave {wave} {state.waves[wave - 1].name} waits for your approval"
            yield Notification("Approval needed", words, "warning")
        case ReviewAsked(task=task, teams=teams):
            whom = ", ".join(team for team in teams if team)
            words = f"{task} waits in review" + (f" for {whom}" if whom else "")
            yield Notification("Review needed", words, "warning")
        case ReviewOverdue(task=task, seconds=seconds):
            yield Notification("Review overdue", f"{task} is in review for {show(seconds)}", "warning")
        case Recorded():
            for one in state.alerts[len(before.alerts) :]:
                if one.kind is AlertKind.METRIC:
                    yield Notification("Metric beyond its threshold", one.text, "warning")
        case WaveClosed(wave=wave) if wish.waves:
            yield Notification("Wave complete", _wave(state, state.waves[wave - 1]))
        case RunEnded():
            yield _end(state)
        case _:
            return


def _failed(state: State, task: str, words: str) -> Notification:
    """It goes to the task's assignee, without one to the orchestrator (M193)."""
    return Notification("Task failed", words, "error", agent_id=state.spec(task).assignee or ORCHESTRATOR)


def _conflicts(before: State, state: State) -> Iterator[Notification]:
    for id, record in state.conflicts.items():
        old = before.conflicts.get(id)
        if record.open and record.grave and not (old and old.open and old.grave):
            first, second = pair_of(state, record)
            files = ", ".join(overlap.file for overlap in record.files) or "its files"
            who = f"{first} and {second or 'what is merged'}" if first else "the base branch"
            yield Notification("Conflict", f"{id}: {who} in {files}", "warning")


def _wave(state: State, wave: WaveState) -> str:
    done = sum(state.tasks[name].phase in DONE for name in wave.tasks)
    return f"wave {wave.number} {wave.name}: {done} of {len(wave.tasks)} merged"


def _end(state: State) -> Notification:
    done = sum(task.phase in DONE for task in state.tasks.values())
    well = state.phase is RunPhase.DONE
    title = "Parallel Execution Complete" if well else f"Parallel Execution {state.phase.value.capitalize()}"
    words = f"run {state.run}: {done} of {len(state.tasks)} merged; {state.reason}"
    return Notification(title, words, "info" if well else "error")


def progress(state: State, statuses: tuple[str, ...] = ()) -> Notification:
    """How far the run is, and what agents have said of themselves since the last time (M109, M152)."""
    done = sum(task.phase in DONE for task in state.tasks.values())
    lines = [f"run {state.run}: {done} of {len(state.tasks)} merged"]
    for task in state.sessions():
        far = f"{task.progress:.0f} %" if task.progress is not None else "at work"
        lines.append(f"{task.id}: {far} {task.says}".rstrip())
    waits = [wave for wave in state.waves if wave.phase is WavePhase.OFFERED]
    lines += [f"wave {wave.number} {wave.name} waits for your approval" for wave in waits]
    return Notification("Progress", "\n".join((*lines, *statuses)))


def status_in(event: Event) -> str:
    """What an agent says of itself in a message, for the next progress report."""
    if isinstance(event, MessageSent) and event.message.type is Kind.STATUS:
        return f"{event.message.sender} says: {event.message.body}"
    return ""
