"""Follows a run without a screen: its stages as plain lines, and an exit code at its end."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
import threading
import time
from types import FrameType

from engine import (
    Client,
    EngineGone,
    RunPhase,
    Stop,
    WavePhase,
    WavetreeError,
    batch_result,
    clean,
    engine_at_work,
    in_review,
    measured,
    people_wanted,
    points_for_people,
    show_duration,
    unwritten,
)
from tui.cli.stages import Stages
from tui.cli.target import by

DONE, FAILED, WAITS, INTERRUPTED = 0, 1, 3, 130
TICK = 0.05


class _Interrupt:
    """Counts Ctrl-C: the first stops the run in good order, the second leaves at once."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, number: int, frame: FrameType | None) -> None:
        self.count += 1
        if self.count > 1:
            raise KeyboardInterrupt


def follow(client: Client, *, as_json: bool) -> int:
    """Print the run's stages until it ends or waits for a person; the exit code says which. Ctrl-C stops the
    run. With `as_json` the last line is the result as one JSON object (M188)."""
    if threading.current_thread() is not threading.main_thread():
        return look_on(client, as_json=as_json)  # only the main thread is told of Ctrl-C
    interrupt = _Interrupt()
    before = signal.signal(signal.SIGINT, interrupt)
    try:
        return _follow(client, interrupt, as_json=as_json)
    finally:
        signal.signal(signal.SIGINT, before)


def look_on(client: Client, *, as_json: bool) -> int:
    """The same for a run that was started elsewhere: Ctrl-C leaves it alone."""
    return _follow(client, _Interrupt(), as_json=as_json)


def _follow(client: Client, interrupt: _Interrupt, *, as_json: bool) -> int:
    stages = Stages()
    stopped = False
    for step_state, at, event in client.history():
        _print(stages.lines(step_state, at, event))
    while not client.state.ended:
        if interrupt.count and not stopped:
            stopped = True
            _stop(client)
            continue
        if _waits(client):
            _print(["", _needed(client)])
            return _result(client, WAITS, as_json=as_json)
        for step_state, at, event in client.steps():
            _print(stages.lines(step_state, at, event))
        if gone(client):
            raise EngineGone(f"the engine of run {client.run} is gone", f"wavetree resume {client.run}")
        time.sleep(TICK)
    engine_at_work(client.project)  # whoever types the next command finds the repository free
    state = client.state
    code = INTERRUPTED if stopped else DONE if state.phase is RunPhase.DONE else FAILED
    _print(["", _last(client)])
    return _result(client, code, as_json=as_json)


def gone(client: Client) -> bool:
    """Whether the engine died: not there, and not because it had written the run's end."""
    if client.state.ended or client.engine_alive:
        return False
    return not client.unread()


def _stop(client: Client) -> None:
    _print(["", "stopping: agents get their grace time; Ctrl-C again leaves them to the engine"])
    try:
        asyncio.run(client.send(Stop(by())))
    except WavetreeError as error:
        _print([error.message])


def _waits(client: Client) -> bool:
    """Whether nothing can move before a person says something."""
    state = client.state
    if points_for_people(state) and not state.merge:
        return all(task.at_points for task in state.sessions())
    if state.open or state.merge is not None or state.sessions():
        return False
    if people_wanted(state) or any(wave.phase is WavePhase.OFFERED for wave in state.waves):
        return True
    if any(in_review(task) for task in state.moving):
        return True
    asked = [task for name in state.queue if not (task := state.tasks[name]).merge_approved]
    return any(task.isolated or not state.plan.settings.auto_merge for task in asked)


def _needed(client: Client) -> str:
    state = client.state
    for wave in state.waves:
        if wave.phase is WavePhase.OFFERED:
            return f"approval needed: wavetree approve {wave.number}"
    if points := points_for_people(state):
        return f"{clean(points[0].name, 60)} waits for you: wavetree sync"
    if wanted := people_wanted(state):
        return f"needed: {', '.join(wanted)}; look at it with: wavetree gate"
    if waiting := [task.id for task in state.moving if in_review(task)]:
        return f"in review: {', '.join(waiting)}; look at it with: wavetree review"
    return f"ready to merge: {', '.join(state.queue)}; wavetree approve {state.queue[0]}"


def _last(client: Client) -> str:
    state, times = client.state, client.timeline
    seconds = (times.ended or times.last) - times.created
    if state.phase is RunPhase.DONE:
        faster = measured(client, "velocity_increase")
        rate = "n/a" if faster is None else f"{faster:.0f}%"
        return f"✅ Completed in {seconds / 3600:.2f} hours\nVelocity increase: {rate}"
    ways = ["`wavetree resume` goes on with it", "`wavetree report` tells it whole"]
    if any(wave.phase is WavePhase.FAILED for wave in state.waves):
        ways.insert(0, "`wavetree gate` shows the gates and what can be done")
    said = f"❌ {state.phase.value} after {show_duration(seconds)}: {clean(state.reason)}"
    return f"{said}\n  next: {'; '.join(ways)}"


def _result(client: Client, code: int, *, as_json: bool) -> int:
    tell_unwritten(client)
    if as_json:
        print(json.dumps(batch_result(client.state, client.timeline)))
    return code


def tell_unwritten(client: Client) -> None:
    """Print as one JSON array the results that could not be recorded, for a person to keep (M161)."""
    if found := unwritten(client.state, client.timeline):
        print(json.dumps(found))


def _print(lines: list[str]) -> None:
    for line in lines:
        sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
