"""Which tasks start now: the only place that starts one, so no path around the slots exists."""

from __future__ import annotations

import hashlib

import msgspec

from engine.core.actions import gates_of
from engine.core.intents import Ground, WorktreeRequested
from engine.core.plan import Mode, Need, StartPolicy, Task
from engine.core.standing import firsts, frozen_of
from engine.core.state import (
    DEAD,
    DONE,
    SETTLED,
    Phase,
    RunPhase,
    State,
    TaskState,
    WavePhase,
    WaveState,
    live_in,
    unfinished_before,
)
from engine.core.throttling import slots_now
from engine.core.verdicts import TaskBlocked, WaveApproved, WaveOffered


def starts(state: State) -> list[WorktreeRequested]:
    """All tasks that may start in this step, in the order of their rank, within the slots and with room for
    what they hold (M083, M046, M075)."""
    if state.phase is not RunPhase.ACTIVE or state.halted or not state.integrated:
        return []
    if state.load != "free" or _ending(state):
        return []
    free = slots_now(state) - len(state.sessions())
    if free <= 0:
        return []
    ready = [task for wave in state.waves if wave.phase is WavePhase.OPEN for task in _ready(state, wave)]
    ready.sort(key=lambda task: -state.rank.get(task.id, 0.0))
    return [_start(state, task) for task in _with_room(state, ready, free)]


def _with_room(state: State, ready: list[TaskState], free: int) -> list[TaskState]:
    room = state.new_room()
    live = {wave.number: live_in(state, wave) for wave in state.waves if wave.slots}
    chosen: list[TaskState] = []
    taken: set[str] = set()
    for task in ready:
        if len(chosen) == free:
            break
        most = state.waves[task.wave - 1].slots
        alone = {name for name in state.spec(task.id).resources if name in state.contended}
        if (not most or live[task.wave] < most) and taken.isdisjoint(alone) and room.enter(task.id):
            chosen.append(task)
            taken |= alone
            if most:
                live[task.wave] += 1
    return chosen


def _ending(state: State) -> bool:
    """Under wave barriers nothing starts while a wave is being gated and landed."""
    wave = state.current_wave
    return (
        state.plan.start_policy is StartPolicy.WAVE
        and wave is not None
        and wave.phase not in (WavePhase.OPEN, WavePhase.OFFERED, WavePhase.PENDING)
    )


def _ready(state: State, wave: WaveState) -> list[TaskState]:
    if unfinished_before(state, wave):
        return []
    tasks = [state.tasks[name] for name in wave.tasks]
    if wave.mode is Mode.SEQUENTIAL:
        tasks = [task for task in tasks if task.phase not in SETTLED][:1]
    return [
        task
        for task in tasks
        if task.phase is Phase.PENDING
        and not task.held
        and not firsts(state, task.id)
        and not frozen_of(state, task.id)
        and task.id not in state.behind_red
        and met(state, state.spec(task.id))
    ]


def met(state: State, task: Task) -> bool:
    """Whether all that the task needs is there: merged, complete before, or its milestone reached."""
    return all(state.tasks[need.task].phase in DONE or _reached(state, need) for need in task.needs)


def _reached(state: State, need: Need) -> bool:
    """Whether an unmerged task has reached the milestone and, as far as is known, will be merged. While what
    its agent left is being judged, nobody knows."""
    other = state.tasks[need.task]
    if need.milestone is None or need.milestone not in other.milestones:
        return False
    return other.phase not in DEAD | {Phase.COLLECTING} and not lost_grounds(state, other)


def lost_grounds(state: State, task: TaskState) -> list[str]:
    """The tasks whose commits `task` was built on and that ended since, or were started anew: these commits
    will never be merged."""
    return [
        ground.task
        for ground in task.built_on
        if (other := state.tasks[ground.task]).attempt != ground.attempt
        or other.phase in DEAD
        or other.phase is Phase.PENDING
    ]


def _start(state: State, task: TaskState) -> WorktreeRequested:
    attempt = task.attempt + 1
    suffix = "" if attempt == 1 else f"-{attempt}"
    while suffix and f"{task.id}{suffix}" in state.tasks:
        suffix = f"-attempt{suffix}"  # another task has that name
    return WorktreeRequested(
        task.id,
        attempt,
        state.batch + 1,
        branch_name(state.spec(task.id)) + suffix,
        worktree_path(state.repo, task.id) + suffix,
        state.tip,
        _grounds(state, state.spec(task.id)),
    )


def _grounds(state: State, task: Task) -> tuple[Ground, ...]:
    """The branches of the unmerged tasks whose milestones `task` waited for, in the order of its needs."""
    found: dict[str, Ground] = {}
    for need in task.needs:
        other = state.tasks[need.task]
        if other.phase not in DONE:
            settled = all(state.tasks[ground.task].phase in DONE for ground in other.built_on)
            base = other.base if settled else ""
            found[other.id] = Ground(other.id, other.attempt, other.branch, base)
    return tuple(found.values())


def branch_name(task: Task) -> str:
    """`feature/us-065` for a priority number, `{type}/{id}` for a ticket (M081); later attempts add `-n`."""
    return f"feature/us-{int(task.id):03d}" if task.id.isdecimal() else f"{task.type}/{task.id}"


def worktree_path(repo: str, task_id: str) -> str:
    """`<repo>-wt<ID>` beside the repository (M081); later attempts add `-n`."""
    return f"{repo}-wt{task_id}"


def blocked(state: State) -> list[TaskBlocked]:
    """Pending tasks one of whose needs can no longer be met (M167)."""
    found: list[TaskBlocked] = []
    for task in state.tasks.values() if state.dead else ():
        if task.phase is not Phase.PENDING:
            continue
        if dead := [need.task for need in state.spec(task.id).needs if need.task in state.dead]:
            found.append(TaskBlocked(task.id, dead[0]))
    return found


def offers(state: State) -> list[WaveOffered | WaveApproved]:
    """The waves to put before a person now, or to open at once under auto-approve (M144, M089)."""
    if state.phase is not RunPhase.ACTIVE or state.halted:
        return []
    found: list[WaveOffered | WaveApproved] = []
    for wave in state.waves:
        if wave.phase is WavePhase.PENDING and _reachable(state, wave):
            shown = digest(state, wave)
            if all(state.tasks[name].phase in SETTLED for name in wave.tasks):
                found.append(WaveApproved(wave.number, "nothing to start", digest=shown))
            elif state.auto_approve:
                found.append(WaveApproved(wave.number, "auto-approve", digest=shown))
            else:
                found.append(WaveOffered(wave.number, shown))
        elif wave.phase is WavePhase.OFFERED and wave.digest != (shown := digest(state, wave)):
            found.append(WaveOffered(wave.number, shown))
    return found


def _reachable(state: State, wave: WaveState) -> bool:
    if state.current_wave is wave:
        return True
    if state.plan.start_policy is StartPolicy.WAVE:
        return False
    tasks = [state.tasks[name] for name in wave.tasks]
    return any(task.phase is Phase.PENDING and met(state, state.spec(task.id)) for task in tasks)


def digest(state: State, wave: WaveState) -> str:
    """What an approval of the wave is bound to: its tasks and their order, agents, gates, slots, settings."""
    plan = state.plan
    shown = (
        wave.number,
        [state.spec(name) for name in wave.tasks],
        wave.mode,
        plan.agents,
        plan.setup,
        gates_of(plan),
        plan.conflicts,
        plan.file_rules,
        plan.supplies,
        plan.machine,
        plan.settings,
        state.slots,
        state.base,
        [(order.first, order.second) for order in state.orders if order.second in wave.tasks],
    )
    return hashlib.sha256(msgspec.json.encode(shown, order="deterministic")).hexdigest()[:16]
