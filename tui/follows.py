"""What the screen needs of a run: something to follow and to send commands to."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from engine import Attempt, Command, Notification, Refused, Score, Sides, State, Timeline, Vitals


class Follows(Protocol):
    """A run as the screen sees it. `engine_alive` is False when the engine's process is gone."""

    @property
    def state(self) -> State: ...

    @property
    def timeline(self) -> Timeline: ...

    @property
    def vitals(self) -> Vitals: ...

    @property
    def engine_alive(self) -> bool: ...

    def refresh(self) -> bool:
        """Read what was journalled since; True when there was something."""
        ...

    async def send(self, command: Command) -> str:
        """Carry out a command; a sentence once its effect is there. Raises WavetreeError."""
        ...

    async def measure(self) -> None:
        """Fetch new vitals from the engine."""
        ...

    def news(self) -> tuple[Notification, ...]:
        """What the engine has told since the last look."""
        ...

    def log_path(self, task: str) -> Path | None:
        """The output file of the task's present attempt."""
        ...

    def attempts_before(self, task: str) -> tuple[Attempt, ...]:
        """The task's attempts before the present one. Raises WavetreeError."""
        ...

    def track(self) -> Score:
        """How good the forecasts of conflicts of this repository's last runs were; slow."""
        ...

    async def sides(self, conflict: str) -> tuple[Sides, ...]: ...

    def mergetool(self, one: Sides, folder: Path) -> list[str]:
        """The words that open the person's merge tool on a file in conflict, laid out in `folder`."""
        ...

    async def chosen(
        self,
        conflict: str,
        contents: Mapping[str, bytes | None],
        sides: tuple[Sides, ...],
        *,
        how: str = "",
        by: str = "",
        note: str = "",
    ) -> Command: ...

    def diff(self, task: str) -> str:
        """A unified diff of the task's work against its base; may be empty."""
        ...


class NoRun:
    """In place of a run while none is chosen: nothing happens, nothing can be asked."""

    state = State()
    timeline = Timeline()
    vitals = Vitals()
    engine_alive = False

    def refresh(self) -> bool:
        return False

    async def send(self, command: Command) -> str:
        raise Refused("nothing runs yet", "choose the work first")

    async def measure(self) -> None:
        return None

    def news(self) -> tuple[Notification, ...]:
        return ()

    def log_path(self, task: str) -> Path | None:
        return None

    def track(self) -> Score:
        return Score()

    def attempts_before(self, task: str) -> tuple[Attempt, ...]:
        return ()

    async def sides(self, conflict: str) -> tuple[Sides, ...]:
        return ()

    def mergetool(self, one: Sides, folder: Path) -> list[str]:
        return []

    async def chosen(
        self,
        conflict: str,
        contents: Mapping[str, bytes | None],
        sides: tuple[Sides, ...],
        *,
        how: str = "",
        by: str = "",
        note: str = "",
    ) -> Command:
        raise Refused("nothing runs yet", "choose the work first")

    def diff(self, task: str) -> str:
        return ""
