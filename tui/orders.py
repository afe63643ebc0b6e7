"""Commands on their way to the engine, and what the person is told of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.notifications import SeverityLevel

from engine import Command, PlanError, PreflightError, WavetreeError, clean

if TYPE_CHECKING:
    from tui.app import WavetreeApp
    from tui.screens.asking import Confirm

MOST_FAULTS = 5
"""Faults of a plan that are shown at once."""
LONG, SHORT = 8.0, 4.0
"""Seconds for which an error and any other words are shown."""


class Orders:
    """Sends aside, so that the screen goes on; an answer or a refusal becomes a toast."""

    def __init__(self, app: WavetreeApp) -> None:
        self._app = app
        self._measuring = False
        self._trouble = ""

    def ask(self, question: Confirm, command: Command, then: Callable[[], None] | None = None) -> None:
        """Send the command once the person said yes; afterwards, if it was carried out, do `then`."""

        def answered(yes: bool | None) -> None:
            if yes:
                self.send(command, then)

        self._app.push_screen(question, answered)

    def send(self, command: Command, then: Callable[[], None] | None = None) -> None:
        """Send a command aside; its answer, or what to do instead, is shown."""
        self._app.run_worker(self._send(command, then), group="orders")

    async def _send(self, command: Command, then: Callable[[], None] | None) -> None:
        try:
            answer = await self._app.client.send(command)
        except WavetreeError as error:
            self.say(_words(error), "error")
            return
        self.say(answer or "done")
        self._app.tick()
        if then is not None:
            then()

    def measure(self) -> None:
        """Fetch new vitals aside, unless the last fetch is still under way."""
        if not self._measuring:
            self._measuring = True
            self._app.run_worker(self._measure(), group="measure")

    async def _measure(self) -> None:
        try:
            await self._app.client.measure()
        except WavetreeError as error:
            self.say_once(error)
        finally:
            self._measuring = False

    def say(self, text: str, severity: SeverityLevel = "information") -> None:
        """A toast; foreign text in it is only text."""
        words = clean(text, 600, lines=True)
        timeout = LONG if severity == "error" else SHORT
        self._app.notify(words, severity=severity, markup=False, timeout=timeout)

    def fail(self, error: WavetreeError) -> None:
        """Show what went wrong: every fault where there are several, and what to do."""
        faults = error.faults if isinstance(error, PlanError | PreflightError) else ()
        if not faults:
            self.say(_words(error), "error")
            return
        more = f"\nand {len(faults) - MOST_FAULTS} more" if len(faults) > MOST_FAULTS else ""
        self.say("\n".join(map(str, faults[:MOST_FAULTS])) + more, "error")

    def say_once(self, error: WavetreeError) -> None:
        """Show a trouble that comes back at every tick only when it is a new one."""
        if error.message != self._trouble:
            self._trouble = error.message
            self.say(_words(error), "error")


def _words(error: WavetreeError) -> str:
    return f"{error.message}\n{error.remedy}" if error.remedy else error.message
