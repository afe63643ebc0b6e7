"""Numbers in words for people: durations, sizes, rates, percents."""

from __future__ import annotations


def duration(seconds: float | None) -> str:
    """`45 s`, `12 min`, `1 h 05`, `3 d 4 h`; a dash when unknown."""
    if seconds is None:
        return "–"
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    minutes = round(whole / 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02}" if hours < 48 else f"{hours // 24} d {hours % 24} h"


def long_duration(seconds: float | None) -> str:
    """`30 minutes`, `45 seconds`, `1 hour`, `2 hours 5 minutes`; `unknown`."""
    if seconds is None:
        return "unknown"
    whole = max(0, round(seconds))
    if whole < 60:
        return count(whole, "second")
    hours, minutes = divmod(round(whole / 60), 60)
    parts = [count(hours, "hour")] if hours else []
    return " ".join([*parts, count(minutes, "minute")] if minutes or not hours else parts)


def size(many: float | None) -> str:
    """Bytes as `312 MB` or `1.2 GB`, in units of 2^30 and so on; a dash when unknown."""
    if many is None:
        return "–"
    value = float(many)
    for unit in ("B", "KB", "MB"):
        if value < 1000:
            return f"{value:.0f} {unit}"
        value /= 1024
    return f"{value:.1f} GB" if value < 100 else f"{value:.0f} GB"


def rate(bytes_per_second: float) -> str:
    """Bytes per second as `4.2 MB/s`, in units of 10^6."""
    mega = bytes_per_second / 1e6
    return f"{mega:.1f} MB/s" if mega < 10 else f"{mega:.0f} MB/s"


def percent(value: float | None, source: str = "") -> str:
    """`80%`, `~50%` for an estimate, a dash when unknown."""
    if value is None:
        return "–"
    return f"~{value:.0f}%" if source == "e" else f"{value:.0f}%"


def count(number: int, noun: str) -> str:
    """`1 agent`, `3 agents`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def listing(names: tuple[str, ...] | list[str], most: int = 4) -> str:
    """`a, b and 3 more`."""
    if len(names) <= most:
        return ", ".join(names)
    return f"{', '.join(names[: most - 1])} and {len(names) - most + 1} more"
