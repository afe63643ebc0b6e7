"""The result of a batch that ran: it has no tasks, and is kept to be looked at and exported."""

from __future__ import annotations

from engine.importers.log import Log
from engine.importers.making import Maker
from engine.importers.nodes import Entries, Node
from engine.importers.reading import read
from engine.importers.scalars import amount, line, name
from engine.importers.shapes import Field, Flag, ListOf, MapOf, Number, Record

KIND = "batch result"
KEYS: tuple[str, ...] = ()

_COUNT = Number(0, 1e6, whole=True)
_MONITORING = Record(
    "monitoring result",
    "how many tasks ended how",
    tuple(Field(key, _COUNT, "how many tasks") for key in ("completed", "failed", "total")),
    open=True,
)
_RESULT = Record(
    "batch result",
    "what became of a batch",
    (
        Field("success", Flag(), "whether all went well"),
        Field("priorities_executed", ListOf(name), "the tasks that ran"),
        Field("worktrees_created", _COUNT, "how many worktrees there were"),
        Field("monitoring_result", _MONITORING, "how many tasks ended how"),
        Field("merge_results", MapOf(name, line), "what became of each task's merge"),
        Field("duration_seconds", amount, "how long it took"),
        Field("start_time", line, "when it began"),
        Field("end_time", line, "when it ended"),
    ),
    open=True,
)


def recognises(root: Node) -> bool:
    """What has `priorities_executed`."""
    return isinstance(root, Entries) and root.get("priorities_executed") is not None


def translate(root: Node, make: Maker) -> Node:
    """The result as the section `batch_result`, with what is wrong in it told."""
    log = Log(root)
    log.origins = make.origins
    read(_RESULT, root, (), log)
    make.errors += log.errors
    return make.entries({"sections": make.entries({"batch_result": root}, root)}, root)
