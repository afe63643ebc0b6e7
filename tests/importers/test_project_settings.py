"""A repository's settings hold for all its plans, below what a plan says itself."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core.errors import PlanError, UsageError
from engine.core.plan import AgentSpec, Handling, Land
from engine.importers.loading import Validation, settings_alone, validate, whole
from engine.importers.project_settings import (
    LIMITS,
    NAMES,
    ProjectSettings,
    project_settings,
    read_settings,
    top_of,
)

DOCUMENTS = Path(__file__).parents[1] / "data" / "documents"
PLAN = "wavetree: 1\ntasks:\n- {id: a, run: x}\n- {id: b, title: What to do}\n"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    return tmp_path


def settings(repository: Path, text: str, name: str = NAMES[0]) -> ProjectSettings:
    (repository / name).write_text(text, encoding="utf-8")
    found = project_settings(repository)
    assert found is not None
    return found


def checked(repository: Path, text: str, project: ProjectSettings | None) -> Validation:
    path = repository / "plan.yaml"
    path.write_text(text, encoding="utf-8")
    return validate([path], None, project)


def test_the_json_settings_of_the_document_are_read(repository: Path) -> None:
    """M198: what it says is in force, with its source"""
    text = (DOCUMENTS / "003_parallel_execution_config.json").read_text(encoding="utf-8")
    project = settings(repository, text, ".wavetree.json")
    found = settings_alone(project)
    assert found.plan is not None
    assert (found.plan.slots, found.plan.conflicts.handling) == (3, Handling.AUTOMATIC)
    assert found.plan.settings.max_cpu_percent == 80
    assert {"slots", "handling", "max_cpu_percent"} <= set(found.project)
    assert not found.sequential


def test_the_file_is_found_from_anywhere_in_the_repository(repository: Path) -> None:
    deep = repository / "src" / "deep"
    deep.mkdir(parents=True)
    assert top_of(deep) == repository
    assert project_settings(deep) is None
    for name in NAMES:
        (repository / name).write_text('{"slots": 2}', encoding="utf-8")
        found = project_settings(deep)
        assert found is not None and found.settings == {"slots": 2}
        (repository / name).unlink()


def test_two_settings_files_are_refused(repository: Path) -> None:
    for name in NAMES[:2]:
        (repository / name).write_text("slots: 2", encoding="utf-8")
    with pytest.raises(UsageError, match=r"has \.wavetree\.yaml and \.wavetree\.yml"):
        project_settings(repository)
    assert project_settings(repository, repository / NAMES[1]) is not None, "one that is named is read"


def test_a_plan_counts_more_than_the_repository(repository: Path) -> None:
    """M199"""
    project = settings(
        repository, "max_threads: 4\nland: end\npoll_interval: 3s\nconflict_resolution: manual"
    )
    found = checked(repository, PLAN + "agent: claude\nslots: 2\nsettings: {land: never}\n", project)
    plan = whole(found)
    assert (plan.slots, plan.settings.land, plan.settings.poll_interval) == (2, Land.NEVER, 3)
    assert plan.conflicts.handling is Handling.MANUAL
    assert set(found.project) == {"poll_interval", "handling"}
    assert {"slots", "land"} <= set(found.given)


@given(st.data())
def test_of_limits_the_smaller_one_holds(data: st.DataObject) -> None:
    """M199, D01: whoever says it, and the lower threshold never above the upper one"""
    percents = st.dictionaries(st.sampled_from(LIMITS), st.integers(1, 100).map(float))
    theirs, own = data.draw(percents, label="project"), data.draw(percents, label="plan")
    found, sources = ProjectSettings(Path(), theirs).over(own)
    assert set(found) == set(theirs) | set(own)
    for key in found:
        assert found[key] <= min(said[key] for said in (theirs, own) if key in said)
    if len(found) == 2:
        assert found[LIMITS[0]] <= found[LIMITS[1]]
    assert set(sources) <= set(theirs)
    assert all(
        found[key] == min(said[key] for said in (theirs, own) if key in said)
        for key in LIMITS[1:]
        if key in found
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("max_cpu_percent: 180", "s.yaml:1: max_cpu_percent: found '180'; accepted: a number from 1 to 100"),
        ("max_thread: 3", "s.yaml:1: max_thread: unknown key 'max_thread'; did you mean \"max_threads\"?"),
        ("parallel_execution: {max_thread: 3}", "parallel_execution.max_thread: unknown key"),
        ("max_threads: 2\nmax_instances: 3", "s.yaml:2: max_instances: says 3, but max_threads says 2"),
        ("max_instances: 0", "accepted: a whole number from 1 to 1000"),
        ("tickets: ../other.yaml", "tickets: found '../other.yaml'; accepted: a path inside"),
        ("agent: nobody", "agent: found 'nobody'; accepted: shell, simulated, claude"),
        ("agents: {mine: {}}", "agents.mine: has no command"),
        ("tasks: []", "unknown key 'tasks'"),
        ("integration_setup: {analyzer_config: {monitoring_interval: soon}}", "monitoring_interval: found"),
        ("- a list", "accepted: a mapping"),
    ],
)
def test_wrong_and_unknown_keys_are_named(tmp_path: Path, text: str, told: str) -> None:
    """M201"""
    path = tmp_path / "s.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(PlanError) as caught:
        read_settings(path)
    assert told in caught.value.message, caught.value.message
    assert caught.value.exit_code == 2


def test_a_repository_without_parallel_execution_runs_one_task_at_a_time(repository: Path) -> None:
    """M200: unless the plan switches it on again"""
    project = settings(repository, "parallel_execution: {enabled: false, max_threads: 3}")
    found = checked(repository, PLAN + "agent: claude\n", project)
    assert whole(found).slots == 1 and found.sequential
    again = checked(repository, PLAN + "agent: claude\nsettings: {enabled: true}\n", project)
    assert whole(again).slots == 3 and not again.sequential
    own = checked(repository, PLAN + "agent: claude\nsettings: {enabled: false}\n", None)
    assert whole(own).slots == 1 and own.sequential


def test_the_configuration_of_a_story_is_a_settings_file(repository: Path) -> None:
    """M198, M200: the document's own mode and interval"""
    given = (DOCUMENTS / "000_integration_setup.yaml").read_text(encoding="utf-8")
    path = repository / "STORY-7-parallel-config.yaml"
    path.write_text(given, encoding="utf-8")
    found = settings_alone(project_settings(repository, path))
    assert found.plan is not None and found.plan.settings.scan_interval == 30 and not found.sequential
    path.write_text(given.replace("smart_parallel", "sequential"), encoding="utf-8")
    assert settings_alone(project_settings(repository, path)).sequential


def test_the_agents_of_the_repository_do_what_no_plan_gives_to_another(repository: Path) -> None:
    """What says what to run needs no agent; a name in the plan counts more"""
    project = settings(
        repository, "agent: mine\nagents:\n  mine: {command: [coder]}\n  other: {kind: claude}\n"
    )
    plan = whole(checked(repository, PLAN + "- {id: c, agent: other, title: t}\n", project))
    assert [task.agent for task in plan.tasks] == ["shell", "mine", "other"]
    assert plan.agents["mine"] == AgentSpec("mine", "command", ("coder",))
    own = checked(repository, PLAN.replace("tasks", "agent: codex\ntasks"), project)
    assert whole(own).task("b").agent == "codex"
    redefined = checked(repository, PLAN + "agents: {mine: {kind: gemini}}\n", project)
    assert whole(redefined).agents["mine"].kind == "gemini"


def test_roles_of_tickets_are_done_by_the_repositorys_agent(repository: Path) -> None:
    project = settings(repository, "agent: claude")
    tickets = "tickets: [{id: a, agent: backend-developer, title: t}, {id: b, title: t}]"
    plan = whole(checked(repository, tickets, project))
    assert plan.task("b").agent == "claude"
    assert plan.agents["backend-developer"].kind == "claude"


def test_without_a_file_nothing_changes(repository: Path) -> None:
    alone = checked(repository, json.dumps({"wavetree": 1, "tasks": [{"id": "a", "run": "x"}]}), None)
    assert alone.project == () and whole(alone).slots == 3
