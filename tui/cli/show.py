"""What several commands show: the screen itself, and a plan's waves as lines."""

from __future__ import annotations

import os
import sys
from importlib import import_module

from engine import Client, Mode, Plan, RunPhase, UsageError, clean, show_span
from tui.cli.follow import tell_unwritten


def open_screen(client: Client) -> int:
    """Open the dashboard on a run; 0, or 1 when the run had ended with failures by the time it was left."""
    need_terminal()
    import_module("tui.app").run(client)
    return say_left(client)


def need_terminal() -> None:
    """Raise UsageError where no screen can be shown."""
    in_browser = "TEXTUAL_DRIVER" in os.environ
    if not in_browser and not (sys.stdout.isatty() and sys.stdin.isatty()):
        raise UsageError("the screen needs a terminal", "use --headless, or: wavetree status")
    for size in () if in_browser else ("COLUMNS", "LINES"):
        os.environ.pop(size, None)  # a size that was exported once would keep the screen from being resized


def say_left(client: Client) -> int:
    """Say how the run stands whose screen was left, and how to come back; the exit code."""
    client.refresh()
    state = client.state
    if not state.ended and not client.engine_alive:
        print(f"run {client.run}: its engine is gone; bring it back with: wavetree resume")
        return 1
    if not state.ended:
        print(f"run {client.run} goes on; come back with: wavetree attach")
        return 0
    tell_unwritten(client)
    print(f"run {client.run}: {state.phase.value}" + (f" ({clean(state.reason)})" if state.reason else ""))
    return 0 if state.phase is RunPhase.DONE else 1


def wave_table(plan: Plan) -> str:
    """A plan's waves and tasks, one line each."""
    lines = []
    for wave in plan.waves:
        mode = ", one at a time" if wave.mode is Mode.SEQUENTIAL else ""
        lines.append(f"wave {wave.number}  {clean(wave.name)}{mode}")
        for name in wave.tasks:
            task = plan.task(name)
            needs = ", ".join(need.task for need in task.needs)
            parts = [clean(task.title), show_span(task.estimate) if task.estimate else ""]
            parts += [f"needs {needs}" if needs else ""]
            lines.append(f"  {name:<20} {' · '.join(part for part in parts if part)}".rstrip())
    return "\n".join(lines)
