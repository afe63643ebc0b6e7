"""`wavetree status`: what is now, in the screen's own words and numbers (M204, M108)."""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

from engine import (
    Alert,
    AlertKind,
    Client,
    Headway,
    Phase,
    RunPhase,
    State,
    TaskState,
    Tree,
    WavePhase,
    WavetreeError,
    clean,
    current_run,
    detected,
    failing_test,
    find_project,
    firsts,
    headway,
    in_review,
    mend_sessions,
    people_wanted,
    plan_risks,
    risk_standing,
    unreviewed,
)
from tui.cli.stages import label
from tui.cli.target import add_json, examples, say
from tui.cli.undo import as_data
from tui.frame import Frame, Row
from tui.glyphs import mark, to_ascii, wants_ascii
from tui.measures import count
from tui.present import present, status_block

_SOURCES = {"r": "reported", "s": "steps", "e": "estimate"}


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", nargs="?", default="", metavar="RUN", help="default: the newest")
    add_json(parser)
    examples(parser, "wavetree status", "wavetree status --json | jq .tasks")


def run(args: argparse.Namespace) -> int:
    project = find_project(Path.cwd())
    if not args.run and not project.runs():
        say(
            "Active Worktrees: 0\nno run yet; start one with: wavetree run PLAN",
            {"run": None},
            as_json=args.json,
        )
        return 0
    client = Client(project, args.run or current_run(project))
    with suppress(WavetreeError, OSError):
        mend_sessions(client)
    pid = 0 if client.state.ended else client.engine_pid
    if pid:
        asyncio.run(_measure(client))
    frame = present(
        client.state,
        client.timeline,
        client.vitals,
        time.time(),
        alive=bool(pid),
        say=partial(_typed, client.state),
    )
    words = "\n".join(_words(client, frame, pid))
    say(to_ascii(words) if wants_ascii() else words, _data(client, frame, pid), as_json=args.json)
    return 0


async def _measure(client: Client) -> None:
    try:
        await client.measure()
    except WavetreeError:
        return  # an engine that is just ending has no vitals; the journal says the rest


def _words(client: Client, frame: Frame, pid: int) -> Iterator[str]:
    state = client.state
    present_trees = [task for task in state.tasks.values() if task.tree in (Tree.PRESENT, Tree.KEPT)]
    yield f"run {client.run} · {frame.project} · {_state_word(state, pid)} · base {frame.base}"
    yield f"Active Worktrees: {len(present_trees)}"
    for number, task in enumerate(present_trees, 1):
        row = frame.row(task.id)
        percent = f", {row.percent:.0f}% complete" if row and row.percent is not None else ""
        yield f"  Worktree {number}: {label(task.id)} ({row.word if row else task.phase.value}{percent})"
    yield ""
    for row in frame.rows:
        yield _row_line(row)
    if pid and client.vitals.at:
        yield ""
        yield f"CPU: {client.vitals.cpu:.1f}%, Memory: {client.vitals.ram:.1f}%"
        yield ""
        yield status_block(frame)
    for alert in state.alerts:
        if alert.open:
            yield from _alert(state, alert)
    for one in (risk_standing(state, risk) for risk in plan_risks(state.plan)):
        if one.state == "warning":
            name = f"{one.risk.id} {one.risk.name}".strip()
            yield f"! risk {clean(name)}: warning, {clean(one.sign)} ({clean(one.why)})"
    yield ""
    yield _headway(headway(state, frame.elapsed))
    yield f"next: {frame.next_line}"


def _alert(state: State, alert: Alert) -> Iterator[str]:
    """What is to be seen, and what helps; of a failure its kind, its context and each hint (M169)."""
    task = state.tasks[alert.tasks[0]] if alert.tasks else None
    error = (failing_test(task) or task.error) if task else None
    if error is None or error.message != alert.text:
        yield f"! {clean(alert.text)}"
        yield from (f"    {clean(alert.remedy)}" for _ in alert.remedy[:1])
        return
    yield f"! {clean(error.type)}: {clean(error.message)}"
    if task and (words := detected(state, task)):
        yield ""
        yield from (f"    {line}".rstrip() for line in clean(words, lines=True).splitlines())
        yield ""
    yield from (f"    {clean(line)}" for line in (error.context, *error.hints) if line)


def _headway(found: Headway) -> str:
    """`done: 2 of 4 tasks (50 %), 3 of 6 needs (50 %) · 2.0 tasks an hour` (M115)."""
    needs = f", {found.met} of {count(found.needs, 'need')} ({found.resolution:.0f} %)" if found.needs else ""
    fast = f" · {found.velocity:.1f} tasks an hour" if found.velocity and found.seconds >= 60 else ""
    return f"done: {found.done} of {count(found.tasks, 'task')} ({found.completion or 0:.0f} %){needs}{fast}"


def _headway_data(found: Headway) -> dict[str, float | None]:
    return {
        "completion_percent": found.completion,
        "tasks_per_hour": found.velocity,
        "dependency_resolution_percent": found.resolution,
        "tasks_done": found.done,
        "tasks": found.tasks,
        "needs_met": found.met,
        "needs": found.needs,
        "seconds": found.seconds,
    }


def _typed(state: State, action: str) -> str:
    """What to type for an action, where the screen says what to press."""
    offered = next((wave.number for wave in state.waves if wave.phase is WavePhase.OFFERED), "")
    return {
        "approve": f"wavetree approve {offered}".strip(),
        "sign": "wavetree gate",
        "sync": "wavetree sync",
        "review": "wavetree review",
        "resume": "`wavetree resume`",
        "pause_all": "`wavetree unpause`",
        "merge": "wavetree approve TASK",
    }[action]


def _interrupted(state: State, pid: int) -> bool:
    """Whether the engine was killed; a run without a first step is only just being started."""
    return not pid and not state.ended and state.phase is not RunPhase.NEW


def _state_word(state: State, pid: int) -> str:
    if _interrupted(state, pid):
        return "interrupted (wavetree resume)"
    return state.phase.value + (f": {clean(state.reason)}" if state.reason else "")


def _row_line(row: Row) -> str:
    seen = mark(row.word)
    percent = "" if row.percent is None else f"{row.percent:3.0f} %{' ' + row.source if row.source else ''}"
    return f"  {seen.glyph} {row.name:<20} {row.word:<9} {percent:<7} {row.step}".rstrip()


def _data(client: Client, frame: Frame, pid: int) -> dict[str, object]:
    state = client.state
    vitals = client.vitals
    return {
        "run": client.run,
        "plan": state.plan.name,
        "state": "interrupted" if _interrupted(state, pid) else state.phase.value,
        "reason": state.reason,
        "engine_pid": pid or None,
        "base": state.base,
        "integration": state.integration,
        "tip": state.tip,
        "landed": state.landed,
        "slots": state.slots,
        "waves": [
            {
                "number": wave.number,
                "name": wave.name,
                "state": wave.phase.value,
                "tasks": list(wave.tasks),
                "digest": wave.digest,
                "approved_by": wave.approved_by,
                "waiting_for": list(people_wanted(state)) if wave is state.current_wave else [],
            }
            for wave in state.waves
        ],
        "tasks": [_task(state, task, frame.row(task.id)) for task in state.tasks.values()],
        "conflicts": [
            {
                "id": alert.conflict,
                "tasks": list(alert.tasks),
                "files": list(alert.files),
                "text": alert.text,
            }
            for alert in state.alerts
            if alert.open and alert.kind is AlertKind.CONFLICT
        ],
        "alerts": [
            {"id": alert.number, "kind": alert.kind.value, "text": alert.text, "remedy": alert.remedy}
            for alert in state.alerts
            if alert.open
        ],
        "risks": [
            {"id": one.risk.id, "name": one.risk.name, "state": one.state, "sign": one.sign, "why": one.why}
            for one in (risk_standing(state, risk) for risk in plan_risks(state.plan))
        ],
        "notices": [alert.text for alert in state.alerts if alert.kind is AlertKind.NOTICE],
        "queue": list(state.queue),
        "orders": [
            {"first": order.first, "second": order.second, "delay": order.delay, "over": order.over}
            for order in state.orders
        ],
        "decisions": [as_data(decision) for decision in state.decisions],
        "resources": {
            "cpu_percent": vitals.cpu,
            "ram_percent": vitals.ram,
            "ram_total": vitals.ram_total,
            "disk_bytes_per_second": vitals.disk,
            "network_bytes_per_second": vitals.network,
            "slots_used": len(state.sessions()),
            "slots": state.slots,
        }
        if vitals.at
        else {},
        "headway": _headway_data(headway(state, frame.elapsed)),
        "next": frame.next_line,
    }


def _task(state: State, task: TaskState, row: Row | None) -> dict[str, object]:
    live = task.phase is Phase.RUNNING
    error = failing_test(task) or task.error
    return {
        "id": task.id,
        "state": row.word if row else task.phase.value,
        "wave": task.wave,
        "session": f"{state.run}/{task.id}/{task.attempt}" if live else None,
        "attempt": task.attempt,
        "pid": task.pid or None,
        "worktree": task.path if task.tree in (Tree.PRESENT, Tree.KEPT) else None,
        "branch": task.branch or None,
        "review": {"missing": list(unreviewed(task)), "overdue": row is not None and row.overdue}
        if in_review(task)
        else None,
        "pull_request": task.pull_request or None,
        "progress": row.percent if row else None,
        "progress_source": _SOURCES.get(row.source, row.source) if row else "",
        "says": task.says,
        "step": task.step,
        "commits": row.commits if row else task.commits,
        "uncommitted": row.changed if row else 0,
        "tests": task.tests or None,
        "eta_seconds": row.eta if row else None,
        "cpu_percent": row.cpu if row else None,
        "memory_bytes": row.rss if row else None,
        "health": row.health if row and row.health else None,
        "isolated": task.isolated,
        "after": firsts(state, task.id),
        "paused": task.frozen,
        "held": task.held or bool(task.held_by),
        "held_by": list(task.held_by),
        "waiting_for": list(row.waits) if row else [],
        "notes": list(task.notes),
        "log": task.log or None,
        "error": error.message if error else None,
        "error_type": error.type if error else None,
        "error_context": error.context if error else None,
        "hints": list(error.hints) if error else [],
        "retry_queued": task.retry_queued,
    }
