"""Batches of priorities or tickets from Python, under the names that the documents use (M205): what
`wavetree parallel` does, with the result as a dict."""

from __future__ import annotations

import asyncio
from argparse import Namespace
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import chdir
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from engine import (
    Client,
    Notification,
    Plan,
    State,
    Timeline,
    UsageError,
    WavetreeError,
    batch_result,
    batch_summary,
    current_run,
    find_project,
    project_settings,
    select,
    separation,
    separation_result,
)
from tui.cli.run import launch
from tui.cli.ticket_files import plan_with
from tui.work import with_rule

Id = int | str
LEVELS = ("info", "warning", "error")


class ParallelExecutionCoordinator:
    """Runs priorities of a repository's roadmap, or tickets of its ticket file, at most `max_instances` at
    once. With `auto_merge` off a finished branch waits for `wavetree approve TASK`. `agent` does the tasks
    that name nobody; without it the agent of the repository's settings does."""

    def __init__(
        self,
        repo_root: Path | str | None = None,
        max_instances: int = 2,
        auto_merge: bool = True,
        agent: str = "",
    ) -> None:
        self.repo_root = Path(repo_root or Path.cwd()).absolute()
        self.max_instances = max_instances
        self.auto_merge = auto_merge
        self.agent = agent

    def execute_parallel_batch(
        self, priority_ids: Sequence[Id], auto_approve: bool = False
    ) -> dict[str, Any]:
        """Run these priorities and print the run's stages until it ends or waits for a person, which it does
        before each wave unless `auto_approve`. The batch result; not `success`: with an `error` in words.
        Nothing is raised for what is wrong with the repository or the ids."""
        try:
            with chdir(self.repo_root):
                args = self._arguments(auto_approve=auto_approve)
                plan = self._plan(priority_ids, args)
                merge = plan.settings.auto_merge and self.auto_merge
                plan = replace(plan, settings=replace(plan.settings, auto_merge=merge))
                launch(args, plan, self.repo_root)
            project = find_project(self.repo_root)
            client = Client(project, project.latest())
            try:
                return batch_result(client.state, client.timeline)
            finally:
                client.close()
        except WavetreeError as error:
            return {**batch_result(State(), Timeline()), "success": False, "error": _words(error)}

    def _validate_task_separation(self, priority_ids: Sequence[Id]) -> dict[str, Any]:
        """Whether these may run side by side: `valid`, `independent_pairs`, `conflicts`, and `task_file_map`
        or the `reason` why not."""
        try:
            with chdir(self.repo_root):
                plan = self._plan(priority_ids, self._arguments())
        except WavetreeError as error:
            return {"valid": False, "reason": _words(error), "independent_pairs": [], "conflicts": {}}
        return separation_result(separation(plan))

    def _plan(self, priority_ids: Sequence[Id], args: Namespace) -> Plan:
        ids = [str(one).removeprefix("#") for one in priority_ids]
        return select(with_rule(plan_with(ids, args, project_settings(self.repo_root))), ids)

    def _arguments(self, *, auto_approve: bool = False) -> Namespace:
        """What `wavetree parallel` would have been given."""
        return Namespace(
            tickets=None,
            roadmap=None,
            agent=self.agent,
            slots=self.max_instances,
            auto_approve=auto_approve,
            dirty=False,
            detach=False,
            headless=True,
            json=False,
        )


def _words(error: WavetreeError) -> str:
    return f"{error}; {error.remedy}" if error.remedy else str(error)


def generate_summary(result: Mapping[str, Any]) -> str:
    """A batch result in words (M189)."""
    return batch_summary(result)


class NotificationManager:
    """Tells something of a script's own through the present run of a repository, else its newest."""

    def __init__(self, repo_root: Path | str | None = None) -> None:
        self.repo_root = Path(repo_root or Path.cwd()).absolute()

    def create_notification(
        self,
        title: str,
        message: str,
        level: str = "info",
        sound: bool = False,
        agent_id: str = "orchestrator",
    ) -> None:
        """Tell it: in the run's file of notifications, on an open screen, and to the run's `notify_command`.
        Raises UsageError for a level that is none of info, warning and error, where there was no run yet, and
        for what is wrong with the command."""
        if level not in LEVELS:
            raise UsageError(f"found the level {level!r}", f"accepted: {', '.join(LEVELS)}")
        project = find_project(self.repo_root)
        client = Client(project, current_run(project))
        told = client.tell(Notification(title, message, level, sound, agent_id))
        with ThreadPoolExecutor(1) as apart:  # where the caller's own thread has an event loop
            wrong = apart.submit(asyncio.run, told).result()
        client.close()
        if wrong:
            raise UsageError(f"the notification command: {wrong}")
