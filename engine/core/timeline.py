"""When things happened: a second fold over the journal, beside the state, that reads the records' times.

All times are seconds since the epoch. `active` times leave out pauses.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import replace

from engine.core.conflicts import ConflictRecord, ConflictState
from engine.core.events import Event
from engine.core.intents import WorktreeRequested
from engine.core.outcomes import Advanced, AgentExited, AgentReported, AgentStarted, Frozen, Thawed
from engine.core.verdicts import (
    RunCreated,
    RunEnded,
    RunResumed,
    TaskCompleted,
    TaskFailed,
    TaskStopped,
    WaveApproved,
    WaveClosed,
    WaveOffered,
)


class TaskTimes(Struct, frozen=True):
    """Times of a task's present attempt; 0.0 is "not yet"."""

    requested: float = 0.0
    started: float = 0.0
    ended: float = 0.0
    merged: float = 0.0
    reported: float = 0.0
    paused_since: float = 0.0
    paused: float = 0.0

    def active(self, now: float) -> float:
        """Seconds the agent has been working, without its pauses."""
        if not self.started:
            return 0.0
        until = self.ended or self.paused_since or now
        return max(0.0, until - self.started - self.paused)


class WaveTimes(Struct, frozen=True):
    """When a wave was offered, approved and closed; 0.0 is "not yet"."""

    offered: float = 0.0
    approved: float = 0.0
    closed: float = 0.0


class ConflictTimes(Struct, frozen=True):
    """When a conflict was found, and settled (0.0: it is open). `delay` are the seconds for which one of its
    tasks stood still because of it, up to `held_since` when one does now."""

    found: float = 0.0
    resolved: float = 0.0
    held_since: float = 0.0
    delay: float = 0.0

    def delayed(self, now: float) -> float:
        """Seconds lost up to `now`."""
        return self.delay + (max(0.0, now - self.held_since) if self.held_since else 0.0)


class Timeline(Struct, frozen=True):
    """All times of a run; `alerts` has one for each alert of the state, `last` is that of the newest step."""

    created: float = 0.0
    ended: float = 0.0
    last: float = 0.0
    tasks: dict[str, TaskTimes] = {}
    waves: dict[int, WaveTimes] = {}
    alerts: tuple[float, ...] = ()
    conflicts: dict[str, ConflictTimes] = {}


def record(
    times: Timeline,
    at: float,
    events: tuple[Event, ...],
    alerts: int = 0,
    conflicts: Mapping[str, ConflictRecord] | None = None,
) -> Timeline:
    """The timeline after a journal record of time `at`; `alerts` is how many alerts the run has now,
    `conflicts` its conflicts, where they have changed."""
    for event in events:
        times = _record(times, at, event)
    if alerts > len(times.alerts):
        times = replace(times, alerts=times.alerts + (at,) * (alerts - len(times.alerts)))
    if conflicts:
        times = replace(
            times,
            conflicts={id: _conflict(times.conflicts.get(id), one, at) for id, one in conflicts.items()},
        )
    return times if times.last == at else replace(times, last=at)


def _conflict(known: ConflictTimes | None, now: ConflictRecord, at: float) -> ConflictTimes:
    times = known or ConflictTimes(found=at)
    held = now.state is ConflictState.PAUSED
    if held != bool(times.held_since):
        times = replace(times, delay=times.delayed(at), held_since=at if held else 0.0)
    if now.open == bool(times.resolved):
        times = replace(times, resolved=0.0 if now.open else at)
    return times


def _record(times: Timeline, at: float, event: Event) -> Timeline:
    match event:
        case AgentReported(task=task):  # first, because most events are
            return _task(times, task, replace(times.tasks.get(task) or TaskTimes(), reported=at))
        case RunCreated():
            return Timeline(created=at, last=at)
        case RunEnded():
            return replace(times, ended=at)
        case RunResumed():
            return replace(times, ended=0.0)
        case WorktreeRequested(task=task):
            return _task(times, task, TaskTimes(requested=at))
        case AgentStarted(task=task):
            old = times.tasks.get(task, TaskTimes())
            return _task(times, task, replace(old, started=old.started or at))
        case Frozen(task=task):
            old = times.tasks.get(task, TaskTimes())
            return _task(times, task, replace(old, paused_since=old.paused_since or at))
        case Thawed(task=task):
            return _task(times, task, _continued(times.tasks.get(task, TaskTimes()), at))
        case AgentExited(task=task) | TaskStopped(task=task):
            old = _continued(times.tasks.get(task, TaskTimes()), at)
            return _task(times, task, replace(old, ended=old.ended or at))
        case TaskFailed(task=task) | TaskCompleted(task=task):
            old = times.tasks.get(task, TaskTimes())
            return _task(times, task, replace(old, ended=old.ended or at))
        case Advanced(subject=subject) if subject in times.tasks:
            return _task(times, subject, replace(times.tasks[subject], merged=at))
        case WaveOffered(wave=wave):
            return _wave(times, wave, WaveTimes(offered=at))
        case WaveApproved(wave=wave):
            old_wave = times.waves.get(wave, WaveTimes(offered=at))
            return _wave(times, wave, replace(old_wave, approved=at))
        case WaveClosed(wave=wave):
            return _wave(times, wave, replace(times.waves.get(wave, WaveTimes()), closed=at))
        case _:
            return times


def _continued(times: TaskTimes, at: float) -> TaskTimes:
    if not times.paused_since:
        return times
    return replace(times, paused=times.paused + at - times.paused_since, paused_since=0.0)


def _task(times: Timeline, task: str, new: TaskTimes) -> Timeline:
    return replace(times, tasks={**times.tasks, task: new})


def _wave(times: Timeline, wave: int, new: WaveTimes) -> Timeline:
    return replace(times, waves={**times.waves, wave: new})
