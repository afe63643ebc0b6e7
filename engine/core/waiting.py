"""A task's state in one word, and what it waits for in words."""

from __future__ import annotations

from engine.core.few import few
from engine.core.plan import Mode, StartPolicy
from engine.core.reviewing import in_review, unreviewed
from engine.core.standing import before_isolated, critical_of, firsts, frozen_of, held_at_point, stands_still
from engine.core.state import (
    DONE,
    LIVE,
    SETTLED,
    Phase,
    State,
    TaskState,
    WavePhase,
    WaveState,
    live_in,
    unfinished_before,
)


def word(state: State, task: TaskState) -> str:
    """The task's state in the glossary's one word: pending, waiting, running, coordinating, paused,
    reviewing, complete, merged, failed, blocked, stopped, skipped."""
    match task.phase:
        case Phase.PENDING:
            return "waiting" if waiting_for(state, task) else "pending"
        case Phase.RUNNING if not task.held and held_at_point(state, task):
            return "coordinating"
        case Phase.RUNNING if task.frozen:
            return "paused"
        case (
            Phase.MAKING
            | Phase.MADE
            | Phase.UNDOING
            | Phase.SETUP
            | Phase.READY
            | Phase.RUNNING
            | Phase.COLLECTING
        ):
            return "running"
        case Phase.COMPLETE if in_review(task):
            return "reviewing"
        case Phase.COMPLETE | Phase.MERGING:
            return "complete"
        case _:
            return task.phase.value


def waiting_for(state: State, task: TaskState) -> tuple[str, ...]:
    """What a pending or complete task waits for, in words; empty when nothing holds it back."""
    spec = state.spec(task.id)
    if task.retry_queued:
        return (f"a fix, then: wavetree fixed {task.id}",)
    reasons: list[str] = []
    if in_review(task):
        return tuple(team or "a review" for team in unreviewed(task))
    if task.phase is Phase.COMPLETE and (ids := critical_of(state, task.id)):
        return (f"your answer to {', '.join(ids)}",)
    if task.phase is Phase.COMPLETE and (ahead := firsts(state, task.id)):
        return tuple(f"{first}, as serialized" for first in ahead)
    if task.phase in (Phase.COMPLETE, Phase.RUNNING) and task.id in state.behind_red:
        return (_red(state),)
    if task.phase is Phase.COMPLETE and task.isolated:
        return (_isolated_waits_for(state, task),)
    if task.phase is Phase.COMPLETE:
        if not state.plan.settings.auto_merge and not task.merge_approved:
            return ("your approval of the merge",)
        return ("its gates, once more and alone" if task.accused else _merge_waits_for(state, task),)
    if task.phase is not Phase.PENDING:
        return ()
    wave = state.waves[task.wave - 1]
    if wave.phase is WavePhase.PENDING and wave.number > 1:
        last = state.waves[wave.number - 2]
        if last.phase is not WavePhase.CLOSED:
            reasons.append(f"wave {last.number}")
        elif state.ended:
            reasons.append(f"the run, which is {state.phase.value}")
    if wave.phase is WavePhase.OFFERED:
        reasons.append(f"approval of wave {wave.number}")
    for need in spec.needs:
        other = state.tasks[need.task]
        reached = need.milestone is not None and need.milestone in other.milestones
        if other.phase not in DONE and not reached:
            reasons.append(need.task if need.milestone is None else f"{need.task}: {need.milestone}")
    reasons += [f"{first}, as serialized" for first in firsts(state, task.id)]
    reasons += [f"frozen: {name}" for name in frozen_of(state, task.id)]
    if task.id in state.behind_red:
        reasons.append(_red(state))
    if task.held:
        reasons.append("held by you")
    if not reasons and wave.phase is WavePhase.OPEN:
        if wave.mode is Mode.SEQUENTIAL and (before := _earlier(state, wave, task.id)):
            reasons.append(before)
        elif others := unfinished_before(state, wave):
            reasons.append(f"wave {others[0]}")
        elif lacks := state.room.lacks(task.id):
            reasons.append(lacks)
        elif wave.slots and live_in(state, wave) >= wave.slots:
            reasons.append(f"a free slot of wave {wave.number}")
        elif len(state.sessions()) >= state.slots:
            reasons.append("a free slot")
        elif state.load != "free":
            reasons.append(state.load_why or f"machine load: {state.load}")
    return tuple(reasons)


def _red(state: State) -> str:
    wave = next(wave for wave in state.waves if wave.red)
    return f"the gate {wave.red} of wave {wave.number}, which is red"


def _isolated_waits_for(state: State, task: TaskState) -> str:
    before = before_isolated(state, task)
    if before:
        return f"{few(before)}, being isolated"
    return "its turn to merge" if task.merge_approved else "your approval of the merge"


def _merge_waits_for(state: State, task: TaskState) -> str:
    wave = state.waves[task.wave - 1]
    together = state.plan.start_policy is StartPolicy.WAVE and wave.mode is Mode.PARALLEL
    if together and any(
        task.phase in LIVE and not stands_still(state, task)
        for task in map(state.tasks.__getitem__, wave.tasks)
    ):
        return f"the other agents of wave {wave.number}"
    return "its turn to merge"


def _earlier(state: State, wave: WaveState, task_id: str) -> str:
    for other in wave.tasks:
        if other == task_id:
            return ""
        if state.tasks[other].phase not in SETTLED:
            return other
    return ""
