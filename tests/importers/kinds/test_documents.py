"""Strategy and story documents become plans: agents, files, blocks, execution plans, sections."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.core import strategy, teams
from engine.core.dates import wave_dates
from engine.core.forecast import forecast
from engine.core.plan import RULES, ConflictRule, Level, Mode, Need, Plan, Resolution, Span
from engine.importers.loading import Validation, load, validate, validate_texts

DOCUMENTS = Path(__file__).parents[2] / "data" / "documents"
AGENTS = DOCUMENTS / "000_agent_dependency_analysis.yaml"
FILES = DOCUMENTS / "000_file_conflict_analysis.yaml"
BLOCKS = DOCUMENTS / "000_parallel_block_design.yaml"
PLAN = DOCUMENTS / "001_execution_plan.json"


def of(text: str, name: str = "doc.yaml") -> Validation:
    return validate_texts([(name, text.encode())])


def part(found: Validation) -> Plan:
    assert found.errors == ()
    assert found.plan is not None
    return found.plan


KINDS = {
    "000_agent_dependency_analysis.yaml": "agent dependency analysis",
    "000_conflict_resolution.yaml": "conflict resolution",
    "000_file_conflict_analysis.yaml": "file conflict analysis",
    "000_integration_setup.yaml": "integration setup",
    "000_parallel_block_design.yaml": "block design",
    "000_parallel_quality_gates.yaml": "parallel quality gates",
    "000_parallel_story_structure.yaml": "parallel story structure",
    "000_performance_metrics.yaml": "performance metrics",
    "000_risk_assessment.yaml": "risk assessment",
    "001_coordination_protocol_design.yaml": "coordination protocol design",
    "001_execution_plan.json": "execution plan",
    "001_monitoring_framework.yaml": "monitoring framework",
    "001_recovery_procedures.yaml": "recovery procedures",
    "001_resource_allocation_strategy.yaml": "resource allocation strategy",
    "003_parallel_execution_config.json": "settings",
    "004_batch_result.json": "batch result",
    "004_task_separation_invalid.json": "task separation",
    "004_task_separation_valid.json": "task separation",
}


@pytest.mark.parametrize(("name", "kind"), KINDS.items(), ids=KINDS)
def test_every_block_of_the_documents_loads_and_its_kind_is_told(name: str, kind: str) -> None:
    """M001"""
    found = validate([DOCUMENTS / name])
    assert found.errors == ()
    assert kind in found.kinds[0]


def test_blocks_of_several_documents_may_stand_in_one_file() -> None:
    """M001"""
    whole = "\n".join(
        path.read_text() for path in (AGENTS, FILES, BLOCKS, DOCUMENTS / "000_risk_assessment.yaml")
    )
    plan = part(of(whole))
    assert (len(plan.tasks), len(plan.waves), len(plan.file_rules)) == (6, 3, 5)
    assert len(strategy.risks(plan)) == 4


def test_a_file_that_names_a_python_object_is_refused() -> None:
    """M001"""
    found = of("agent_dependency_analysis: !!python/object/apply:os.system ['true']")
    assert "is not accepted" in found.errors[0].message
    assert found.plan is None


def test_a_list_of_one_key_mappings_says_what_a_mapping_says() -> None:
    """M001"""
    listed = part(validate([DOCUMENTS / "001_resource_allocation_strategy.yaml"]))
    section = listed.sections["resource_allocation_strategy"]
    assert section["capacity_optimization"]["buffer_planning"] == "Reserve 20% capacity for risk mitigation"
    assert (
        part(of(json.dumps({"resource_allocation_strategy": section}), "x.json")).sections == listed.sections
    )


def test_agents_become_tasks_with_their_edges_and_steps() -> None:
    """M002"""
    plan = load(AGENTS)
    edges = [(need.task, task.id) for task in plan.tasks for need in task.needs]
    assert edges == [
        ("doctype-designer", "api-developer"),
        ("api-architect", "api-developer"),
        ("api-architect", "vue-spa-architect"),
        ("ui-layout-designer", "vue-spa-architect"),
        ("doctype-designer", "workflow-specialist"),
        ("api-developer", "workflow-specialist"),
    ]
    assert [task.id for task in plan.tasks if not task.needs] == [
        "doctype-designer",
        "api-architect",
        "ui-layout-designer",
    ]
    assert plan.task("doctype-designer").steps == ("Create DocType schemas", "Define relationships")
    assert plan.task("doctype-designer").estimate == Span(600, 900)
    assert plan.draft


def test_an_agent_in_the_wrong_list_is_a_warning_with_its_place() -> None:
    """M002"""
    found = of(
        "agent_dependency_analysis:\n  independent_agents:\n"
        "    - {agent: a}\n    - {agent: b, depends_on: [a]}\n"
    )
    (warning,) = found.warnings
    assert (warning.line, warning.path) == (4, "agent_dependency_analysis.independent_agents[1]")
    assert "it is one of dependent_agents" in warning.message


def test_agents_that_conflict_with_each_other_are_planned_in_different_waves() -> None:
    """M003"""
    plan = part(
        of(
            "agent_dependency_analysis:\n  independent_agents:\n"
            "    - {agent: a, conflicts_with: [b]}\n    - {agent: b}\n    - {agent: c}\n"
        )
    )
    assert [wave.tasks for wave in plan.waves] == [("a", "c"), ("b",)]


def test_files_become_rules_at_three_levels_and_multiple_is_everybody() -> None:
    """M005"""
    rules = load(AGENTS, FILES).file_rules
    assert [rule.level for rule in rules] == [Level.HIGH, Level.HIGH, Level.MEDIUM, Level.LOW, Level.LOW]
    assert (rules[1].file, rules[1].tasks, rules[1].resolution) == (
        "manifest.json",
        (),
        Resolution.FINAL_MERGE_STEP,
    )
    assert rules[2].file == "api/*.py"
    assert rules[0].tasks == ("api-developer", "workflow-specialist")


def test_blocks_become_ordered_waves() -> None:
    """M006"""
    waves = load(AGENTS, BLOCKS).waves
    assert [wave.name for wave in waves] == ["Foundation Architecture", "Implementation", "Integration"]
    assert [wave.mode for wave in waves] == [Mode.PARALLEL, Mode.PARALLEL, Mode.SEQUENTIAL]
    assert waves[2].needs == (1, 2)


def test_blocks_alone_make_tasks_of_the_agents_they_name() -> None:
    """M006"""
    plan = load(BLOCKS)
    assert len(plan.tasks) == 6
    assert plan.task("workflow-specialist").estimate == Span(900, 900)


def test_phases_become_tasks_and_waves_keep_their_dates() -> None:
    """M007, M063"""
    plan = load(PLAN)
    assert [wave.tasks for wave in plan.waves] == [("phase-1",), ("phase-2", "phase-3")]
    assert plan.task("phase-3").needs == (Need("phase-1"),)
    assert (plan.task("phase-3").team, plan.task("phase-3").session) == ("frontend_team_1", "session_003")
    days = wave_dates(plan, forecast(plan, 3))
    assert [(str(start), str(end)) for start, end in days.values()] == [
        ("2024-01-01", "2024-01-22"),
        ("2024-01-22", "2024-02-19"),
    ]


def test_teams_have_hours_a_week() -> None:
    """M077"""
    assert [(team.id, team.hours) for team in strategy.teams(load(PLAN))] == [
        ("backend_team_1", 120.0),
        ("frontend_team_1", 64.0),
    ]


def test_a_task_goes_to_the_team_with_its_skills() -> None:
    """M078"""
    source = json.loads(PLAN.read_text())
    phases = source["wave_execution_plan"]["waves"][1]["phases"]
    del phases[0]["team_assignment"], phases[1]["team_assignment"]
    phases[0]["skills"], phases[1]["skills"] = ["Rust"], ["React", "css"]
    plan = part(of(json.dumps(source), "p.json"))
    assigned = teams.assignments(plan)
    frontend, backend = strategy.teams(plan)[1], strategy.teams(plan)[0]
    assert (assigned["phase-3"].team, assigned["phase-3"].score) == ("frontend_team_1", 1.0)
    assert teams.skill_match_score(plan.task("phase-3"), backend) == 0.0
    assert teams.skill_match_score(plan.task("phase-3"), frontend) == 1.0
    assert (assigned["phase-2"].team, assigned["phase-2"].why) == ("", "no team has Rust")


def test_risks_of_both_documents_are_one_list_by_score() -> None:
    """M035"""
    found = strategy.risks(part(validate([PLAN, DOCUMENTS / "000_risk_assessment.yaml"])))
    assert [(risk.name, risk.score) for risk in found][:2] == [
        ("API Contract Misalignment", 6),
        ("File merge conflicts", 4),
    ]
    assert found[0].contingency == "Fallback to sequential development for conflicted components"


def test_infrastructure_and_shared_things_are_resources() -> None:
    """M075, M076"""
    found = strategy.supplies(load(PLAN))
    assert {name: supply.count for name, supply in found.items()} == {
        "development_environment": 5.0,
        "testing_environment": 3.0,
        "build": 20.0,
        "database": 1.0,
    }
    assert strategy.sessions_at_once(load(PLAN)) == 10


def test_named_partners_of_the_documents_raise_no_warning() -> None:
    """M197"""
    found = validate([AGENTS, DOCUMENTS / "000_integration_setup.yaml"])
    assert not any("agent" in fault.message for fault in found.warnings)
    assert part(found).settings.scan_interval == 30.0


def test_a_file_is_called_by_the_kind_of_the_whole_document_not_by_its_sections() -> None:
    assert validate([PLAN]).kinds == (("execution plan",),)
    assert validate([AGENTS, DOCUMENTS / "000_integration_setup.yaml"]).kinds == (
        ("agent dependency analysis",),
        ("integration setup",),
    )
    assert of(AGENTS.read_text() + (DOCUMENTS / "000_integration_setup.yaml").read_text()).kinds == (
        ("agent dependency analysis", "integration setup"),
    )


TEAM = "resource_analysis: {available_teams: [{team_id: a, team_size: 3, %s}]}"


@pytest.mark.parametrize(
    ("said", "hours"),
    [
        ("capacity: 32 hours/week per person", 96.0),
        ("capacity: 32h each", 96.0),
        ("capacity: 30 hrs per developer and week, availability: 75%", 90.0),
        ("capacity: 100 hours/week", 100.0),
        ("capacity: 100", 100.0),
        ("availability: 50%", 60.0),
        ("key_skills: []", 120.0),
    ],
)
def test_hours_are_the_whole_teams_unless_said_to_be_each_persons(said: str, hours: float) -> None:
    """M077"""
    found = of(TEAM % said)
    assert [team.hours for team in strategy.teams(part(found))] == [hours]
    assert found.warnings == ()


@pytest.mark.parametrize("said", ["lots", "3 people", "6 hours per day", "32 hours/week, more or less"])
def test_a_capacity_that_cannot_be_read_is_told_and_the_usual_hours_count(said: str) -> None:
    found = of(TEAM % f'capacity: "{said}", availability: 50%')
    assert strategy.teams(part(found))[0].hours == 60.0
    (warning,) = found.warnings
    assert warning.path == "resource_analysis.available_teams[0].capacity"
    assert warning.message.startswith(f"found '{said}'; accepted: hours, as in `32 hours/week per person`")


def test_hours_that_do_not_agree_with_the_availability_are_told() -> None:
    (warning,) = of(TEAM % "capacity: 32 hours/week per person, availability: 50%").warnings
    assert warning.message == "32 hours a week are not 50% of 40; the hours are used"


def test_conflict_rules_come_from_the_file_that_the_configuration_names(tmp_path: Path) -> None:
    """M020"""
    story = tmp_path / "story.yaml"
    story.write_text(
        "agent_dependency_analysis: {independent_agents: [{agent: a}]}\n"
        "integration_setup: {analyzer_config: {conflict_rules: parallel-conflict-rules.yaml}}\n"
    )
    without = validate([story])
    assert [fault.message for fault in without.warnings] == [
        "parallel-conflict-rules.yaml is not there: the built-in conflict rules apply"
    ]
    assert part(without).conflicts.rules == RULES
    rules = tmp_path / "parallel-conflict-rules.yaml"
    rules.mkdir()
    assert [fault.message for fault in validate([story]).warnings] == [
        "parallel-conflict-rules.yaml is a folder, not a file: the built-in conflict rules apply"
    ]
    rules.rmdir()
    rules.write_text((DOCUMENTS / "000_conflict_resolution.yaml").read_text())
    assert part(validate([story])).conflicts.rules == RULES
    rules.write_text(
        "conflict_resolution: {conflict_detection_rules: "
        "[{rule: same_file_modification, action: pause_dependent_agents}]}"
    )
    assert part(validate([story])).conflicts.rules == (
        ConflictRule("same_file_modification", "pause_dependent_agents"),
    )
    rules.write_text("conflict_resolution: {conflict_detection_rules: [{rule: x, action: sing}]}")
    assert validate([story]).errors[0].file == str(rules)


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "/etc/passwd", "a/b.yaml", "a\\b.yaml", "..", "${RULES}"]
)
def test_conflict_rules_are_the_name_of_a_file_beside_the_story(name: str) -> None:
    found = of(f"integration_setup: {{analyzer_config: {{conflict_rules: '{name}'}}}}")
    (fault,) = found.errors
    assert fault.path == "integration_setup.analyzer_config.conflict_rules"
    assert fault.message.endswith("accepted: the name of a file beside the story, without folders")


def test_the_mode_sequential_means_one_task_at_a_time() -> None:
    """M200"""
    found = of("integration_setup: {coordinator_config: {execution_mode: sequential}}")
    assert part(found).slots == 1


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("agent_dependency_analysis: [1]", "agent_dependency_analysis", "accepted: a mapping"),
        (
            "agent_dependency_analysis: {independent_agents: [7]}",
            "agent_dependency_analysis.independent_agents[0]",
            "",
        ),
        (
            "agent_dependency_analysis: {independent_agents: [{agent: a, estimated_duration: soon}]}",
            "agent_dependency_analysis.independent_agents[0].estimated_duration",
            "found 'soon'",
        ),
        (
            "agent_dependency_analysis: {dependent_agents: [{agent: a, depends_on: [nope]}]}",
            "agent_dependency_analysis.dependent_agents[0].depends_on[0]",
            "accepted: the id of a task",
        ),
        (
            "file_conflict_analysis: {high_conflict_files: [{agents: [a]}]}",
            "file_conflict_analysis.high_conflict_files[0]",
            "'file' is missing",
        ),
        (
            "file_conflict_analysis: {high_conflict_files: [{file: x, resolution: luck}]}",
            "file_conflict_analysis.high_conflict_files[0].resolution",
            "accepted: sequential_access",
        ),
        ("parallel_block_design: {first: {}}", "parallel_block_design.first", "accepted: block_1"),
        (
            "parallel_block_design: {block_1: {parallel_agents: [a], dependencies: [block_9]}}",
            "parallel_block_design.block_1.dependencies[0]",
            "accepted: a block of this design",
        ),
        ("wave_execution_plan: 3", "wave_execution_plan", "accepted: a mapping"),
        (
            "wave_execution_plan: {waves: [{phases: [x]}]}",
            "wave_execution_plan.waves[0].phases[0]",
            "accepted: a mapping",
        ),
        (
            "parallel_quality_gates: {per_agent_gates: [{gate: g, actions: [guess]}]}",
            "parallel_quality_gates.per_agent_gates[0].actions[0]",
            "accepted: validate_output",
        ),
        (
            "risk_assessment: {technical_risks: [{risk: r, impact: big}]}",
            "risk_assessment.technical_risks[0].impact",
            "accepted: low",
        ),
        (
            "resource_analysis: {available_teams: [{team_size: 2}]}",
            "resource_analysis.available_teams[0]",
            "team_id",
        ),
    ],
)
def test_a_mistake_is_told_where_its_author_made_it(text: str, place: str, message: str) -> None:
    """M021"""
    found = of(text)
    assert found.plan is None
    assert place in [fault.path for fault in found.errors]
    assert message in "; ".join(fault.message for fault in found.errors)
