"""Which risks of a plan show themselves: early-warning signs against what happens in a run (M116)."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from engine.core.gauged import ErrorType
from engine.core.plan import Plan
from engine.core.session_names import sessions
from engine.core.state import DONE, AlertKind, GateResult, State
from engine.core.strategy import Risk

TEST, GATE, CONFLICT, LATE, RESOURCE, COORDINATION = (
    "test failure",
    "gate failure",
    "conflict",
    "lateness",
    "resource alert",
    "missed sync point",
)
_WORDS = {
    TEST: ("test",),
    GATE: ("gate", "quality", "integration", "review"),
    CONFLICT: ("conflict", "merge", "integration"),
    LATE: ("late", "behind", "delay", "schedule", "slip", "timeline"),
    RESOURCE: ("resource", "cpu", "memory", "disk", "performance", "load"),
    COORDINATION: ("coordination", "sync", "communication"),
}
"""By which words of a sign each kind of happening is meant."""


class Happening(Struct, frozen=True):
    """Something that went wrong: what kind of thing, whose it is, and whether it still is."""

    kind: str
    tasks: tuple[str, ...]
    text: str
    open: bool


class Standing(Struct, frozen=True):
    """A risk as it stands: `clear`, `warning` while a sign of it shows, `resolved` when none does now."""

    risk: Risk
    state: str = "clear"
    sign: str = ""
    why: str = ""


def standing(state: State, risk: Risk) -> Standing:
    """How a risk stands, with the sign and what it was seen in; signs count of the tasks it affects."""
    affected = _affected(state.plan, risk)
    before = Standing(risk)
    for sign in risk.signs:
        kinds = {kind for kind, words in _WORDS.items() if any(word in sign.casefold() for word in words)}
        for one in _happenings(state):
            if one.kind not in kinds or not affected.intersection(one.tasks):
                continue
            if one.open:
                return Standing(risk, "warning", sign, one.text)
            before = Standing(risk, "resolved", sign, one.text)
    return before


def _affected(plan: Plan, risk: Risk) -> set[str]:
    """The tasks that a risk is about: those it names by id, session or team, else all."""
    names = sessions(plan)
    wanted = {name.casefold() for name in risk.affects}
    found = {
        task.id
        for task in plan.tasks
        if wanted & {task.id.casefold(), names[task.id].casefold(), task.team.casefold()}
    }
    return found or {task.id for task in plan.tasks}


def _happenings(state: State) -> Iterator[Happening]:
    for task in state.tasks.values():
        if task.error is not None and task.error.type is ErrorType.TEST:
            yield Happening(TEST, (task.id,), task.error.message, task.phase not in DONE)
    for result in state.results:
        if result.verdict.value not in ("green", "skipped"):
            yield from _red(state, result)
    for record in state.conflicts.values():
        if record.grave:
            yield Happening(CONFLICT, record.tasks, f"conflict {record.id}", record.open)
    everybody = tuple(state.tasks)
    for alert in state.alerts:
        if alert.kind is AlertKind.LATE:
            yield Happening(LATE, alert.tasks or everybody, alert.text, alert.open)
        if alert.kind is AlertKind.COORDINATION:
            yield Happening(COORDINATION, alert.tasks or everybody, alert.text, alert.open)
    if state.load != "free":
        yield Happening(RESOURCE, everybody, state.load_why or state.load, True)


def _red(state: State, result: GateResult) -> Iterator[Happening]:
    """A gate that was not green, until one of that name is for the same task or wave."""
    mine = result.subject in state.tasks
    tasks = (result.subject,) if mine else state.waves[int(result.subject) - 1].tasks
    later = state.results[state.results.index(result) + 1 :]
    over = any(
        (one.gate, one.subject, one.verdict.value) == (result.gate, result.subject, "green") for one in later
    )
    text = f"gate {result.gate} was {result.verdict.value} for {result.subject}"
    yield Happening(GATE, tasks, text, not over)
    if "test" in result.gate.casefold() or "unit" in result.gate.casefold():
        yield Happening(TEST, tasks, text, not over)
