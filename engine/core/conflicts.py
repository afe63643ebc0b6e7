"""The record of a conflict between agents' changes: what it is, what is done about it, how it ends (M128)."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from engine.core.overlaps import Overlap
from engine.core.plan import Conflicts, Level, Plan

SAME_FILE = "same_file_modification"
"""The rule about two agents that change the same file (M121)."""
DEPENDENT_SCHEMA = "dependent_schema_change"
"""The rule about agents that use a schema which another changes (M122)."""
PAUSE_SECOND = "pause_second_agent"
PAUSE_DEPENDENTS = "pause_dependent_agents"
RESTART = "restart_after_dependency_complete"
SHOWN = "none: shown only"
LEFT_TO_A_PERSON = "merge aborted, left to a person"


class ConflictKind(StrEnum):
    """M119: what git would say, or has said."""

    CLEAN = "same file, merges clean"
    CONFLICT = "would conflict"
    MERGE = "merge"  # the merge was tried and refused
    BASE = "base moved"
    SCHEMA = "schema changed"
    NAMING = "naming"  # the same name for two things, in different files


class ConflictState(StrEnum):
    """How far a conflict is from its end (M128)."""

    OPEN = "open"
    PAUSED = "paused"
    RESOLVING = "resolving"  # some of its files are settled
    RESOLVED = "resolved"
    ESCALATED = "escalated"


class ConflictRecord(Struct, frozen=True):
    """One conflict between `tasks` (one: with what is merged; none: of the base). Its `level` is low as long
    as it never was more than the same file. `later` is the task whose change came later; `overruled` says
    who or what ended its pause for good, `how` the conflict ended. While it `asks`, its agents stand still
    until a person has settled it; `critical` says that nothing else may end that. `fallback` is what was
    done, or is proposed, beyond the rule. `alert` is the number of its alert."""

    id: str
    kind: ConflictKind
    level: Level
    tasks: tuple[str, ...]
    attempts: tuple[int, ...] = ()
    files: tuple[Overlap, ...] = ()
    later: str = ""
    rule: str = ""
    action: str = SHOWN
    state: ConflictState = ConflictState.OPEN
    resolved_by: str = ""
    how: str = ""
    overruled: str = ""
    asks: bool = False
    critical: bool = False
    fallback: str = ""
    alert: int = 0

    @property
    def open(self) -> bool:
        return self.state is not ConflictState.RESOLVED

    @property
    def grave(self) -> bool:
        """Whether it is more than two agents in one file."""
        return self.level is Level.HIGH


def action_of(conflicts: Conflicts, name: str) -> str:
    """The action of the plan's rule of this name; empty where it has none."""
    return next((rule.action for rule in conflicts.rules if rule.rule == name), "")


def pauses_second(plan: Plan) -> bool:
    """Whether the later of two agents that clash is paused at once, whoever settles it then (D22, M200)."""
    return plan.settings.auto_coordinate and action_of(plan.conflicts, SAME_FILE) == PAUSE_SECOND


def pauses_dependents(plan: Plan) -> bool:
    """Whether those that use a schema are paused at once when another changes it (M122)."""
    return plan.settings.auto_coordinate and action_of(plan.conflicts, DEPENDENT_SCHEMA) == PAUSE_DEPENDENTS


def restarts_dependents(plan: Plan) -> bool:
    """Whether they start anew once the change is merged, rather than go on on top of it (M122)."""
    return any(rule.rule == DEPENDENT_SCHEMA and rule.recovery == RESTART for rule in plan.conflicts.rules)


def left_out(conflicts: Conflicts) -> tuple[str, ...]:
    """The patterns of files that never count, as `patterns.matches` reads them."""
    return tuple(form for pattern in conflicts.ignore for form in (pattern, f"**/{pattern}"))
