"""A run's result in the documents' words: what `run --headless --json` prints last (M137, M188)."""

from __future__ import annotations

from datetime import UTC, datetime

from engine.core.gauged import ErrorType, TaskError
from engine.core.state import DONE, Phase, RunPhase, State, TaskState, WavePhase
from engine.core.timeline import Timeline


def merge_result(state: State, task: TaskState) -> str:
    """`merged successfully`, or why not with the words `conflict` or `failed`; empty: none was due."""
    if task.phase is Phase.MERGED:
        return "merged successfully"
    if task.error is not None and task.error.type is ErrorType.CONFLICT:
        return task.error.message
    if task.error is not None and task.error.gate:
        return f"merge failed: tests: {task.error.message}"
    if task.phase in (Phase.COMPLETE, Phase.MERGING):
        return "ready to merge"
    return ""


def batch_result(state: State, times: Timeline) -> dict[str, object]:
    """The run's result as plain data. Keys of the documents' batch result, then wavetree's own: `run`,
    `state`, `reason`, `base`, `landed`, `skipped`, `blocked`, `errors`, `kept_worktrees`, `repository`,
    `failure` (one of the causes of M176, or None).
    Times are ISO 8601 in UTC, `duration_seconds` is the wall time between them."""
    tasks = list(state.tasks.values())
    tried = [task for task in tasks if task.attempt]
    end = times.ended or times.last
    success = state.phase is RunPhase.DONE
    result: dict[str, object] = {
        "success": success,
        "priorities_executed": [_id(task.id) for task in tried],
        "worktrees_created": sum(task.attempt for task in tried),
        "monitoring_result": {
            "completed": sum(task.phase in (Phase.MERGED, Phase.COMPLETE, Phase.MERGING) for task in tried),
            "failed": sum(task.phase in (Phase.FAILED, Phase.STOPPED) for task in tried),
            "total": len(tried),
        },
        "merge_results": {task.id: text for task in tried if (text := merge_result(state, task))},
        "duration_seconds": round(end - times.created, 3),
        "start_time": _iso(times.created),
        "end_time": _iso(end),
        "run": state.run,
        "state": state.phase.value,
        "reason": state.reason,
        "base": state.base,
        "integration": state.integration,
        "landed": state.landed if state.landed != state.base_sha else "",
        "done": sum(task.phase in DONE for task in tasks),
        "skipped": [task.id for task in tasks if task.phase is Phase.SKIPPED],
        "blocked": {task.id: task.blocked_by for task in tasks if task.phase is Phase.BLOCKED},
        "errors": {task.id: error_data(task.error) for task in tasks if task.error is not None},
        "flags": {task.id: list(task.notes) for task in tasks if task.notes},
        "kept_worktrees": {task.id: task.path for task in tasks if task.kept},
        "repository": _integrity(state),
        "failure": state.cause.value if state.cause else None,
    }
    if not success:
        result["error"] = state.reason or _unfinished(state)
    return result


def error_data(error: TaskError) -> dict[str, object]:
    """An error under the names that the documents give its fields."""
    return {
        "type": error.type,
        "message": error.message,
        "context": error.context,
        "recoveryHints": list(error.hints),
    }


def _id(task: str) -> int | str:
    return int(task) if task.isdecimal() else task


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, tz=UTC).isoformat(timespec="seconds") if at else ""


def _unfinished(state: State) -> str:
    """What a run that has not ended waits for."""
    for wave in state.waves:
        if wave.phase is WavePhase.OFFERED:
            return f"wave {wave.number} waits for an approval"
    return f"the run is {state.phase.value}"


def _integrity(state: State) -> str:
    if state.checked is None:
        return "not checked"
    return "ok" if state.checked else state.check_detail
