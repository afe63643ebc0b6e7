"""A plan before anything of it starts: its waves, where tasks will meet, and what is wrong with it (M220)."""

from __future__ import annotations

from typing import NamedTuple

from engine import (
    Clash,
    Forecast,
    Mode,
    Plan,
    Task,
    clashes,
    clean,
    effective_slots,
    forecast,
    show_span,
    unfit,
    wave_risks,
)
from tui.lines import BLANK, Bit, Line, clip, spread, wrap
from tui.measures import count, duration, listing
from tui.work import Work

RISK = {"low": ("○", "ok"), "medium": ("◆", "warn"), "high": ("●", "bad")}
ORDERED = ("dependent tasks", "sequential workflow")
"""What the waves of a plan take care of."""


class Outlook(NamedTuple):
    """What can be told of a plan with that many slots."""

    work: Work
    slots: int
    told: Forecast
    found: tuple[Clash, ...]
    risks: dict[int, str]
    blocking: tuple[str, ...]
    problems: tuple[str, ...]


def outlook(work: Work, slots: int = 0) -> Outlook:
    """What a run of the plan would be; `slots` in place of the plan's own. Slow for large plans."""
    plan = work.plan
    slots = effective_slots(plan, slots)
    found = clashes(plan)
    risks = {one.wave: one.level.value for one in wave_risks(plan, found)}
    return Outlook(work, slots, forecast(plan, slots), found, risks, _blocking(work), _problems(work))


def _blocking(work: Work) -> tuple[str, ...]:
    """What keeps the run from starting, or from being parallel."""
    said = [f"nobody does {listing(list(work.nobody))} yet: a chooses an agent"] if work.nobody else []
    if work.sequential:
        said.append("parallel work is switched off: one task at a time")
    return tuple(clean(text, 400) for text in said)


def _problems(work: Work) -> tuple[str, ...]:
    """What should be thought about."""
    found = [f"{one.name}: {one.words}" for one in unfit(work.plan) if one.name not in ORDERED]
    return tuple(clean(text, 400) for text in (*work.warnings, *found))


def source_of(work: Work) -> str:
    """Where the plan comes from, in a few words."""
    if work.demo:
        return "the demo, in a throw-away repository"
    names = listing([path.name for path in work.paths])
    pick = work.pick
    part = (pick.epic and f"epic {pick.epic}") or (pick.sprint and f"sprint {pick.sprint}")
    return clean(f"{part or count(len(pick.ids), 'ticket')} of {names}" if any(pick) else names, 160)


def head_line(outlook: Outlook, width: int) -> Line:
    """The plan, its size, how long it takes, and that nothing has started."""
    plan, told = outlook.work.plan, outlook.told
    left = (
        Bit(" wavetree ", "brand"),
        Bit(" "),
        Bit(clean(plan.name, 60), "strong"),
        Bit(f" · {source_of(outlook.work)}", "dim"),
    )
    right = (
        Bit(f"about {duration(told.seconds)} on {count(outlook.slots, 'slot')}", "text"),
        Bit("  nothing has started ", "dim"),
    )
    return spread(left, right, width)


def wave_lines(outlook: Outlook, width: int) -> tuple[Line, ...]:
    """One line for each wave: name, tasks, estimate, risk."""
    lines: list[Line] = []
    for wave, told in zip(outlook.work.plan.waves, outlook.told.waves, strict=True):
        glyph, style = RISK[outlook.risks.get(wave.number, "low")]
        size = count(len(wave.tasks), "task")
        mode = " one by one" if wave.mode is Mode.SEQUENTIAL else ""
        right = (
            Bit(f"{size}{mode} {duration(told.seconds):>7} ", "text"),
            Bit(f"{glyph} {outlook.risks.get(wave.number, 'low'):<6} ", style),
        )
        lines.append(spread((Bit(f" {wave.number} {clean(wave.name, 60)}", "strong"),), right, width))
    told_all = outlook.told
    lines.append((Bit(" " + "─" * max(0, width - 2), "line"),))
    totals = (
        (f"on {count(outlook.slots, 'slot')}", told_all.seconds, "strong"),
        ("one by one", told_all.sequential, "dim"),
        ("critical path", told_all.critical_seconds, "dim"),
    )
    for words, seconds, style in totals:
        right = (Bit(f"{duration(seconds):>7} ", style), Bit(" " * 9))
        lines.append(spread((Bit(f" {words}", style),), right, width))
    return tuple(lines)


def meeting_lines(outlook: Outlook, width: int) -> tuple[Line, ...]:
    """What stands in the way, who will meet whom, what should be thought about, what is taken care of."""
    ranked = sorted(outlook.found, key=lambda one: -LEVELS.index(one.level.value))
    parts = (
        [line for text in outlook.blocking for line in _warned(text, width)],
        [line for one in ranked if not one.handled for line in _clash_lines(one, width)],
        [line for text in outlook.problems for line in _warned(text, width)],
        [line for one in ranked if one.handled for line in _clash_lines(one, width)],
    )
    lines: list[Line] = []
    for part in parts:
        lines += [BLANK, *part] if lines and part else part
    return tuple(lines) or ((Bit(" no two tasks declare the same file", "dim"),),)


def _clash_lines(clash: Clash, width: int) -> list[Line]:
    glyph, style = ("✓", "ok") if clash.handled else RISK[clash.level.value]
    pair = f"{clean(clash.first, 60)} ⇄ {clean(clash.second, 60)}"
    head = clip((Bit(f" {glyph} ", style), Bit(pair, "text" if clash.handled else "strong")), width)
    note = clash.handled or f"{clash.level.value}: they may change the same lines"
    words = clean(f"{clash.file} · {note}", 200)
    return [head, *((Bit(f"   {part}", "dim"),) for part in wrap(words, max(10, width - 4)))]


LEVELS = ("low", "medium", "high")


def _warned(text: str, width: int) -> list[Line]:
    parts = wrap(text, max(10, width - 4))
    return [
        (Bit(" ! " if place == 0 else "   ", "warn"), Bit(part, "warn")) for place, part in enumerate(parts)
    ]


def who_and_how_long(task: Task) -> str:
    """The agent of a task and its estimate: `claude · 15-20 min`; what is complete already says so."""
    if task.complete:
        return "complete already"
    parts = (task.agent or "nobody yet", show_span(task.estimate) if task.estimate else "")
    return clean(" · ".join(part for part in parts if part), 80)


def task_line(task: Task | None, plan: Plan, width: int) -> Line:
    """The task under the bar: title, agent, estimate, files."""
    if task is None:
        return (Bit(" ↑↓ look at a task", "dim"),)
    agent = task.agent or plan.agent or "nobody yet"
    parts = [agent, show_span(task.estimate) if task.estimate else "no estimate", listing(list(task.files))]
    bits = (
        Bit(f" {clean(task.id, 60)}", "strong"),
        Bit(f"  {clean(task.title, 120)}", "text"),
        Bit("  " + clean(" · ".join(part for part in parts if part), 200), "dim"),
    )
    return clip(bits, width)
