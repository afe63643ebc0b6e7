"""The front door: the only names that the screen, the command line and other outsiders import.

What stands under `if TYPE_CHECKING` needs a parser or another large library; it is imported when it is first
asked for. So every name is listed once, and a command waits only for what it uses."""

import ast
from functools import cache
from importlib import import_module
from pathlib import Path
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
from engine.core.conflicts import ConflictKind, ConflictRecord
from engine.core.criteria import ChecklistLine, checklist, ticked, unticked
from engine.core.decisions import words_of as decision_words
from engine.core.durations import moment, show_span, ticks
from engine.core.durations import parse as parse_duration
from engine.core.durations import show as show_duration
from engine.core.durations import text as duration_text
from engine.core.errors import (
    EngineGone,
    Fault,
    PlanError,
    PreflightError,
    Refused,
    UsageError,
    WavetreeError,
)
from engine.core.events import Event
from engine.core.failing_tests import detected, failing_test
from engine.core.failures import merge_by_hand
from engine.core.few import few
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
from engine.core.plan_now import needs_with
from engine.core.pulls import is_step as is_pull_step
from engine.core.recovery import waits_for_gate
from engine.core.results import batch_result
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
    from engine.core.analysis.risk import wave_risks
    from engine.core.analysis.separation import Separation, separation
    from engine.core.analysis.separation import as_result as separation_result
    from engine.core.analysis.story_check import story_check
    from engine.core.analysis.unfit import unfit
    from engine.core.clashes import Clash, clashes, undeclared
    from engine.core.dates import start_of as first_day
    from engine.core.dates import wave_dates
    from engine.core.forecast import Forecast, forecast
    from engine.core.graph import DEFAULT_ESTIMATE
    from engine.core.holdings import effective_slots
    from engine.core.record.chronicle import Attempt, Chronicle, Doing
    from engine.core.record.foretold import Score
    from engine.core.record.log_entry import unwritten
    from engine.core.record.metrics import Metric
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
    from engine.core.strategy import BUILD, BUILDS, supplies, teams
    from engine.core.strategy import risks as plan_risks
    from engine.core.teams import assignments as team_assignments
    from engine.core.unstarted import unstarted
    from engine.core.waves import planned as computed_waves
    from engine.edge.git_sides import Sides
    from engine.edge.machine import measured as measured_machine
    from engine.edge.mergetool import taken as tool_result
    from engine.edge.notes import add_note
    from engine.edge.notes import read_notes as noted
    from engine.edge.runs import Project
    from engine.exporters.documents import FORMATS as DOCUMENT_FORMATS
    from engine.exporters.documents import dependency_graph, documents
    from engine.exporters.run_page import page as report_page
    from engine.exporters.run_report import Report as RunReport
    from engine.exporters.run_report import batch_summary, score_words
    from engine.exporters.run_report import data as report_data
    from engine.exporters.run_report import markdown as report_markdown
    from engine.exporters.run_report import rounded as metric_numbers
    from engine.exporters.run_report import sections as report_sections
    from engine.exporters.run_report import shown as metric_value
    from engine.exporters.run_report import text as report_text
    from engine.exporters.state_files import FOLDER as STATE_FOLDER
    from engine.exporters.writing import write as write_documents
    from engine.foresight import Foresight, foresee, looked_up
    from engine.housekeeping import leftovers, sweep
    from engine.importers.agent_check import known_agents, without_agent
    from engine.importers.answers import read_answers
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
        measured,
        report_of,
        review,
    )
    from engine.recorded import Row as RunRow
    from engine.state_files import (
        back_up,
        backups,
        disagreements,
        mend_sessions,
        plan_owner,
        restore,
        session_folder,
    )
    from engine.story import Made as MadeStory
    from engine.story import documents as story_documents
    from engine.story import exports as story_exports
    from engine.story import filled as story_filled
    from engine.story import from_answers as story_from_answers
    from engine.story import from_documents as story_from_documents
    from engine.story import markdown as story_markdown


def __getattr__(name: str) -> object:
    if name not in _late():
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, attribute = _late()[name]
    return getattr(import_module(module), attribute)


@cache
def _late() -> dict[str, tuple[str, str]]:
    """Module and attribute of every name that this file imports under `if TYPE_CHECKING`."""
    blocks = (node for node in ast.parse(Path(__file__).read_bytes()).body if isinstance(node, ast.If))
    lines = (line for block in blocks for line in block.body if isinstance(line, ast.ImportFrom))
    return {one.asname or one.name: (str(line.module), one.name) for line in lines for one in line.names}
