"""The keys of tasks and waves in the native plan."""

from __future__ import annotations

from engine.core.plan import Level, Mode
from engine.importers.scalars import amount, commands, count, lasting, line, name, path, text, words
from engine.importers.shapes import (
    Amount,
    Anything,
    Choice,
    Duration,
    Either,
    Field,
    Flag,
    ListOf,
    MapOf,
    Number,
    Record,
    Text,
)
from engine.importers.simulated_fields import SIMULATE

MODE = words(*Mode, smart_parallel=Mode.PARALLEL, coordinated_parallel=Mode.PARALLEL, serial=Mode.SEQUENTIAL)
LEVEL = words(*Level)
URGENCY = words(*Level, critical=Level.HIGH)
STATES = {
    "pending": ("pending", "planned", "ready", "to do", "todo", "open", "not started", "backlog", "◯", "📝"),
    "waiting": ("waiting", "queued", "blocked by dependency"),
    "running": ("running", "current", "in progress", "active", "started"),
    "paused": ("paused", "pausing", "on hold"),
    "reviewing": ("reviewing", "in review", "pr created"),
    "complete": (
        *("complete", "completed", "done", "merged", "merged successfully", "closed", "resolved"),
        *("✓", "✅", "✅ Complete"),
    ),
    "failed": ("failed", "error", "crashed", "✗", "❌"),
    "blocked": ("blocked",),
    "stopped": ("stopped", "cancelled", "canceled", "terminated"),
}
"""The states of the glossary with the words and marks that stand for them."""
STATUS = Choice({word: state for state, words in STATES.items() for word in words}, loose=True)

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
        Field("description", text, "what it is about, at length; the agent is told"),
        Field(
            "type", name, "feature, bugfix, docs, ...: the first part of the branch's name", default="feature"
        ),
        Field(
            "agent",
            name,
            "shell, simulated, a preset or a name from `agents`",
            default="the plan's, or shell",
        ),
        Field("run", commands, "what the agent `shell` runs with bash in the worktree"),
        Field("prompt", text, "what the agent is told", default="the title and what else the task says"),
        Field("needs", ListOf(Either(name, "task", NEED)), "what must be there before it starts"),
        Field("conflicts_with", ListOf(name), "tasks that it never runs beside"),
        Field("files", ListOf(path), "files, patterns and parts of files that it will change"),
        Field("reads", ListOf(path), "files and patterns that it depends on"),
        Field("tables", ListOf(line), "database tables that it will change"),
        Field(
            "estimate", Duration(span=True), "how long it will take; schedules use the most", default="10 min"
        ),
        Field(
            "resources", MapOf(name, Amount()), "what it takes of counted things, such as build: 1, ram: 4GB"
        ),
        Field("steps", ListOf(text), "its named parts, in order"),
        Field("criteria", ListOf(text), "its acceptance criteria; the agent is told"),
        Field("deliverables", ListOf(text), "what it hands over; the agent is told"),
        Field("urgency", URGENCY, "high, medium or low: the more urgent of two ready tasks starts first"),
        Field("points", amount, "its size in points, for sprints"),
        Field("labels", ListOf(line), "words to find it by; some are warned of, such as `release`"),
        Field("epic", line, "the epic that it belongs to"),
        Field("sprint", line, "the sprint that it belongs to"),
        Field("assignee", line, "the person who answers for it"),
        Field("team", line, "the team that does it", default="found by its skills"),
        Field("skills", ListOf(line), "what its team must be able to do"),
        Field("capacity", amount, "what it takes of its team's hours a week", default="nothing"),
        Field("session", line, "the name of its session in strategy documents"),
        Field("simulate", SIMULATE, "what the agent `simulated` does"),
        Field("timeout", lasting, "after so long the agent is stopped and the task fails", default="none"),
        Field("complete", Flag(), "already done: it is skipped and counts as merged", default="false"),
        Field("status", STATUS, "its state in a word or mark", default="pending"),
        Field("extra", MapOf(Text(), Anything()), "keys of other tools, kept for export"),
    ),
)
WAVE = Record(
    "wave",
    "tasks released together after one approval",
    (
        Field("name", line, "its name", default="Wave and its number"),
        Field("tasks", ListOf(name, least=1), "the ids of its tasks", required=True),
        Field(
            "mode",
            MODE,
            "side by side; one by one in the order of `tasks`; side by side after the waves it needs",
            default="parallel",
        ),
        Field(
            "needs",
            ListOf(Number(1, 100_000, whole=True)),
            "the numbers of the waves that an integration wave comes after",
            default="all before it",
        ),
        Field("slots", count, "how many of its sessions are alive at once", default="the plan's"),
        Field("criteria", ListOf(text), "the checklist of the wave"),
        Field(
            "watch",
            ListOf(line),
            "names that no two tasks may both add: `FILES: /EXPRESSION/`, or words such as `endpoint naming`",
        ),
        Field("extra", MapOf(Text(), Anything()), "keys of other tools, kept for export"),
    ),
)
