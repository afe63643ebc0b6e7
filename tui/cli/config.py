"""`wavetree config`: the settings in force and where each comes from, or the plan format as a JSON Schema."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import msgspec

from engine import Plan, PlanError, clean, plan_schema, show_duration, validate_plans

_NAMES = {"conflict_resolution": "handling"}
_SECONDS = frozenset({"poll_interval", "scan_interval", "stop_grace", "quiet_after"})


def add(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument(
        "what", nargs="?", choices=("show", "schema"), default="show", help="what to print; default: show"
    )
    parser.add_argument("plan", nargs="?", type=Path, metavar="PLAN", help="show the settings of this plan")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.epilog = (
        "examples:\n"
        "  wavetree config show plan.yaml\n"
        "  wavetree config schema > wavetree.schema.json\n\n"
        "A first line `# yaml-language-server: $schema=wavetree.schema.json` makes editors complete a plan."
    )


def run(args: argparse.Namespace) -> int:
    """Print the settings or the schema. Raises PlanError when the plan has errors."""
    if args.what == "schema":
        print(json.dumps(plan_schema(), indent=2, ensure_ascii=False))
        return 0
    plan, given = Plan(name="", tasks=(), waves=()), frozenset[str]()
    if args.plan is not None:
        found = validate_plans([args.plan])
        if found.plan is None:
            raise PlanError(found.errors)
        plan, given = found.plan, frozenset(found.given)
    rows = [
        (key, value, "plan" if _NAMES.get(key, key) in given else "default")
        for key, value in _values(plan).items()
    ]
    if args.json:
        print(json.dumps({key: {"value": value, "source": source} for key, value, source in rows}))
        return 0
    width = max(len(key) for key, _, _ in rows)
    for key, value, source in rows:
        print(clean(f"{key:<{width}}  {_shown(key, value):<24}  {source}"))
    return 0


def _values(plan: Plan) -> dict[str, object]:
    """Every setting by its name in a plan; `conflict_resolution` is that of the plan's `conflicts`."""
    return {
        "base": plan.base,
        "slots": plan.slots,
        "start_policy": plan.start_policy.value,
        "conflict_resolution": plan.conflicts.handling.value,
        **msgspec.to_builtins(plan.settings),
    }


def _shown(key: str, value: object) -> str:
    match value:
        case None:
            return "none"
        case bool():
            return "true" if value else "false"
        case "":
            return "the branch checked out"
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
