"""One sentence: what happens next and what it waits for."""

from __future__ import annotations

from collections.abc import Callable

from engine import (
    SETTLED,
    Land,
    Phase,
    RunPhase,
    State,
    WavePhase,
    WaveState,
    clean,
    gates_of,
    in_review,
    people_wanted,
    points_for_people,
    waits_for_gate,
)
from tui.measures import count, listing

Say = Callable[[str], str]
"""How a person does what an action of that name does: the key to press, or the command to type."""


def next_line(state: State, say: Say, *, alive: bool = True) -> str:
    """The sentence for the present moment; for a run that ended, how it ended. `alive`: the engine runs."""
    if state.ended:
        return _ended(state, say)
    if not alive:
        return f"nothing until the engine is back: {say('resume')}; agents at work go on meanwhile"
    if state.phase is RunPhase.NEW:
        return "the run begins"
    if state.phase is RunPhase.STOPPING:
        return f"stopping: {count(len(state.sessions()), 'agent')} still to end"
    if state.halted is not None:
        return f"halted, nothing new starts: {clean(state.halted.message, 200)}"
    if everything_held(state):
        return f"everything is held by you; {say('pause_all')} lets it go on"
    if state.phase is RunPhase.CHECKING:
        return "checking the repository"
    wave = state.current_wave
    return _wave(state, wave, say) if wave else "the run's end"


def everything_held(state: State) -> bool:
    """Whether a person holds every task that is not settled."""
    left = [task for task in state.tasks.values() if task.phase not in SETTLED]
    return bool(left) and all(task.held for task in left)


def _ended(state: State, say: Say) -> str:
    merged = sum(task.phase is Phase.MERGED for task in state.tasks.values())
    done = f"{merged} of {count(len(state.tasks), 'task')} merged"
    reason = clean(state.reason, 200)
    rest = f": {reason}" if reason else ""
    if state.phase is RunPhase.DONE:
        return f"run done, {done}{rest}"
    return f"run {state.phase.value}, {done}{rest} · {say('resume')} goes on"


def _wave(state: State, wave: WaveState, say: Say) -> str:
    name = f"wave {wave.number} {clean(wave.name, 60)}"
    if red := waits_for_gate(state):
        return f"wave {red.number} waits for its red gate {clean(red.red, 60)}: {say('sign')}"
    if wanted := people_wanted(state):
        return f"{name} waits for {listing([clean(one, 60) for one in wanted], 3)}: {say('sign')}"
    if points := points_for_people(state):
        return f"{clean(points[0].name, 60)} waits for you: {say('sync')}"
    reading = [clean(task.id, 40) for task in state.moving if in_review(task)]
    if reading and not state.sessions():
        return f"{listing(reading, 3)} in review before merging: {say('review')}"
    match wave.phase:
        case WavePhase.PENDING:
            return f"{name} begins"
        case WavePhase.OFFERED:
            return f"{name}, {count(len(wave.tasks), 'task')}, waits for your approval: {say('approve')}"
        case WavePhase.OPEN if merging := _to_be_asked(state, wave):
            return f"{listing(merging, 3)} may merge when you say so: {say('merge')}"
        case WavePhase.OPEN:
            return f"{_after(state, wave)} {_waiting(state, wave)}"
        case WavePhase.SYNCING | WavePhase.GATING:
            return f"{name}'s gates, then {_landing(state, wave)}"
        case WavePhase.ADVANCING | WavePhase.LANDING:
            return f"{name} {_landing(state, wave)}"
        case WavePhase.FAILED:
            return f"{name} is held by a red gate; its alert says what to do"
        case WavePhase.CLOSED:
            return f"{name} is closed"


def _to_be_asked(state: State, wave: WaveState) -> list[str]:
    """The complete tasks whose merge a person has to allow, once nothing else of the wave is at work."""
    left = [task for name in wave.tasks if (task := state.tasks[name]).phase not in SETTLED]
    asks = [
        clean(task.id, 40)
        for task in left
        if task.phase is Phase.COMPLETE
        and not task.merge_approved
        and (task.isolated or not state.plan.settings.auto_merge)
    ]
    return asks if len(asks) == len(left) else []


def _after(state: State, wave: WaveState) -> str:
    """What stands after the wave that is at work."""
    if gates_of(state.plan).wave:
        return f"wave {wave.number}'s gates wait for"
    if wave.number < len(state.waves):
        return f"wave {wave.number + 1} {clean(state.waves[wave.number].name, 60)} waits for"
    return "the run's gates wait for" if gates_of(state.plan).run else "the run's end waits for"


def _waiting(state: State, wave: WaveState) -> str:
    tasks = [clean(task, 40) for task in wave.tasks if state.tasks[task].phase not in SETTLED]
    last = wave.number == len(state.waves)
    consent = "" if state.auto_approve or last or gates_of(state.plan).wave else ", then your approval"
    return f"{listing(tasks, 4) or 'nothing'}{consent}"


def _landing(state: State, wave: WaveState) -> str:
    last = wave.number == len(state.waves)
    land = state.plan.settings.land
    if land is Land.NEVER or (land is Land.END and not last):
        return "closes"
    return f"lands on {clean(state.base, 40)}"
