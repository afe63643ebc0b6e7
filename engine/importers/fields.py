"""The native plan, key by key: the one table from which files are checked and the JSON Schema is written."""

from __future__ import annotations

from engine.core.plan import Handling, Land, MergeOrder, Mode, StartPolicy
from engine.importers.scalars import (
    branch,
    commands,
    count,
    lasting,
    line,
    moment,
    name,
    path,
    percent,
    text,
    words,
)
from engine.importers.shapes import (
    VARIABLE,
    Amount,
    Choice,
    Duration,
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
from engine.importers.simulated_fields import SIMULATE

FORMAT = 1
BUILT_IN = ("shell", "simulated")
PRESETS = ("claude", "codex", "gemini", "opencode", "aider")
PLACEHOLDERS = ("prompt", "prompt_file", "worktree", "task")

HANDLING = words(*Handling, escalation_to_orchestrator=Handling.ESCALATE)
MODE = words(*Mode, smart_parallel=Mode.PARALLEL, coordinated_parallel=Mode.PARALLEL, serial=Mode.SEQUENTIAL)
STATUS = Choice(
    {
        "pending": False,
        "planned": False,
        "Planned": False,
        "open": False,
        "ready": False,
        "Ready": False,
        "complete": True,
        "Complete": True,
        "completed": True,
        "Completed": True,
        "done": True,
        "Done": True,
    }
)

NEED = Record(
    "need",
    "another task, or a milestone of it",
    (
        Field("task", name, "the id of the task that is needed", required=True),
        Field(
            "milestone", line, "enough when the task has reported this milestone", default="the task's end"
        ),
    ),
)

TASK = Record(
    "task",
    "the smallest unit that one agent carries out in one worktree",
    (
        Field("id", name, "its name; also part of the branch and the worktree's folder", required=True),
        Field("title", text, "what it is about, in one line"),
        Field(
            "type", name, "feature, bugfix, docs, ...: the first part of the branch's name", default="feature"
        ),
        Field("agent", name, "shell, simulated, a preset or a name from `agents`", default="shell"),
        Field("run", commands, "what the agent `shell` runs with bash in the worktree"),
        Field("prompt", text, "what the agent is told", default="the title and what else the task says"),
        Field("needs", ListOf(Either(name, "task", NEED)), "what must be there before it starts"),
        Field("files", ListOf(path), "files and patterns that it will change"),
        Field("reads", ListOf(path), "files and patterns that it depends on"),
        Field(
            "estimate", Duration(span=True), "how long it will take; schedules use the most", default="10 min"
        ),
        Field(
            "resources", MapOf(name, Amount()), "what it takes of counted things, such as build: 1, ram: 4GB"
        ),
        Field("steps", ListOf(text), "its named parts, in order"),
        Field("simulate", SIMULATE, "what the agent `simulated` does"),
        Field("timeout", lasting, "after so long the agent is stopped and the task fails", default="none"),
        Field("complete", Flag(), "already done: it is skipped and counts as merged", default="false"),
        Field("status", STATUS, "the same in a word"),
    ),
)
WAVE = Record(
    "wave",
    "tasks released together after one approval",
    (
        Field("name", line, "its name", default="Wave and its number"),
        Field("tasks", ListOf(name, least=1), "the ids of its tasks", required=True),
        Field(
            "mode", MODE, "side by side, or one after the other in the order of `tasks`", default="parallel"
        ),
    ),
)
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
    ),
)
GATES = Record(
    "gates",
    "checks that must be green before something goes on",
    (
        Field("task", ListOf(GATE), "run on each merge candidate"),
        Field("wave", ListOf(GATE), "run after each wave"),
        Field("run", ListOf(GATE), "run at the end"),
    ),
)
CONFLICTS = Record(
    "conflicts",
    "what happens when two tasks' changes clash",
    (
        Field("handling", HANDLING, "who settles a conflict", default="automatic"),
        Field("ignore", ListOf(path), "files and patterns that never count as a conflict"),
    ),
)
LIMITS = Record(
    "resource_limits",
    "limits of the machine",
    (
        Field("start_cpu_percent", percent, "start nothing at or above this CPU use", default="none"),
        Field("max_cpu_percent", percent, "pause the newest agent at or above this CPU use", default="none"),
        Field("max_ram_gb", Number(0, 1e6), "accepted, not acted on"),
        Field("max_disk_io", Amount(rate=True), "accepted, not acted on"),
    ),
)
_CONFIGURATION: tuple[Field, ...] = (
    Field("max_threads", count, "another word for `slots`"),
    Field("max_instances", count, "another word for `slots`"),
    Field("conflict_resolution", HANDLING, "another word for `conflicts.handling`"),
    Field("resource_limits", LIMITS, "limits of the machine"),
    Field("enabled", Flag(), "accepted, not acted on"),
    Field("auto_coordinate", Flag(), "accepted, not acted on"),
    Field("progress_updates", text, "accepted, not acted on"),
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
        Field("stop_grace", moment, "how long each signal of a stop has before the next", default="3s"),
        Field("log_limit", Amount(), "an agent's log may grow to this size", default="256MB"),
        Field(
            "quiet_after", lasting, "an agent is shown as quiet after so long without output", default="1 min"
        ),
        Field(
            "link_speed", Amount(rate=True), "what 100 % of the network gauge stands for", default="125MB/s"
        ),
        Field("start_cpu_percent", percent, "start nothing at or above this CPU use", default="none"),
        Field("max_cpu_percent", percent, "pause the newest agent at or above this CPU use", default="none"),
        *_CONFIGURATION,
        Field("parallel_execution", PARALLEL_EXECUTION, "the same settings, as one object"),
    ),
)
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
        Field("agents", MapOf(name, AGENT), "named agents"),
        Field("setup", SETUP, "what a worktree needs before an agent starts in it"),
        Field("tasks", ListOf(TASK, least=1), "the tasks", required=True),
        Field(
            "waves", ListOf(WAVE), "the waves; every task in exactly one", default="computed from the needs"
        ),
        Field("gates", GATES, "checks that must be green before something goes on"),
        Field("conflicts", CONFLICTS, "what happens when two tasks' changes clash"),
        Field("settings", SETTINGS, "how runs of this plan go"),
        Field("parallel_execution", PARALLEL_EXECUTION, "the same as `settings.parallel_execution`"),
    ),
)
NOT_ACTED_ON = frozenset({"enabled", "auto_coordinate", "progress_updates", "max_ram_gb", "max_disk_io"})


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
