"""M111: an agent is stuck when it neither prints nor changes files; one that works in silence is not."""

from __future__ import annotations

from pathlib import Path

from msgspec.structs import replace

from engine.core.plan import Task
from engine.core.state import Phase, State, TaskState
from engine.core.vitals import SessionVitals, Vitals
from engine.world.stuck import Prints, Watch

NOW = 1_700_000_000.0
STATE = State(
    tasks={"a": TaskState("a", 1, phase=Phase.RUNNING, attempt=1, path="/tree")}, specs={"a": Task("a")}
)


def look(watch: Watch, silent: float, at: float, files: Prints) -> list[float]:
    seen = replace(SessionVitals(), output_age=silent, processes=1)
    vitals = replace(Vitals(), at=at, sessions={"a": seen})
    return [one.seconds for one in watch.look(STATE, vitals, lambda _: files)]


def test_an_agent_that_edits_files_in_silence_is_not_stuck_until_it_has_stopped(tmp_path: Path) -> None:
    watch = Watch(900, lambda _: tmp_path / "out.log")
    files = {"a.py": (int((NOW - 60) * 1e9), 10)}
    assert look(watch, 1000, NOW, files) == [], "a file was changed a minute ago"
    assert look(watch, 1800, NOW + 800, files) == []
    assert look(watch, 1900, NOW + 900, files) == [960]
    assert look(watch, 2000, NOW + 1000, {"a.py": (int((NOW + 990) * 1e9), 11)}) == [0], "it goes on"


def test_an_agent_that_never_changed_a_file_is_stuck_by_its_silence_alone(tmp_path: Path) -> None:
    watch = Watch(900, lambda _: tmp_path / "out.log")
    assert look(watch, 899, NOW, {}) == []
    assert look(watch, 901, NOW + 2, {}) == [901]
    assert look(watch, 950, NOW + 51, {}) == [], "told once"
