"""A plan draft from the answers about a story: only what they say, and what was assumed is listed (M018).

Every component that an answer names is work of the role that makes such components. The roles wait for each
other as in the story document's example, and more where an answer asks for an order. The files, tables and
configuration files go to the tasks they fit.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from engine.core.clean import clean
from engine.core.plan import Plan, Story
from engine.core.story_answers import count, lines, says_no, things
from engine.core.story_orders import Needs, ordered
from engine.core.story_roles import GENERATED, OWNERS, REGISTERING, ROLES, Role
from engine.core.story_sections import assumptions, missing

_SENTENCE = re.compile(
    r"\s*as an? (?P<role>.+?),? i (?:want|need|would like) (?P<wish>.+?)(?:,? so that (?P<value>.+?))?[.\s]*",
    re.IGNORECASE | re.DOTALL,
)
_NOT_NAME = re.compile(r"[^A-Za-z0-9]+")
WHOLE = "implementation"
"""The task of a story that names no component."""
UNNAMED = "the frontend components"
"""What components are called that an answer only says there are."""
FIELDS = ("id", "title", "role", "functionality", "value", "complexity")
"""The texts of a story."""


class Draft(Struct, frozen=True):
    """`data` is a plan in the native format without its waves; `assumptions` are what nobody said."""

    data: dict[str, Any]
    assumptions: tuple[str, ...]


def draft(answers: Mapping[str, str], story: Story, slots: int, agent: str = "") -> Draft:
    """The draft of a plan from complete answers by question key. `story` has what is known beside them; who
    does the tasks is left open without an `agent`."""
    told, assumed = about(answers, story)
    work = _work(answers)
    roles = [role for role in ROLES if role.id in work]
    needs, more = ordered(_needs(roles), answers)
    tasks = [_task(role, work[role.id], needs[role.id], answers) for role in roles]
    if not tasks:
        assumed.append("no component is named: the whole story is one task")
        tasks = [{"id": WHOLE, "title": told.title, "description": _description(answers)}]
    rules = _resources(tasks, answers, assumed)
    bare = Plan(told.id, (), ())
    data: dict[str, Any] = {"wavetree": 1, "name": told.id, "draft": True, "slots": slots}
    if agent:
        data["agent"] = agent
    data |= {
        "conflicts": {"on_conflict": "split"},
        "story": as_data(told),
        "tasks": tasks,
        "file_rules": rules,
        "sections": missing(bare),
    }
    return Draft(data, (*assumed, *more, *assumptions(bare)))


def about(answers: Mapping[str, str], story: Story) -> tuple[Story, list[str]]:
    """The story with what the answers say of it, and what was assumed. What it says itself counts more."""
    wish = " ".join(answers.get("functionality", "").split())
    found = _SENTENCE.fullmatch(wish)
    said: dict[str, str] = {"functionality": found["wish"] if found else wish}
    if found:
        said |= {"role": found["role"], "value": found["value"] or ""}
    said |= {"complexity": answers.get("complexity", ""), "title": _headline(said["functionality"])}
    fields = {key: getattr(story, key) or said.get(key, "") for key in FIELDS}
    assumed = [
        f"the story does not say {what}"
        for key, what in (("role", "who wants it (role)"), ("value", "what it is good for (value)"))
        if not fields[key]
    ]
    if not fields["id"]:
        fields["id"] = _NOT_NAME.sub("-", fields["title"])[:40].strip("-").lower() or "story"
        assumed.append(f"the story is called {fields['id']}; --id gives it another id")
    for key in ("title", "role", "complexity"):
        fields[key] = clean(fields[key], 200)
    return replace(story, **fields, answers={**story.answers, **answers}), assumed


def as_data(story: Story) -> dict[str, Any]:
    """The story in the native format, without what is empty."""
    return {key: value for key in (*FIELDS, "answers") if (value := getattr(story, key))}


def _headline(wish: str) -> str:
    text = re.split(r"[.;\n]\s|[.;]$", wish)[0].strip()
    text = re.sub(r"^to ", "", text)
    return clean(text[:1].upper() + text[1:], 100)


def _work(answers: Mapping[str, str]) -> dict[str, list[str]]:
    """The steps of every role that the answers give work to."""
    work: dict[str, list[str]] = {}
    doctypes, screens = answers.get("doctypes", ""), answers.get("frontend", "")
    endpoints, flows = answers.get("endpoints", ""), answers.get("workflow", "")
    services = [f"Connect {name}" for name in _named(answers.get("integrations", ""), "the external service")]
    if named := _named(doctypes, ""):
        related = ["Define relationships"] if len(named) != 1 or not named[0] else []
        work["doctype-designer"] = [
            f"Create the DocType {name}" if name else "Create the DocTypes" for name in named
        ]
        work["doctype-designer"] += related
    if _wanted(endpoints) and count(endpoints) != 0:
        number = count(endpoints)
        some = f"{number} API endpoint{'' if number == 1 else 's'}" if number else "the API endpoints"
        each = things(endpoints)
        work["api-architect"] = ["Design the API structure", *(f"Define {name}" for name in each or (some,))]
        work["api-developer"] = [f"Implement {name}" for name in each or (some,)]
    if services:
        work.setdefault("api-developer", []).extend(services)
    if named := _named(screens, UNNAMED):
        work["ui-layout-designer"] = [f"Design {name}" for name in named]
        work["vue-spa-architect"] = [f"Build {name}" for name in named]
    if named := _named(flows, "the workflows"):
        work["workflow-specialist"] = [f"Configure {name}" for name in named]
    return work


def _wanted(answer: str) -> bool:
    return bool(answer.strip()) and (not says_no(answer) or bool(things(answer)))


def _named(answer: str, unnamed: str) -> tuple[str, ...]:
    """The things that an answer names; `unnamed` for one that only says that there are some."""
    return (things(answer) or (unnamed,)) if _wanted(answer) else ()


def _needs(roles: Sequence[Role]) -> Needs:
    there = {role.id for role in roles}
    return {role.id: tuple(need for need in role.needs if need in there) for role in roles}


def _task(role: Role, steps: list[str], needs: Sequence[str], answers: Mapping[str, str]) -> dict[str, Any]:
    data: dict[str, Any] = {
        "id": role.id,
        "agent": role.id,
        "title": role.title,
        "description": _description(answers),
        "estimate": role.estimate,
        "steps": steps,
    }
    return data | ({"needs": list(needs)} if needs else {})


def _description(answers: Mapping[str, str]) -> str:
    module = answers.get("module", "")
    where = "" if says_no(module) or not module else f" (module: {module})"
    return f"Part of this story: {answers.get('functionality', '')}{where}"


def _resources(
    tasks: list[dict[str, Any]], answers: Mapping[str, str], assumed: list[str]
) -> list[dict[str, Any]]:
    """Give files and tables to the tasks they fit; the file rules that follow."""
    there = {task["id"]: task for task in tasks}
    rules = [_own_file(path, there, assumed) for path in lines(answers.get("files", ""))]
    known = {rule["file"] for rule in rules}
    config = [path for path in lines(answers.get("config", "")) if path not in known]
    rules += [_config_file(path, there) for path in config]
    if tables := things(answers.get("tables", "")):
        owner = _first(there, ("doctype-designer", "api-developer"))
        there[owner]["tables"] = list(tables)
        if owner != "doctype-designer":
            assumed.append(f"the tables belong to {owner}: the story has no DocTypes")
    return rules


def _own_file(path: str, there: Mapping[str, dict[str, Any]], assumed: list[str]) -> dict[str, Any]:
    """A file that belongs to one task: nobody else changes it."""
    owners = {role.id: role.owns for role in ROLES}
    owner = next((name for name in OWNERS if name in there and owners[name].search(path)), "")
    if not owner:
        owner = _first(there, ("api-developer",))
        if len(there) > 1:
            assumed.append(f"{path} fits no component that is named; {owner} has it")
    there[owner].setdefault("files", []).append(path)
    return {"file": path, "level": "low", "resolution": "parallel_safe", "tasks": [owner]}


def _config_file(path: str, there: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """A file that several tasks enter something in: one after the other, or once at the end."""
    if GENERATED.search(path) and len(there) > 1:
        return {"file": path, "level": "high", "resolution": "final_merge_step"}
    owners = [name for name in REGISTERING if name in there] or [_first(there, ())]
    for owner in owners:
        there[owner].setdefault("files", []).append(path)
    if len(owners) > 1:
        return {"file": path, "level": "high", "resolution": "sequential_access", "tasks": owners}
    return {"file": path, "level": "low", "resolution": "parallel_safe", "tasks": owners}


def _first(there: Mapping[str, object], preferred: Sequence[str]) -> str:
    return next((name for name in preferred if name in there), next(iter(there)))
