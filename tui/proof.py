"""How much time running side by side saves, and that it changes nothing: one plan, run twice (M227, M229)."""

from __future__ import annotations

import contextlib
import io
import subprocess

from msgspec import Struct
from msgspec.structs import replace

from engine import (
    Attempt,
    Client,
    Gates,
    Options,
    Plan,
    Task,
    UsageError,
    Wave,
    find_project,
    load_plan,
    preflight,
    report_of,
    start_run,
)
from tui.cli.follow import DONE, follow
from tui.demo import DemoRepository, demo_plan


class Measured(Struct, frozen=True):
    """One run: its wall time and the lives of its agents in seconds, the most agents that were alive at once,
    the tree on the base branch at its end, and the last verdict of each gate on each task or wave."""

    wall: float
    lives: tuple[float, ...]
    together: int
    tree: str
    gates: dict[tuple[str, str, str], str]

    @property
    def overhead(self) -> float:
        """What the engine adds to a task in seconds, where agents work one after the other."""
        return (self.wall - sum(self.lives)) / len(self.lives)


class Proof(Struct, frozen=True):
    """A plan of so many tasks, run with one slot and with `slots`."""

    what: str
    tasks: int
    slots: int
    one: Measured
    many: Measured

    @property
    def saved(self) -> float:
        """Percent of the sequential wall time."""
        return (1 - self.many.wall / self.one.wall) * 100

    @property
    def same(self) -> bool:
        """Whether both runs ended with the same tree and the same verdicts of the gates."""
        return self.one.tree == self.many.tree and self.one.gates == self.many.gates


def demo(seconds: float, independent: int = 0) -> Plan:
    """The demo's plan, each of its agents at work for `seconds`; with `independent` only the first so many of
    its tasks that need no other."""
    plan = load_plan(demo_plan())
    tasks = [task for task in plan.tasks if not (independent and task.needs)][: independent or None]
    paced = tuple(_paced(task, seconds) for task in tasks)
    if not independent:
        return replace(plan, tasks=paced)
    waves = (Wave(1, "Independent", tuple(task.id for task in tasks)),)
    return replace(plan, tasks=paced, waves=waves, gates=Gates(task=plan.gates.task))


def _paced(task: Task, seconds: float) -> Task:
    """The task with its agent's script stretched, or pressed, to so many seconds."""
    script = task.simulate
    if script is None:
        return task
    factor = seconds / script.duration
    steps = tuple(replace(step, at=step.at * factor) for step in script.do)
    return replace(task, simulate=replace(script, duration=seconds, do=steps))


def proved(what: str, plan: Plan, slots: int) -> Proof:
    """Run the plan with one slot, then with `slots`. Raises UsageError when a run does not come to its end,
    KeyboardInterrupt when it was broken off."""
    return Proof(what, len(plan.tasks), slots, measured(plan, 1), measured(plan, slots))


def measured(plan: Plan, slots: int) -> Measured:
    """Run the plan in a throw-away repository, which is removed."""
    made = DemoRepository()
    try:
        project = find_project(made.path)
        run = start_run(project, plan, preflight(project, plan), Options(slots, auto_approve=True))
        client = Client(project, run)
        with contextlib.redirect_stdout(io.StringIO()) as said:
            code = follow(client, as_json=False)
        if code == 130:
            raise KeyboardInterrupt
        if code != DONE:
            raise UsageError(f"a run did not come to its end: {said.getvalue()[-1000:]}")
        return _read(client, made)
    finally:
        made.remove()


def _read(client: Client, made: DemoRepository) -> Measured:
    """What the run's journal says of it, and git of its end."""
    told = report_of(client).told
    tree = subprocess.run(
        ["git", "-C", str(made.path), "rev-parse", "main^{tree}"], check=True, capture_output=True, text=True
    )
    gates = {(one.level, one.subject, one.gate): one.verdict.value for one in client.state.results}
    lives = tuple(attempt.ended - attempt.began for attempt in told.attempts)
    wall = client.timeline.ended - client.timeline.created
    return Measured(wall, lives, most_at_once(told.attempts), tree.stdout.strip(), gates)


def most_at_once(attempts: list[Attempt]) -> int:
    """The most agents that were alive at the same moment."""
    return max(sum(one.began <= each.began < one.ended for one in attempts) for each in attempts)
