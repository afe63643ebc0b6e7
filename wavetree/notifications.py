"""Notifications of a script's own, told where those of its run are."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from engine import Client, Notification, UsageError, current_run, find_project

LEVELS = ("info", "warning", "error")


class NotificationManager:
    """Tells through the present run of a repository, else its newest."""

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
