"""Small changes of the state that many events share."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from engine.core.state import (
    Alert,
    AlertKind,
    State,
    WavePhase,
)


def change_task(state: State, task: str, **changes: Any) -> State:
    """The state with these fields of the task changed."""
    return replace(state, tasks={**state.tasks, task: replace(state.tasks[task], **changes)})


def change_wave(state: State, number: int, **changes: Any) -> State:
    """The state with these fields of the wave changed."""
    waves = list(state.waves)
    waves[number - 1] = replace(waves[number - 1], **changes)
    return replace(state, waves=tuple(waves))


def reopened(state: State, number: int) -> State:
    """The state with the wave open again if it had ended: there is something left to do in it."""
    if state.waves[number - 1].phase in (WavePhase.CLOSED, WavePhase.FAILED):
        return change_wave(state, number, phase=WavePhase.OPEN, red="", responded=False)
    return state


def alert(
    state: State,
    kind: AlertKind,
    text: str,
    *,
    tasks: tuple[str, ...] = (),
    files: tuple[str, ...] = (),
    remedy: str = "",
    open: bool = True,
    conflict: str = "",
) -> State:
    """The state with one more alert."""
    new = Alert(len(state.alerts) + 1, kind, text, tasks, files, remedy, open, conflict)
    return replace(state, alerts=(*state.alerts, new))


def settle_alerts(state: State, *kinds: AlertKind, task: str = "") -> State:
    """Mark the open alerts of these kinds (of `task`, when given) as settled."""
    alerts = tuple(
        replace(alert, open=False)
        if alert.open and alert.kind in kinds and (not task or task in alert.tasks)
        else alert
        for alert in state.alerts
    )
    return replace(state, alerts=alerts)


def without(queue: tuple[str, ...], task: str) -> tuple[str, ...]:
    """The queue with the task taken out."""
    return tuple(queued for queued in queue if queued != task)
