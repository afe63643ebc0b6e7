"""The parts of strategy documents that a plan carries: what is read of them is checked, all of it is kept."""

from __future__ import annotations

from engine.core.actions import ACTIONS
from engine.core.plan import Level
from engine.importers.scalars import amount, line, text, words
from engine.importers.shapes import (
    Anything,
    Duration,
    Field,
    Flag,
    Kept,
    ListOf,
    MapOf,
    Number,
    Record,
    Text,
)

_LEVEL = words(*Level, critical=Level.HIGH)
_ANY = MapOf(Text(), Anything())
_texts = ListOf(text)

TEAM = Record(
    "team",
    "people who do tasks",
    (
        Field("team_id", line, "its name", required=True),
        Field("team_size", amount, "how many people", default="1"),
        Field("key_skills", _texts, "what they can do"),
        Field("availability", line, "the share of their time, such as 80%", default="100%"),
        Field(
            "capacity",
            line,
            "such as `32 hours/week per person`; without `per person` the whole team's",
            default="40 hours a week and person",
        ),
    ),
    open=True,
)
CONSTRAINT = Record(
    "constraint",
    "a limit that planning must know",
    (
        Field("constraint_type", line, "its kind; `shared_NAME` makes NAME exclusive", required=True),
        Field("description", text, "what is limited"),
        Field("impact", text, "what that means"),
        Field("mitigation", text, "what is done about it"),
        Field("hard", Flag(), "cannot be violated", default="false"),
    ),
    open=True,
)
RESOURCE_ANALYSIS = Record(
    "resource analysis",
    "teams, infrastructure and constraints",
    (
        Field("available_teams", ListOf(TEAM), "the teams"),
        Field("infrastructure_capacity", _ANY, "numbers, or texts such as `20 concurrent builds`"),
        Field("resource_constraints", ListOf(CONSTRAINT), "the constraints"),
    ),
    open=True,
)
_GRADED = (
    Field("probability", _LEVEL, "how likely: low, medium or high"),
    Field("impact", _LEVEL, "how grave: low, medium or high"),
)
RISK = Record("risk", "possible trouble", (Field("risk", text, "what", required=True), *_GRADED), open=True)
NAMED_RISK = Record(
    "named risk",
    "possible trouble",
    (
        Field("risk_id", line, "its id"),
        Field("risk_name", text, "what", required=True),
        *_GRADED,
        Field("affected_sessions", _texts, "the sessions it concerns"),
    ),
    open=True,
)
RISK_ASSESSMENT = Record(
    "risk assessment",
    "risks by kind",
    tuple(Field(f"{kind}_risks", ListOf(RISK), "risks") for kind in ("technical", "process", "business")),
    open=True,
)
RISK_MANAGEMENT = Record(
    "risk management",
    "risks, and strategies against them",
    (
        Field("risk_assessment", ListOf(NAMED_RISK), "the risks"),
        Field("mitigation_strategies", ListOf(_ANY), "the strategies"),
    ),
    open=True,
)
METRIC = Record(
    "metric",
    "a number to be measured and its target",
    (
        Field("metric", line, "its name"),
        Field("metric_name", line, "the same"),
        Field("calculation", text, "how it is computed, in words"),
        Field("target", text, "such as `> 30%`"),
        Field("warning_threshold", text, "where it becomes a warning"),
        Field("critical_threshold", text, "where it becomes critical"),
    ),
    open=True,
)
MONITORING = Record(
    "monitoring",
    "progress tracking and metrics",
    (
        Field("progress_tracking", _ANY, "what is tracked and how often"),
        Field("performance_metrics", ListOf(METRIC), "the metrics"),
        Field("control_mechanisms", ListOf(_ANY), "the mechanisms"),
    ),
    open=True,
)
SYNC_POINT = Record(
    "sync point",
    "where sessions wait for each other",
    (
        Field("name", text, "its name"),
        Field("participants", _texts, "who waits"),
        Field("success_criteria", _texts, "what lets them go on"),
    ),
    open=True,
)
COORDINATION = Record(
    "coordination protocols",
    "sync points, meetings and who decides",
    (
        Field("synchronization_points", ListOf(SYNC_POINT), "the sync points"),
        Field("communication_schedule", ListOf(_ANY), "the meetings"),
        Field("decision_making", _ANY, "who decides what"),
    ),
    open=True,
)
QUALITY = Record(
    "quality assurance",
    "gates, testing and review",
    (Field("quality_gates", ListOf(_ANY), "the gates"),),
    open=True,
)
_STORY_GATE = Record(
    "story gate",
    "what is checked at a moment",
    (
        Field("gate", line, "its name", required=True),
        Field("trigger", line, "when"),
        Field("actions", ListOf(words(*ACTIONS)), "what is done"),
    ),
    open=True,
)
STORY_GATES = Record(
    "story gates",
    "gates of each agent, of each block, and at the end",
    tuple(
        Field(f"{level}_gates", ListOf(_STORY_GATE), "gates")
        for level in ("per_agent", "per_block", "overall")
    ),
    open=True,
)
BESIDE = Text(
    r"^(?!\.)(?!.*\$\{)[^/\\\u0000-\u001f\u007f]{1,200}$(?!\n)",
    "the name of a file beside the story, without folders",
)
ANALYZER = Record(
    "analyzer",
    "where the conflict rules are and how often conflicts are looked for",
    (
        Field("conflict_rules", BESIDE, "the file with the conflict rules, beside the story"),
        Field("monitoring_interval", Duration(positive=True), "how often conflicts are looked for"),
    ),
    open=True,
)
INTEGRATION = Record(
    "integration",
    "how a story is carried out",
    (
        Field("coordinator_config", _ANY, "who coordinates, and the mode"),
        Field("analyzer_config", ANALYZER, "conflict rules"),
        Field("github_config", _ANY, "what is reported"),
    ),
    open=True,
)
EPIC = Record(
    "epic",
    "a group of tickets",
    (Field("id", line, "its id", required=True), Field("title", text, "its title")),
    open=True,
)
SPRINT = Record(
    "sprint",
    "a group of tickets with an end",
    (
        Field("id", line, "its name", required=True),
        Field("current", Flag(), "whether it is the present one", default="false"),
        Field("days_left", amount, "working days until its end"),
        Field("points_per_day", Number(0.001, 1e6), "points that one slot gets done in a day", default="1"),
    ),
    open=True,
)

SHAPED: dict[str, ListOf | Record] = {
    "resource_analysis": RESOURCE_ANALYSIS,
    "risk_management": RISK_MANAGEMENT,
    "risk_assessment": RISK_ASSESSMENT,
    "monitoring_and_control": MONITORING,
    "coordination_protocols": COORDINATION,
    "quality_assurance": QUALITY,
    "parallel_quality_gates": STORY_GATES,
    "integration_setup": INTEGRATION,
    "epics": ListOf(EPIC),
    "sprints": ListOf(SPRINT),
}
"""Sections of which something is acted on."""
FREE = (
    "project_context",
    "wave_execution_plan",
    "session_coordination",
    "performance_metrics",
    "conflict_resolution",
    "parallel_story_structure",
    "resource_allocation_strategy",
    "coordination_protocol_design",
    "monitoring_framework",
    "recovery_procedures",
)
"""Sections that are shown and exported."""
SECTIONS = Record(
    "sections",
    "parts of strategy documents",
    (
        *(
            Field(key, Kept(shape), shape.about if isinstance(shape, Record) else f"the {key}")
            for key, shape in SHAPED.items()
        ),
        *(Field(key, Anything(), "shown and exported") for key in FREE),
    ),
    open=True,
)
