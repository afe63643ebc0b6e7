"""The work that a person chooses: found in the repository, opened as a plan, started. Slow; called aside."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from msgspec.structs import replace

from engine import (
    Archive,
    Client,
    OnConflict,
    Options,
    PastRun,
    Plan,
    PlanFile,
    PlanSearch,
    Project,
    ProjectSettings,
    WavetreeError,
    current_run,
    engine_at_work,
    find_plans,
    find_project,
    load_plan,
    looked_up,
    preflight,
    project_settings,
    select,
    start_run,
    top_of_repository,
    validate_plans,
    whole_plan,
    without_agent,
)
from tui.demo import DemoRepository, demo_plan

ROADMAP_KIND = "roadmap"
TICKET_KINDS = ("tickets", "GitHub issues", "Jira issues", ROADMAP_KIND)


class Pick(NamedTuple):
    """Which tickets of a file are meant; all when nothing is said."""

    ids: tuple[str, ...] = ()
    epic: str = ""
    sprint: str = ""


EVERYTHING = Pick()


class Work(NamedTuple):
    """A plan as it would be run. `paths` are its files, none for the demo; `agent` is who was named for the
    tasks that name nobody; `sequential` tells that parallel work is switched off."""

    plan: Plan
    paths: tuple[Path, ...] = ()
    pick: Pick = EVERYTHING
    agent: str = ""
    warnings: tuple[str, ...] = ()
    sequential: bool = False

    @property
    def demo(self) -> bool:
        return not self.paths

    @property
    def nobody(self) -> tuple[str, ...]:
        """The tasks of which nobody has said who does them."""
        return without_agent(self.plan)


class Looked(NamedTuple):
    """What there is to choose from: files, the ids of past runs (the newest first) and how the newest stands,
    and what stands in the way."""

    search: PlanSearch = PlanSearch()
    runs: tuple[str, ...] = ()
    newest: PastRun | None = None
    trouble: str = ""

    def tickets(self) -> tuple[PlanFile, ...]:
        """The files with tickets or priorities."""
        return tuple(file for file in self.search.files if file.kind in TICKET_KINDS and file.found.plan)


class Workbench:
    """The repository around `here`; `project` is None outside of one, where only the demo can be run."""

    def __init__(self, here: Path) -> None:
        self.here = here
        self.project: Project | None = None
        self.trouble = ""
        self._settings: ProjectSettings | None = None
        self._demo: DemoRepository | None = None
        try:
            self.project = find_project(here)
            self._settings = project_settings(here)
        except WavetreeError as error:
            self.trouble = error.message

    @property
    def name(self) -> str:
        """What the repository is called."""
        return self.project.checkout.name if self.project else ""

    def running(self) -> Client | None:
        """A client of the run that an engine works on now."""
        if self.project is None or not engine_at_work(self.project):
            return None
        return Client(self.project, current_run(self.project))

    def past(self) -> Archive | None:
        """The runs of the repository, to look back at."""
        return Archive(self.project) if self.project else None

    def look(self) -> Looked:
        """What the repository offers."""
        if self.project is None:
            return Looked(trouble=self.trouble)
        top = top_of_repository(self.here) or self.project.checkout
        runs = tuple(reversed(self.project.runs()))
        newest = Archive(self.project).row(runs[0]) if runs else None
        return Looked(find_plans(top, self._settings), runs, newest, self.trouble)

    def open(self, paths: Sequence[Path], pick: Pick = EVERYTHING, agent: str = "") -> Work:
        """The plan in these files, or what is picked of it, with `agent` for the tasks that name nobody.

        Raises PlanError with everything that is wrong, UsageError when what is picked needs more."""
        found = validate_plans(paths, {"agent": agent} if agent else None, self._settings)
        plan = whole_plan(found)
        if any(pick):
            plan = select(with_rule(plan), pick.ids, pick.epic, pick.sprint)
        plan = looked_up(plan, top_of_repository(self.here))
        warnings = tuple(str(fault) for fault in found.warnings)
        return Work(plan, tuple(paths), pick, agent, warnings, found.sequential)

    def demo(self) -> Work:
        """The plan of the demo; its repository is made when it starts."""
        return Work(load_plan(demo_plan()))

    def start(self, work: Work, slots: int) -> tuple[Project, str, tuple[str, ...]]:
        """Check that the run can begin, and start it: where it is, its id, what is to be remarked.

        Raises PreflightError with every reason why it cannot begin, UsageError outside a repository."""
        where = self._ground() if work.demo else self.here
        project = find_project(where)
        ready = preflight(project, work.plan, where)
        run = start_run(project, work.plan, ready, Options(0 if work.sequential else slots))
        return project, run, ready.warnings

    def _ground(self) -> Path:
        if self._demo is None:
            self._demo = DemoRepository()
        return self._demo.path

    def tidy(self) -> str:
        """Remove the demo's repository unless its run goes on; then the words that say where it is."""
        if self._demo is None:
            return ""
        if self._demo.live:
            return f"kept: cd {self._demo.path}"
        self._demo.remove()
        return ""


def with_rule(plan: Plan, asked: str = "") -> Plan:
    """The plan with what was asked for about clashing tickets; one that only shows them puts such pairs one
    by one (D05)."""
    said = plan.conflicts.on_conflict
    rule = OnConflict(asked) if asked else OnConflict.SPLIT if said is OnConflict.SHOW else said
    return replace(plan, conflicts=replace(plan.conflicts, on_conflict=rule))
