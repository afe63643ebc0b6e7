"""The strategy document's execution plan of any plan (M024): what the plan's own document says stays as it
says it, what it lacks is computed, and the key paths of what was computed are listed, so that reading it back
gives the same plan."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from engine.core import durations, graph
from engine.core.analysis.dependencies import blocking, blocks_words
from engine.core.analysis.risk import wave_risks
from engine.core.clashes import clashes
from engine.core.dates import wave_dates
from engine.core.forecast import Forecast, forecast
from engine.core.plan import Mode, Need, Plan, Span, Task, Wave
from engine.core.session_names import sessions
from engine.core.teams import assignments
from engine.exporters.native import native
from engine.importers.computed import LIST, MARK
from engine.importers.task_fields import TASK, WAVE

_OWN_NATIVE = ("wavetree", "name", "tasks", "waves", "sections", "analysis", "draft")
_OWN_SECTIONS = ("execution_plan", "project_context", "wave_execution_plan")
_LIFECYCLE = ["created", "active", "coordinating", "completed", "archived"]
_EMPTY: dict[str, dict[str, Any]] = {
    "resource_analysis": {"available_teams": [], "infrastructure_capacity": {}, "resource_constraints": []},
    "session_coordination": {
        "multi_agent_strategy": "coordinated_parallel",
        "session_management": {
            "session_id_format": "session_[3_digit_number]",
            "session_lifecycle": _LIFECYCLE,
        },
    },
    "coordination_protocols": {"synchronization_points": [], "communication_schedule": []},
    "risk_management": {"risk_assessment": [], "mitigation_strategies": []},
    "quality_assurance": {"quality_gates": []},
    "monitoring_and_control": {"performance_metrics": [], "control_mechanisms": []},
}
_PHASE_WORDS = frozenset(field.key for field in TASK.fields) | {
    *("phase_id", "session_id", "team_assignment", "estimated_duration", "dependencies", "deliverables")
}
_WAVE_WORDS = frozenset(field.key for field in WAVE.fields) | {
    *("wave_number", "wave_name", "max_concurrent_sessions", "phases", "wave_success_criteria")
}


class _Book:
    """Notes the key paths of values that the plan does not say."""

    def __init__(self) -> None:
        self.computed: list[str] = []

    def fill(
        self, said: Mapping[str, Any], path: str, computed: Mapping[str, Callable[[], Any]]
    ) -> dict[str, Any]:
        """What is said, and for each key that is not said what is computed for it."""
        data: dict[str, Any] = {}
        for key, compute in computed.items():
            if key in said:
                data[key] = said[key]
            else:
                data[key] = compute()
                self.computed.append(f"{path}.{key}" if path else key)
        return data | {key: value for key, value in said.items() if key not in data}


def execution_plan(plan: Plan, slots: int, now: str) -> dict[str, Any]:
    """The document as JSON has it; `now` is the ISO 8601 time of planning in UTC, estimates are for `slots`.

    Raises graph.CycleError."""
    told = forecast(plan, slots)
    book = _Book()
    stamp = "".join(letter for letter in now if letter.isalnum())
    said = dict(plan.sections.get("execution_plan", {}))
    if plan.analysis:
        said["dependency_analysis_source"] = plan.analysis
    data = book.fill(
        said,
        "",
        {
            "execution_plan_id": lambda: f"parallel_exec_{stamp}",
            "dependency_analysis_source": lambda: f"dep_graph_{stamp}",
            "planning_date": lambda: now,
        },
    )
    data["project_context"] = _context(plan, told, book)
    resources, *others = _EMPTY.items()
    data |= _sections(plan, dict([resources]), book)
    data["wave_execution_plan"] = _schedule(plan, told, slots, book)
    data |= _sections(plan, dict(others), book)
    data |= {key: value for key, value in native(plan).items() if key not in _OWN_NATIVE}
    data |= {key: value for key, value in plan.sections.items() if key not in (*_OWN_SECTIONS, *data)}
    return data | ({MARK: {LIST: book.computed}} if book.computed else {})


def _sections(plan: Plan, empty: Mapping[str, Any], book: _Book) -> dict[str, Any]:
    said = {key: plan.sections[key] for key in empty if key in plan.sections}
    return book.fill(said, "", {key: lambda key=key: empty[key] for key in empty})  # type: ignore[misc]


def _context(plan: Plan, told: Forecast, book: _Book) -> dict[str, Any]:
    said = {"project_name": plan.name, **plan.sections.get("project_context", {})}
    return book.fill(
        said,
        "project_context",
        {
            "project_name": lambda: plan.name,
            "total_phases": lambda: len(plan.tasks),
            "total_estimated_duration": lambda: _text(told.sequential),
            "parallel_estimated_duration": lambda: _text(told.seconds),
            "time_savings_percentage": lambda: _percent(told.saved),
        },
    )


def parallel_efficiency(plan: Plan, told: Forecast) -> float:
    """Speed-up over the widest wave, 0 to 1 (D26): 1 when the widest wave shortens the run by its width."""
    widest = max((len(wave.tasks) for wave in plan.waves), default=1)
    return told.sequential / told.seconds / widest if told.seconds else 0.0


def _schedule(plan: Plan, told: Forecast, slots: int, book: _Book) -> dict[str, Any]:
    path = "wave_execution_plan"
    data = book.fill(
        plan.sections.get("wave_execution_plan", {}),
        path,
        {
            "total_waves": lambda: len(plan.waves),
            "parallel_efficiency": lambda: _percent(parallel_efficiency(plan, told)),
            "coordination_overhead": lambda: "0%",
        },
    )
    by_waves = [name for wave in plan.waves for name in wave.tasks]
    if by_waves != (order := [task.id for task in plan.tasks]):
        data["task_order"] = order
    return data | {"waves": _Waves(plan, told, slots, book, f"{path}.waves").all()}


class _Waves:
    def __init__(self, plan: Plan, told: Forecast, slots: int, book: _Book, path: str) -> None:
        self._plan, self._told, self._slots, self._book, self._path = plan, told, slots, book, path
        self._risks = {risk.wave: risk.level for risk in wave_risks(plan, clashes(plan))}
        self._behind = blocking(plan)
        self._teams = assignments(plan)
        self._dates = wave_dates(plan, told)
        self._native = {task["id"]: task for task in native(plan)["tasks"]}
        self._sessions = sessions(plan)

    def all(self) -> list[dict[str, Any]]:
        return [self._wave(place, wave) for place, wave in enumerate(self._plan.waves)]

    def _wave(self, place: int, wave: Wave) -> dict[str, Any]:
        path = f"{self._path}[{place}]"
        beside, apart = _parted(wave.extra, _WAVE_WORDS)
        said = {**({"max_concurrent_sessions": wave.slots} if wave.slots else {}), **beside}
        start, end = self._dates.get(wave.number, (None, None))
        computed: dict[str, Callable[[], Any]] = {
            "duration": lambda: _text(self._told.waves[place].seconds),
            "start_date": lambda: _day(start),
            "end_date": lambda: _day(end),
            "max_concurrent_sessions": lambda: min(self._slots, len(wave.tasks)),
            "risk_level": lambda: self._risks[wave.number].value,
            "blocking_factors": lambda: self._blocking(wave),
        }
        if start is None:
            del computed["start_date"], computed["end_date"]
        # what a document of its own leaves out stays out: only what wavetree planned itself is filled in
        filled = self._book.fill(said, path, computed if not wave.extra else {})
        tasks = [self._plan.task(name) for name in wave.tasks]
        phases = [self._phase(task, f"{path}.phases[{at}]") for at, task in enumerate(tasks)]
        data = {"wave_number": wave.number, "wave_name": wave.name, **filled, "phases": phases}
        if wave.criteria:
            data["wave_success_criteria"] = list(wave.criteria)
        return data | _native_wave(wave) | apart

    def _blocking(self, wave: Wave) -> list[str]:
        most = max((self._behind.get(name, 0) for name in wave.tasks), default=0)
        return [blocks_words(most)] if most else []

    def _phase(self, task: Task, path: str) -> dict[str, Any]:
        said = {
            "session_id": task.session,
            "team_assignment": task.team,
            "estimated_duration": durations.text(task.estimate) if task.estimate else "",
        }
        computed: dict[str, Callable[[], Any]] = {
            "session_id": lambda: self._sessions[task.id],
            "team_assignment": lambda: self._teams[task.id].team,
            "estimated_duration": lambda: _text(graph.DEFAULT_ESTIMATE),
        }
        if not task.team and (task.id not in self._teams or not self._teams[task.id].team):
            del computed["team_assignment"]
        filled = self._book.fill({key: value for key, value in said.items() if value}, path, computed)
        data = {"phase_id": task.id, **filled, "dependencies": [_need(need) for need in task.needs]}
        data["deliverables"] = list(task.deliverables)
        own = ("id", "session", "team", "estimate", "needs", "deliverables", "extra")
        data |= {key: value for key, value in self._native[task.id].items() if key not in own}
        beside, apart = _parted(task.extra, _PHASE_WORDS)
        return data | beside | apart


def _parted(extra: Mapping[str, Any], known: frozenset[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Other tools' keys as they stand beside the document's own, and apart under `extra` those that would be
    read as one of its own."""
    beside = {key: value for key, value in extra.items() if key not in known}
    apart = {key: value for key, value in extra.items() if key in known}
    return beside, {"extra": apart} if apart else {}


def _native_wave(wave: Wave) -> dict[str, Any]:
    data: dict[str, Any] = {} if wave.mode is Mode.PARALLEL else {"mode": wave.mode.value}
    if wave.needs:
        data["needs"] = list(wave.needs)
    if wave.watch:
        data["watch"] = list(wave.watch)
    return data


def _need(need: Need) -> str | dict[str, str]:
    return need.task if need.milestone is None else {"id": need.task, "milestone": need.milestone}


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def _text(seconds: float) -> str:
    return durations.text(Span(seconds, seconds))


def _percent(share: float) -> str:
    return f"{share * 100:.0f}%"
