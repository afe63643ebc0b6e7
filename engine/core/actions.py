"""The nine actions of the documents' quality gates, and how the engine judges them (M145, M146).

Tests and what goes outside are commands of the plan; what the engine knows it judges from the state.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from engine.core.conflict_words import pair_of
from engine.core.gauged import GateVerdict
from engine.core.parts import path_of
from engine.core.patterns import matches
from engine.core.plan import Gate, Gates, Plan, once
from engine.core.state import DEAD, DONE, State, TaskState
from engine.core.strategy import at, dicts, texts

COMMANDS = ("integration_test", "full_system_test", "documentation_update", "github_sync")
"""Actions that are a command of the plan; without one they are skipped, which is no pass."""

Judge = Callable[[State, tuple[TaskState, ...]], str]
"""Why the action fails for these tasks; empty when it does not."""


@once
def gates_of(plan: Plan) -> Gates:
    """The plan's own gates, then those of its documents, one for each action and named after both."""
    own = plan.gates
    levels = (own.task, own.wave, own.run)
    names = ("per_agent_gates", "per_block_gates", "overall_gates")
    task, wave, run = (
        (*mine, *_gates(plan, dicts(at(plan, "parallel_quality_gates", name))))
        for mine, name in zip(levels, names, strict=True)
    )
    return Gates(task, wave, run, own.sign_off, own.actions, own.criteria, own.review)


def _gates(plan: Plan, listed: Sequence[Mapping[str, Any]]) -> Iterator[Gate]:
    for gate in listed:
        for action in texts(gate.get("actions")):
            name = f"{gate.get('gate') or 'gate'}: {action}"
            yield Gate(name, plan.gates.actions.get(action, ""), action=action)


def judge(state: State, gate: Gate, tasks: tuple[TaskState, ...]) -> tuple[GateVerdict, str]:
    """How a gate without a command ends for these tasks, and why."""
    if gate.action in COMMANDS:
        return GateVerdict.SKIPPED, "no command configured"
    why = JUDGES[gate.action](state, tasks)
    return (GateVerdict.RED, why) if why else (GateVerdict.GREEN, "")


def _output(state: State, tasks: tuple[TaskState, ...]) -> str:
    """Each has changed something, one of its declared files among it."""
    for task in tasks:
        declared = [path_of(entry) for entry in state.spec(task.id).files]
        if not task.files:
            return f"{task.id} changed no file"
        if declared and not any(matches(pattern, file) for pattern in declared for file in task.files):
            return f"{task.id} changed none of the files that it declares: {', '.join(declared[:3])}"
    return ""


def _conflicts(state: State, tasks: tuple[TaskState, ...]) -> str:
    """None of them came second in a conflict that is still open, or clashes with what is merged."""
    names = {task.id for task in tasks}
    for record in state.conflicts.values():
        second = record.later or pair_of(state, record)[0]
        if record.open and record.grave and second in names:
            return f"{record.id} is open: {', '.join(overlap.file for overlap in record.files)}"
    return ""


def _progress(state: State, tasks: tuple[TaskState, ...]) -> str:
    """None ended with less reported than all of its work."""
    for task in tasks:
        if task.progress is not None and task.progress < 100:
            return f"{task.id} ended at {task.progress:g} % by its own word"
    return ""


def _settled(state: State, tasks: tuple[TaskState, ...]) -> str:
    """No conflict between them is open."""
    names = {task.id for task in tasks}
    left = [one.id for one in state.conflicts.values() if one.open and one.grave and names & {*one.tasks}]
    return f"open: {', '.join(left)}" if left else ""


def _next(state: State, tasks: tuple[TaskState, ...]) -> str:
    """Whatever the next wave needs is there, or is still to come."""
    number = max((task.wave for task in tasks), default=0)
    following = state.waves[number].tasks if number < len(state.waves) else ()
    for name in following:
        for need in state.spec(name).needs:
            if state.tasks[name].phase not in DONE and state.tasks[need.task].phase in DEAD:
                return f"{name} needs {need.task}, which is {state.tasks[need.task].phase.value}"
    return ""


JUDGES: dict[str, Judge] = {
    "validate_output": _output,
    "check_conflicts": _conflicts,
    "update_progress": _progress,
    "conflict_resolution": _settled,
    "prepare_next_block": _next,
}
"""What the engine judges by itself."""
ACTIONS = (*JUDGES, *COMMANDS)
