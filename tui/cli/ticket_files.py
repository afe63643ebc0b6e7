"""Finds the file that tickets or priorities are taken from."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from engine import ROADMAP, Plan, ProjectSettings, UsageError, top_of_repository
from tui.cli.opening import opened

TICKETS = ("tickets.yaml", "tickets.yml", "tickets.json")


def add_files(parser: argparse.ArgumentParser) -> None:
    """The options that name the file."""
    parser.add_argument(
        "--tickets", type=Path, metavar="FILE", help="the file with the tickets; default: tickets.yaml"
    )
    parser.add_argument(
        "--roadmap",
        nargs="?",
        const="",
        default=None,
        metavar="FILE",
        help=f"take planned priorities of a Markdown roadmap; default: {ROADMAP}",
    )


def plan_with(ids: Sequence[str], args: argparse.Namespace, project: ProjectSettings | None) -> Plan:
    """The plan of all tickets in the file that was named, else in the project's own.

    Decimal ids are priorities of the roadmap when there is one that has them all. Raises UsageError naming
    what was looked for when there is no file, PlanError for what is wrong in it."""
    if args.tickets is not None:
        return opened([args.tickets], args, project)
    roadmap, tickets = _roadmap(args.roadmap or "", project), _tickets(project)
    if args.roadmap is not None:
        return opened([_there([roadmap], "roadmap")], args, project)
    if _exists(roadmap) and all(name.isdecimal() for name in ids):
        plan = opened([Path(roadmap)], args, project)
        if set(ids) <= {task.id for task in plan.tasks} or not any(map(_exists, tickets)):
            return plan
    return opened([_there(tickets, "ticket file")], args, project)


def _top() -> Path:
    return top_of_repository(Path.cwd()) or Path.cwd()


def _roadmap(named: str, project: ProjectSettings | None) -> Path:
    if named:
        return Path(named)
    return _near(_top() / (project.roadmap if project and project.roadmap else ROADMAP))


def _tickets(project: ProjectSettings | None) -> list[Path]:
    names = (project.tickets,) if project and project.tickets else TICKETS
    return [_near(_top() / name) for name in names]


def _there(paths: Sequence[Path], what: str) -> Path:
    for path in paths:
        if _exists(path):
            return path
    looked = ", ".join(map(str, paths))
    option = "--roadmap" if what == "roadmap" else "--tickets"
    key = option.strip("-")
    raise UsageError(
        f"there is no {what}; looked for {looked}",
        f"name it: {option} FILE, or `{key}: PATH` in .wavetree.yaml",
    )


def _exists(path: Path) -> bool:
    return path.is_file()


def _near(path: Path) -> Path:
    """The path as a person in this folder would write it."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path
