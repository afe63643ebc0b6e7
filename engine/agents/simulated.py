"""The built-in simulated agent (M101): a real process that edits real files, without network or model."""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec

from engine.agents import launching, reports
from engine.agents.contract import Brief, Launch
from engine.core.simulation import Simulation

SCRIPT = "simulation.json"
_PROCESS = Path(__file__).with_name("simulated_process.py")

report = reports.parse
failure = reports.failure


def launch(brief: Brief) -> Launch:
    """The process that carries out the task's `simulate`; without one it works for a second and changes
    nothing. Its script is written to the attempt's folder: it may be longer than an argument."""
    brief.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    script = brief.folder / SCRIPT
    script.write_bytes(msgspec.json.encode(brief.task.simulate or Simulation()))
    argv = (sys.executable, "-I", "-S", str(_PROCESS), str(script), str(brief.worktree))
    return Launch(argv=argv, env={**launching.surroundings(brief), **brief.spec.env})
