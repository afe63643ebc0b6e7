"""The front door: the only names that the screen, the command line and other outsiders import.

Names that need a parser or another large library are listed in `_LAZY` and imported when first asked for."""

from importlib import import_module
from typing import TYPE_CHECKING

from engine.core import gauged, outcomes, verdicts
from engine.core.actions import gates_of
from engine.core.clean import clean
from engine.core.commands import (
    Approve,
    ApproveMerge,
    ApprovePoint,
    ChooseProcedure,
    Command,
    Estimate,
    Fixed,
    FreezeResource,
    Isolate,
    Move,
    Override,
    Pause,
    Reject,
    Release,
    Resolve,
    Resume,
    Retry,
    RetryGate,
    Review,
    Say,
    Serialize,
    SerializeWave,
    SetSlots,
    Stop,
    StopTask,
    Tick,
    UndoDecision,
    UnfreezeResource,
    Unpause,
)
from engine.core.conflicts import ConflictKind, ConflictRecord, ConflictState
from engine.core.criteria import ChecklistLine, checklist, ticked, unticked
from engine.core.detected import detected, failing_test
from engine.core.durations import parse as parse_duration
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
from engine.core.failures import merge_by_hand
from engine.core.gate_texts import gate_texts
from engine.core.gauged import GateLevel
from engine.core.graph import critical_path, levels, needs_of, reduced
from engine.core.headway import Headway, headway
from engine.core.hunks import Choice, Part, composed, left_mark, marked
from engine.core.meetings import Meeting, meetings, next_time
from engine.core.messages import Kind as MessageKind
from engine.core.messages import Message
from engine.core.notifying import Notification
from engine.core.overlaps import Overlap, show_lines
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
    Story,
    Supply,
    Task,
    Wave,
)
from engine.core.pulls import is_step as is_pull_step
from engine.core.recovery import waits_for_gate
from engine.core.results import batch_result, merge_result, velocity_increase
from engine.core.reviewing import in_review, overdue, review_words, unreviewed
from engine.core.signing import people_wanted, unsigned
from engine.core.standing import firsts
from engine.core.state import (
    DONE,
    LIVE,
    SETTLED,
    Alert,
    AlertKind,
    Decision,
    GateResult,
    Merge,
    MergeStage,
    Order,
    Phase,
    PointState,
    RunPhase,
    State,
    TaskState,
    Tree,
    Verb,
    WavePhase,
    WaveState,
)
from engine.core.syncing import arrived, expected, points_for_people, wanted
from engine.core.timeline import ConflictTimes, TaskTimes, Timeline, WaveTimes
from engine.core.verdicts import MessageSent
from engine.core.vitals import SessionVitals, Vitals
from engine.core.waiting import waiting_for, word

if TYPE_CHECKING:
    from engine.client import Client, resuming
    from engine.core.analysis import Analysis, analyse
    from engine.core.analysis.as_data import as_data as analysis_data
    from engine.core.analysis.dependencies import Standing, shortening, standings
    from engine.core.analysis.overlap import why_apart
    from engine.core.analysis.quality import Criterion
    from engine.core.analysis.risk import WaveRisk, wave_risks
    from engine.core.analysis.separation import Separation, separation
    from engine.core.analysis.separation import as_result as separation_result
    from engine.core.analysis.story_check import story_check
    from engine.core.analysis.unfit import Unfit, unfit
    from engine.core.clashes import Clash, clashes, undeclared
    from engine.core.dates import start_of as first_day
    from engine.core.dates import wave_dates
    from engine.core.forecast import Forecast, forecast
    from engine.core.graph import DEFAULT_ESTIMATE
    from engine.core.holdings import effective_slots
    from engine.core.plan import FileRule
    from engine.core.record.chronicle import Attempt, Chronicle, Doing
    from engine.core.record.foretold import Score
    from engine.core.record.log_entry import unwritten
    from engine.core.record.metrics import metrics as run_metrics
    from engine.core.record.notes import MOST as MOST_NOTE
    from engine.core.record.notes import Note
    from engine.core.record.notes import asked_for as notes_asked_for
    from engine.core.record.periods import By, Counted, Totals, periods
    from engine.core.record.periods import totals as run_totals
    from engine.core.risk_signs import standing as risk_standing
    from engine.core.scheduling.search import EFFORT
    from engine.core.selection import candidates as roadmap_candidates
    from engine.core.selection import group as ticket_group
    from engine.core.selection import independent as suggestion
    from engine.core.selection import is_open, select
    from engine.core.sprints import Pace
    from engine.core.sprints import days as sprint_days
    from engine.core.sprints import number as group_number
    from engine.core.sprints import pace as sprint_pace
    from engine.core.story import GROUPS as STORY_GROUPS
    from engine.core.story import Dialogue, Unanswered
    from engine.core.story import Question as StoryQuestion
    from engine.core.strategy import risks as plan_risks
    from engine.core.strategy import supplies, teams
    from engine.core.teams import assignments as team_assignments
    from engine.core.unstarted import unstarted
    from engine.core.waves import planned as computed_waves
    from engine.edge.git_sides import Sides
    from engine.edge.machine import measured as measured_machine
    from engine.edge.notes import add_note
    from engine.edge.notes import read_notes as noted
    from engine.edge.runs import Project
    from engine.exporters.documents import FORMATS as DOCUMENT_FORMATS
    from engine.exporters.documents import dependency_graph, documents
    from engine.exporters.quality_report import quality_lines
    from engine.exporters.run_page import page as report_page
    from engine.exporters.run_report import Report as RunReport
    from engine.exporters.run_report import batch_summary, score_words
    from engine.exporters.run_report import data as report_data
    from engine.exporters.run_report import markdown as report_markdown
    from engine.exporters.run_report import text as report_text
    from engine.exporters.writing import write as write_documents
    from engine.foresight import Foresight, foresee, looked_up
    from engine.housekeeping import leftovers, sweep
    from engine.importers.answers import read_answers
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
    from engine.plan_search import PlanFile, PlanSearch, find_plans
    from engine.recorded import (
        Archive,
        PastRun,
        compared,
        counted,
        fell_back,
        report_of,
        review,
        time_saved,
        track,
    )
    from engine.recorded import Row as RunRow
    from engine.state_files import back_up, backups, disagreements, mend_sessions, restore, session_folder
    from engine.story import Made as MadeStory
    from engine.story import documents as story_documents
    from engine.story import exports as story_exports
    from engine.story import filled as story_filled
    from engine.story import from_answers as story_from_answers
    from engine.story import from_documents as story_from_documents
    from engine.story import markdown as story_markdown

_LAZY = {
    "risk_standing": ("engine.core.risk_signs", "standing"),
    "MOST_NOTE": ("engine.core.record.notes", "MOST"),
    "Note": ("engine.core.record.notes", "Note"),
    "notes_asked_for": ("engine.core.record.notes", "asked_for"),
    "add_note": ("engine.edge.notes", "add_note"),
    "noted": ("engine.edge.notes", "read_notes"),
    "By": ("engine.core.record.periods", "By"),
    "Counted": ("engine.core.record.periods", "Counted"),
    "Totals": ("engine.core.record.periods", "Totals"),
    "periods": ("engine.core.record.periods", "periods"),
    "run_totals": ("engine.core.record.periods", "totals"),
    "counted": ("engine.recorded", "counted"),
    "review": ("engine.recorded", "review"),
    "Score": ("engine.core.record.foretold", "Score"),
    "score_words": ("engine.exporters.run_report", "score_words"),
    "track": ("engine.recorded", "track"),
    "plan_risks": ("engine.core.strategy", "risks"),
    "unwritten": ("engine.core.record.log_entry", "unwritten"),
    "back_up": ("engine.state_files", "back_up"),
    "backups": ("engine.state_files", "backups"),
    "disagreements": ("engine.state_files", "disagreements"),
    "mend_sessions": ("engine.state_files", "mend_sessions"),
    "restore": ("engine.state_files", "restore"),
    "session_folder": ("engine.state_files", "session_folder"),
    "run_metrics": ("engine.core.record.metrics", "metrics"),
    "Attempt": ("engine.core.record.chronicle", "Attempt"),
    "Doing": ("engine.core.record.chronicle", "Doing"),
    "Chronicle": ("engine.core.record.chronicle", "Chronicle"),
    "Archive": ("engine.recorded", "Archive"),
    "PastRun": ("engine.recorded", "PastRun"),
    "time_saved": ("engine.recorded", "time_saved"),
    "RunReport": ("engine.exporters.run_report", "Report"),
    "report_text": ("engine.exporters.run_report", "text"),
    "report_page": ("engine.exporters.run_page", "page"),
    "report_markdown": ("engine.exporters.run_report", "markdown"),
    "report_data": ("engine.exporters.run_report", "data"),
    "batch_summary": ("engine.exporters.run_report", "batch_summary"),
    "fell_back": ("engine.recorded", "fell_back"),
    "RunRow": ("engine.recorded", "Row"),
    "compared": ("engine.recorded", "compared"),
    "report_of": ("engine.recorded", "report_of"),
    "Sides": ("engine.edge.git_sides", "Sides"),
    "PlanFile": ("engine.plan_search", "PlanFile"),
    "PlanSearch": ("engine.plan_search", "PlanSearch"),
    "find_plans": ("engine.plan_search", "find_plans"),
    "unstarted": ("engine.core.unstarted", "unstarted"),
    "is_open": ("engine.core.selection", "is_open"),
    "Unfit": ("engine.core.analysis.unfit", "Unfit"),
    "WaveRisk": ("engine.core.analysis.risk", "WaveRisk"),
    "Project": ("engine.edge.runs", "Project"),
    "Analysis": ("engine.core.analysis", "Analysis"),
    "Clash": ("engine.core.clashes", "Clash"),
    "Client": ("engine.client", "Client"),
    "Criterion": ("engine.core.analysis.quality", "Criterion"),
    "DEFAULT_ESTIMATE": ("engine.core.graph", "DEFAULT_ESTIMATE"),
    "DOCUMENT_FORMATS": ("engine.exporters.documents", "FORMATS"),
    "Dialogue": ("engine.core.story", "Dialogue"),
    "EFFORT": ("engine.core.scheduling.search", "EFFORT"),
    "FileRule": ("engine.core.plan", "FileRule"),
    "Forecast": ("engine.core.forecast", "Forecast"),
    "Foresight": ("engine.foresight", "Foresight"),
    "MadeStory": ("engine.story", "Made"),
    "Options": ("engine.launch", "Options"),
    "Pace": ("engine.core.sprints", "Pace"),
    "ProjectSettings": ("engine.importers.project_settings", "ProjectSettings"),
    "ROADMAP": ("engine.importers.project_settings", "ROADMAP"),
    "Ready": ("engine.launch", "Ready"),
    "STORY_GROUPS": ("engine.core.story", "GROUPS"),
    "StoryQuestion": ("engine.core.story", "Question"),
    "Separation": ("engine.core.analysis.separation", "Separation"),
    "Standing": ("engine.core.analysis.dependencies", "Standing"),
    "Unanswered": ("engine.core.story", "Unanswered"),
    "Validation": ("engine.importers.loading", "Validation"),
    "analyse": ("engine.core.analysis", "analyse"),
    "analysis_data": ("engine.core.analysis.as_data", "as_data"),
    "clashes": ("engine.core.clashes", "clashes"),
    "computed_waves": ("engine.core.waves", "planned"),
    "current_run": ("engine.launch", "current_run"),
    "dependency_graph": ("engine.exporters.documents", "dependency_graph"),
    "documents": ("engine.exporters.documents", "documents"),
    "effective_slots": ("engine.core.holdings", "effective_slots"),
    "engine_at_work": ("engine.launch", "engine_at_work"),
    "find_project": ("engine.launch", "find_project"),
    "first_day": ("engine.core.dates", "start_of"),
    "forecast": ("engine.core.forecast", "forecast"),
    "foresee": ("engine.foresight", "foresee"),
    "group_number": ("engine.core.sprints", "number"),
    "known_agents": ("engine.importers.check", "known_agents"),
    "leftovers": ("engine.housekeeping", "leftovers"),
    "load_plan": ("engine.importers.loading", "load"),
    "looked_up": ("engine.foresight", "looked_up"),
    "measured_machine": ("engine.edge.machine", "measured"),
    "plan_schema": ("engine.importers.schema", "schema"),
    "preflight": ("engine.launch", "preflight"),
    "project_settings": ("engine.importers.project_settings", "project_settings"),
    "quality_lines": ("engine.exporters.quality_report", "quality_lines"),
    "read_answers": ("engine.importers.answers", "read_answers"),
    "resume_run": ("engine.launch", "resume_run"),
    "resuming": ("engine.client", "resuming"),
    "roadmap_candidates": ("engine.core.selection", "candidates"),
    "select": ("engine.core.selection", "select"),
    "separation": ("engine.core.analysis.separation", "separation"),
    "separation_result": ("engine.core.analysis.separation", "as_result"),
    "settings_alone": ("engine.importers.loading", "settings_alone"),
    "sprint_days": ("engine.core.sprints", "days"),
    "sprint_pace": ("engine.core.sprints", "pace"),
    "shortening": ("engine.core.analysis.dependencies", "shortening"),
    "standings": ("engine.core.analysis.dependencies", "standings"),
    "start_run": ("engine.launch", "start_run"),
    "story_check": ("engine.core.analysis.story_check", "story_check"),
    "story_documents": ("engine.story", "documents"),
    "story_exports": ("engine.story", "exports"),
    "story_filled": ("engine.story", "filled"),
    "story_from_answers": ("engine.story", "from_answers"),
    "story_from_documents": ("engine.story", "from_documents"),
    "story_markdown": ("engine.story", "markdown"),
    "suggestion": ("engine.core.selection", "independent"),
    "supplies": ("engine.core.strategy", "supplies"),
    "sweep": ("engine.housekeeping", "sweep"),
    "team_assignments": ("engine.core.teams", "assignments"),
    "teams": ("engine.core.strategy", "teams"),
    "ticket_group": ("engine.core.selection", "group"),
    "top_of_repository": ("engine.importers.project_settings", "top_of"),
    "undeclared": ("engine.core.clashes", "undeclared"),
    "unfit": ("engine.core.analysis.unfit", "unfit"),
    "validate_plans": ("engine.importers.loading", "validate"),
    "wave_dates": ("engine.core.dates", "wave_dates"),
    "wave_risks": ("engine.core.analysis.risk", "wave_risks"),
    "whole_plan": ("engine.importers.loading", "whole"),
    "why_apart": ("engine.core.analysis.overlap", "why_apart"),
    "write_documents": ("engine.exporters.writing", "write"),
}


def __getattr__(name: str) -> object:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, attribute = _LAZY[name]
    return getattr(import_module(module), attribute)


__all__ = [
    "DEFAULT_ESTIMATE",
    "DOCUMENT_FORMATS",
    "DONE",
    "EFFORT",
    "LIVE",
    "MOST_NOTE",
    "ROADMAP",
    "SETTLED",
    "STORY_GROUPS",
    "Alert",
    "AlertKind",
    "Analysis",
    "Approve",
    "ApproveMerge",
    "ApprovePoint",
    "Archive",
    "Attempt",
    "By",
    "ChecklistLine",
    "Choice",
    "ChooseProcedure",
    "Chronicle",
    "Clash",
    "Client",
    "Command",
    "ConflictKind",
    "ConflictRecord",
    "ConflictState",
    "ConflictTimes",
    "Counted",
    "Criterion",
    "Decision",
    "Dialogue",
    "Doing",
    "EngineError",
    "EngineGone",
    "Estimate",
    "Event",
    "Fault",
    "FileRule",
    "Fixed",
    "Forecast",
    "Foresight",
    "FreezeResource",
    "Gate",
    "GateLevel",
    "GateResult",
    "Gates",
    "Headway",
    "Isolate",
    "Land",
    "Level",
    "Machine",
    "MadeStory",
    "Meeting",
    "Merge",
    "MergeStage",
    "Message",
    "MessageKind",
    "MessageSent",
    "Mode",
    "Move",
    "Need",
    "Note",
    "Notification",
    "OnConflict",
    "Options",
    "Order",
    "Overlap",
    "Override",
    "Pace",
    "Part",
    "PastRun",
    "Pause",
    "Phase",
    "Plan",
    "PlanError",
    "PlanFile",
    "PlanSearch",
    "PointState",
    "PreflightError",
    "Project",
    "ProjectSettings",
    "Ready",
    "Refused",
    "Reject",
    "Release",
    "Resolve",
    "Resume",
    "Retry",
    "RetryGate",
    "Review",
    "RunPhase",
    "RunReport",
    "RunRow",
    "Say",
    "Score",
    "Separation",
    "Serialize",
    "SerializeWave",
    "SessionVitals",
    "SetSlots",
    "Settings",
    "Sides",
    "Span",
    "Standing",
    "StartPolicy",
    "State",
    "Stop",
    "StopTask",
    "Story",
    "StoryQuestion",
    "Supply",
    "Task",
    "TaskState",
    "TaskTimes",
    "Tick",
    "Timeline",
    "Totals",
    "Tree",
    "Unanswered",
    "UndoDecision",
    "Unfit",
    "UnfreezeResource",
    "Unpause",
    "UsageError",
    "Validation",
    "Verb",
    "Vitals",
    "Wave",
    "WavePhase",
    "WaveRisk",
    "WaveState",
    "WaveTimes",
    "WavetreeError",
    "add_note",
    "analyse",
    "analysis_data",
    "arrived",
    "back_up",
    "backups",
    "batch_result",
    "batch_summary",
    "checklist",
    "clashes",
    "clean",
    "compared",
    "composed",
    "computed_waves",
    "counted",
    "critical_path",
    "current_run",
    "dependency_graph",
    "detected",
    "disagreements",
    "documents",
    "duration_text",
    "effective_slots",
    "engine_at_work",
    "expected",
    "failing_test",
    "fell_back",
    "find_plans",
    "find_project",
    "first_day",
    "firsts",
    "forecast",
    "foresee",
    "gate_texts",
    "gates_of",
    "gauged",
    "group_number",
    "headway",
    "in_review",
    "is_open",
    "is_pull_step",
    "known_agents",
    "left_mark",
    "leftovers",
    "levels",
    "load_plan",
    "looked_up",
    "marked",
    "measured_machine",
    "meetings",
    "mend_sessions",
    "merge_by_hand",
    "merge_result",
    "needs_of",
    "next_time",
    "noted",
    "notes_asked_for",
    "outcomes",
    "overdue",
    "parse_duration",
    "people_wanted",
    "periods",
    "plan_risks",
    "plan_schema",
    "points_for_people",
    "preflight",
    "project_settings",
    "quality_lines",
    "read_answers",
    "reduced",
    "report_data",
    "report_markdown",
    "report_of",
    "report_page",
    "report_text",
    "restore",
    "resume_run",
    "resuming",
    "review",
    "review_words",
    "risk_standing",
    "roadmap_candidates",
    "run_metrics",
    "run_totals",
    "score_words",
    "select",
    "separation",
    "separation_result",
    "session_folder",
    "settings_alone",
    "shortening",
    "show_duration",
    "show_lines",
    "show_span",
    "sprint_days",
    "sprint_pace",
    "standings",
    "start_run",
    "story_check",
    "story_documents",
    "story_exports",
    "story_filled",
    "story_from_answers",
    "story_from_documents",
    "story_markdown",
    "suggestion",
    "supplies",
    "sweep",
    "team_assignments",
    "teams",
    "ticked",
    "ticket_group",
    "time_saved",
    "top_of_repository",
    "track",
    "undeclared",
    "unfit",
    "unreviewed",
    "unsigned",
    "unstarted",
    "unticked",
    "unwritten",
    "validate_plans",
    "velocity_increase",
    "verdicts",
    "waiting_for",
    "waits_for_gate",
    "wanted",
    "wave_dates",
    "wave_risks",
    "whole_plan",
    "why_apart",
    "word",
    "write_documents",
]
