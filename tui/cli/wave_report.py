"""The report of a parallel wave, for people: launch, waiting, results, recording, summary (M114).

It is given for waves of which several tasks run side by side, in runs of several waves or of an execution
order. What runs as one wave is told in the five stages alone (M096)."""

from __future__ import annotations

from collections.abc import Mapping

from engine import Mode, Phase, State, TaskState, WaveState, clean
from tui.measures import count, duration, listing


def reported(state: State, wave: int) -> bool:
    """Whether this wave is told with a report."""
    seen = state.waves[wave - 1]
    several = len(state.waves) > 1 or "execution_order" in state.plan.sections
    return several and seen.mode is Mode.PARALLEL and len(_launched(state, seen)) > 1


def launch(state: State, wave: int) -> str:
    """All tasks of the wave, with who does them."""
    return "\n".join(_named(state, task) for task in _launched(state, state.waves[wave - 1]))


def results(state: State, wave: int, took: Mapping[str, float]) -> str:
    """How each task ended, with its files or what went wrong; `took` are seconds at work."""
    found = []
    for task in _launched(state, state.waves[wave - 1]):
        time = f" ({duration(took[task.id])})" if task.id in took else ""
        if task.phase is Phase.MERGED:
            files = (
                f"changed: {listing([clean(file) for file in task.files], 6)}" if task.files else "no changes"
            )
            found += [f"✓ {_named(state, task)}{time}", f"   {files}"]
            continue
        found.append(f"✗ {_named(state, task)}{time} - {task.phase.value.upper()}")
        if task.error is not None:
            found.append(f"   {clean(task.error.type)}: {clean(task.error.message)}")
            found += [f"   {clean(line)}" for line in (task.error.context, *task.error.hints) if line]
    return "\n".join(found)


def recording(added: int, error: str) -> str:
    """Whether the results of the wave are kept."""
    if error:
        return f"❌ the results could not be recorded: {clean(error)}"
    return f"✅ {count(added, 'result')} added to the implementation log in one write"


def summary(state: State, wave: int, seconds: float) -> str:
    """How many of the wave's tasks succeeded, what they changed, how long it took, and what comes next."""
    seen = state.waves[wave - 1]
    tasks = _launched(state, seen)
    failed = [task for task in tasks if task.phase is not Phase.MERGED]
    files = {file for task in tasks if task.phase is Phase.MERGED for file in task.files}
    score = f"{len(tasks) - len(failed)}/{len(tasks)} successful"
    score += f", {len(failed)} failed" if failed else ""
    lines = [f"{score}; {count(len(files), 'file')} changed, {duration(seconds)}"]
    again = [
        f"wavetree {'fixed' if task.retry_queued else 'retry'} {task.id}"
        for task in failed
        if task.phase is not Phase.BLOCKED
    ]
    if again:
        lines.append(f"next: {'; '.join(again[:4])}")
    elif wave < len(state.waves):
        lines.append(f"next: wave {wave + 1} ({clean(state.waves[wave].name)})")
    return "\n".join(lines)


def _launched(state: State, wave: WaveState) -> list[TaskState]:
    return [task for name in wave.tasks if (task := state.tasks[name]).phase is not Phase.SKIPPED]


def _named(state: State, task: TaskState) -> str:
    spec = state.spec(task.id)
    title = f": {clean(spec.title)}" if spec.title and spec.title != task.id else ""
    return f"{task.id}{title} [{clean(spec.agent)}]"
