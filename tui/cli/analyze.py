"""`wavetree analyze`: what a plan says about itself before anything runs, and what its repository tells."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

from msgspec import to_builtins
from rich.console import RenderableType

from engine import (
    Analysis,
    Clash,
    Foresight,
    Plan,
    analyse,
    analysis_data,
    clean,
    dependency_graph,
    foresee,
    select,
    separation,
    separation_result,
    shortening,
    show_duration,
    top_of_repository,
    write_documents,
)
from tui.cli.opening import add_agent, add_config, add_slots, opened, settings_of
from tui.cli.printing import cell, counted, criterion, heading, risk, show, table
from tui.cli.target import add_json, examples, now, say
from tui.cli.ticket_files import add_files, plan_with
from tui.layouts.task_analysis import task_analysis
from tui.measures import count

MEETINGS = 20
"""Meetings that are shown; `--json` has all."""


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "what", metavar="PLAN", nargs="+", help="files that make up one plan, or ids of tickets"
    )
    parser.add_argument(
        "-o", "--output", type=Path, metavar="FILE", help="write it, for `wavetree plan FILE`"
    )
    parser.add_argument("--force", action="store_true", help="write over a file that is there")
    parser.add_argument(
        "--separation", action="store_true", help="only which tasks can run side by side, as JSON"
    )
    add_files(parser)
    add_slots(parser)
    add_agent(parser)
    add_config(parser)
    add_json(parser)
    examples(
        parser,
        "wavetree analyze plan.yaml",
        "wavetree analyze PROJ-123 PROJ-124 PROJ-125",
        "wavetree analyze tickets.yaml -o dep_graph.json && wavetree plan dep_graph.json",
        "gh issue list --json number,title,body,labels,state | wavetree analyze -",
    )


def run(args: argparse.Namespace) -> int:
    plan, chosen = _plan(args)
    slots = args.slots or plan.slots
    if args.output is not None:
        return _write(args, plan, slots)
    if chosen and not args.json and not args.separation:
        show(map(cell, task_analysis(plan, slots)))
        return 0
    seen = foresee(plan, top_of_repository(Path.cwd()))
    if args.separation:
        say("", _separation(seen), as_json=True)
        return 0
    analysis = analyse(seen.plan, slots)
    if args.json:
        say("", {"plan": plan.name, **analysis_data(analysis), **_foreseen(seen, analysis)}, as_json=True)
        return 0
    show(_words(analysis, seen))
    return 0


def _plan(args: argparse.Namespace) -> tuple[Plan, bool]:
    """The plan in the files, or of the tickets whose ids were typed; and whether it was ids."""
    project = settings_of(args)
    files = [name for name in args.what if name == "-" or Path(name).is_file()]
    if files == args.what or any("/" in name or "." in name for name in args.what):
        return opened([Path(name) for name in args.what], args, project), False
    return select(plan_with(args.what, args, project), args.what), True


def _write(args: argparse.Namespace, plan: Plan, slots: int) -> int:
    data = dependency_graph(plan, slots, now())
    text = json.dumps(data, indent=2, ensure_ascii=False) + "\n"
    again = args.force or _is_analysis(args.output)
    (path,) = write_documents(args.output.parent, {args.output.name: text}, force=again)
    words = f"written: {path} ({data['dependency_graph_id']}); plan from it: wavetree plan {path}"
    say(clean(words), {"written": str(path), "id": data["dependency_graph_id"]}, as_json=args.json)
    return 0


def _separation(seen: Foresight) -> dict[str, object]:
    """Which tasks can run side by side; patterns are written out where the repository tells what they match
    (M042, M043)."""
    found = separation_result(separation(seen.plan))
    files = found.get("task_file_map")
    if isinstance(files, dict):
        found["task_file_map"] = {
            task: list(dict.fromkeys(path for name in names for path in seen.matched.get(name, (name,))))
            for task, names in files.items()
        }
    return found


def _is_analysis(path: Path) -> bool:
    """Whether an earlier analysis is there, which a newer one may replace."""
    try:
        return "dependency_graph_id" in json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, TypeError):
        return False


def _foreseen(seen: Foresight, analysis: Analysis) -> dict[str, object]:
    return {
        "separation": _separation(seen),
        "named_parts": {task: list(parts) for task, parts in seen.plan.seen.named.items()},
        "parts": {
            entry: {"first": part.first, "last": part.last}
            for entry, part in seen.plan.seen.parts.items()
            if part.last
        },
        "clashes": to_builtins(analysis.clashes),
        "meetings": [
            {
                "tasks": [one.first, one.second],
                "file": one.file,
                "support": one.support,
                "confidence": round(one.confidence, 3),
                "because": [
                    {"file": rule.file, "other": rule.other, "together": rule.together, "of": rule.of}
                    for rule in one.because
                ],
            }
            for one in seen.meetings
        ],
        "notes": list(seen.notes),
    }


def _words(analysis: Analysis, seen: Foresight) -> Iterator[RenderableType]:
    plan = analysis.plan
    yield cell(f"{plan.name}: {counted(plan)}", "bold")
    yield _tasks(analysis)
    yield from _shared(analysis, seen)
    yield from _meetings(seen)
    yield from _found(analysis)
    yield from _judged(analysis)


def _tasks(analysis: Analysis) -> RenderableType:
    blocks = {one.task: one.blocks for one in analysis.bottlenecks}
    rows = [
        (
            task.id,
            standing.kind.value,
            ", ".join(need.task for need in task.needs) or "-",
            ", ".join(standing.required_by) or "-",
            show_duration(task.estimate.most) if task.estimate else "?",
            show_duration(timing.slack),
            blocks.get(task.id, 0) or "",
        )
        for task, standing, timing in zip(
            analysis.plan.tasks, analysis.standings, analysis.timings, strict=True
        )
    ]
    return table(("task", "is", "needs", "required by", "#estimate", "#slack", "#blocks"), rows, "")


def _shared(analysis: Analysis, seen: Foresight) -> Iterator[RenderableType]:
    yield heading("Shared files and parts")
    if not analysis.files:
        yield cell("no two tasks declare the same file", "green")
    else:
        rows = [
            (one.file, risk(one.level.value), ", ".join(one.tasks) or "every task", one.handled or "open")
            for one in analysis.files
        ]
        yield table(("file", "risk", "tasks", "handled"), rows)
        yield from (cell(_graded(one)) for one in analysis.clashes if not one.handled)
        yield cell(count(analysis.conflicts, "open conflict"))
    if analysis.unknown:
        yield cell(f"files unknown, so not proven safe: {', '.join(analysis.unknown)}", "yellow")
    for entry, part in seen.plan.seen.parts.items():
        if part.symbol and part.last:
            yield cell(f"{entry} is lines {part.first}-{part.last}", "dim")
    for task, named in seen.plan.seen.named.items():
        yield cell(f"{task} speaks of {', '.join(named)}", "dim")
    yield from (cell(note, "dim") for note in seen.notes)


def _graded(clash: Clash) -> str:
    why = (
        f" ({clash.note})"
        if clash.note
        else " (by the text of a task that declares nothing)"
        if clash.guess
        else ""
    )
    return f"{clash.first} and {clash.second} in {clash.file}: {_GRADES[clash.grade.value]}{why}"


_GRADES = {
    "touch": "the same part, or lines that touch: expect a conflict",
    "whole": "at least one of them names only the file: nobody knows",
    "apart": "parts that lie apart: git merges them",
}


def _meetings(seen: Foresight) -> Iterator[RenderableType]:
    if not seen.meetings:
        return
    yield heading("Files that usually change with those declared")
    for one in seen.meetings[:MEETINGS]:
        why = "; ".join(
            f"{rule.other} changed in {rule.together} of {rule.of} commits with {rule.file}"
            for rule in one.because
        )
        yield cell(
            f"{one.first} and {one.second} may meet in {one.file}: confidence {one.confidence:.2f}, "
            f"support {one.support} ({why})"
        )
    if len(seen.meetings) > MEETINGS:
        yield cell(f"and {len(seen.meetings) - MEETINGS} less likely ones, with --json", "dim")


def _found(analysis: Analysis) -> Iterator[RenderableType]:
    told = [one for one in analysis.findings if one.kind != "file_system_conflicts"]
    if not told and not analysis.bottlenecks:
        return
    yield heading("What stands out")
    for bottleneck in analysis.bottlenecks[:5]:
        yield cell(f"{bottleneck.task}: {bottleneck.words}")
    for one in told:
        line = cell(f"{one.kind} ")
        line.append_text(risk(one.level.value))
        yield line.append_text(cell(f" {one.words}{f' ({one.handled})' if one.handled else ''}"))


def _judged(analysis: Analysis) -> Iterator[RenderableType]:
    told, fit = analysis.forecast, analysis.suitability
    yield heading("Verdict")
    saved = f"{show_duration(told.sequential)} one after the other ({told.saved:.0%} saved)"
    yield cell(f"about {show_duration(told.seconds)} on {told.slots} slots, {saved}")
    if shorter := shortening(analysis.timings):
        names = ", ".join(f"{one.task} (up to {show_duration(one.gain)})" for one in shorter[:5])
        yield cell(f"to end earlier, shorten {names}")
    yield cell(f"suitability for parallel work: {fit.rating.value} ({'; '.join(fit.reasons)})", "bold")
    if analysis.obstacles is not None:
        one = analysis.obstacles
        yield cell(f"what forces the order: {', '.join(one.factors)}")
        yield cell(f"run it {' or '.join(one.modes)}; {one.suggestion}")
    if analysis.simpler is not None:
        offer = analysis.simpler
        times = f"{show_duration(offer.seconds)} instead of {show_duration(offer.seconds_before)}"
        yield cell(f"a simpler plan would take {times}, because {'; '.join(offer.reasons)}: plan --simplify")
    for unfit in analysis.unfit:
        yield cell(f"{unfit.name}: {unfit.words}", "yellow")
    for violated in analysis.violations:
        yield cell(f"{violated.kind}: {violated.words}", "red" if violated.hard else "yellow")
    for wrong in analysis.contradictions:
        yield cell(f"contradiction: {wrong.words}", "yellow")
    yield from map(criterion, analysis.quality)
