"""`wavetree conflicts`: what clashes, what is done about it, and what still waits for a person (M128)."""

from __future__ import annotations

import argparse
import re
import time
from collections.abc import Iterator

from engine import (
    Client,
    ConflictKind,
    ConflictRecord,
    ConflictTimes,
    Overlap,
    Phase,
    UsageError,
    clean,
    merge_by_hand,
    show_duration,
    show_lines,
)
from tui.cli.target import add_json, add_run, client, examples, say

_ID = re.compile(r"c[1-9][0-9]*")
MERGED = "what is merged"
"""Stands for the other side where a task clashes with what is merged already."""


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", nargs="?", default="", metavar="ID|RUN", help="one conflict, or a run")
    add_run(parser)
    add_json(parser)
    examples(parser, "wavetree conflicts", "wavetree conflicts c1", "wavetree conflicts r3 --json")


def run(args: argparse.Namespace) -> int:
    one = args.what if _ID.fullmatch(args.what) else ""
    to = client(args.run or ("" if one else args.what))
    if one and one not in to.state.conflicts:
        known = ", ".join(to.state.conflicts) or "none"
        raise UsageError(f"run {to.run} has no conflict {one}", f"conflicts: {known}")
    found = [record for record in to.state.conflicts.values() if one in ("", record.id)]
    lines = [line for record in found for line in _lines(to, record, whole=bool(one))]
    say("\n".join(lines) or "no conflict", [_row(to, record) for record in found], as_json=args.json)
    return 0


def _lines(to: Client, record: ConflictRecord, *, whole: bool) -> Iterator[str]:
    times = to.timeline.conflicts.get(record.id, ConflictTimes())
    yield f"{record.id:<4} {record.state.value:<9} {clean(_text(to, record))}"
    if not record.open:
        yield f"     {clean(record.how)}{_delay(times)}"
    elif remedy := _remedy(to, record):
        yield f"     {clean(remedy)}"
    if whole:
        yield f"     found {time.strftime('%H:%M:%S', time.localtime(times.found))}, {record.kind.value}"
        yield f"     rule {record.rule or 'none'}, action {clean(record.action)}{_delay(times)}"
        for overlap in record.files:
            yield from _sides(overlap)
        yield from _by_hand(to, record)


def _by_hand(to: Client, record: ConflictRecord) -> Iterator[str]:
    """How to settle it with git alone (M138)."""
    if guidance := _guidance(to, record):
        yield ""
        yield f"with wavetree: wavetree resolve {record.id}; or by hand, in the main checkout:"
        yield from (f"  {clean(line)}" for line in guidance)


def _guidance(to: Client, record: ConflictRecord) -> tuple[str, ...]:
    if record.kind is not ConflictKind.MERGE or not record.open:
        return ()
    failed = [task for name in record.tasks if (task := to.state.tasks[name]).phase is Phase.FAILED]
    files = tuple(overlap.file for overlap in record.files)
    return merge_by_hand(to.state, failed[0], files) if failed else ()


def _delay(times: ConflictTimes) -> str:
    lost = times.delayed(time.time())
    return f", stood still for {show_duration(lost)}" if lost else ""


def _sides(overlap: Overlap) -> Iterator[str]:
    sides = (
        (overlap.first, overlap.lines_first, overlap.text_first),
        (overlap.second or MERGED, overlap.lines_second, overlap.text_second),
    )
    for name, lines, text in sides:
        where = f" lines {show_lines(lines)}" if lines else ""
        yield ""
        yield clean(f"{overlap.file}{where}, {name}:")
        yield from (f"  {clean(line)}" for line in text.splitlines())


def _text(to: Client, record: ConflictRecord) -> str:
    """In the words of its alert as they were last, which name those who were at work then; less than a clash
    has no alert."""
    if record.alert:
        text = to.state.alerts[record.alert - 1].text
        return text if record.tasks else f"{to.state.base}: {text}"
    files = ", ".join(overlap.file for overlap in record.files)
    whom = " and ".join((*record.tasks, *([MERGED] if len(record.tasks) == 1 else [])))
    return f"{whom} change the same file, which merges cleanly: {files}"


def _remedy(to: Client, record: ConflictRecord) -> str:
    """What can be typed; of a conflict that is looked at, what is more than to look at it."""
    if not record.alert:
        return ""
    parts = to.state.alerts[record.alert - 1].remedy.split(" · ")
    return " · ".join(part for part in parts if part != f"wavetree conflicts {record.id}")


def _row(to: Client, record: ConflictRecord) -> dict[str, object]:
    """The record of one conflict. The engine chooses nothing of its content (D03)."""
    times = to.timeline.conflicts.get(record.id, ConflictTimes())
    return {
        "id": record.id,
        "kind": record.kind.value,
        "level": record.level.value,
        "tasks": list(record.tasks),
        "later": record.later or None,
        "files": [_file(overlap) for overlap in record.files],
        "found": times.found or None,
        "rule": record.rule,
        "action": record.action,
        "fallback": record.fallback or None,
        "critical": record.critical,
        "state": record.state.value,
        "resolved": times.resolved or None,
        "resolved_by": record.resolved_by or None,
        "how": record.how,
        "overruled": record.overruled or None,
        "delay": times.delayed(time.time()),
        "text": _text(to, record),
        "remedy": _remedy(to, record) if record.open else "",
        "by_hand": list(_guidance(to, record)),
    }


def _file(overlap: Overlap) -> dict[str, object]:
    names = (overlap.first, overlap.second or MERGED)
    lines = (overlap.lines_first, overlap.lines_second)
    texts = (overlap.text_first, overlap.text_second)
    return {
        "file": overlap.file,
        "conflict": overlap.conflict,
        "lines": {name: [list(pair) for pair in found] for name, found in zip(names, lines, strict=True)},
        "texts": dict(zip(names, texts, strict=True)),
    }
