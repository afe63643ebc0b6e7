"""The merge queue and the end of a wave: candidates, gates on each candidate, compare-and-swap, landing.

Merges in progress form a train: each candidate is made on top of the one ahead of it and tested while that is
still tested (M134). Only the head goes onto the branch, and only on the very tip it was tested on. What goes
wrong in company is not blamed: the task waits until it is the only one, and is tried once more.
"""

from __future__ import annotations

import itertools

from engine.core.actions import gates_of, judge
from engine.core.criteria import check
from engine.core.events import Event
from engine.core.gauged import GateLevel
from engine.core.intents import (
    AbortRequested,
    AdvanceRequested,
    CandidateRequested,
    CleanupRequested,
    GateRequested,
    LandRequested,
    RecordRequested,
    SyncRequested,
)
from engine.core.plan import Gate, Land, MergeOrder, Mode, StartPolicy
from engine.core.pulls import by_pull_request, waits_for_pull_request
from engine.core.record.log_entry import recorded
from engine.core.reviewing import waits_for_review
from engine.core.signing import waits_for_people
from engine.core.standing import before_isolated, critical_of, firsts, stands_still
from engine.core.starting import lost_grounds, met
from engine.core.state import (
    DONE,
    LIVE,
    SETTLED,
    Merge,
    MergeStage,
    Phase,
    RunPhase,
    State,
    TaskState,
    Tree,
    WavePhase,
    WaveState,
)
from engine.core.tracking import inside
from engine.core.verdicts import GateJudged, WaveClosed, WaveEnded, WaveReopened


def merges(state: State) -> list[Event]:
    """The next step of a merge in progress, or the start of one more."""
    task = _joins(state)
    for merge in state.train:
        if events := _go_on(state, merge, more=task is not None):
            return events
    if task is None:
        return []
    tip = state.train[-1].sha if state.train else state.tip
    return [CandidateRequested(task.id, task.attempt, task.branch, task.base, task.head, tip, state.settled)]


def _joins(state: State) -> TaskState | None:
    """The task whose candidate is made next, on top of the train."""
    if state.phase is not RunPhase.ACTIVE or not state.queue or _wave_is_ending(state):
        return None
    task = _next(state) if _has_room(state) else None
    if task is None or (task.accused and state.train) or in_test(state, task.id):
        return None
    return task


def _go_on(state: State, merge: Merge, *, more: bool) -> list[Event]:
    """The next step of one merge; `more`: another is about to join the train."""
    if merge.stage is not MergeStage.GATE or in_test(state, merge.task):
        return []
    if _untested(state, merge):
        slot = merge.slot or _free_slot(state, merge)
        if merge.rides or not slot or state.phase is RunPhase.STOPPING:
            return []
        batch = (merge,) if merge.slot else _batch(state, merge, more=more)
        if not batch:
            return []
        last, along = batch[-1], tuple(one.task for one in batch[:-1])
        tasks, gate = (state.tasks[last.task],), gates_of(state.plan).task[last.gate]
        return [_asked(state, GateLevel.TASK, last.task, gate, last.sha, tasks, slot, along)]
    return [AdvanceRequested(merge.task, merge.tip, merge.sha)] if merge is state.merge else []


def _batch(state: State, merge: Merge, *, more: bool) -> tuple[Merge, ...]:
    """The merges that are tested together, from this one on; none as long as there will be more of them.
    What a gate without a command judges is one task's, so each is judged."""
    size = _batch_size(state)
    found = state.train[state.train.index(merge) :][:size]
    if found[-1].stage is MergeStage.CANDIDATE or (more and len(found) < size):
        return ()
    while found[-1].sha == found[-1].tip:
        found = found[:-1]
    return found


def _batch_size(state: State) -> int:
    by_command = all(gate.run for gate in gates_of(state.plan).task)
    return state.plan.settings.gate_batch if by_command else 1


def _untested(state: State, merge: Merge) -> bool:
    if merge.rides:
        return any(one.task == merge.rides and _untested(state, one) for one in state.train)
    return merge.gate < len(gates_of(state.plan).task) and merge.sha != merge.tip


def _free_slot(state: State, merge: Merge) -> int:
    """The slot for the gates of a candidate, all in one worktree; 0 when none is free."""
    taken = {one.slot for one in state.train if one.slot and _untested(state, one)}
    taken.update(state.testing.values())
    if len(taken) >= (1 if state.tasks[merge.task].accused else _gate_slots(state)):
        return 0
    return next(number for number in itertools.count(1) if number not in taken)


def _gate_slots(state: State) -> int:
    """How many gates may run at once: one where none takes time, and when the machine is busy."""
    takes_time = any(gate.run for gate in gates_of(state.plan).task)
    return state.plan.settings.gate_slots if takes_time and state.load == "free" else 1


def _has_room(state: State) -> bool:
    """Whether one more candidate may be made on top of the train; tested ones may wait for what is ahead."""
    if not state.train:
        return True
    last, slots = state.train[-1], _gate_slots(state)
    return (
        len(state.train) < _batch_size(state) * (2 * slots if slots > 1 else 1)
        and last.stage is not MergeStage.CANDIDATE
        and not state.tasks[last.task].accused
    )


def in_test(state: State, task: str) -> bool:
    """Whether a candidate of the task is being made or a gate runs on one, be it one that is given up."""
    prefixes = (f"gate:task:{task}:", f"candidate:{task}:")
    return any(key.startswith(prefixes) for key in state.open)


def given_up(state: State) -> list[AbortRequested]:
    """The gates of candidates that will never land: what was ahead of them has gone wrong."""
    going = tuple(f"gate:task:{merge.task}:" for merge in state.train)
    return [
        AbortRequested(key)
        for key in state.testing
        if key.startswith("gate:task:") and key not in state.aborted and not key.startswith(going)
    ]


def _wave_is_ending(state: State) -> bool:
    wave = state.current_wave
    return wave is not None and wave.phase in (
        WavePhase.SYNCING,
        WavePhase.GATING,
        WavePhase.ADVANCING,
        WavePhase.LANDING,
    )


def _ordered(state: State) -> list[str]:
    if state.plan.settings.merge_order is MergeOrder.COMPLETION:
        return list(state.queue)
    return [task.id for task in state.plan.tasks if task.id in state.queue]


def _next(state: State) -> TaskState | None:
    """The first task in the queue that may be merged now."""
    held: dict[int, bool] = {}
    for name in _ordered(state):
        task = state.tasks[name]
        if task.wave not in held:
            held[task.wave] = _held_for_wave(state, state.waves[task.wave - 1])
        if (not held[task.wave] or _is_waited_for(state, task)) and _may_merge(state, task):
            return task
    return None


def _is_waited_for(state: State, task: TaskState) -> bool:
    """Whether an agent stands still until the task is merged. It may have the slot without which the wave
    does not end."""
    return any(
        task.id in firsts(state, other.id)
        or any(task.id in state.conflicts[id].tasks for id in other.held_by)
        for other in state.moving
        if other.id != task.id and other.phase is Phase.RUNNING
    )


def _may_merge(state: State, task: TaskState) -> bool:
    if task.phase is not Phase.COMPLETE or waits_for_pull_request(state, task):
        return False
    if waits_for_review(state, task):
        return False
    if not state.plan.settings.auto_merge and not task.merge_approved:
        return False
    if any(state.tasks[need.task].phase not in DONE for need in state.spec(task.id).needs):
        return False
    if firsts(state, task.id) or critical_of(state, task.id) or task.id in state.behind_red:
        return False
    if task.isolated and (not task.merge_approved or before_isolated(state, task)):
        return False
    return not _earlier_first(state, state.waves[task.wave - 1], task)


def _held_for_wave(state: State, wave: WaveState) -> bool:
    """Under wave barriers a parallel wave merges when its agents have all ended (D14)."""
    if state.plan.start_policy is StartPolicy.DEPENDENCY or wave.mode is Mode.SEQUENTIAL:
        return False
    return any(_still_works(state, state.tasks[name]) for name in wave.tasks)


def _still_works(state: State, task: TaskState) -> bool:
    if task.phase is Phase.PENDING:
        return (
            not firsts(state, task.id)
            and met(state, state.spec(task.id))
            and not _waits_for_a_merge(state, task)
        )
    if stands_still(state, task):
        return False  # until another is merged
    return task.phase in LIVE or task.phase is Phase.COLLECTING


def _waits_for_a_merge(state: State, task: TaskState) -> bool:
    """Whether a lock that the task needs is held by one that has ended and is not merged yet: that one has to
    merge first, although the wave goes on."""
    mine = set(state.holdings.locks.get(task.id, ()))
    return bool(mine) and any(
        other.phase not in LIVE and not mine.isdisjoint(state.holdings.locks.get(other.id, ()))
        for other in state.moving
    )


def _earlier_first(state: State, wave: WaveState, task: TaskState) -> bool:
    """In plan order a task waits for those listed before it in its wave that can still finish."""
    if state.plan.settings.merge_order is MergeOrder.COMPLETION:
        return False
    for name in wave.tasks:
        if name == task.id:
            return False
        other = state.tasks[name]
        if (
            other.phase not in SETTLED
            and other.phase is not Phase.MERGING
            and not stands_still(state, other)
            and not other.isolated
            and not (other.phase is Phase.PENDING and _cannot_start(state, other))
        ):
            return True
    return False


def _cannot_start(state: State, task: TaskState) -> bool:
    """Whether something has to be merged before the task can start."""
    unmet = not met(state, state.spec(task.id)) or bool(firsts(state, task.id))
    return unmet or _waits_for_a_merge(state, task)


def orphaned(state: State, task: TaskState) -> list[str]:
    """The tasks a complete one waits for in vain, having started at their milestones: they failed, or what
    it was built on of theirs was given up."""
    dead = [need.task for need in state.spec(task.id).needs if need.task in state.dead] if state.dead else []
    return list(dict.fromkeys([*dead, *lost_grounds(state, task)]))


# ── the end of a wave ───────────────────────────────────────────────────────────────────────────────


def wave_end(state: State) -> list[Event]:
    """The next step of ending the first wave that is not closed: sync, gates, advance, land, close."""
    wave = state.current_wave
    if wave is None or state.train or state.phase is not RunPhase.ACTIVE:
        return []
    match wave.phase:
        case WavePhase.OPEN:
            settled = all(state.tasks[name].phase in SETTLED for name in wave.tasks)
            return [WaveEnded(wave.number)] if settled else []
        case WavePhase.SYNCING:
            return _sync(state, wave)
        case WavePhase.GATING:
            return _gate(state, wave)
        case WavePhase.LANDING:
            return _land(state, wave)
        case _:
            return []


def _sync(state: State, wave: WaveState) -> list[Event]:
    if any(key.startswith(("sync:", "record:", "gate:")) for key in state.open):
        return []
    if not wave.recorded and recorded(state, wave.tasks):
        return [RecordRequested(wave.number)]
    if _lands(state, wave) and state.tip != state.landed:
        done = tuple(task.id for task in state.tasks.values() if task.phase is Phase.MERGED)
        roadmap, fix = state.plan.roadmap, state.plan.settings.roadmap_autofix
        files = inside(state.plan)
        return [
            SyncRequested(
                wave.number,
                state.tip,
                state.settled,
                roadmap,
                done if roadmap else (),
                fix,
                files,
                done if files else (),
            )
        ]
    if all(state.tasks[name].phase is Phase.SKIPPED for name in wave.tasks):
        return [_close(state, wave)]
    gates = _gates(state, wave, synced=False)
    if not gates:
        return _land(state, wave)
    return [_request(state, wave, gates[0], state.tip)]


def _gate(state: State, wave: WaveState) -> list[Event]:
    if any(key.startswith("gate:") for key in state.open):
        return []
    synced = wave.candidate != state.tip
    gates = _gates(state, wave, synced)
    if wave.gate < len(gates):
        return [_request(state, wave, gates[wave.gate], wave.candidate)]
    if synced:
        return [AdvanceRequested(str(wave.number), state.tip, wave.candidate)]
    return _land(state, wave)


def _land(state: State, wave: WaveState) -> list[Event]:
    if any(key.startswith("gate:") for key in state.open):
        return []
    if waits_for_people(state, wave):
        request = check(state, wave)
        return [request] if request else []
    if any(key.startswith("land:") for key in state.open):
        return []
    if _lands(state, wave) and state.tip != state.landed and not state.land_refused:
        return [LandRequested(wave.number, state.tip)]
    return [_close(state, wave)]


def _close(state: State, wave: WaveState) -> WaveClosed | WaveReopened:
    over = all(state.tasks[name].phase in SETTLED for name in wave.tasks)
    return WaveClosed(wave.number) if over else WaveReopened(wave.number)


def _lands(state: State, wave: WaveState) -> bool:
    if by_pull_request(state):
        return False
    match state.plan.settings.land:
        case Land.WAVE:
            return True
        case Land.END:
            return wave.number == len(state.waves)
        case Land.NEVER:
            return False


def _gates(state: State, wave: WaveState, synced: bool) -> list[tuple[GateLevel, Gate]]:
    """A base that moved was merged in: what comes of it passes the task gates again before it lands."""
    if wave.overridden:
        return []
    gates = gates_of(state.plan)
    found = [(GateLevel.WAVE, gate) for gate in (*(gates.task if synced else ()), *gates.wave)]
    if wave.number == len(state.waves):
        found += [(GateLevel.RUN, gate) for gate in gates.run]
    return found


def _request(state: State, wave: WaveState, gate: tuple[GateLevel, Gate], sha: str) -> Event:
    level, check = gate
    tasks = tuple(state.tasks[name] for name in wave.tasks if state.tasks[name].phase is Phase.MERGED)
    return _asked(state, level, str(wave.number), check, sha, tasks)


def _asked(
    state: State,
    level: GateLevel,
    subject: str,
    gate: Gate,
    sha: str,
    tasks: tuple[TaskState, ...],
    slot: int = 1,
    along: tuple[str, ...] = (),
) -> Event:
    """The gate's command is run, or the engine judges it at once."""
    if gate.action and not gate.run:
        return GateJudged(level, subject, gate.name, *judge(state, gate, tasks))
    return GateRequested(level, subject, gate, sha, state.turn, slot, along)


def cleanups(state: State) -> list[CleanupRequested]:
    """Merged worktrees to remove, once no merge is waiting for the queue. The branches that a worktree in the
    making is to start from are still needed."""
    if state.train or (state.queue and _next(state) is not None):
        return []
    making = [task for task in state.moving if task.phase is Phase.MAKING]
    needed = {ground.task for task in making for ground in task.built_on}
    return [
        CleanupRequested(task.id, task.attempt, task.branch, task.path, task.head, task.proposed)
        for task in state.tasks.values()
        if task.phase is Phase.MERGED and task.tree is Tree.PRESENT and task.id not in needed
    ]
