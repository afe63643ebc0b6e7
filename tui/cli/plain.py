"""A run as lines that a screen reader can follow: news as it comes, and commands typed in between.

Nothing is drawn, moved or written over. A typed line is a command of `wavetree` without its name.
"""

from __future__ import annotations

import os
import select
import shlex
import sys
from collections.abc import Callable, Sequence

from engine import Client, EngineGone, RunPhase, State, clean
from tui.cli.follow import gone
from tui.cli.stages import Stages

Carry = Callable[[Sequence[str]], int]

TICK = 0.1
LEAVE = ("quit", "exit", "q")
NOT_HERE = frozenset({"attach", "serve", "demo", "run", "parallel", "implement", "replay"})
"""Commands that take the terminal for a run of their own."""


def talk(client: Client, carry_out: Carry) -> int:
    """Tell what happens in the run and carry out what is typed, until the run ends or the person leaves,
    which ends no agent. The exit code: 0, or 1 for a run that ended with failures. Raises EngineGone.

    `carry_out` runs one command of `wavetree` and prints what it has to say."""
    news, typed = _News(client), _Typed()
    _tell([_opening(client.state)])
    _tell(news.waiting())
    while not client.state.ended:
        if gone(client):
            raise EngineGone(f"the engine of run {client.run} is gone", f"wavetree resume {client.run}")
        line = typed.line(TICK)
        if line is None or line.strip() in LEAVE:
            _tell([f"run {client.run} goes on; come back with: wavetree attach --plain"])
            return 0
        _obey(line, carry_out)
        _tell(news.lines())
    state = client.state
    _tell([f"run {client.run}: {state.phase.value}" + (f", {clean(state.reason)}" if state.reason else "")])
    return 0 if state.phase is RunPhase.DONE else 1


class _News:
    """What has happened since it was asked last, as lines."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._stages = Stages()
        for state, at, event in client.history():
            self._stages.lines(state, at, event)
        self._told = len(client.state.alerts)

    def waiting(self) -> list[str]:
        """What waits for the person already."""
        return _alerts(self._client.state, 0)

    def lines(self) -> list[str]:
        found: list[str] = []
        for state, at, event in self._client.steps():
            found += self._stages.lines(state, at, event)
        found += _alerts(self._client.state, self._told)
        self._told = len(self._client.state.alerts)
        return [line for line in found if line.strip()]


def _alerts(state: State, since: int) -> list[str]:
    lines = []
    for one in state.alerts[since:]:
        if one.open:
            lines.append(f"needs you: {clean(one.text)}")
            lines += [f"  type: {clean(one.remedy)}"] if one.remedy else []
    return lines


def _opening(state: State) -> str:
    done = sum(task.phase.value in ("merged", "skipped") for task in state.tasks.values())
    return (
        f"run {state.run}, {clean(state.plan.name)}: {done} of {len(state.tasks)} tasks done. Type a "
        "command, such as status, approve or pause TASK; help lists them; quit leaves, and the agents go on."
    )


def _obey(line: str, carry_out: Carry) -> None:
    try:
        words = shlex.split(line)
    except ValueError:
        _tell(["a quotation mark is not closed"])
        return
    words = words[1:] if words[:1] == ["wavetree"] else words
    if words and words[0] in NOT_HERE:
        _tell([f"{words[0]} needs a terminal of its own; quit leaves this one"])
    elif words and (code := carry_out(words)):
        _tell([f"{words[0]}: exit code {code}"])


def _tell(lines: Sequence[str]) -> None:
    for line in lines:
        print(line)
    sys.stdout.flush()


class _Typed:
    """Lines of the standard input, without waiting for one."""

    def __init__(self) -> None:
        self._rest = b""
        self._over = False

    def line(self, seconds: float) -> str | None:
        """The next line, empty when none came in that time; None when there will be no more."""
        if b"\n" not in self._rest and not self._over and select.select([0], [], [], seconds)[0]:
            read = os.read(0, 65536)
            self._over = not read
            self._rest += read
        line, newline, rest = self._rest.partition(b"\n")
        if newline or self._over:
            self._rest = rest
            return line.decode(errors="replace") if line or newline else None
        return ""
