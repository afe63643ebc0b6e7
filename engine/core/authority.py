"""Who may decide what: kinds of decisions, the roles that they need, and who ranks above whom (M150)."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from engine.core.commands import (
    Approve,
    ApproveMerge,
    ApprovePoint,
    ChooseProcedure,
    Command,
    Estimate,
    FreezeResource,
    Isolate,
    Move,
    Override,
    Reject,
    Release,
    Resolve,
    Resume,
    Review,
    Serialize,
    SerializeWave,
    SetSlots,
    Tick,
    UndoDecision,
    UnfreezeResource,
)
from engine.core.errors import Refused
from engine.core.plan import Plan, once
from engine.core.state import State
from engine.core.strategy import part, texts

TECHNICAL, COORDINATION, RESOURCE, QUALITY = "technical", "coordination", "resource", "quality"

_KINDS: dict[type, str] = {
    Resolve: TECHNICAL,
    **dict.fromkeys((Approve, ApproveMerge, ApprovePoint, ChooseProcedure, Reject), COORDINATION),
    **dict.fromkeys((Isolate, Serialize, SerializeWave, Release, UndoDecision, Move, Estimate), COORDINATION),
    **dict.fromkeys((FreezeResource, UnfreezeResource, SetSlots), RESOURCE),
    **dict.fromkeys((Override, Review, Tick), QUALITY),
}
"""Whatever else can be asked for, such as a pause, a stop or a retry, everybody may."""
_NAMED = (
    *(Resolve, ApproveMerge, ApprovePoint, ChooseProcedure, Reject, Isolate, Serialize, SerializeWave),
    *(Release, UndoDecision, Move, Estimate, FreezeResource, UnfreezeResource, Override, Review, Tick),
)


@once
def hierarchy(plan: Plan) -> tuple[str, ...]:
    """The roles of a plan's documents, each above those before it; empty when they name none."""
    said = texts(part(plan, "coordination_protocols", "decision_making").get("decision_hierarchy"))
    return said or texts(plan.sections.get("decision_hierarchy"))


@once
def _needed(plan: Plan) -> dict[str, str]:
    """The role that each kind of decision needs."""
    said = part(plan, "coordination_protocols", "decision_making").get("decision_types")
    said = said or plan.sections.get("decision_types")
    pairs = said.items() if isinstance(said, Mapping) else ()
    return {str(kind).removesuffix("_decisions"): str(role) for kind, role in pairs if role}


def outranks(plan: Plan, role: str, other: str) -> bool:
    """Whether `role` stands above `other` in the plan's hierarchy."""
    ranks = hierarchy(plan)
    return role in ranks and other in ranks and ranks.index(role) > ranks.index(other)


def decided(state: State, command: Command, role: str) -> Command:
    """The command of a person in that role, their role beside their name. Raises Refused, with the role that
    it needs, when they may not decide it (M150)."""
    if isinstance(command, Resume):
        if command.auto_approve and not state.auto_approve:
            _check(state.plan, Approve(), role)
        for inner in (command.resolved, command.override):
            if inner is not None:
                _check(state.plan, inner, role)
        return _with_role(command, role)
    _check(state.plan, command, role)
    if isinstance(command, Approve):
        return command if command.role else replace(command, role=role)
    return _named(command, role)


def _with_role(command: Resume, role: str) -> Resume:
    """The same with the role beside the names of who settles or overrides."""
    resolved, override = command.resolved, command.override
    if resolved is not None and resolved.by:
        resolved = replace(resolved, by=f"{resolved.by} as {role}")
    if override is not None and override.by:
        override = replace(override, by=f"{override.by} as {role}")
    return replace(command, resolved=resolved, override=override)


def _named(command: Command, role: str) -> Command:
    if isinstance(command, _NAMED) and command.by:
        return replace(command, by=f"{command.by} as {role}")
    return command


def _check(plan: Plan, command: Command, role: str) -> None:
    kind = _KINDS.get(type(command), "")
    needed = _needed(plan).get(kind, "")
    chosen = command.role or role if isinstance(command, Approve) else role
    if needed and chosen != needed and not outranks(plan, chosen, needed):
        raise Refused(
            f"this is a {kind} decision; it needs the role {needed}, and {chosen} may not make it",
            f"ask {needed}, or take that role if it is yours: wavetree config role {needed}",
        )
