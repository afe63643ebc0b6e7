"""When a command has had its effect, and what is said of it then."""

from __future__ import annotations

from collections.abc import Callable

from engine.core import commands
from engine.core.durations import show_span
from engine.core.standing import rests, stands_still
from engine.core.state import LIVE, Phase, State


def effect_of(command: commands.Command) -> Callable[[State], bool]:
    """Asked of a state, whether the effect of `command` is there, so that it may be acknowledged."""

    def still(state: State, names: tuple[str, ...], frozen: bool) -> bool:
        tasks = [state.tasks[name] for name in names or state.tasks]
        running = [task for task in tasks if task.phase is Phase.RUNNING and not task.killing]
        if not frozen:  # who waits for something else than the person stays where it is
            running = [task for task in running if not rests(state, task)]
        return all(task.frozen is frozen and not task.freezing for task in running)

    match command:
        case commands.InRole(command=inner):
            return effect_of(inner)
        case commands.Pause(tasks=tasks):
            return lambda state: state.ended or still(state, tasks, True)
        case commands.Unpause(tasks=tasks):
            return lambda state: state.ended or still(state, tasks, False)
        case commands.Serialize(second=second):
            return lambda state: state.ended or _at_rest(state, (second,))
        case commands.SerializeWave(wave=wave):
            return lambda state: state.ended or _at_rest(state, state.waves[wave - 1].tasks)
        case commands.Resolve():
            return lambda state: state.ended or not any(task.placing for task in state.moving)
        case commands.Retry(task=task) | commands.Fixed(task=task):
            return lambda state: not state.tasks[task].restarting
        case commands.Stop():
            return lambda state: state.ended
        case commands.StopTask(task=task):
            return lambda state: state.tasks[task].phase not in LIVE | {Phase.COLLECTING}
        case _:
            return lambda state: True


def _at_rest(state: State, names: tuple[str, ...]) -> bool:
    """Whether those of these tasks that are to stand still do."""
    waiting = [state.tasks[name] for name in names if stands_still(state, state.tasks[name])]
    running = [task for task in waiting if task.phase is Phase.RUNNING and not task.killing]
    return all(task.frozen and not task.freezing for task in running)


def sentence(command: commands.Command) -> str:
    """What a person reads once the effect of `command` is there."""
    match command:
        case commands.InRole(command=inner):
            return sentence(inner)
        case commands.Approve(wave=wave, role=role) if role:
            return f"wave {wave or 'at work'} approved as {role}"
        case commands.Approve(wave=wave):
            return f"wave {wave} approved" if wave else "approved"
        case commands.ApproveMerge(task=task):
            return f"the merge of {task} is approved"
        case commands.Reject(wave=wave):
            return f"wave {wave} rejected; the run stops" if wave else "rejected; the run stops"
        case commands.Pause(tasks=tasks):
            return f"paused: {', '.join(tasks) or 'all'}"
        case commands.Unpause(tasks=tasks):
            return f"going on: {', '.join(tasks) or 'all'}"
        case commands.Isolate(task=task):
            return f"{task} goes on alone; it is merged last, when you approve it: wavetree approve {task}"
        case commands.Serialize(first=first, second=second):
            return f"{second} waits until {first} is merged, then goes on on top of it"
        case commands.SerializeWave(wave=wave):
            return f"wave {wave} goes on one task after the other"
        case commands.Move(task=task, wave=wave):
            return f"{task} is of wave {wave} now" if wave else f"{task} is of a later wave now"
        case commands.Estimate(task=task, estimate=estimate):
            return f"{task} is expected to take {show_span(estimate)}"
        case commands.Resolve(conflict=conflict, settled=settled):
            return f"{conflict} is settled: {', '.join(one.file for one in settled)}"
        case commands.Say(task=task):
            return f"sent to {task}"
        case commands.FreezeResource(name=name):
            return f"nobody gets {name} until: wavetree resource unfreeze {name}"
        case commands.UnfreezeResource(name=name):
            return f"{name} is given out again"
        case commands.Review(task=task, approve=approve):
            said = "approved" if approve else f"rejected; try it again with: wavetree retry {task}"
            return f"the review of {task} is {said}"
        case commands.Tick(wave=wave):
            return f"criteria of wave {wave or 'at work'} ticked"
        case commands.Override(wave=wave):
            return f"wave {wave or 'at work'} goes on, as overridden"
        case commands.RetryGate(wave=wave):
            return f"the gates of wave {wave} run again" if wave else "the red gate runs again"
        case commands.Release(task=task):
            return f"{task} is released"
        case commands.UndoDecision(number=number):
            return f"decision {number} is taken back" if number else "the last decision is taken back"
        case commands.Fixed(task=task):
            return f"the retry of {task} starts"
        case commands.Retry(task=task):
            return f"{task} is tried again"
        case commands.StopTask(task=task):
            return f"{task} is stopped; its worktree is kept"
        case commands.Stop():
            return "the run is stopped; take it up again with: wavetree resume"
        case commands.ApprovePoint(point=point):
            return f"the criteria of {point} are approved"
        case commands.ChooseProcedure(point=point, procedure=procedure):
            return f"{point}: {procedure} is chosen"
        case commands.SetSlots(slots=slots):
            return f"{slots} slots"
        case commands.Resume():
            return "resumed"
