"""`wavetree implement`: run a feature's execution order, found by the feature's name."""

from __future__ import annotations

import argparse
from pathlib import Path

from engine import UsageError, top_of_repository
from tui.cli.opening import add_agent, add_config, opened, settings_of
from tui.cli.run import add_options, launch
from tui.cli.target import examples

LOG = "implementation-log.json"
_ENDINGS = (".yaml", ".yml", ".json")
_FOLDERS = ("docs/features", "docs")


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "feature",
        metavar="FEATURE",
        help="docs/FEATURE.yaml, docs/FEATURE/execution-order.yaml, the same in docs/features, or a path",
    )
    add_options(parser)
    add_agent(parser)
    add_config(parser)
    parser.add_argument(
        "--dry-run", action="store_true", help="check everything, show the waves, start nothing"
    )
    examples(parser, "wavetree implement 5 --agent claude", "wavetree implement docs/features/5/order.yaml")


def run(args: argparse.Namespace) -> int:
    order = execution_order(args.feature, Path.cwd())
    log = order.parent / LOG
    if not log.is_file():
        return launch(args, opened([order], args, settings_of(args)), Path.cwd())
    return launch(args, opened([order, log], args, settings_of(args)), Path.cwd(), log)


def execution_order(feature: str, start: Path) -> Path:
    """The file with the feature's execution order: a path as typed, else below `docs` of the repository.
    Raises UsageError naming what was looked for."""
    if (start / feature).is_file():
        return start / feature
    top = top_of_repository(start) or start
    looked = [
        f"{folder}/{feature}{name}{ending}"
        for folder in _FOLDERS
        for name in ("/execution-order", "/execution_order", "")
        for ending in _ENDINGS
    ]
    inside = [top / name for name in looked if (top / name).resolve().is_relative_to(top.resolve())]
    for path in inside:
        if path.is_file():
            return path
    shown = ", ".join(name for name in looked if name.endswith(".yaml") and "_order" not in name)
    raise UsageError(f"there is no execution order of {feature!r}; looked for {shown}", "give its path")
