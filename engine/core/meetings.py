"""Stand-ups and meetings of a plan: data that is shown with its next time; nothing acts on it (M155)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct

from engine.core.plan import Plan
from engine.core.strategy import at, dicts, texts

_TIME = re.compile(r"(\d{1,2})(?::(\d{2}))?\s*(am|pm)?", re.IGNORECASE)
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class Meeting(Struct, frozen=True):
    """A meeting as the plan puts it; `wave` is set when it is one wave's, `time` may be empty."""

    kind: str
    frequency: str
    time: str
    duration: str
    participants: tuple[str, ...]
    agenda: tuple[str, ...] = ()
    authority: str = ""
    escalation: tuple[str, ...] = ()
    deliverables: tuple[str, ...] = ()
    wave: int = 0


def meetings(plan: Plan) -> tuple[Meeting, ...]:
    """The communication schedule of the plan, then what its waves require."""
    return tuple(_all(plan))


def _all(plan: Plan) -> Iterator[Meeting]:
    for item in dicts(at(plan, "coordination_protocols", "communication_schedule")):
        yield _meeting(item, 0)
    for wave in plan.waves:
        for item in dicts(wave.extra.get("coordination_requirements")):
            yield _meeting(item, wave.number)


def _meeting(item: Mapping[str, Any], wave: int) -> Meeting:
    return Meeting(
        str(item.get("communication_type") or item.get("type") or "meeting"),
        str(item.get("frequency") or ""),
        str(item.get("time") or ""),
        str(item.get("duration") or ""),
        texts(item.get("participants")),
        texts(item.get("agenda")),
        str(item.get("decision_authority") or ""),
        texts(item.get("escalation_triggers")),
        texts(item.get("deliverables")),
        wave,
    )


def next_time(meeting: Meeting, now: datetime) -> datetime | None:
    """When a daily or weekly meeting is next held, at `now` or later; None when its time cannot be read."""
    day = next((place for place, name in enumerate(_DAYS) if name in meeting.time.casefold()), None)
    clock = _clock(meeting.time)
    often = meeting.frequency.casefold()
    if clock is None or (day is None and often != "daily") or (day is not None and often != "weekly"):
        return None
    found = now.replace(hour=clock[0], minute=clock[1], second=0, microsecond=0)
    if day is not None:
        found += timedelta(days=(day - found.weekday()) % 7)
    if found < now:
        found += timedelta(days=1 if day is None else 7)
    return found


def _clock(text: str) -> tuple[int, int] | None:
    match = _TIME.search(text)
    if match is None:
        return None
    hour, minute, half = int(match[1]), int(match[2] or 0), (match[3] or "").casefold()
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "pm" else 0)
    return (hour, minute) if hour < 24 and minute < 60 else None
