"""Jira's answers to a search, or single issues, of its REST interface in version 2 or 3.

Epics become sections, all other issues tasks. `Blocks` links are needs; a link to an issue that is not in the
answer is taken as settled, with a warning unless Jira says that it is done. Of the fields that are not read,
those with plain values are kept in `extra`.
"""

from __future__ import annotations

import re

from msgspec import Struct

from engine.importers.bodies import from_body
from engine.importers.jira_fields import Names, links_of, names_of, points_of, seconds_of, sprint_of
from engine.importers.making import Maker, below, items_of, text_of, usable
from engine.importers.nodes import Entries, Items, Node, Scalar
from engine.importers.reading import found
from engine.importers.rich_text import markdown_of
from engine.importers.shapes import folded
from engine.importers.words import state_of, type_named, urgency_of

KIND = "Jira issues"
KEYS: tuple[str, ...] = ()

_CATEGORIES = {"new": "pending", "indeterminate": "running", "done": "complete"}
_READ = frozenset(
    ("summary", "description", "issuetype", "status", "priority", "labels", "issuelinks", "assignee")
) | {"timeoriginalestimate", "timetracking", "parent", "epic", "subtasks", "sprint"}
_KEY = re.compile(r"\b[A-Z][A-Z0-9_]{1,30}-[0-9]{1,9}\b")


def recognises(root: Node) -> bool:
    """A search's answer, a list of issues, or one issue: a mapping of `fields` beside a key."""
    if isinstance(root, Entries) and isinstance(root.get("issues"), Items):
        return any(below(item, "fields") for item in items_of(root.get("issues")))
    if isinstance(root, Items):
        return any(map(_is_issue, root.items))
    return _is_issue(root)


def _is_issue(node: Node) -> bool:
    return (
        isinstance(node, Entries) and node.get("key") is not None and isinstance(node.get("fields"), Entries)
    )


class _Answer(Struct):
    """What is known of the whole answer: custom fields, the tasks and what each needs, and the groups."""

    names: Names
    tasks: set[str]
    needs: dict[str, dict[str, Node]]
    epics: dict[str, Node]
    sprints: dict[str, Node]


def translate(root: Node, make: Maker) -> Node:
    """One task for each issue that is no epic."""
    issues = _issues(root, make)
    epics = {
        text_of(key): _group(key, fields.get("summary"), make)
        for key, fields in issues
        if _kind(fields) == "epic"
    }
    told = [(key, fields) for key, fields in issues if text_of(key) not in epics]
    tasks = {text_of(key) for key, _ in told}
    needs = links_of({text_of(key): fields for key, fields in told}, tasks, make)
    answer = _Answer(names_of(root), tasks, needs, epics, {})
    made = [_task(key, fields, answer, make) for key, fields in told]
    groups = {"epics": answer.epics, "sprints": answer.sprints}
    sections = {name: make.items(group.values(), root) for name, group in groups.items() if group}
    return make.entries(
        {
            "tasks": make.items(made, root),
            "sections": make.entries(sections, root) if sections else None,
            "trackers": make.items([make.text(root.file, root)], root) if made else None,
        },
        root,
    )


def _issues(root: Node, make: Maker) -> list[tuple[Node, Entries]]:
    """The issues as their keys and fields."""
    listed = root.get("issues") if isinstance(root, Entries) else root
    found_: list[tuple[Node, Entries]] = []
    for issue in listed.items if isinstance(listed, Items) else [root]:
        if isinstance(issue, Entries):
            key, fields = issue.get("key"), issue.get("fields")
            if key is not None and text_of(key) and isinstance(fields, Entries):
                found_.append((key, fields))
                continue
        make.error(issue, f"{found(issue)}; accepted: an issue with key and fields")
    return found_


def _task(key: Node, fields: Entries, answer: _Answer, make: Maker) -> Node:
    sprint = sprint_of(fields, answer.names, make)
    if sprint is not None:
        answer.sprints.setdefault(text_of(sprint.get("id")), sprint)
    labels, extra = fields.get("labels"), _extra(fields, answer.names)
    return make.entries(
        {
            "id": key,
            "title": fields.get("summary"),
            "type": _type(fields, make),
            "status": _status(fields, make),
            "urgency": _urgency(fields, make),
            "labels": labels if usable(labels) else None,
            "assignee": _inner(fields, "assignee", "displayName", make),
            "epic": _epic(fields, answer.names, answer.epics, make),
            "sprint": sprint.get("id") if sprint is not None else None,
            **_described(key, fields, answer, make),
            "extra": make.entries(extra, key) if extra else None,
        },
        key,
    )


def _described(key: Node, fields: Entries, answer: _Answer, make: Maker) -> dict[str, Node]:
    """What the description says; what the fields say of needs, steps, estimate and points comes first."""
    described = fields.get("description")
    if isinstance(described, Items):
        make.error(described, f"{found(described)}; accepted: text or a document")
    at = described if described is not None else key
    made, spoken = from_body(markdown_of(described), at, make)
    needs = dict(answer.needs.get(text_of(key), {}))
    for other in dict.fromkeys(name for text in spoken for name in _KEY.findall(text)):
        if other in answer.tasks and other != text_of(key):
            needs.setdefault(other, make.text(other, at))
    if needs:
        made["needs"] = make.items(needs.values(), key)
    if steps := [*items_of(made.get("steps")), *_subtasks(fields, answer.tasks, make)]:
        made["steps"] = make.items(steps, at)
    if (estimate := seconds_of(fields, make)) is not None:
        made["estimate"] = estimate
    if (points := points_of(fields, answer.names)) is not None:
        made["points"] = points
    return made


def _inner(fields: Entries, key: str, name: str, make: Maker) -> Node | None:
    """A value such as `status.name`; None when Jira gives none, an error when it is no mapping."""
    node = fields.get(key)
    if node is None or not usable(node):
        return None
    if not isinstance(node, Entries):
        make.error(node, f"{found(node)}; accepted: a mapping with {name}")
        return None
    inner = node.get(name)
    return inner if usable(inner) else None


def _kind(fields: Entries) -> str:
    return folded(text_of(below(fields, "issuetype", "name")))


def _type(fields: Entries, make: Maker) -> Node | None:
    node = _inner(fields, "issuetype", "name", make)
    word = type_named(text_of(node))
    return make.text(word, node) if node is not None and word else node


def _status(fields: Entries, make: Maker) -> Node | None:
    """What is done is complete, whatever it is called; else the status's word counts, then its category."""
    name = _inner(fields, "status", "name", make)
    category = below(fields, "status", "statusCategory")
    group = _CATEGORIES.get(text_of(below(category, "key")))
    at = name or category
    state = group if group == "complete" else state_of(text_of(name)) or group
    return make.text(state, at) if state and at is not None else name


def _urgency(fields: Entries, make: Maker) -> Node | None:
    node = _inner(fields, "priority", "name", make)
    level = urgency_of(text_of(node))
    return make.text(level, node) if level and node is not None else None


def _epic(fields: Entries, names: Names, epics: dict[str, Node], make: Maker) -> Node | None:
    """The key of the epic: the parent when it is one, the epic of agile answers, or the field `Epic Link`."""
    parent, epic = fields.get("parent"), fields.get("epic")
    if isinstance(parent, Entries) and (key := parent.get("key")) is not None:
        inner = parent.get("fields")
        above = inner if isinstance(inner, Entries) else parent
        if text_of(key) in epics or _kind(above) == "epic":
            epics.setdefault(text_of(key), _group(key, above.get("summary"), make))
            return key
    if isinstance(epic, Entries) and (key := epic.get("key")) is not None:
        epics.setdefault(text_of(key), _group(key, epic.get("name"), make))
        return key
    link = next((node for key, node in fields.entries if names.get(key.text) == "epiclink"), None)
    return link if isinstance(link, Scalar) and usable(link) else None


def _group(key: Node, title: Node | None, make: Maker) -> Node:
    return make.entries({"id": key, "title": title if usable(title) else None}, key)


def _subtasks(fields: Entries, tasks: set[str], make: Maker) -> list[Node]:
    """The titles of sub-tasks that are no tasks of their own."""
    steps: list[Node] = []
    for item in items_of(fields.get("subtasks")):
        if text_of(below(item, "key")) in tasks:
            continue
        title = below(item, "fields", "summary")
        if title is None or not text_of(title):
            make.error(item, f"{found(item)}; accepted: a sub-task with key and fields.summary")
        else:
            steps.append(title)
    return steps


def _extra(fields: Entries, names: Names) -> dict[str, Node]:
    return {
        key.text: node
        for key, node in fields.entries
        if key.text not in _READ | names.keys() and isinstance(node, Scalar) and usable(node)
    }
