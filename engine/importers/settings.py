"""Settings have several names and places; here each gets one, and what contradicts is reported."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from engine.core.notifying import interval
from engine.importers.fields import SETTINGS
from engine.importers.log import Log
from engine.importers.nodes import Path, show_path

_SAME_AS = {
    "max_threads": "slots",
    "max_instances": "slots",
    "conflict_resolution": "handling",
    "resource_limits": "",
    "parallel_execution": "",
}


def settle(data: dict[str, Any], log: Log) -> dict[str, Any]:
    """All settings of a plan by their one name, `slots` and `handling` among them; only those it gives.

    A setting given twice with different values is an error."""
    return _settled(_given(data), log)


def settle_alone(data: dict[str, Any], log: Log) -> dict[str, Any]:
    """The same for a file that has nothing but settings, at its top; other keys are passed over."""
    keys = {"slots", *(field.key for field in SETTINGS.fields)}
    return _settled(_inside({key: value for key, value in data.items() if key in keys}, ()), log)


def _settled(given: Iterable[tuple[str, Any, Path]], log: Log) -> dict[str, Any]:
    settled: dict[str, Any] = {}
    first: dict[str, Path] = {}
    for key, value, path in given:
        if key not in settled:
            settled[key], first[key] = value, path
        elif settled[key] != value:
            other = show_path(first[key])
            log.error(
                path, f"says {value}, but {other} says {settled[key]}; accepted: one of them, or the same"
            )
    updates = str(settled.get("progress_updates", ""))
    if interval(updates) is None:
        words = "accepted: a time such as `30m`, `daily`, `per_block_completion` or `disabled`"
        log.error(first["progress_updates"], f"found {updates!r}; {words}")
    for name in ("cpu", "memory"):
        start, most = settled.get(f"start_{name}_percent"), settled.get(f"max_{name}_percent")
        if start is not None and most is not None and start > most:
            log.error(
                first[f"start_{name}_percent"],
                f"found {start:g}; accepted: at most max_{name}_percent ({most:g})",
            )
    if settled.get("slots", 1) > 3:
        log.warn(
            first["slots"],
            f"{settled['slots']} agents at once: beyond 3 the gain shrinks and the machine is under pressure",
        )
    return settled


def _given(data: dict[str, Any]) -> Iterator[tuple[str, Any, Path]]:
    if "slots" in data:
        yield "slots", data["slots"], ("slots",)
    if "handling" in data.get("conflicts", {}):
        yield "handling", data["conflicts"]["handling"], ("conflicts", "handling")
    yield from _inside(data.get("settings", {}), ("settings",))
    yield from _inside(data.get("parallel_execution", {}), ("parallel_execution",))


def _inside(values: dict[str, Any], path: Path) -> Iterator[tuple[str, Any, Path]]:
    for key, value in values.items():
        here = (*path, key)
        if isinstance(value, dict):
            yield from _inside(value, here)
        else:
            yield _SAME_AS.get(key, key), value, here
