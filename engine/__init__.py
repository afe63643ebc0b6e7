"""The front door: the only names that the screen, the command line and other outsiders import.

Names that need a parser or another large library are listed in `_LAZY` and imported when first asked for."""

from importlib import import_module
from typing import TYPE_CHECKING

from engine.core import events
from engine.core.clean import clean
from engine.core.commands import (
    Approve,
    ApproveMerge,
    Command,
    Pause,
    Reject,
    Resume,
    Retry,
    SetSlots,
    Stop,
    StopTask,
    Unpause,
)
from engine.core.durations import show as show_duration
from engine.core.durations import show_span
from engine.core.durations import text as duration_text
from engine.core.errors import (
    EngineError,
    EngineGone,
    Fault,
    PlanError,
    PreflightError,
    Refused,
    UsageError,
    WavetreeError,
)
from engine.core.events import Event
from engine.core.graph import critical_path, levels, needs_of, reduced
from engine.core.plan import (
    Gate,
    Gates,
    Land,
    Level,
    Machine,
    Mode,
    Need,
    OnConflict,
    Plan,
    Settings,
    Span,
    StartPolicy,
    Supply,
    Task,
    Wave,
)
from engine.core.results import batch_result, merge_result, velocity_increase
from engine.core.state import (
    DONE,
    LIVE,
    SETTLED,
    Alert,
    AlertKind,
    GateResult,
    Merge,
    MergeStage,
    Phase,
    RunPhase,
    State,
    TaskState,
    Tree,
    WavePhase,
    WaveState,
    waiting_for,
    word,
)
from engine.core.timeline import TaskTimes, Timeline, WaveTimes
from engine.core.vitals import SessionVitals, Vitals

if TYPE_CHECKING:
    from engine.client import Client
    from engine.core.analysis.dependencies import Standing, standings
    from engine.core.analysis.overlap import why_apart
    from engine.core.analysis.separation import Separation, separation
    from engine.core.analysis.separation import as_result as separation_result
    from engine.core.analysis.unfit import unfit
    from engine.core.forecast import Forecast, forecast
    from engine.core.selection import candidates as roadmap_candidates
    from engine.core.selection import group as ticket_group
    from engine.core.selection import independent as suggestion
    from engine.core.selection import select
    from engine.core.sprints import Pace
    from engine.core.sprints import days as sprint_days
    from engine.core.sprints import number as group_number
    from engine.core.sprints import pace as sprint_pace
    from engine.core.strategy import supplies
    from engine.housekeeping import leftovers, sweep
    from engine.importers.check import known_agents
    from engine.importers.loading import Validation, settings_alone
    from engine.importers.loading import load as load_plan
    from engine.importers.loading import validate as validate_plans
    from engine.importers.loading import whole as whole_plan
    from engine.importers.project_settings import ROADMAP, ProjectSettings, project_settings
    from engine.importers.project_settings import top_of as top_of_repository
    from engine.importers.schema import schema as plan_schema
    from engine.launch import (
        Options,
        Ready,
        current_run,
        engine_at_work,
        find_project,
        preflight,
        resume_run,
        start_run,
    )

_LAZY = {
    "Client": ("engine.client", "Client"),
    "Forecast": ("engine.core.forecast", "Forecast"),
    "Options": ("engine.launch", "Options"),
    "Pace": ("engine.core.sprints", "Pace"),
    "ProjectSettings": ("engine.importers.project_settings", "ProjectSettings"),
    "ROADMAP": ("engine.importers.project_settings", "ROADMAP"),
    "Ready": ("engine.launch", "Ready"),
    "Separation": ("engine.core.analysis.separation", "Separation"),
    "Standing": ("engine.core.analysis.dependencies", "Standing"),
    "Validation": ("engine.importers.loading", "Validation"),
    "current_run": ("engine.launch", "current_run"),
    "engine_at_work": ("engine.launch", "engine_at_work"),
    "find_project": ("engine.launch", "find_project"),
    "forecast": ("engine.core.forecast", "forecast"),
    "group_number": ("engine.core.sprints", "number"),
    "known_agents": ("engine.importers.check", "known_agents"),
    "leftovers": ("engine.housekeeping", "leftovers"),
    "load_plan": ("engine.importers.loading", "load"),
    "plan_schema": ("engine.importers.schema", "schema"),
    "preflight": ("engine.launch", "preflight"),
    "project_settings": ("engine.importers.project_settings", "project_settings"),
    "resume_run": ("engine.launch", "resume_run"),
    "roadmap_candidates": ("engine.core.selection", "candidates"),
    "select": ("engine.core.selection", "select"),
    "separation": ("engine.core.analysis.separation", "separation"),
    "separation_result": ("engine.core.analysis.separation", "as_result"),
    "settings_alone": ("engine.importers.loading", "settings_alone"),
    "sprint_days": ("engine.core.sprints", "days"),
    "sprint_pace": ("engine.core.sprints", "pace"),
    "standings": ("engine.core.analysis.dependencies", "standings"),
    "start_run": ("engine.launch", "start_run"),
    "suggestion": ("engine.core.selection", "independent"),
    "supplies": ("engine.core.strategy", "supplies"),
    "sweep": ("engine.housekeeping", "sweep"),
    "ticket_group": ("engine.core.selection", "group"),
    "top_of_repository": ("engine.importers.project_settings", "top_of"),
    "unfit": ("engine.core.analysis.unfit", "unfit"),
    "validate_plans": ("engine.importers.loading", "validate"),
    "whole_plan": ("engine.importers.loading", "whole"),
    "why_apart": ("engine.core.analysis.overlap", "why_apart"),
}


def __getattr__(name: str) -> object:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, attribute = _LAZY[name]
    return getattr(import_module(module), attribute)


__all__ = [
    "DONE",
    "LIVE",
    "ROADMAP",
    "SETTLED",
    "Alert",
    "AlertKind",
    "Approve",
    "ApproveMerge",
    "Client",
    "Command",
    "EngineError",
    "EngineGone",
    "Event",
    "Fault",
    "Forecast",
    "Gate",
    "GateResult",
    "Gates",
    "Land",
    "Level",
    "Machine",
    "Merge",
    "MergeStage",
    "Mode",
    "Need",
    "OnConflict",
    "Options",
    "Pace",
    "Pause",
    "Phase",
    "Plan",
    "PlanError",
    "PreflightError",
    "ProjectSettings",
    "Ready",
    "Refused",
    "Reject",
    "Resume",
    "Retry",
    "RunPhase",
    "Separation",
    "SessionVitals",
    "SetSlots",
    "Settings",
    "Span",
    "Standing",
    "StartPolicy",
    "State",
    "Stop",
    "StopTask",
    "Supply",
    "Task",
    "TaskState",
    "TaskTimes",
    "Timeline",
    "Tree",
    "Unpause",
    "UsageError",
    "Validation",
    "Vitals",
    "Wave",
    "WavePhase",
    "WaveState",
    "WaveTimes",
    "WavetreeError",
    "batch_result",
    "clean",
    "critical_path",
    "current_run",
    "duration_text",
    "engine_at_work",
    "events",
    "find_project",
    "forecast",
    "group_number",
    "known_agents",
    "leftovers",
    "levels",
    "load_plan",
    "merge_result",
    "needs_of",
    "plan_schema",
    "preflight",
    "project_settings",
    "reduced",
    "resume_run",
    "roadmap_candidates",
    "select",
    "separation",
    "separation_result",
    "settings_alone",
    "show_duration",
    "show_span",
    "sprint_days",
    "sprint_pace",
    "standings",
    "start_run",
    "suggestion",
    "supplies",
    "sweep",
    "ticket_group",
    "top_of_repository",
    "unfit",
    "validate_plans",
    "velocity_increase",
    "waiting_for",
    "whole_plan",
    "why_apart",
    "word",
]
