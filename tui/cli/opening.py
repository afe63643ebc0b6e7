"""Opens the plans that commands are about: with the settings of the repository and what was typed beside."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from engine import (
    Plan,
    ProjectSettings,
    Validation,
    clean,
    looked_up,
    project_settings,
    top_of_repository,
    validate_plans,
    whole_plan,
)
from tui.cli.target import positive

ORDERED = ("dependent tasks", "sequential workflow")
"""What the waves of a plan take care of, so nobody needs to be warned of it."""
OFF = "parallel execution is off (enabled: false): one task at a time"


def add_config(parser: argparse.ArgumentParser) -> None:
    """The option that names a settings file."""
    parser.add_argument(
        "--config", type=Path, metavar="FILE", help="settings in place of the repository's .wavetree.yaml"
    )


def add_agent(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--agent", default="", metavar="NAME", help="who does the tasks that name no agent")


def add_slots(parser: argparse.ArgumentParser) -> None:
    """How many sessions, under each of its names."""
    parser.add_argument(
        *("--slots", "--max-instances", "--max-threads"),
        dest="slots",
        type=positive,
        default=0,
        metavar="N",
        help="sessions alive at once; limits that are smaller hold all the same",
    )


def settings_of(args: argparse.Namespace) -> ProjectSettings | None:
    """The settings of the repository the person stands in, or those of `--config`."""
    return project_settings(Path.cwd(), getattr(args, "config", None))


def validated(paths: Sequence[Path], args: argparse.Namespace, project: ProjectSettings | None) -> Validation:
    """What checking these files finds, with `--agent` in place of what they say."""
    agent = getattr(args, "agent", "")
    return validate_plans(paths, {"agent": agent} if agent else None, project)


def opened(paths: Sequence[Path], args: argparse.Namespace, project: ProjectSettings | None) -> Plan:
    """The plan in these files. Warnings go to stderr; where parallel work is off, `args.slots` no longer
    counts. Raises PlanError."""
    found = validated(paths, args, project)
    plan = looked_up(whole_plan(found), top_of_repository(Path.cwd()))
    for fault in found.warnings:
        tell(str(fault))
    if found.sequential:
        args.slots = 0
        print(OFF, file=sys.stderr)
    return plan


def tell(warning: str) -> None:
    """Warn on stderr, where no script looks for data."""
    print(f"warning: {clean(warning)}", file=sys.stderr)
