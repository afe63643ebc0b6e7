"""What people write about a run: satisfaction, value, whatever is told and not computed (M192)."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from engine.core.plan import Plan
from engine.core.strategy import at, dicts, texts

MOST = 4_000
"""Characters of a note."""


class Note(Struct, frozen=True):
    """Somebody's words about a run at some time, in seconds since the epoch; `about` names the measure that
    they speak of, empty for none."""

    at: float
    by: str
    text: str
    about: str = ""


def asked_for(plan: Plan) -> tuple[str, ...]:
    """The measures that a plan's monitoring framework wants told in words: `qualitative_metrics` and
    `business_metrics`, as one mapping or a list of them."""
    said = at(plan, "monitoring_framework", "success_metrics")
    entries = [said] if isinstance(said, Mapping) else dicts(said)
    found = [
        texts(entry.get(kind)) for kind in ("qualitative_metrics", "business_metrics") for entry in entries
    ]
    return tuple(dict.fromkeys(name for names in found for name in names))
