"""The native plan, key by key: the one table from which files are checked and the JSON Schema is written."""

from __future__ import annotations

from msgspec.structs import replace

from engine.core.actions import COMMANDS
from engine.core.plan import (
    FALLBACK_STRATEGIES,
    FALLBACK_TRIGGERS,
    Handling,
    Land,
    MergeOrder,
    OnConflict,
    Resolution,
    StartPolicy,
)
from engine.importers.scalars import (
    amount,
    branch,
    commands,
    count,
    date,
    lasting,
    line,
    moment,
    name,
    path,
    percent,
    share,
    text,
    words,
)
from engine.importers.section_fields import SECTIONS
from engine.importers.shapes import (
    VARIABLE,
    Amount,
    Either,
    Field,
    Flag,
    ListOf,
    MapOf,
    Number,
    Record,
    Shape,
    Text,
)
from engine.importers.task_fields import LEVEL, TASK, WAVE

FORMAT = 1
AXIS = r"^[a-z][a-z0-9_]{0,63}$"
BUILT_IN = ("shell", "simulated")
PRESETS = ("claude", "codex", "gemini", "opencode", "aider")
PLACEHOLDERS = ("prompt", "prompt_file", "worktree", "task")

HANDLING = words(*Handling, escalation_to_orchestrator=Handling.ESCALATE)

AGENT = Record(
    "agent",
    "a named agent",
    (
        Field("command", ListOf(text, least=1), "its command as a list of words, with placeholders"),
        Field("kind", words("command", *BUILT_IN, *PRESETS), "what it starts from", default="command"),
        Field(
            "env",
            MapOf(Text(VARIABLE, "a variable's name"), text),
            "variables added to its environment",
        ),
        Field(
            "context",
            ListOf(path),
            "files of the repository whose text each of its tasks is given, read once for each wave",
        ),
    ),
)
SETUP = Record(
    "setup",
    "what a worktree needs before an agent starts in it",
    (
        Field("copy", ListOf(path), "files copied from the main checkout, such as .env"),
        Field("link", ListOf(path), "files and folders linked to the main checkout, such as node_modules"),
        Field("run", text, "a command run with bash in the worktree"),
        Field("timeout", lasting, "after so long the command has failed", default="30 minutes"),
    ),
)
GATE = Record(
    "gate",
    "a check; green is exit 0 in time, all else is red",
    (
        Field("name", line, "its name", required=True),
        Field("run", commands, "the command, run with bash", required=True),
        Field("timeout", lasting, "after so long it is red", default="10 minutes"),
        Field(
            "matrix",
            MapOf(Text(AXIS, "a variable's name in small letters"), ListOf(line, least=1)),
            "values of variables; the command is run once for each combination of them",
            default="none",
        ),
    ),
)
SIGN_OFF = Record(
    "sign-off",
    "what people have to say before a wave counts as done",
    (
        Field("name", line, "its name", required=True),
        Field("roles", ListOf(name), "who has to consent: `wavetree approve --as ROLE`"),
        Field("criteria", ListOf(text), "what is to be ticked: `wavetree gate tick`"),
    ),
)
REVIEW = Record(
    "review",
    "a person reads each branch before it merges",
    (
        Field("limit", lasting, "after so long it is overdue", default="24 hours"),
        Field("cross_team", Flag(), "each team that a changed file belongs to approves", default="true"),
    ),
)
GATES = Record(
    "gates",
    "checks that must be green before something goes on",
    (
        Field("task", ListOf(GATE), "run on each merge candidate"),
        Field("wave", ListOf(GATE), "run after each wave"),
        Field("run", ListOf(GATE), "run at the end"),
        Field("sign_off", ListOf(SIGN_OFF), "words of people after each wave"),
        Field(
            "actions",
            MapOf(Text(f"^({'|'.join(COMMANDS)})$", f"one of {', '.join(COMMANDS)}"), commands),
            "commands of the actions that documents name in their quality gates",
        ),
        Field("review", REVIEW, "code review of each branch before it merges", default="none"),
        Field("criteria", MapOf(text, commands), "commands that tick criteria, each by its text"),
    ),
)
RULE = Record(
    "conflict rule",
    "what is done at once about a kind of conflict, and what brings the tasks back",
    (
        Field("rule", line, "the kind of conflict", required=True),
        Field("action", words("pause_second_agent", "pause_dependent_agents"), "what is done", required=True),
        Field(
            "recovery",
            words("merge_changes_manually", "restart_after_dependency_complete"),
            "what brings the tasks back",
        ),
    ),
)
FALLBACK = Record(
    "fallback",
    "what is done when the rules do not settle a conflict",
    (
        Field("strategy", words(*FALLBACK_STRATEGIES), "what is done", required=True),
        Field("trigger", words(*FALLBACK_TRIGGERS), "when it is done", required=True),
    ),
)
CONFLICTS = Record(
    "conflicts",
    "what happens when two tasks' changes clash",
    (
        Field("handling", HANDLING, "who settles a conflict", default="automatic"),
        Field(
            "ignore",
            ListOf(path),
            "files and patterns that never count as a conflict",
            default="lock files, generated files, CLAUDE.md, AGENTS.md",
        ),
        Field(
            "on_conflict",
            words(*OnConflict),
            "tasks that declare the same file: only show it, put such pairs one by one, or all tasks",
            default="show",
        ),
        Field(
            "rules", ListOf(RULE), "what is done at once, by kind of conflict", default="two built-in rules"
        ),
        Field("fallbacks", ListOf(FALLBACK), "what is done when the rules do not settle it"),
        Field(
            "many", Number(2, 1000, whole=True), "how many open conflicts in a wave are several", default="2"
        ),
        Field(
            "schema",
            ListOf(path),
            "where tables are described; a change there concerns every task that needs the changer",
            default="doctype, migrations and SQL files",
        ),
    ),
)
FILE_RULE = Record(
    "file rule",
    "a file or pattern that several tasks share, and what is done about it",
    (
        Field("file", path, "the path or pattern", required=True),
        Field("resolution", words(*Resolution), "what the scheduler does with its tasks", required=True),
        Field("level", LEVEL, "how grave a clash there is", default="high"),
        Field("tasks", ListOf(name), "the tasks that share it", default="every task"),
    ),
)
SUPPLY = Record(
    "supply",
    "how much of a resource there is at once",
    (
        Field("count", Amount(), "so many units, or bytes such as 8GB; 1 makes it exclusive", required=True),
        Field("alternative", name, "the resource that serves when none is free"),
    ),
)
MACHINE = Record(
    "machine",
    "what agents share out among them",
    (
        Field("cores", amount, "cores for tasks to share", default="what this machine has"),
        Field("ram", Amount(), "memory for tasks to share", default="what this machine has"),
        Field("reserved_cores", amount, "cores kept back for the machine", default="half, or 0 with `cores`"),
        Field("reserved_ram", Amount(), "memory kept back for the machine", default="half, or 0 with `ram`"),
    ),
)
DEADLINE = Record(
    "deadline",
    "the end by which the plan should be done",
    (
        Field("by", line, "a date such as 2024-01-31, or a duration from the start", required=True),
        Field("hard", Flag(), "a plan that would end later is an error, not a warning", default="false"),
    ),
)
STORY = Record(
    "story",
    "the user story that the plan was made for",
    (
        Field("id", name, "the story's id"),
        Field("title", line, "its title"),
        Field("role", line, "who wants it"),
        Field("functionality", text, "what is wanted"),
        Field("value", text, "what it is good for"),
        Field("complexity", line, "how complex it is expected to be"),
        Field("answers", MapOf(Text(), text), "the answers it was made from, by question"),
    ),
)
MEMORY = (
    Field("start_memory_percent", percent, "start nothing at or above this memory use", default="none"),
    Field(
        "max_memory_percent", percent, "pause the newest agent at or above this memory use", default="none"
    ),
    Field(
        "max_ram_gb", Number(0, 1e6), "start nothing while all agents use as many gigabytes", default="none"
    ),
)
LIMITS = Record(
    "resource_limits",
    "limits of the machine",
    (
        Field("start_cpu_percent", percent, "start nothing at or above this CPU use", default="none"),
        Field("max_cpu_percent", percent, "pause the newest agent at or above this CPU use", default="none"),
        *MEMORY,
        Field(
            "max_disk_io",
            Amount(rate=True),
            "start nothing while all agents read and write as much",
            default="none",
        ),
    ),
)
_CONFIGURATION: tuple[Field, ...] = (
    Field("max_threads", count, "another word for `slots`"),
    Field("max_instances", count, "another word for `slots`"),
    Field("conflict_resolution", HANDLING, "another word for `conflicts.handling`"),
    Field("resource_limits", LIMITS, "limits of the machine"),
    Field("enabled", Flag(), "false: one task at a time", default="true"),
    Field("auto_coordinate", Flag(), "false: conflicts are shown, nobody is paused", default="true"),
    Field(
        "progress_updates",
        text,
        "a progress report every `30m`, `daily`, `per_block_completion`, or `disabled`",
        default="disabled",
    ),
)
PARALLEL_EXECUTION = Record("parallel_execution", "settings as one object", _CONFIGURATION)
SETTINGS = Record(
    "settings",
    "how runs of this plan go",
    (
        Field("land", words(*Land), "when the base branch takes what was merged", default="wave"),
        Field("auto_merge", Flag(), "merge finished tasks without asking", default="true"),
        Field(
            "merge_order",
            words(*MergeOrder),
            "the order of merging, needs always first",
            default="completion",
        ),
        Field("poll_interval", lasting, "how often sessions are looked at", default="10s"),
        Field("scan_interval", lasting, "how often conflicts are looked for", default="30s"),
        Field(
            "timeout_factor",
            Number(1, 1e6),
            "an agent that works longer than its task's estimate times this is stopped and the task fails",
            default="none",
        ),
        Field(
            "resource_wait",
            lasting,
            "the run fails when the machine's load has let nothing start for so long, with no agent at work",
            default="1h",
        ),
        Field("stop_grace", moment, "how long each signal of a stop has before the next", default="3s"),
        Field("log_limit", Amount(), "an agent's log may grow to this size", default="256MB"),
        Field(
            "quiet_after", lasting, "an agent is shown as quiet after so long without output", default="1 min"
        ),
        Field(
            "stuck_after",
            lasting,
            "an agent without output, progress and changes for so long is stuck",
            default="15 min",
        ),
        Field(
            "link_speed", Amount(rate=True), "what 100 % of the network gauge stands for", default="125MB/s"
        ),
        Field("start_cpu_percent", percent, "start nothing at or above this CPU use", default="none"),
        Field("max_cpu_percent", percent, "pause the newest agent at or above this CPU use", default="none"),
        *MEMORY,
        Field(
            "conflict_reporting",
            words("immediate", "disabled"),
            "tell of conflicts at once, or not",
            default="immediate",
        ),
        Field(
            "metrics_tracking",
            words("enabled", "disabled"),
            "tell the metrics at the run's end",
            default="disabled",
        ),
        Field("role", name, "the role of people who have chosen none: it says what they may decide"),
        Field("tracker_sync", Flag(), "say in ticket files how tickets stand, and outside", default="true"),
        Field(
            "tracker_command",
            ListOf(text, least=1),
            "a command as a list of words; it gets each change of a ticket as JSON on its standard input",
        ),
        Field(
            "pull_request",
            ListOf(text, least=1),
            "a command as a list of words that makes a pull request of a branch, with placeholders",
        ),
        Field(
            "notify_command",
            ListOf(text, least=1),
            "a command as a list of words; it gets each notification as JSON on its standard input",
        ),
        Field(
            "roadmap_autofix",
            Flag(),
            "mark merged priorities in the roadmap where agents did not; false: only say so",
            default="true",
        ),
        Field(
            "gate_slots",
            count,
            "how many merge candidates are tested at once, each on top of the one ahead of it",
            default="2",
        ),
        Field(
            "gate_batch",
            count,
            "how many merge candidates are tested together; when that is red, each is tested alone",
            default="1",
        ),
        Field("bell", Flag(), "notifications ring the terminal's bell", default="false"),
        *_CONFIGURATION,
        Field("parallel_execution", PARALLEL_EXECUTION, "the same settings, as one object"),
    ),
)


def _optional(field: Field) -> Field:
    shape = replace(field.shape, least=0) if isinstance(field.shape, ListOf) else field.shape
    return replace(field, required=False, shape=shape)


PLAN = Record(
    "plan",
    "a plan of wavetree",
    (
        Field(
            "wavetree",
            Number(FORMAT, FORMAT, whole=True),
            "the version of the format, always 1",
            required=True,
        ),
        Field("name", line, "the plan's name", default="the file's name"),
        Field("base", branch, "the branch that receives the work", default="the branch checked out"),
        Field("slots", count, "how many agents work at once", default="3"),
        Field(
            "start_policy",
            words(*StartPolicy),
            "wait for the wave before, or for one's needs",
            default="wave",
        ),
        Field(
            "draft", Flag(), "it may be open who does a task; the plan can only be looked at", default="false"
        ),
        Field("agent", name, "the agent of tasks that name none", default="shell"),
        Field("agents", MapOf(name, AGENT), "named agents"),
        Field("setup", SETUP, "what a worktree needs before an agent starts in it"),
        Field("tasks", ListOf(TASK, least=1), "the tasks", required=True),
        Field(
            "waves", ListOf(WAVE), "the waves; every task in exactly one", default="computed from the needs"
        ),
        Field("gates", GATES, "checks that must be green before something goes on"),
        Field("readiness", ListOf(commands), "bash commands that must succeed before a run begins"),
        Field("conflicts", CONFLICTS, "what happens when two tasks' changes clash"),
        Field("file_rules", ListOf(FILE_RULE), "files that several tasks share"),
        Field(
            "resources",
            MapOf(name, Either(Amount(), "count", SUPPLY)),
            "how much there is of counted things",
        ),
        Field("machine", MACHINE, "cores and memory that agents share"),
        Field("buffer", share, "the share of team capacity that planning leaves free", default="0.2"),
        Field("start", date, "the first day, for dates of waves and deadlines", default="no dates"),
        Field("deadline", Either(line, "by", DEADLINE), "the end by which it should be done"),
        Field("story", STORY, "the user story that the plan was made for"),
        Field("analysis", line, "the id of the dependency analysis that the plan was made from"),
        Field("roadmap", line, "the roadmap whose priorities the tasks are; what is merged is marked in it"),
        Field("trackers", ListOf(line), "ticket files that the tasks are from; what is merged is Done there"),
        Field("sections", SECTIONS, "parts of strategy documents, as the documents have them"),
        Field("settings", SETTINGS, "how runs of this plan go"),
        Field("parallel_execution", PARALLEL_EXECUTION, "the same as `settings.parallel_execution`"),
    ),
)
PART = Record(
    "part of a plan",
    "what other tools' documents become; it may lack what a plan must have",
    tuple(_optional(field) for field in PLAN.fields),
)


def all_fields(shape: Shape = PLAN, prefix: str = "") -> dict[str, Field]:
    """Every key of the format by its path, such as `tasks[].needs[].milestone` or `agents.*.command`."""
    match shape:
        case Record():
            found: dict[str, Field] = {}
            for field in shape.fields:
                here = f"{prefix}.{field.key}" if prefix else field.key
                found |= {here: field} | all_fields(field.shape, here)
            return found
        case ListOf():
            return all_fields(shape.item, f"{prefix}[]")
        case MapOf():
            return all_fields(shape.value, f"{prefix}.*")
        case Either():
            return all_fields(shape.record, prefix)
        case _:
            return {}
