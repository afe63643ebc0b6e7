"""What happened: the closed union `Event = Verdict | Intent | Outcome`.

A verdict is a decision that changes only the state. An intent asks the world for an effect and is on
disk before the effect begins. An outcome is the world's answer; `answers` names the intent it closes.
After a crash, the intents that no outcome closed are exactly what has to be checked and done again.
No event carries a time or an id of its own: the journal's record does.
"""

from __future__ import annotations

from engine.core.intents import Intent
from engine.core.outcomes import Outcome
from engine.core.verdicts import Verdict

Event = Verdict | Intent | Outcome


def answered(event: Event) -> str:
    """The key of the intent that `event` closes, or "" when it closes none."""
    return getattr(event, "answers", "")
