"""`wavetree plan`: a plan's waves, how long it should take, and what it waits for longest."""

from __future__ import annotations

import argparse
from pathlib import Path

from engine import Forecast, Plan, PlanError, Wave, clean, forecast, show_duration
from tui.cli.opening import OFF, add_config, add_slots, settings_of, validated
from tui.cli.show import wave_table
from tui.cli.target import add_json, examples, say
from tui.overlap import meetings, risk

GRADES = ("low", "unknown", "medium", "high")


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("plans", metavar="PLAN", nargs="+", type=Path, help="several files make up one plan")
    add_slots(parser)
    add_config(parser)
    add_json(parser)
    examples(parser, "wavetree plan plan.yaml", "wavetree plan plan.yaml --slots 2 --json")


def run(args: argparse.Namespace) -> int:
    found = validated(args.plans, args, settings_of(args))
    if found.plan is None:
        raise PlanError(found.errors)
    slots = found.plan.slots if found.sequential else args.slots or found.plan.slots
    told = forecast(found.plan, slots)
    warnings = [*([OFF] if found.sequential else []), *map(str, found.warnings)]
    data = {**_data(found.plan, told, slots), "warnings": warnings}
    say(_words(found.plan, told, slots, warnings), data, as_json=args.json)
    return 0


def _words(plan: Plan, told: Forecast, slots: int, warnings: list[str]) -> str:
    saved = 1 - told.seconds / told.sequential if told.sequential else 0.0
    ends = f"about {show_duration(told.seconds)} on {slots} slot{'' if slots == 1 else 's'}"
    lines = [wave_table(plan), ""]
    lines += [f"{ends}, {show_duration(told.sequential)} one after the other ({saved:.0%} saved)"]
    lines += [f"critical path {show_duration(told.critical_seconds)}: {' -> '.join(told.critical)}"]
    lines += [
        f"wave {wave.number}: {show_duration(one.seconds)}, conflict risk {_risk(plan, wave)}"
        for wave, one in zip(plan.waves, told.waves, strict=True)
    ]
    return "\n".join([*lines, *(f"warning: {clean(text)}" for text in warnings)])


def _data(plan: Plan, told: Forecast, slots: int) -> dict[str, object]:
    return {
        "plan": plan.name,
        "slots": slots,
        "start_policy": plan.start_policy.value,
        "estimate_seconds": told.seconds,
        "sequential_seconds": told.sequential,
        "critical_path": list(told.critical),
        "critical_path_seconds": told.critical_seconds,
        "waves": [
            {
                "number": wave.number,
                "name": wave.name,
                "mode": wave.mode.value,
                "tasks": list(wave.tasks),
                "estimate_seconds": one.seconds,
                "risk": _risk(plan, wave),
            }
            for wave, one in zip(plan.waves, told.waves, strict=True)
        ],
    }


def _risk(plan: Plan, wave: Wave) -> str:
    """The highest risk of a task of the wave to meet another one's files; `low` for a task alone."""
    files = {name: plan.task(name).files for name in wave.tasks}
    if len(files) < 2:
        return "low"
    pairs = meetings(files)
    return max((risk(name, declared, pairs) for name, declared in files.items()), key=GRADES.index)
