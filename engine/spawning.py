"""Starts an engine's process, detached, and waits until it answers or says why it will not."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import msgspec

from engine.core.commands import Resume
from engine.core.errors import EngineError, Refused, WavetreeError
from engine.edge.lock import held
from engine.edge.runs import Project
from engine.edge.wire import listening

PATIENCE = 20.0
"""Seconds for the engine's process to answer."""


def spawn(project: Project, run: str, folder: Path, resume: Resume | None = None) -> None:
    """Start the engine detached, and return when it answers on its socket."""
    argv = [sys.executable, "-P", "-m", "engine.serve", str(project.checkout), str(project.common), run]
    if resume is not None:
        argv.append(msgspec.json.encode(resume).decode())
    log = folder / "engine.log"
    with log.open("ab") as output:
        begin = output.tell()
        engine = subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=folder,
            start_new_session=True,
        )
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if engine.poll() is not None:
            if engine.returncode == 0:
                return
            raise _why(log, begin)
        if held(project.lock) == engine.pid and listening(project.socket()):
            return
        time.sleep(0.01)
    raise EngineError(f"the engine did not answer within {PATIENCE:g} seconds", f"its log: {log}")


def _why(log: Path, begin: int) -> WavetreeError:
    """The refusal that the engine wrote into its log, or what else it said last."""
    text = log.read_bytes()[begin:].decode(errors="replace")
    for line in text.splitlines():
        if line.startswith("wavetree-refusal: "):
            said = msgspec.json.decode(line.removeprefix("wavetree-refusal: "))
            kind = Refused if said["code"] == Refused.exit_code else EngineError
            return kind(said["error"], said["remedy"])
    last = text.strip().splitlines()[-1:] or ["it said nothing"]
    return EngineError(f"the engine ended at once: {last[0]}", f"its log: {log}")
