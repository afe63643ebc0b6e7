"""The meetings of a plan with their next times; nothing is done about them (M155)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from engine import Meeting, Plan, meetings, next_time


def schedule(plan: Plan, now: datetime) -> Iterator[str]:
    """Each meeting with its next time, then who takes part, what is on the agenda and who decides."""
    listed = meetings(plan)
    if not listed:
        yield "the plan lists no meetings"
    for one in listed:
        yield _head(one, now)
        for name, words in (
            ("participants", ", ".join(one.participants)),
            ("agenda", ", ".join(one.agenda)),
            ("decides", one.authority),
            ("escalates", ", ".join(one.escalation)),
            ("deliverables", ", ".join(one.deliverables)),
        ):
            if words:
                yield f"  {name:<13} {words}"


def _head(one: Meeting, now: datetime) -> str:
    parts = [f"wave {one.wave}:" if one.wave else "", one.kind, one.frequency, one.time]
    if one.duration:
        parts.append(f"({one.duration})")
    then = next_time(one, now)
    parts.append(f"next {then:%a %Y-%m-%d %H:%M}" if then else "")
    return " ".join(part for part in parts if part)


def schedule_data(plan: Plan, now: datetime) -> list[dict[str, object]]:
    """The same as data; `next` is None where the time cannot be read."""
    return [
        {
            "type": one.kind,
            "wave": one.wave or None,
            "frequency": one.frequency,
            "time": one.time,
            "duration": one.duration,
            "participants": list(one.participants),
            "agenda": list(one.agenda),
            "decision_authority": one.authority or None,
            "escalation_triggers": list(one.escalation),
            "deliverables": list(one.deliverables),
            "next": f"{then:%Y-%m-%dT%H:%M}" if (then := next_time(one, now)) else None,
        }
        for one in meetings(plan)
    ]
