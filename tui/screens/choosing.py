"""Which tickets, epic, sprint or priorities: lists to choose from, over the files that were found (M220)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from engine import PlanFile, clean, is_open, roadmap_candidates
from tui.screens.pick import Item, PickSheet
from tui.work import ROADMAP_KIND, Looked, Pick

if TYPE_CHECKING:
    from tui.app import WavetreeApp

Take = Callable[[PlanFile, Pick, Callable[[], None]], None]
"""What is done with a choice: the file, what is picked of it, and how to choose once more when that cannot
be run."""


class Choosing:
    """Asks with sheets above the screen, and hands over to `take`."""

    def __init__(self, app: WavetreeApp, looked: Looked, take: Take) -> None:
        self._app = app
        self._looked = looked
        self._take = take

    def tickets(self) -> None:
        """Tickets of a file, by their ids."""
        self._of([file for file in self._looked.tickets() if file.kind != ROADMAP_KIND])

    def priorities(self) -> None:
        """Priorities of a roadmap; those that could be next are marked already (M017)."""
        self._of([file for file in self._looked.tickets() if file.kind == ROADMAP_KIND])

    def groups(self, kind: str) -> None:
        """All tickets of an `epic` or a `sprint` of any file."""
        found: list[tuple[PlanFile, str, int]] = []
        for file in self._looked.tickets():
            names = [getattr(task, kind) for task in file.found.plan.tasks] if file.found.plan else []
            found += [(file, name, names.count(name)) for name in dict.fromkeys(names) if name]
        items = [
            Item(str(n), clean(name, 60), f"{size} in {clean(str(file.path), 80)}")
            for n, (file, name, size) in enumerate(found)
        ]

        def chosen(answer: tuple[str, ...] | None) -> None:
            if answer:
                file, name, _ = found[int(answer[0])]
                pick = Pick(epic=name) if kind == "epic" else Pick(sprint=name)
                self._take(file, pick, lambda: None)

        self._app.push_screen(PickSheet(f"which {kind}", items), chosen)

    def _of(self, files: Sequence[PlanFile]) -> None:
        """The only file, or the one that is chosen among several."""
        if len(files) == 1:
            self._open_of(files[0])
            return
        items = [Item(str(n), clean(str(f.path), 120), f"{f.open} open") for n, f in enumerate(files)]

        def chosen(answer: tuple[str, ...] | None) -> None:
            if answer:
                self._open_of(files[int(answer[0])])

        self._app.push_screen(PickSheet("from which file", items), chosen)

    def _open_of(self, file: PlanFile, marked: tuple[str, ...] = ()) -> None:
        """Choose among what nobody has begun."""
        plan = file.found.plan
        tasks = [task for task in plan.tasks if is_open(task)] if plan else []
        if plan is None or not tasks:
            self._app.orders.say(f"{file.path}: nothing is open", "warning")
            return
        if not marked and file.kind == ROADMAP_KIND:
            marked = roadmap_candidates(plan, plan.slots)

        def chosen(answer: tuple[str, ...] | None) -> None:
            if answer:
                self._take(file, Pick(ids=answer), lambda: self._open_of(file, answer))

        items = [Item(task.id, clean(task.id, 60), clean(task.title, 120)) for task in tasks]
        title = f"open work in {clean(str(file.path), 60)}"
        self._app.push_screen(PickSheet(title, items, several=True, marked=marked), chosen)
