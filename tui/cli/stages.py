"""The run log for people: an event as a plain line under the heading of its stage (M096, M110, M114)."""

from __future__ import annotations

import time
from pathlib import Path

from engine import (
    SETTLED,
    Event,
    Mode,
    Phase,
    State,
    TaskState,
    Tree,
    clean,
    detected,
    failing_test,
    gauged,
    outcomes,
    verdicts,
)
from tui.cli import wave_report
from tui.cli.wave_report import reported

CREATING = "Creating worktrees..."
SPAWNING = "Spawning instances..."
MONITORING = "Monitoring..."
WAITING = "Waiting for wave {}..."
MERGING = "Merging..."
CLEANUP = "Cleanup..."


def label(task: str) -> str:
    """`PRIORITY 65` for a number of a roadmap, else the id as it is."""
    return f"PRIORITY {task}" if task.isdecimal() else task


class Stages:
    """Turns events into lines; remembers which heading stands above, and what is told once all of it is
    there: what ran side by side is told in the plan's order, whichever was quicker."""

    def __init__(self, every: float = 10.0) -> None:
        self._heading: str | None = None
        self._every = every
        self._told: dict[str, tuple[float, float]] = {}
        self._held: dict[str, str] = {}
        self._held_heading = ""
        self._begun: dict[str, float] = {}
        self._launched: dict[int, float] = {}
        self._took: dict[str, float] = {}

    def lines(self, state: State, at: float, event: Event) -> list[str]:
        """The lines for `event`, recorded at `at`; `state` is the one after it."""
        match event:
            case outcomes.AgentStarted():
                self._begun.setdefault(event.task, at)
                return self._hold(state, SPAWNING, event.task, _spawned(state, event))
            case outcomes.Cleaned() | outcomes.CleanupKept():
                return self._hold(state, CLEANUP, event.task, _cleaned(state, event))
            case outcomes.AgentExited(task=task):
                self._took[task] = at - self._begun.pop(task, at)
        told = [self._say(state, at, event), *self._report(state, at, event)]
        lines = [line for heading, text in told if text for line in self._under(heading, text)]
        return self._release(state) + lines if lines else []

    def _say(self, state: State, at: float, event: Event) -> tuple[str, str]:
        heading, text = self._staged(state, at, event)
        task = state.tasks.get(getattr(event, "task", ""))
        if heading == MONITORING and task is not None:
            if task.wave in self._launched:
                heading = WAITING.format(task.wave)
            elif self._heading and self._heading in map(WAITING.format, self._launched):
                heading = self._heading  # what waits for a task is told where that one is
        return heading, text

    def _report(self, state: State, at: float, event: Event) -> list[tuple[str, str]]:
        """What the report of a parallel wave adds, by heading."""
        match event:
            case verdicts.WaveApproved(wave=wave) if reported(state, wave):
                self._launched[wave] = at
                return [(f"Launching wave {wave}...", wave_report.launch(state, wave))]
            case verdicts.WaveEnded(wave=wave) if reported(state, wave):
                return [(f"Results of wave {wave}...", wave_report.results(state, wave, self._took))]
            case outcomes.Recorded(wave=wave, added=added, error=error) if reported(state, wave):
                return [(f"Recording wave {wave}...", wave_report.recording(added, error))]
            case verdicts.WaveClosed(wave=wave) if reported(state, wave):
                took = at - self._launched.pop(wave, at)
                return [(f"Summary of wave {wave}...", wave_report.summary(state, wave, took))]
            case _:
                return []

    def _hold(self, state: State, heading: str, task: str, text: str) -> list[str]:
        found = self._release(state) if heading != self._held_heading else []
        self._held_heading = heading
        self._held[task] = text
        return found if _more_to_come(state, heading, task) else found + self._release(state)

    def _release(self, state: State) -> list[str]:
        told = [self._held[name] for name in state.tasks if name in self._held]
        self._held.clear()
        return self._under(self._held_heading, "\n".join(told)) if told else []

    def _under(self, heading: str, text: str) -> list[str]:
        """The text below its heading; without one it stands by itself."""
        found = []
        if heading != self._heading:
            found = ([""] if self._heading is not None else []) + ([heading] if heading else [])
            self._heading = heading
        indent = "  " if heading else ""
        return found + [f"{indent}{line}" for line in text.splitlines()]

    def _staged(self, state: State, at: float, event: Event) -> tuple[str, str]:
        clock = time.strftime("%H:%M", time.localtime(at))
        match event:
            case verdicts.WaveOffered(wave=wave):
                return "", _offer(state, wave)
            case verdicts.WaveApproved(wave=wave, by=by):
                return "", _approved(state, wave, by)
            case verdicts.TaskSkipped(task=task):
                return "", f"skipped: {label(task)} is complete already"
            case outcomes.WorktreeMade(task=task):
                seen = state.tasks[task]
                return CREATING, f"✅ Created {Path(seen.path).name} (branch: {seen.branch})"
            case outcomes.WorktreeFailed(task=task, error=error):
                return CREATING, f"❌ {label(task)}: {clean(error)}"
            case outcomes.AgentReported(task=task):
                return MONITORING, self._progress(state, at, task, clock)
            case verdicts.TaskCompleted(task=task, notes=notes):
                flags = f" ({clean(', '.join(notes))})" if "no changes" in notes else ""
                return MONITORING, f"[{clock}] Instance {task}: Completed ✅{flags}"
            case outcomes.TestFailed(task=task):
                return "", _detected(state, task)
            case verdicts.FixReported(task=task, by=by):
                return MONITORING, f"[{clock}] Instance {task}: fixed, says {clean(by)}; its retry starts"
            case verdicts.TaskFailed(task=task) if not state.tasks[task].failing and (
                words := _detected(state, task)
            ):
                return "", words
            case verdicts.TaskFailed(task=task, error=error):
                return _stage_of(error), _failure(state, task, error, clock)
            case verdicts.TaskBlocked(task=task, by=by):
                return MONITORING, f"[{clock}] Instance {task}: blocked by {by}"
            case verdicts.TaskStopped(task=task):
                return MONITORING, f"[{clock}] Instance {task}: stopped"
            case verdicts.TaskHeld(task=task):
                return MONITORING, f"[{clock}] Instance {task}: held"
            case outcomes.Frozen(task=task, processes=processes) if processes > 0:
                return MONITORING, f"[{clock}] Instance {task}: paused ({processes} processes stopped)"
            case outcomes.Thawed(task=task):
                return MONITORING, f"[{clock}] Instance {task}: going on"
            case outcomes.TrespassSeen(place=place, files=files):
                shown = clean(", ".join(files))
                return MONITORING, f"[{clock}] ⚠ files changed in {clean(place)}: {shown}"
            case _:
                return _later(state, event)

    def _progress(self, state: State, at: float, task: str, clock: str) -> str:
        """A line when there is news worth one: at most one per task and interval."""
        percent = state.tasks[task].progress
        last, told = self._told.get(task, (0.0, -1.0))
        if percent is None or percent == told or at - last < self._every:
            return ""
        self._told[task] = (at, percent)
        return f"[{clock}] Instance {task}: Running ({percent:.0f}% complete)"


def _pull_request(task: str, event: outcomes.PullRequestEnded) -> str:
    if event.made:
        return f"✅ PR created for {label(task)}" + (f": {clean(event.detail)}" if event.detail else "")
    if event.missing:
        return f"– PR skipped: no command ({label(task)}: {clean(event.detail)})"
    return f"❌ PR of {label(task)} failed: {clean(event.detail)}"


def _detected(state: State, task: str) -> str:
    """A failing test in the documents' words (M170), and what helps."""
    words, error = detected(state, state.tasks[task]), failing_test(state.tasks[task])
    if error is None:
        return ""
    hints = [clean(hint) for hint in (error.context, *error.hints) if hint]
    return "\n".join((clean(words, lines=True), *(f"   {hint}" for hint in hints)))


def _spawned(state: State, event: outcomes.AgentStarted) -> str:
    verb = "Found again" if event.adopted else "Spawned"
    return f"✅ {verb} {state.spec(event.task).agent} for {label(event.task)} (PID: {event.pid})"


def _cleaned(state: State, event: outcomes.Cleaned | outcomes.CleanupKept) -> str:
    name = Path(state.tasks[event.task].path).name
    if isinstance(event, outcomes.Cleaned):
        return f"✅ Removed worktree {name}"
    return f"⚠ Kept worktree {name}: {clean(event.reason)}"


def _more_to_come(state: State, heading: str, task: str) -> bool:
    """Whether another agent of the same batch is being started, or another worktree removed, right now."""
    if heading == CLEANUP:
        return any(other.tree is Tree.REMOVING for other in state.tasks.values())
    batch = state.tasks[task].batch
    return any(
        other.batch == batch and other.phase is Phase.RUNNING and not other.pid
        for other in state.tasks.values()
    )


def _later(state: State, event: Event) -> tuple[str, str]:
    """Merging, cleanup, landing and the end."""
    match event:
        case outcomes.Advanced(subject=subject) if subject in state.tasks:
            return MERGING, f"✅ Merged {label(subject)} successfully"
        case verdicts.GateJudged(level=level, subject=subject, gate=gate, verdict=verdict, detail=why):
            where = f"of {subject}" if level == "task" else f"after wave {subject}"
            return MERGING, _gate(gate, where, verdict) + (f": {clean(why)}" if why else "")
        case outcomes.GateEnded(level=level, subject=subject, gate=gate, verdict=verdict) if level != "task":
            return MERGING, _gate(gate, f"after wave {subject}", verdict)
        case verdicts.PullRequestSkipped(task=task, why=why):
            return MERGING, f"– PR skipped: {clean(why)} ({label(task)})"
        case outcomes.PullRequestEnded(task=task):
            return MERGING, _pull_request(task, event)
        case outcomes.SyncMade(unmarked=(), ticked=ticked) if ticked:
            files = ", ".join(map(clean, state.plan.trackers))
            return MERGING, f"✅ Marked as Done in {files}: {', '.join(ticked)}"
        case outcomes.SyncMade(unmarked=unmarked) if unmarked:
            fixed = state.plan.settings.roadmap_autofix
            words = "✅ Marked as complete" if fixed else "⚠️ Not marked as complete (roadmap_autofix is off)"
            return MERGING, f"{words} in {clean(state.plan.roadmap)}: {', '.join(unmarked)}"
        case outcomes.Landed(sha=sha, commits=commits) if len(state.waves) > 1:
            return "", f"✅ {clean(state.base)} is at {sha[:12]} ({commits} commits further)"
        case outcomes.LandRefused(reason=reason, remedy=remedy):
            return "", f"❌ {clean(state.base)} not updated: {clean(reason)}\n   {clean(remedy, lines=True)}"
        case outcomes.Checked(ok=ok, detail=detail):
            return CLEANUP, "" if ok else f"❌ repository: {clean(detail)}"
        case outcomes.Recovered(notes=notes, redone=redone):
            said = [f"took over a run whose engine was gone; {len(redone)} steps done again", *notes]
            return "", "\n".join(clean(line) for line in said)
        case verdicts.RunHalted(error=error):
            return "", f"❌ {clean(error.message)}"
        case _:
            return "", ""


def _offer(state: State, number: int) -> str:
    wave = state.waves[number - 1]
    names = ", ".join(clean(name) for name in wave.tasks)
    return f"wave {number} ({clean(wave.name)}) waits for approval: {names}\n  wavetree approve {number}"


def _approved(state: State, number: int, by: str) -> str:
    wave = state.waves[number - 1]
    if all(state.tasks[name].phase is Phase.SKIPPED for name in wave.tasks):
        return f"Phase {number} already complete, skipping"
    if len(state.waves) == 1:
        return ""
    mode = ", one at a time" if wave.mode is Mode.SEQUENTIAL else ""
    if all(state.tasks[name].phase in SETTLED for name in wave.tasks):
        return f"wave {number} of {len(state.waves)} ({clean(wave.name)}): nothing to start"
    return f"wave {number} of {len(state.waves)} ({clean(wave.name)}{mode}) approved by {clean(by)}"


def _stage_of(error: gauged.TaskError) -> str:
    return MERGING if error.gate or error.type is gauged.ErrorType.CONFLICT else MONITORING


def _failure(state: State, task: str, error: gauged.TaskError, clock: str) -> str:
    seen: TaskState = state.tasks[task]
    head = f"❌ {label(task)}" if _stage_of(error) == MERGING else f"[{clock}] Instance {task}: FAILED ❌"
    lines = [error.context, *error.hints]
    hints = "".join(f"\n   {clean(line)}" for line in lines if line)
    kept = f"\n   worktree kept: {clean(seen.path)}" if seen.kept else ""
    message = clean(error.message).removeprefix(f"{task}: ")
    kind = "" if error.type is gauged.ErrorType.CONFLICT else f"{clean(error.type)}: "
    return f"{head} {kind}{message}{hints}{kept}"


def _gate(gate: str, where: str, verdict: gauged.GateVerdict) -> str:
    sign = {"green": "✅", "skipped": "–"}.get(verdict.value, "❌")
    return f"{sign} gate {clean(gate)} {where}: {verdict.value}"
