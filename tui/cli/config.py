"""`wavetree config`: the settings in force and where each comes from, or the plan format as a JSON Schema."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import msgspec

from engine import (
    ROADMAP,
    PlanError,
    ProjectSettings,
    Validation,
    clean,
    plan_schema,
    settings_alone,
    show_duration,
)
from tui.cli.opening import add_config, add_slots, settings_of, validated
from tui.person import choose, role

COMMAND_LINE = "command line"
_NAMES = {"conflict_resolution": "handling"}
_SECONDS = frozenset({"poll_interval", "scan_interval", "stop_grace", "quiet_after", "stuck_after"})
Rows = dict[str, tuple[object, str]]


def add(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument(
        "what",
        nargs="?",
        choices=("show", "schema", "role"),
        default="show",
        help="what to print; default: show; `role`: yours, or choose one",
    )
    parser.add_argument(
        "plan", nargs="?", type=Path, metavar="PLAN|ROLE", help="of this plan; or your role, or `none`"
    )
    add_config(parser)
    add_slots(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.epilog = (
        "examples:\n"
        "  wavetree config show plan.yaml\n"
        "  wavetree config show --max-instances 2\n"
        "  wavetree config schema > wavetree.schema.json\n"
        "  wavetree config role architect\n\n"
        "What is typed counts most, then the plan, then the repository's .wavetree.yaml (or --config FILE),\n"
        "then the defaults; of limits of the machine the smallest holds.\n"
        "A first line `# yaml-language-server: $schema=wavetree.schema.json` makes editors complete a plan."
    )


def run(args: argparse.Namespace) -> int:
    """Print the settings or the schema. Raises PlanError when a file has errors."""
    if args.what == "schema":
        print(json.dumps(plan_schema(), indent=2, ensure_ascii=False))
        return 0
    if args.what == "role":
        return _role(str(args.plan or ""), as_json=args.json)
    project = settings_of(args)
    found = settings_alone(project) if args.plan is None else validated([args.plan], args, project)
    rows = _rows(found, project, args.slots)
    if args.json:
        print(json.dumps({key: {"value": value, "source": source} for key, (value, source) in rows.items()}))
        return 0
    width = max(len(key) for key in rows)
    for key, (value, source) in rows.items():
        print(clean(f"{key:<{width}}  {_shown(key, value):<24}  {source}"))
    return 0


def _role(name: str, *, as_json: bool) -> int:
    """Print the role that the person has chosen, after choosing one where they name it."""
    if name:
        choose("" if name == "none" else name)
    print(json.dumps({"role": role() or None}) if as_json else role() or "none")
    return 0


def _rows(found: Validation, project: ProjectSettings | None, asked: int) -> Rows:
    """Every setting with its value and its source."""
    if found.plan is None:
        raise PlanError(found.errors)
    there = str(project.file) if project else ""
    file = Path(there).name if there and project and project.file.name.startswith(".wavetree.") else there
    rows: Rows = {}
    for key, value in _values(found).items():
        name = _NAMES.get(key, key)
        source = file if name in found.project else "plan" if name in found.given else "default"
        rows[key] = (value, source)
    if found.sequential:
        rows["slots"] = (1, rows["enabled"][1])
    elif asked:
        rows["slots"] = (asked, COMMAND_LINE)
    agent = found.plan.agent
    rows["agent"] = (
        agent,
        file if project and project.agent == agent != "" else "plan" if agent else "default",
    )
    for key, default in (("tickets", "tickets.yaml"), ("roadmap", ROADMAP)):
        said = getattr(project, key) if project else ""
        rows[key] = (said or default, file if said else "default")
    return rows


def _values(found: Validation) -> dict[str, object]:
    """Every setting by its name in a plan; `conflict_resolution` is that of the plan's `conflicts`."""
    plan = found.plan
    assert plan is not None, "only plans without errors have settings"
    return {
        "base": plan.base,
        "slots": plan.slots,
        "enabled": not found.sequential,
        "start_policy": plan.start_policy.value,
        "conflict_resolution": plan.conflicts.handling.value,
        "ignore": list(plan.conflicts.ignore),
        **msgspec.to_builtins(plan.settings),
    }


def _shown(key: str, value: object) -> str:
    match value:
        case None:
            return "none"
        case bool():
            return "true" if value else "false"
        case list():
            return ", ".join(value) or "none"
        case "" if key == "agent":
            return "shell"
        case "" if key == "base":
            return "the branch checked out"
        case "":
            return "none" if key == "role" else "not said"
        case float() if key in _SECONDS:
            return show_duration(value)
        case float() if key == "link_speed":
            return f"{value / 1e6:g} MB/s"
        case int() if key == "log_limit":
            return f"{value / 2**20:g} MB"
        case float():
            return f"{value:g}"
        case _:
            return str(value)
