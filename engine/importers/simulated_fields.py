"""The keys that say what a simulated agent does (M101)."""

from __future__ import annotations

from engine.importers.scalars import count, filled, lasting, line, moment, path, text
from engine.importers.shapes import FILLED, Field, Flag, ListOf, Number, Record, Text

EDIT = Record(
    "edit",
    "a file and its text",
    (
        Field("path", path, "the file, from the top of the worktree", required=True),
        Field("text", text, "the text to write", required=True),
    ),
)
REPLACE = Record(
    "replace",
    "a change of some text in a file",
    (
        Field("path", path, "the file, from the top of the worktree", required=True),
        Field("old", Text(FILLED, "the text to look for"), "the text to look for", required=True),
        Field("new", text, "the text to put there", required=True),
    ),
)
STEP = Record(
    "simulated step",
    "what a simulated agent does at one moment; every key that is there is done",
    (
        Field("at", moment, "when, counted from the agent's start", default="0s"),
        Field("write", EDIT, "make a file or write it anew"),
        Field("append", EDIT, "add text to the end of a file"),
        Field("replace", REPLACE, "replace some text in a file"),
        Field("delete", path, "delete this file"),
        Field("commit", filled, "commit everything, with this message"),
        Field("progress", Number(0, 100), "report that so many percent are done"),
        Field("says", line, "report what is being done"),
        Field(
            "tests",
            Text(r"^[0-9]{1,6}/[0-9]{1,6}$(?!\n)", 'passed and all, such as "12/15"'),
            "report passed and all tests",
        ),
        Field("milestone", line, "report that this milestone is reached"),
        Field("step", count, "report the number of the step, counted from 1"),
        Field("cost_usd", Number(0, 1e9), "report what it cost so far, in US dollars"),
        Field("spawn", lasting, "leave a child process behind, in a session of its own, for so long"),
        Field("output", text, "print this"),
    ),
)
ERROR = Record(
    "simulated error",
    "the typed failure that a simulated agent reports",
    (
        Field("type", line, "the kind of error, such as ValidationError", required=True),
        Field("message", text, "what went wrong", required=True),
        Field("context", text, "where it went wrong"),
        Field("recoveryHints", ListOf(text), "what may help"),
        Field("test", line, "the failing test, when the kind is Test Failure"),
    ),
)
SIMULATE = Record(
    "simulate",
    "what the built-in simulated agent does: a real process that edits real files",
    (
        Field("duration", moment, "how long it lives", default="1s"),
        Field("do", ListOf(STEP), "what it does meanwhile"),
        Field("exit", Number(0, 255, whole=True), "its exit code", default="0"),
        Field("error", ERROR, "report this failure at the end"),
        Field("hang", Flag(), "never end by itself", default="false"),
    ),
)
