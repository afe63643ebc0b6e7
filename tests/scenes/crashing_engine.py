"""An engine killed at one exact moment: `crashing_engine.py CHECKOUT COMMON RUN SIDE NUMBER [RESUME]`.

It is the real engine, but its journal sends KILL to its own process right `before` or right `after` the
append of that number, counted from 1, or of the first event of a kind for a task, as `WorktreeMade:one`. With
a number that is never reached it is an engine like any other.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence

from engine import serve
from engine.core.events import Event
from engine.edge.journal import Journal, Record

SIDE, MOMENT = sys.argv[4], sys.argv[5]


def named(event: Event) -> str:
    return f"{type(event).__name__}:{getattr(event, 'task', '')}"


class CrashingJournal(Journal):
    """Counts what is written down by this process."""

    written = 0

    def extend(self, at: float, steps: Sequence[tuple[Event, ...]]) -> list[Record]:
        self.written += 1
        now = {str(self.written), *(named(event) for events in steps for event in events)}
        if SIDE == "before" and MOMENT in now:
            os.kill(os.getpid(), signal.SIGKILL)
        records = super().extend(at, steps)
        if SIDE == "after" and MOMENT in now:
            os.kill(os.getpid(), signal.SIGKILL)
        return records


serve.Journal = CrashingJournal  # type: ignore[misc]

if __name__ == "__main__":
    sys.exit(serve.main([*sys.argv[1:4], *sys.argv[6:]]))
