"""A simpler plan beside the one that was made: less runs together, so less can go wrong (M051)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

from msgspec import Struct
from msgspec.structs import replace

from engine.core import graph
from engine.core.analysis.overlap import SAFE
from engine.core.analysis.risk import wave_risks
from engine.core.clashes import Clash
from engine.core.forecast import Forecast, forecast
from engine.core.plan import Level, Mode, Plan, StartPolicy, Task, Wave

NARROW = 1.5
"""Tasks a wave on average below which dependencies count as too complex for parallel waves (M051)."""
_GIVEN = ("estimated_duration", "duration", "start_date", "end_date", "conflict_risk", "risk_level")
"""What a document says of a wave that holds no longer once its tasks changed."""


class Offer(Struct, frozen=True):
    """A simpler plan with why it is offered, and what both take in seconds with the same slots."""

    plan: Plan
    reasons: tuple[str, ...]
    seconds: float
    seconds_before: float


def reasons(plan: Plan, found: Sequence[Clash]) -> tuple[str, ...]:
    """Why a simpler plan should be offered, in words; nothing when it should not."""
    words = [one.words for one in wave_risks(plan, found) if one.level is Level.HIGH]
    if plan.waves and (mean := len(plan.tasks) / len(plan.waves)) < NARROW:
        words.append(f"waves have {mean:.1f} tasks on average, fewer than {NARROW}")
    return tuple(words)


def simplified(plan: Plan, found: Sequence[Clash]) -> Plan | None:
    """The plan with no wave of high risk: tasks that clash gravely leave their wave for a sequential one
    right behind it. When waves are narrow, neighbours of one task or one after the other become one
    sequential wave. Waves are barriers in it. None when there is no reason, or nothing to gain.

    `found` are the clashes of the plan. Raises graph.CycleError."""
    if not reasons(plan, found):
        return None
    apart = _grave(found)
    place = {name: number for number, name in enumerate(graph.order(graph.needs_of(plan.tasks)))}
    tasks = {task.id: task for task in plan.tasks}
    parts = [part for wave in plan.waves for part in _parted(wave, apart, tasks, place)]
    if len(plan.tasks) / len(plan.waves) < NARROW:
        parts = _joined(parts)
    waves = _numbered(parts)
    if [(w.tasks, w.mode) for w in waves] == [(w.tasks, w.mode) for w in plan.waves]:
        return None
    return replace(plan, waves=waves, start_policy=StartPolicy.WAVE)


def offer(plan: Plan, found: Sequence[Clash], before: Forecast) -> Offer | None:
    """The simpler plan with both durations, `before` being the forecast of the plan; None when there is
    none."""
    simpler = simplified(plan, found)
    if simpler is None:
        return None
    after = forecast(simpler, before.slots)
    return Offer(simpler, reasons(plan, found), after.seconds, before.seconds)


class _Part(Struct, frozen=True):
    """What a wave becomes: `old` are the numbers of the waves it stands for. One that was moved out of its
    wave comes after the rest of it."""

    wave: Wave
    old: tuple[int, ...]
    moved: bool = False


def _grave(found: Sequence[Clash]) -> dict[str, set[str]]:
    """Of each task those that it clashes gravely with."""
    apart: dict[str, set[str]] = {}
    for clash in found:
        if clash.level is Level.HIGH and clash.handled not in SAFE:
            apart.setdefault(clash.first, set()).add(clash.second)
            apart.setdefault(clash.second, set()).add(clash.first)
    return apart


def _parted(
    wave: Wave, apart: Mapping[str, set[str]], tasks: Mapping[str, Task], place: Mapping[str, int]
) -> list[_Part]:
    """The wave, and behind it those of its tasks that cannot stay: each that clashes gravely with one that
    stays, or waits for the end of one, or needs one that was moved."""
    if wave.mode is Mode.SEQUENTIAL:
        return [_Part(wave, (wave.number,))]
    stay: set[str] = set()
    moved: dict[str, None] = {}
    for name in sorted(wave.tasks, key=place.__getitem__):
        needs = tasks[name].needs
        late = any(need.task in moved or (need.task in stay and not need.milestone) for need in needs)
        if late or not stay.isdisjoint(apart.get(name, ())):
            moved[name] = None
        else:
            stay.add(name)
    if not moved:
        return [_Part(wave, (wave.number,))]
    rest = {key: value for key, value in wave.extra.items() if key not in _GIVEN}
    kept = replace(wave, tasks=tuple(name for name in wave.tasks if name in stay), extra=rest)
    behind = Wave(wave.number, f"{wave.name}, one by one", tuple(moved), Mode.SEQUENTIAL, watch=wave.watch)
    return [_Part(kept, (wave.number,)), _Part(behind, (wave.number,), moved=True)]


def _joined(parts: Sequence[_Part]) -> list[_Part]:
    """Neighbours that run one task after the other anyhow as one sequential wave."""
    joined: list[_Part] = []
    for one_by_one, group in groupby(parts, key=_one_by_one):
        several = list(group)
        if one_by_one and len(several) > 1:
            joined.append(_as_one(several))
        else:
            joined += several
    return joined


def _one_by_one(part: _Part) -> bool:
    return part.wave.mode is Mode.SEQUENTIAL or len(part.wave.tasks) == 1


def _as_one(several: Sequence[_Part]) -> _Part:
    waves = [part.wave for part in several]
    old = tuple(number for part in several for number in part.old)
    wave = Wave(
        waves[0].number,
        ", ".join(dict.fromkeys(wave.name for wave in waves)),
        tuple(name for wave in waves for name in wave.tasks),
        Mode.SEQUENTIAL,
        needs=tuple(need for wave in waves for need in wave.needs if need not in old),
        criteria=tuple(dict.fromkeys(text for wave in waves for text in wave.criteria)),
        watch=tuple(dict.fromkeys(text for wave in waves for text in wave.watch)),
    )
    return _Part(wave, old)


def _numbered(parts: Sequence[_Part]) -> tuple[Wave, ...]:
    """The waves counted from 1, with the numbers of the waves they come after put right."""
    new: dict[int, list[int]] = {}
    for number, part in enumerate(parts, start=1):
        for old in part.old:
            new.setdefault(old, []).append(number)
    waves = []
    for number, part in enumerate(parts, start=1):
        before = {after for old in part.wave.needs for after in new.get(old, ()) if after < number}
        if part.moved:
            before.add(number - 1)
        waves.append(replace(part.wave, number=number, needs=tuple(sorted(before))))
    return tuple(waves)
