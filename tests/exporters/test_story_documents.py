"""The documents of a story say what the plan says, whatever the plan is (M019, M027, M029-M031)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from engine.core.errors import PlanError
from engine.core.plan import Plan
from engine.exporters.config_file import config_name, integration_setup, story_id
from engine.exporters.native import to_yaml
from engine.exporters.outline import Outline, outline
from engine.exporters.plan_markdown import plan_markdown
from engine.exporters.story_markdown import story_markdown
from engine.exporters.story_structure import story_structure
from engine.exporters.story_values import SOURCES, values
from engine.exporters.templates import fill, names
from engine.importers.loading import load, loads

STORY = """
wavetree: 1
name: menus
draft: true
story:
  {id: S-7, title: "Menus # 1", role: cook, functionality: "to plan [meals](http://x)", complexity: medium,
   value: nothing is wasted.,
   answers: {doctypes: "Recipe, Menu", endpoints: "4", frontend: "yes, a list"}}
tasks:
- {id: a, agent: x, title: "Make <b>it</b>", files: [hooks.py], estimate: 2 weeks, criteria: [it works]}
- {id: b, agent: x, files: [hooks.py], estimate: 1 week}
- {id: c, agent: x, needs: [a, b], estimate: 3 weeks, steps: [one, two]}
waves:
- {name: First, tasks: [a, b], watch: ["hooks.py modifications"], criteria: [all "of" it]}
- {tasks: [c], mode: sequential}
gates: {wave: [{name: tests, run: make test}]}
"""


@pytest.fixture(scope="module")
def story() -> Outline:
    return outline(loads(STORY))


@pytest.fixture(scope="module")
def of(six: Plan) -> Outline:
    return outline(six, 3)


def headings(text: str) -> list[str]:
    return re.findall(r"^#+ .+$", text, re.MULTILINE)


def test_the_plan_of_six_agents_states_the_figures_of_the_document(of: Outline) -> None:
    text = plan_markdown(of).replace("**", "")
    for line in (
        "- Total Duration: 58 minutes",
        "- Parallel Blocks: 3",
        "- Efficiency Gain: 45% over sequential",
        "- Risk Level: Low",
        "Dependencies: Block 1 completion",
        "Dependencies: Block 1 & 2 completion",
        "Agents: doctype-designer, api-architect, ui-layout-designer",
        "- api-architect: Design API structure; Define endpoints",
    ):
        assert line in text.splitlines()
    assert [re.sub(": .*", "", each) for each in headings(text)] == [
        *("# Parallel Execution Plan", "## Overview", "## Execution Sequence"),
        *("### Block 1", "### Block 2", "### Block 3"),
    ]
    assert re.findall(r"^### .*\((\w+)\)$", text, re.MULTILINE) == ["Parallel", "Parallel", "Sequential"]
    assert re.findall(r"^Duration: (.*)$", text, re.MULTILINE) == ["18 minutes", "25 minutes", "15 minutes"]


def test_every_label_of_the_plan_template_is_in_the_document(of: Outline, documents: Path) -> None:
    labels = set(re.findall(r"\*\*.+?\*\*", (documents / "000_execution_plan_template.md").read_text()))
    assert labels <= set(re.findall(r"\*\*.+?\*\*", plan_markdown(of)))


def test_the_story_has_every_heading_and_label_of_its_template(
    of: Outline, story: Outline, documents: Path
) -> None:
    template = (documents / "000_story_document_template.md").read_text()
    labels = set(re.findall(r"\*\*.+?\*\*", template))
    assert labels <= set(re.findall(r"\*\*.+?\*\*", story_markdown(story)))
    text = story_markdown(of)
    assert set(headings(template)[1:]) <= set(headings(text))
    assert "${" not in text
    assert "**Parallel Suitability**: High" in text
    assert "`hooks.py` (high): api-developer, workflow-specialist: handled by wave order" in text
    assert "`manifest.json` (high): all agents: final merge step" in text
    assert "0 open conflicts" in text
    for section in re.split("^## .*$", text, flags=re.MULTILINE)[1:]:
        assert section.strip()


def test_foreign_text_injects_no_heading_no_link_and_no_html(story: Outline) -> None:
    text = story_markdown(story) + plan_markdown(story)
    assert "As a cook, I want to plan \\[meals\\](http\\://x) so that nothing is wasted." in text
    assert "# Parallel Execution Plan: Menus # 1" in text
    assert "- a: Make \\<b>it\\</b>" in text


def test_a_block_shows_what_is_watched_its_criteria_and_durations_in_their_unit(story: Outline) -> None:
    text = plan_markdown(story)
    assert "- Watch hooks.py modifications" in text
    assert "- `hooks.py`: a and b (medium risk)" in text
    assert '- all "of" it\n- it works' in text
    assert "**Total Duration**: 5 weeks" in text
    assert "- **Risk Level**: Medium" in text
    assert "### Block 2: Integration (Sequential)" in text
    assert "1 open conflict\n" in story_markdown(story)
    assert "- tests after each wave: `make test`" in story_markdown(story)


def test_a_chain_says_why_it_does_not_suit_and_what_to_split() -> None:
    chain = loads(
        "wavetree: 1\ntasks:\n- {id: a, run: x}\n- {id: b, run: x, needs: [a], estimate: 1h}\n"
        "- {id: c, run: x, needs: [b]}\n"
    )
    text = story_markdown(outline(chain))
    assert "**Parallel Suitability**: None" in text
    assert "- a→b\n- b→c\n- Recommended: sequential" in text
    assert "split b" in text
    assert "## User Story\nPlan.\n" in text
    assert "not stated" not in text


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("{title: Menus}", "Menus."),
        ("{functionality: to plan meals.}", "To plan meals."),
        ("{functionality: plan meals, value: all eat}", "Plan meals so that all eat."),
        ("{functionality: plan meals, role: cook}", "As a cook, I want plan meals."),
        ("{title: Menus, role: owner, value: all eat}", "Menus, for an owner so that all eat."),
    ],
)
def test_a_story_leaves_out_what_nobody_said(said: str, shown: str) -> None:
    of = outline(loads(f"wavetree: 1\nname: p\nstory: {said}\ntasks: [{{id: a, run: x}}]\n"))
    assert f"## User Story\n{shown}\n" in story_markdown(of)
    assert "Complexity" not in story_markdown(of)


def test_a_task_of_which_nothing_is_said_is_listed_by_its_id_alone(documents: Path) -> None:
    text = plan_markdown(outline(load(documents / "001_execution_plan.json")))
    assert "\n- phase-1\n" in text
    assert "\\" not in text


def test_the_structure_of_six_agents_has_the_documents_totals(of: Outline) -> None:
    made = story_structure(of)["parallel_story_structure"]
    assert made["execution_metadata"] == {
        "execution_mode": "smart_parallel",
        "total_agents": 6,
        "parallel_blocks": 3,
        "estimated_duration": "58 minutes",
    }
    assert list(made) == ["execution_metadata", "execution_blocks", "monitoring", "failure_recovery"]
    assert set(made["monitoring"].values()) == {True}
    assert made["failure_recovery"]["strategies"][0] == "convert_to_sequential"


def test_switches_and_strategies_of_the_plan_count_more(documents: Path) -> None:
    agents = (documents / "000_agent_dependency_analysis.yaml").read_text()
    plan = loads(
        agents + "\nparallel_story_structure: {monitoring: {conflict_detection: false}}\n"
        "conflict_resolution: {fallback_strategies: [{strategy: pause_and_manual_resolve, "
        "trigger: critical_conflict_detected}]}\n"
    )
    made = story_structure(outline(plan, 1))["parallel_story_structure"]
    assert made["monitoring"]["conflict_detection"] is False
    assert made["monitoring"]["real_time_tracking"] is True
    assert made["failure_recovery"]["strategies"] == ["pause_and_manual_resolve"]
    assert made["execution_metadata"]["execution_mode"] == "sequential"
    assert made["execution_metadata"]["estimated_duration"] == "105 minutes"


TEMPLATES = [
    "000_parallel_story_structure.yaml",
    "000_execution_plan_template.md",
    "000_story_document_template.md",
    "000_integration_setup.yaml",
]


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_template_is_filled_from_one_plan(name: str, story: Outline, documents: Path) -> None:
    """M019"""
    template = (documents / name).read_text()
    filled = fill(template, values(story), markdown=name.endswith(".md"))
    assert "${" not in filled
    if name.endswith(".yaml"):
        assert yaml.safe_load(filled)


def test_a_placeholder_of_which_the_plan_says_nothing_is_an_error(of: Outline, documents: Path) -> None:
    """M019"""
    template = (documents / "000_story_document_template.md").read_text()
    with pytest.raises(PlanError) as caught:
        fill(template, values(of), markdown=True, sources=SOURCES)
    assert [(fault.line, fault.message.split(" has ")[0]) for fault in caught.value.faults] == [
        (4, "the placeholder ${USER_ROLE}"),
        (4, "the placeholder ${FUNCTIONALITY}"),
        (4, "the placeholder ${BUSINESS_VALUE}"),
        (8, "the placeholder ${COMPLEXITY_LEVEL}"),
    ]
    assert "story.role does" in caught.value.faults[0].message


@pytest.mark.parametrize(
    ("doctypes", "frontend", "found"),
    [
        ("none", "no", ("none", "none")),
        ("3", "yes", ("3", "the frontend components")),
        ("yes", "A, B", (None, "A, B")),
    ],
)
def test_lists_say_no_more_than_the_answers(
    doctypes: str, frontend: str, found: tuple[str | None, str]
) -> None:
    plan = loads(
        f"wavetree: 1\nname: p\nstory: {{answers: {{doctypes: '{doctypes}', frontend: '{frontend}'}}}}\n"
        "tasks: [{id: a, run: x}]\n"
    )
    made = values(outline(plan))
    assert (made.get("DOCTYPE_LIST"), made["COMPONENT_LIST"]) == found
    assert "API_COUNT" not in made


def test_the_filled_structure_equals_the_one_made_from_data(of: Outline, documents: Path) -> None:
    filled = fill((documents / "000_parallel_story_structure.yaml").read_text(), values(of))
    assert yaml.safe_load(filled) == story_structure(of)


def test_there_is_a_value_for_each_of_the_23_placeholders(story: Outline, documents: Path) -> None:
    found = values(story)
    used = {name for path in documents.glob("000_*") for name in names(path.read_text())}
    assert (len(found), used <= set(found)) == (23, True)
    assert (found["DOCTYPE_LIST"], found["API_COUNT"], found["COMPONENT_LIST"]) == (
        "Recipe, Menu",
        "4",
        "a list",
    )
    assert (found["USER_ROLE"], found["COMPLEXITY_LEVEL"]) == ("cook", "medium")


def test_the_configuration_file_is_named_after_the_story_and_read_back(
    story: Outline, tmp_path: Path
) -> None:
    plan = story.plan
    assert (story_id(plan), config_name(story_id(plan))) == ("S-7", "S-7-parallel-config.yaml")
    made = integration_setup(plan)["integration_setup"]
    assert list(made) == ["coordinator_config", "analyzer_config", "github_config"]
    assert made["coordinator_config"]["parallel_config_file"] == "S-7-parallel-config.yaml"
    assert made["analyzer_config"]["monitoring_interval"] == "30 seconds"
    (tmp_path / "c.yaml").write_text(to_yaml(integration_setup(plan)).replace("30 seconds", "7 seconds"))
    (tmp_path / "p.yaml").write_text("tickets: [{id: a, title: t}]\n")
    assert load(tmp_path / "p.yaml", tmp_path / "c.yaml").settings.scan_interval == 7.0


def test_the_plans_own_setup_is_kept_except_for_unfilled_placeholders(six: Plan, documents: Path) -> None:
    plan = load(documents / "000_agent_dependency_analysis.yaml", documents / "000_integration_setup.yaml")
    made = integration_setup(plan)["integration_setup"]
    own = yaml.safe_load((documents / "000_integration_setup.yaml").read_text())["integration_setup"]
    assert made["github_config"] == own["github_config"]
    assert made["analyzer_config"] == own["analyzer_config"]
    assert made["coordinator_config"]["parallel_config_file"] == (
        "000-agent-dependency-analysis-parallel-config.yaml"
    )
