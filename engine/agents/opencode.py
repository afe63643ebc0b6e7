"""OpenCode, once, without a person at its prompt.

run                                 works through the prompt and ends; edits and commands are allowed unless
                                    the user's settings say otherwise
--                                  what follows is the prompt, whatever it begins with
OPENCODE_PERMISSION                 edits need no answer even where the user's settings would ask: nobody
                                    could give one, and `run` takes that for a no
OPENCODE_DISABLE_AUTOUPDATE=true    an update in the middle of a run would change what runs
NO_COLOR=1                          a log without escape codes
"""

from __future__ import annotations

from engine.agents import launching, reports
from engine.agents.contract import Brief, Launch

COMMAND = ("opencode", "run", "--", "{prompt}")
ENVIRONMENT = {
    "OPENCODE_PERMISSION": '{"edit":"allow"}',
    "OPENCODE_DISABLE_AUTOUPDATE": "true",
    "NO_COLOR": "1",
}

report = reports.parse
failure = reports.failure


def launch(brief: Brief) -> Launch:
    """Raises UsageError for an unknown placeholder in the plan's own command."""
    return launching.command(brief, COMMAND, ENVIRONMENT)
