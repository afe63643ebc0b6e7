"""The strategy document's execution plan: waves of phases, and all its sections (M007).

Only the document's own words and native ones are understood here; every other key is kept where it stands, so
that the plan can be written back as it was.
"""

from __future__ import annotations

import re

from engine.importers.fields import PLAN
from engine.importers.making import Made, Maker, items_of, text_of
from engine.importers.nodes import Entries, Node
from engine.importers.task_fields import TASK, WAVE

KIND = "execution plan"
KEYS = (
    "execution_plan_id",
    "dependency_analysis_source",
    "planning_date",
    "project_context",
    "wave_execution_plan",
)

_PHASE = {
    "phase_id": "id",
    "session_id": "session",
    "team_assignment": "team",
    "estimated_duration": "estimate",
    "dependencies": "needs",
    "deliverables": "deliverables",
}
_WAVE = {
    "wave_name": "name",
    "max_concurrent_sessions": "slots",
    "wave_success_criteria": "criteria",
}
_TASK_KEYS = frozenset(field.key for field in TASK.fields)
_WAVE_KEYS = frozenset(field.key for field in WAVE.fields) - {"tasks"}
_PLAN_KEYS = frozenset(field.key for field in PLAN.fields)
_NAME = re.compile(r"[^\x00-\x1f\x7f]{1,200}")


def translate(root: Node, make: Maker) -> Node:
    """Phases as tasks, waves as waves, totals and ids as sections."""
    assert isinstance(root, Entries), "importers with keys are given mappings"
    context, schedule = root.get("project_context"), root.get("wave_execution_plan")
    sections: dict[str, Node | None] = {}
    ids = {key: root.get(key) for key in ("execution_plan_id", "planning_date")}
    if any(node is not None for node in ids.values()):
        sections["execution_plan"] = make.entries(ids, root)
    made: dict[str, Node | None] = {"analysis": root.get("dependency_analysis_source")}
    if isinstance(context, Entries):
        name = context.get("project_name")
        made["name"] = name if name is not None and _NAME.fullmatch(text_of(name)) else None
        if len(context.entries) > (name is not None):
            sections["project_context"] = context
    elif context is not None:
        make.error(context, "accepted: a mapping with project_name and totals")
    if schedule is not None:
        tasks, waves = _schedule(schedule, sections, make)
        made |= {"tasks": tasks, "waves": waves}
    made["sections"] = make.entries(sections, root) if sections else None
    return make.entries(made, root)


def rest(root: Entries, make: Maker) -> Node:
    """What becomes of keys that no importer knows: native ones are native, all others are sections."""
    native: dict[str, Node | None] = {k.text: node for k, node in root.entries if k.text in _PLAN_KEYS}
    other: dict[str, Node | None] = {k.text: node for k, node in root.entries if k.text not in _PLAN_KEYS}
    if other:
        native["sections"] = make.entries(other, root)
    return make.entries(native, root)


def _schedule(node: Node, sections: dict[str, Node | None], make: Maker) -> tuple[Node | None, Node | None]:
    if not isinstance(node, Entries):
        make.error(node, "accepted: a mapping with waves")
        return None, None
    totals: Made = {key.text: inner for key, inner in node.entries if key.text not in ("waves", "task_order")}
    if totals:
        sections["wave_execution_plan"] = make.entries(totals, node)
    tasks: list[Entries] = []
    waves: list[Node] = []
    for wave in items_of(node.get("waves")):
        if isinstance(wave, Entries):
            phases = [_task(phase, make) for phase in items_of(wave.get("phases"))]
            tasks += phases
            waves.append(_wave(wave, phases, make))
        else:
            make.error(wave, "accepted: a mapping with wave_name and phases")
    place = {text_of(name): number for number, name in enumerate(items_of(node.get("task_order")))}
    tasks.sort(key=lambda task: place.get(text_of(task.get("id")), 0))
    return make.items(tasks, node), make.items(waves, node)


def _task(phase: Node, make: Maker) -> Entries:
    if not isinstance(phase, Entries):
        make.error(phase, "accepted: a mapping with phase_id, estimated_duration and dependencies")
        return make.entries({}, phase)
    made, extra = _parted(phase, _PHASE, _TASK_KEYS)
    if "needs" in made:
        made["needs"] = _needs(made["needs"], make)
    return make.entries(_with_extra(made, extra, phase, make), phase)


def _wave(wave: Entries, phases: list[Entries], make: Maker) -> Node:
    made, extra = _parted(wave, _WAVE, _WAVE_KEYS)
    extra.pop("phases", None)
    extra.pop("wave_number", None)
    ids = [phase.get("id") for phase in phases]
    made["tasks"] = make.items([node for node in ids if node is not None], wave)
    return make.entries(_with_extra(made, extra, wave, make), wave)


def _parted(
    node: Entries, words: dict[str, str], native: frozenset[str]
) -> tuple[dict[str, Node | None], dict[str, Node]]:
    """The values by native key, and those of keys that are neither the document's nor native."""
    made: dict[str, Node | None] = {}
    extra: dict[str, Node] = {}
    for key, inner in node.entries:
        word = words.get(key.text, key.text if key.text in native else "")
        if word and word not in made:
            made[word] = inner
        else:
            extra[key.text] = inner
    return made, extra


def _with_extra(
    made: dict[str, Node | None], extra: dict[str, Node], at: Node, make: Maker
) -> dict[str, Node | None]:
    own = made.get("extra")
    kept = {key.text: node for key, node in own.entries} if isinstance(own, Entries) else {}
    made["extra"] = make.entries({**kept, **extra}, at) if kept or extra else own
    return made


def _needs(node: Node | None, make: Maker) -> Node | None:
    """A need may name its task as `id`, beside a milestone."""
    if node is None:
        return None
    items: list[Node] = []
    for item in items_of(node):
        if isinstance(item, Entries) and item.get("id") is not None:
            pairs = {("task" if key.text == "id" else key.text): inner for key, inner in item.entries}
            items.append(make.entries(pairs, item))
        else:
            items.append(item)
    return make.items(items, node)
