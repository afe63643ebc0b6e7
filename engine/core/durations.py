"""Durations and moments: texts that a plan may hold become seconds (M004), seconds a few characters."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime

from engine.core.errors import Fault, PlanError
from engine.core.plan import Span

MINUTE = 60.0
HOUR = 60 * MINUTE
DAY = 24 * HOUR
WEEK = 7 * DAY
_SECONDS_OF: dict[str, float] = {
    **dict.fromkeys(("ms", "millisecond", "milliseconds"), 0.001),
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), 1.0),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), MINUTE),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), HOUR),
    **dict.fromkeys(("d", "day", "days"), DAY),
    **dict.fromkeys(("w", "wk", "week", "weeks"), WEEK),
}
_UNITS = (
    ("week", WEEK),
    ("day", DAY),
    ("hour", HOUR),
    ("minute", MINUTE),
    ("second", 1.0),
    ("millisecond", 0.001),
)
ACCEPTED = (
    'a duration such as "30s", "10m", "1h 30m", "18 minutes", "10-15 minutes", "1.5 days" or "immediate"'
)


def _any_case(word: str) -> str:
    return "".join(f"[{letter}{letter.upper()}]" for letter in word)


_NUMBER = r"[0-9]{1,9}(?:\.[0-9]{1,6})?"
_UNIT = "(?:" + "|".join(_any_case(unit) for unit in sorted(_SECONDS_OF, key=len, reverse=True)) + ")"
_AMOUNT = f"{_NUMBER} ?-? ?{_UNIT}"
_AMOUNTS = f"{_AMOUNT}(?:,? ?{_AMOUNT}){{0,4}}"
_TO = f"(?: ?[-–] ?| {_any_case('to')} )"
_NOW = _any_case("immediate")
PATTERN = f"^(?:{_NOW}|(?:{_NUMBER}{_TO}{_AMOUNT})|(?:{_AMOUNTS}{_TO})?{_AMOUNTS})$(?!\n)"
"""What `parse` accepts, as a regular expression that JSON Schema can hold too."""

_WHOLE = re.compile(PATTERN)
_RANGE = re.compile(f"(?P<least>{_AMOUNTS}|{_NUMBER}){_TO}(?P<most>{_AMOUNTS})")
_PART = re.compile(f"(?P<number>{_NUMBER}) ?-? ?(?P<unit>{_UNIT})")


def parse(text: str, path: str = "", *, bare: bool = False) -> Span:
    """The least and most seconds that `text` stands for; calendar time, so a day has 24 hours.

    With `bare` a plain number counts as seconds. Raises PlanError, its fault naming the key `path`.
    """
    text = text.strip()
    if bare and re.fullmatch(_NUMBER, text):
        return Span(float(text), float(text))
    if not _WHOLE.search(text):
        raise _error(f"found {text[:60]!r}; accepted: {ACCEPTED}", path)
    if re.fullmatch(_NOW, text):
        return Span(0.0, 0.0)
    own = unit_of(text)
    if (both := _RANGE.fullmatch(text)) is None:
        seconds = _sum(text)
        return Span(seconds, seconds, own)
    least, most = both["least"], both["most"]
    unit = "" if _PART.search(least) else _PART.fullmatch(most)["unit"]  # type: ignore[index]
    span = Span(_sum(least + unit), _sum(most), own)
    if span.least > span.most:
        raise _error(f"found {text!r}; accepted: the smaller number first", path)
    return span


def unit_of(text: str) -> str:
    """The unit that all parts of a duration text are in, such as `minute`; empty when they differ."""
    units = {_SECONDS_OF[part["unit"].lower()] for part in _PART.finditer(text)}
    return next((name for name, size in _UNITS if {size} == units), "")


def text(span: Span) -> str:
    """A span as documents write it and `parse` reads it: `10-15 minutes`, `3 weeks`, `1.5 hours`; in the unit
    it was said in, else in the largest that needs at most one decimal (M004)."""
    sizes = dict(_UNITS)
    fitting = (name for name, size in _UNITS if _tidy(span.most / size) and span.most >= size >= 1)
    unit = span.unit or next(fitting, "second")
    least, most = f"{span.least / sizes[unit]:.6g}", f"{span.most / sizes[unit]:.6g}"
    exact = _same(float(least) * sizes[unit], span.least) and _same(float(most) * sizes[unit], span.most)
    if "e" in least + most or not exact:
        unit, least, most = "second", f"{span.least:.15g}", f"{span.most:.15g}"
    plural = "" if most == "1" else "s"
    return f"{most} {unit}{plural}" if least == most else f"{least}-{most} {unit}{plural}"


def _tidy(number: float) -> bool:
    return _same(number * 2, round(number * 2))


def _same(one: float, other: float) -> bool:
    return abs(one - other) < 1e-6


def show(seconds: float) -> str:
    """`seconds` for a narrow column, two units at most: `45 s`, `12 min`, `1 h 20 min`, `3 d 4 h`."""
    if not math.isfinite(seconds):
        return "?"
    if 0 < seconds < 9.95 and round(seconds, 1) % 1:
        return f"{seconds:.1f} s"
    whole = max(0, round(seconds))
    if whole < MINUTE:
        return f"{whole} s"
    if whole < 10 * MINUTE:
        return _two(whole, (MINUTE, "min"), (1, "s"))
    minutes = round(whole / MINUTE) * MINUTE
    if minutes < DAY:
        return _two(minutes, (HOUR, "h"), (MINUTE, "min"))
    return _two(round(whole / HOUR) * HOUR, (DAY, "d"), (HOUR, "h"))


_ROUND = (1, 2, 5, 10, 20, 30)
_TICKS = (*_ROUND, *(many * MINUTE for many in _ROUND), *(many * HOUR for many in (1, 2, 4, 8, 24)))


def ticks(seconds: float, most: int) -> list[float]:
    """The marks of a time axis from 0 to `seconds`: at most `most` steps of a round length apart."""
    fitting = (step for step in _TICKS if seconds / step <= most)
    step = next(fitting, DAY * math.ceil(seconds / DAY / max(1, most)))
    return [number * step for number in range(int(seconds / step) + 1)]


def show_span(span: Span) -> str:
    """A span as `10-15 min`, or as one duration when both ends are the same."""
    least, most = show(span.least), show(span.most)
    if least == most:
        return most
    if least.count(" ") == most.count(" ") == 1 and least.split(" ")[1] == most.split(" ")[1]:
        least = least.split(" ")[0]
    return f"{least}-{most}"


def moment(at: float) -> str:
    """Seconds since the epoch as documents write a moment, such as `2024-01-31T12:00:00Z`."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _two(seconds: float, large: tuple[float, str], small: tuple[float, str]) -> str:
    many, rest = divmod(seconds, large[0])
    parts = ((many, large[1]), (rest // small[0], small[1]))
    return " ".join(f"{count:.0f} {unit}" for count, unit in parts if count)


def _sum(text: str) -> float:
    total = sum(float(part["number"]) * _SECONDS_OF[part["unit"].lower()] for part in _PART.finditer(text))
    return round(total, 6)


def _error(message: str, path: str) -> PlanError:
    return PlanError([Fault(message, path=path)])
