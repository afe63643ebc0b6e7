"""`wavetree review`: branches that wait for a person to read them; approve, reject (M149)."""

from __future__ import annotations

import argparse

from engine import (
    Client,
    GateLevel,
    Review,
    State,
    TaskState,
    UsageError,
    clean,
    gate_texts,
    in_review,
    review_words,
    unreviewed,
)
from tui.cli.target import add_json, add_note, add_role, add_run, by, client, examples, say, send


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", nargs="?", choices=("show", "approve", "reject"), default="show")
    parser.add_argument("task", nargs="?", default="", metavar="TASK", help="default: the only one in review")
    parser.add_argument("--team", default="", metavar="TEAM", help="the team you speak for, of several")
    add_note(parser)
    add_run(parser)
    add_role(parser)
    add_json(parser)
    examples(
        parser,
        "wavetree review",
        "wavetree review approve PROJ-123",
        "wavetree review approve PROJ-123 --team backend_team_1",
        "wavetree review reject PROJ-123 --note 'the tests are missing'",
    )


def run(args: argparse.Namespace) -> int:
    to = client(args.run, args.role)
    waiting = [task for task in to.state.tasks.values() if in_review(task)]
    if args.what == "show":
        data = [_data(to, task) for task in waiting if args.task in ("", task.id)]
        say("\n".join(_lines(to.state, waiting, args.task)), list(data), as_json=args.json)
        return 0
    task = args.task or (waiting[0].id if len(waiting) == 1 else "")
    if not task:
        names = ", ".join(one.id for one in waiting)
        raise UsageError(f"say which: {names}" if names else "no branch is in review", "wavetree review")
    word = Review(task, args.what == "approve", args.team, by(), args.note)
    return send(to, word, as_json=args.json)


def _data(to: Client, task: TaskState) -> dict[str, object]:
    assert task.review is not None
    times = to.timeline.tasks.get(task.id)
    return {
        "task": task.id,
        "branch": task.branch,
        "teams": list(task.review.teams),
        "missing": list(unreviewed(task)),
        "approvals": [{"team": one.team, "by": one.by, "note": one.note} for one in task.review.approvals],
        "overdue": task.review.overdue,
        "files": list(task.files),
        "since": times.ended if times else None,
    }


def _lines(state: State, waiting: list[TaskState], only: str) -> list[str]:
    shown = [task for task in waiting if only in ("", task.id)]
    if not shown:
        return ["no branch is in review"]
    lines = []
    for task in shown:
        assert task.review is not None
        lines.append(f"{task.id}: {review_words(task)}")
        lines.append(f"  read it:  git diff {state.integration}...{task.branch}")
        lines.append(f"  files     {', '.join(task.files)}")
        lines += [
            f"  approved  {one.by}{f' for {one.team}' if one.team else ''}" for one in task.review.approvals
        ]
        lines += [f"  {name}: {text}" for name, text in gate_texts(state.plan, GateLevel.TASK)]
    return [clean(line, 400) for line in lines]
