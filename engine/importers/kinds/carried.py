"""Sections of strategy and story documents that a plan carries as they are: they are shown, exported, and
read where something is acted on."""

from __future__ import annotations

from engine.importers.making import Maker, below, text_of
from engine.importers.nodes import Entries, Items, Node, Scalar
from engine.importers.section_fields import FREE, SHAPED

KIND = "sections of a strategy"
KEYS = tuple(
    key
    for key in (*SHAPED, *FREE)
    if key not in ("epics", "sprints", "project_context", "wave_execution_plan")
)
_ONE_KEY_LISTS = ("resource_allocation_strategy", "coordination_protocol_design", "monitoring_framework")


def kinds_in(root: Entries) -> tuple[str, ...]:
    """The sections by their names in words."""
    return tuple(key.text.replace("_", " ") for key, _ in root.entries)


def translate(root: Node, make: Maker) -> Node:
    """The sections under `sections`. Lists of one-key mappings become plain mappings, which say the same.
    `conflict_resolution: manual` is no section, but says who settles a conflict."""
    assert isinstance(root, Entries), "importers with keys are given mappings"
    sections = {key.text: _plainer(key.text, node, make) for key, node in root.entries}
    rules = sections.get("conflict_resolution")
    made: dict[str, Node | None] = {}
    if isinstance(rules, Scalar):
        made["conflicts"] = make.entries({"handling": sections.pop("conflict_resolution")}, rules)
    made["sections"] = make.entries(sections, root)
    if isinstance(rules, Entries):
        found = {
            "rules": rules.get("conflict_detection_rules"),
            "fallbacks": rules.get("fallback_strategies"),
        }
        if any(found.values()):
            made["conflicts"] = make.entries(found, rules)
    integration = sections.get("integration_setup")
    if isinstance(integration, Entries):
        made["settings"] = _settings(integration, make)
    return make.entries(made, root)


def _settings(integration: Entries, make: Maker) -> Node | None:
    """The interval of looking for conflicts, and one task at a time when the mode is `sequential`."""
    made = {"scan_interval": below(integration, "analyzer_config", "monitoring_interval")}
    mode = below(integration, "coordinator_config", "execution_mode")
    if text_of(mode) == "sequential" and mode is not None:
        made["enabled"] = make.value(False, mode)
    return make.entries(made, integration) if any(made.values()) else None


def _plainer(key: str, section: Node, make: Maker) -> Node:
    if key not in _ONE_KEY_LISTS or not isinstance(section, Entries):
        return section
    return make.entries({name.text: _joined(node, make) for name, node in section.entries}, section)


def _joined(node: Node, make: Maker) -> Node:
    """A list of mappings with one key each, all different, as one mapping."""
    if not isinstance(node, Items):
        return node
    pairs: list[tuple[Scalar, Node]] = []
    for item in node.items:
        if not isinstance(item, Entries) or len(item.entries) != 1:
            return node
        pairs += item.entries
    keys = [key.text for key, _ in pairs]
    return (
        make.entries(dict(zip(keys, (inner for _, inner in pairs), strict=True)), node)
        if len(set(keys)) == len(keys)
        else node
    )
