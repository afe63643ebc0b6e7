"""Everything about one task: what it should do, how it stands, what it left, what went wrong."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath

from engine import (
    Attempt,
    Span,
    State,
    Task,
    TaskState,
    TaskTimes,
    Timeline,
    clean,
    failing_test,
    gauged,
    is_pull_step,
    show_span,
)
from tui.facts import Facts
from tui.frame import Frame, Row
from tui.glyphs import mark
from tui.lines import Bit, Line
from tui.measures import duration, percent, size
from tui.why import why

MESSAGES = 5
"""So many of the last messages are shown."""


def task_lines(
    state: State,
    timeline: Timeline,
    frame: Frame,
    task_id: str,
    now: float,
    width: int,
    before: Sequence[Attempt] = (),
) -> tuple[Line, ...]:
    """The lines for a pane of `width` cells; of an unknown task that it is unknown. `before` are its earlier
    attempts."""
    row = frame.row(task_id)
    if row is None:
        return ((Bit(" this task is not part of the run", "dim"),),)
    spec, task = state.spec(task_id), state.tasks[task_id]
    times = timeline.tasks.get(task_id, TaskTimes())
    page = Facts(width)
    _standing(page, row, times, now)
    _why(page, why(state, timeline, task_id, now))
    if (error := failing_test(task) or task.error) is not None:
        _error(page, task, error)
    _attempts(page, task, before)
    _messages(page, state, task_id)
    _work(page, spec)
    _steps(page, spec, task)
    _files(page, spec, task)
    _facts(page, spec, task, row)
    return tuple(page.lines)


def _standing(page: Facts, row: Row, times: TaskTimes, now: float) -> None:
    look = mark(row.word)
    page.lines.append((Bit(f" {look.glyph} {look.word}", look.style), Bit(f"  {row.title}", "strong")))
    source = {"r": "reported", "s": "from steps", "e": "estimated"}.get(row.source, "")
    page.fact("progress", f"{percent(row.percent, row.source)} {source}".strip())
    page.fact("at", row.step)
    if times.started:
        paused = f", paused {duration(times.paused)}" if times.paused else ""
        page.fact("worked", f"{duration(times.active(now))}{paused}, ETA {duration(row.eta)}")
    if row.note:
        page.fact("note", row.note, "warn")


def _why(page: Facts, reasons: Sequence[str]) -> None:
    if reasons:
        page.heading("why it is not further", "warn")
    for reason in reasons:
        page.text(f"• {reason}")


def _attempts(page: Facts, task: TaskState, before: Sequence[Attempt]) -> None:
    """Earlier attempts with how they ended, and where their output is."""
    if before:
        page.heading("earlier attempts")
    for one in before:
        start, end = one.life
        took = f" after {duration(end - start)}" if start and end else ""
        page.fact(f"attempt {one.number}", f"{one.outcome or 'given up'}{took}")
        if task.log:
            page.fact(
                "", clean(str(PurePath(task.log).parents[2] / str(one.number) / "agent/out.log"), 300), "dim"
            )


def _error(page: Facts, task: TaskState, error: gauged.TaskError) -> None:
    page.heading(f"error: {clean(error.type, 80)}", "bad")
    page.text(clean(error.message, 2000, lines=True), "strong")
    if error.test:
        page.fact("test", clean(error.test, 400))
    if error.context:
        page.fact("context", clean(error.context, 2000))
    for hint in error.hints:
        page.fact("try", clean(hint, 400), "accent")
    if task.exit_code is not None:
        page.fact("exit code", str(task.exit_code))


def _messages(page: Facts, state: State, task_id: str) -> None:
    """The last messages from the task's agent and to it (M151)."""
    mine = [one for one in state.recent if task_id in (one.sender, one.to) or one.to == "all"][-MESSAGES:]
    if mine:
        page.heading("messages")
    for one in mine:
        who = f"to {clean(one.to, 40)}" if one.sender == task_id else f"from {clean(one.sender, 40)}"
        page.text(f"{who}, {one.type.value}: {clean(one.body, 400)}")


def _work(page: Facts, spec: Task) -> None:
    page.heading("what it is to do")
    page.text(clean(spec.title, 400) or "no title", "strong")
    for label, text in (("prompt", spec.prompt), ("runs", spec.run)):
        if text:
            page.fact(label, clean(text, 2000))
    page.fact("agent", clean(spec.agent, 80))
    page.fact("estimate", show_span(spec.estimate) if isinstance(spec.estimate, Span) else "none")
    needs = [clean(need.task + (f": {need.milestone}" if need.milestone else ""), 80) for need in spec.needs]
    page.fact("needs", ", ".join(needs) or "nothing")


def _steps(page: Facts, spec: Task, task: TaskState) -> None:
    if not spec.steps:
        return
    page.heading("steps")
    at = len(spec.steps) + 1 if task.phase.value in {"complete", "merging", "merged"} else task.step or 0
    for number, step in enumerate(spec.steps, start=1):
        look = mark("merged" if number < at else "running" if number == at else "pending")
        said = f" · PR {clean(task.pull_request, 200)}" if task.pull_request and is_pull_step(step) else ""
        page.lines.append((Bit(f" {look.glyph} ", look.style), Bit(clean(step, 200) + said, "text")))


def _files(page: Facts, spec: Task, task: TaskState) -> None:
    page.heading("files")
    page.fact("declared", ", ".join(clean(file, 200) for file in spec.files) or "none")
    if task.files:
        undeclared = [file for file in task.files if not _declared(file, spec.files)]
        page.fact("changed", ", ".join(clean(file, 200) for file in task.files))
        if undeclared and spec.files:
            page.fact("undeclared", ", ".join(clean(file, 200) for file in undeclared), "warn")
    elif not task.head:
        page.fact("changed", "known once the agent has ended; the diff shows what is there now", "dim")


def _declared(file: str, patterns: tuple[str, ...]) -> bool:
    return any(file == pattern or PurePath(file).match(pattern) for pattern in patterns)


def _facts(page: Facts, spec: Task, task: TaskState, row: Row) -> None:
    page.heading("session")
    page.fact("attempt", str(task.attempt) if task.attempt else "not started")
    page.fact("branch", row.branch or "none yet")
    page.fact(
        "commits", f"{row.commits}, {row.changed} files not committed" if row.live else str(row.commits)
    )
    if task.pull_request:
        page.fact("PR", clean(task.pull_request, 300))
    page.fact("tests", row.tests or "not reported")
    if row.live:
        page.fact("process", f"pid {task.pid or '–'}, CPU {row.cpu or 0:.0f} %, memory {size(row.rss)}")
    page.fact("worktree", clean(task.path, 300) or "none yet")
    if task.milestones:
        page.fact("milestones", ", ".join(clean(name, 80) for name in task.milestones))
    if task.cost_usd:
        page.fact("cost", f"${task.cost_usd:.2f}")
    page.fact("log", clean(task.log, 300) or "none yet")
