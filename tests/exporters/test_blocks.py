"""Blocks, file conflicts and agents' dependencies are written so that they read back the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from engine.core.plan import Mode, Plan, Wave
from engine.exporters.blocks import agent_dependency_analysis, block_design, file_conflict_analysis
from engine.exporters.native import to_yaml
from engine.exporters.outline import outline
from engine.importers.loading import load, loads


def read(documents: Path, name: str) -> Any:
    return yaml.safe_load((documents / name).read_text())


def shape(design: dict[str, Any]) -> list[tuple[list[str], list[str], str, bool]]:
    return [
        (
            block.get("parallel_agents") or block["sequential_agents"],
            block["dependencies"],
            block["estimated_duration"],
            "sequential_agents" in block,
        )
        for block in design["parallel_block_design"].values()
    ]


def test_the_blocks_of_six_agents_equal_the_documents_own(six: Plan, documents: Path) -> None:
    made = block_design(outline(six, 3))
    assert shape(made) == shape(read(documents, "000_parallel_block_design.yaml"))
    assert list(made["parallel_block_design"]) == ["block_1", "block_2", "block_3"]


@pytest.mark.parametrize(("slots", "last"), [(1, ["45 minutes", "45 minutes", "15 minutes"]), (3, None)])
def test_durations_are_those_at_the_slots(six: Plan, slots: int, last: list[str] | None) -> None:
    found = [each[2] for each in shape(block_design(outline(six, slots)))]
    assert found == (last or ["18 minutes", "25 minutes", "15 minutes"])


def test_blocks_read_back_have_the_same_tasks_needs_and_durations(six: Plan, documents: Path) -> None:
    blocks = to_yaml(block_design(outline(six, 3)))
    agents = (documents / "000_agent_dependency_analysis.yaml").read_text()
    again = loads(f"{blocks}\n{agents}")
    assert [wave.tasks for wave in again.waves] == [wave.tasks for wave in six.waves]
    assert [wave.needs for wave in again.waves] == [(), (1,), (1, 2)]
    assert again.waves[2].mode is Mode.SEQUENTIAL
    assert shape(block_design(outline(again, 3))) == shape(block_design(outline(six, 3)))


def test_names_criteria_and_watch_lists_of_a_wave_are_kept() -> None:
    plan = loads(
        "wavetree: 1\ntasks: [{id: a, run: x, estimate: 3 weeks}]\n"
        "waves: [{name: First, tasks: [a], criteria: [it works], watch: [hooks.py], extra: {colour: red}}]\n"
    )
    again = loads(to_yaml(block_design(outline(plan))))
    wave: Wave = again.waves[0]
    assert (wave.name, wave.criteria, wave.watch) == ("First", ("it works",), ("hooks.py",))
    assert (wave.extra["colour"], wave.extra["estimated_duration"]) == ("red", "3 weeks")


def test_file_rules_read_back_the_same(six: Plan, documents: Path) -> None:
    made = file_conflict_analysis(six)
    assert made == read(documents, "000_file_conflict_analysis.yaml")
    agents = to_yaml(agent_dependency_analysis(six))
    assert loads(f"{to_yaml(made)}\n{agents}").file_rules == six.file_rules


def test_agents_read_back_the_same(six: Plan, documents: Path, tmp_path: Path) -> None:
    path = tmp_path / "again.yaml"
    path.write_text(to_yaml(agent_dependency_analysis(six)))
    again = load(path, documents / "000_file_conflict_analysis.yaml")
    assert again.tasks == six.tasks
    assert again.waves == six.waves


def test_a_need_on_a_milestone_survives() -> None:
    plan = loads(
        "wavetree: 1\ntasks:\n- {id: a, run: x, title: Make it}\n"
        "- {id: b, run: y, needs: [{task: a, milestone: schema done}], conflicts_with: [a]}\n"
    )
    again = loads(to_yaml(agent_dependency_analysis(plan)))
    assert again.task("b").needs == plan.task("b").needs
    assert again.task("b").conflicts_with == ("a",)
    assert again.task("a").steps == ("Make it",)
