"""Issues as `gh issue list --json number,title,body,labels,...` and `gh issue view` write them.

Issue 12 becomes the task GH-12, its branch therefore `feature/GH-12`. Bodies are read for dependencies, task
lists, acceptance criteria, files and estimates. Closed issues are complete; those that were closed as not
planned are left out.
"""

from __future__ import annotations

import re

from engine.importers.bodies import from_body, is_duration
from engine.importers.making import Maker, items_of, text_of, usable
from engine.importers.nodes import Entries, Items, Node
from engine.importers.reading import found
from engine.importers.shapes import NAME
from engine.importers.words import type_of, urgency_of

KIND = "GitHub issues"
KEYS: tuple[str, ...] = ()

_ISSUE = frozenset(
    {"state", "labels", "body", "url", "html_url", "assignees", "milestone", "closed", "author"}
)
_READ = frozenset({"number", "title", "body", "labels", "state", "closed", "assignees", "milestone"})
_ASK = "as `gh issue list --json number,title,body,labels,state` writes it"
_NUMBER = re.compile(r"[0-9]{1,12}")
_UNPLANNED = frozenset({"not_planned", "duplicate"})
_REFERENCE = re.compile(r"(?<![\w/#])(?:#|GH-)([0-9]{1,12})\b|/issues/([0-9]{1,12})\b")
_LEVEL = re.compile(r"(?:priority|prio|urgency|severity)[\s:/_-]+(?P<level>.+)", re.IGNORECASE)
_SURE = re.compile(r"p[0-4]|critical|urgent|blocker|(?:high|medium|low)[\s_-]priority", re.IGNORECASE)
_ESTIMATE = re.compile(r"(?:estimated?|time|effort)[\s:/=]+(?P<value>.+)", re.IGNORECASE)
_POINTS = re.compile(
    r"(?:story[\s_-]*points?|points?|sp|size)[\s:/=]+(?P<value>[0-9]{1,6}(?:\.[0-9]{1,3})?)", re.I
)
_AGENT = re.compile(r"agent[\s:/=]+(?P<value>\S+)", re.IGNORECASE)


def recognises(root: Node) -> bool:
    """A list with an issue in it, or one issue: what has a number, a title and another field of issues. An
    empty list is what `gh` writes when there are none, and numbers are missing when nobody asked for them."""
    if isinstance(root, Items):
        return not root.items or any(
            _is_issue(item, at_least=0) or _lacks_number(item) for item in root.items
        )
    return _is_issue(root, at_least=1)


def translate(root: Node, make: Maker) -> Node:
    """One task for each issue. A need of an issue that is not there is taken as settled, with a warning."""
    issues = root.items if isinstance(root, Items) else [root]
    if not issues:
        make.error(root, "has no issues: the list is empty")
    there = {
        text_of(issue.get("number"))
        for issue in issues
        if isinstance(issue, Entries) and not _unplanned(issue)
    }
    tasks: list[Node] = []
    for issue in issues:
        if not isinstance(issue, Entries):
            make.error(issue, f"{found(issue)}; accepted: an issue with number and title")
        elif not _unplanned(issue) and _has_number(issue, make):
            tasks.append(_task(issue, there, make))
    trackers = make.items([make.text(root.file, root)], root) if tasks else None
    return make.entries({"tasks": make.items(tasks, root), "trackers": trackers}, root)


def _is_issue(node: Node, *, at_least: int) -> bool:
    if not isinstance(node, Entries):
        return False
    keys = {key.text for key, _ in node.entries}
    return {"number", "title"} <= keys and len(keys & _ISSUE) >= at_least


def _lacks_number(node: Node) -> bool:
    keys = {key.text for key, _ in node.entries} if isinstance(node, Entries) else set()
    return "title" in keys and "number" not in keys and (keys == {"title"} or bool(keys & _ISSUE))


def _unplanned(issue: Entries) -> bool:
    reason = text_of(issue.get("stateReason")) or text_of(issue.get("state_reason"))
    return reason.casefold() in _UNPLANNED


def _has_number(issue: Entries, make: Maker) -> bool:
    number = issue.get("number")
    if number is None:
        make.error(issue, f"the key 'number' is missing: the issue's number; {_ASK}")
    elif not _NUMBER.fullmatch(text_of(number)):
        make.error(number, f"{found(number)}; accepted: the issue's number")
    else:
        return True
    return False


def _task(issue: Entries, there: set[str], make: Maker) -> Node:
    labels = _names(issue, "labels", "name", make)
    made = _body(issue, there, make)
    for key, node in _from_labels(labels, make).items():
        made.setdefault(key, node)
    people = _names(issue, "assignees", "login", make)
    milestone = issue.get("milestone")
    sprint = milestone.get("title") if isinstance(milestone, Entries) else milestone
    kept = {key.text: node for key, node in issue.entries if key.text not in _READ}
    return make.entries(
        {
            "id": make.text(f"GH-{text_of(issue.get('number'))}", issue.get("number") or issue),
            "title": issue.get("title"),
            "status": _status(issue, make),
            "labels": make.items(labels, issue) if labels else None,
            "assignee": people[0] if people else None,
            "sprint": sprint if usable(sprint) else None,
            **made,
            "extra": make.entries(kept, issue) if kept else None,
        },
        issue,
    )


def _status(issue: Entries, make: Maker) -> Node | None:
    state, closed = issue.get("state"), issue.get("closed")
    if state is None and closed is not None:
        return make.text("complete" if text_of(closed) == "true" else "pending", closed)
    return state


def _names(issue: Entries, key: str, name: str, make: Maker) -> list[Node]:
    """The names in a list such as `labels: [{name: bug}]`; plain texts count too."""
    node = issue.get(key)
    if node is None or not usable(node):
        return []
    if not isinstance(node, Items):
        make.error(node, f"{found(node)}; accepted: a list of mappings with {name}")
        return []
    names: list[Node] = []
    for item in node.items:
        inner = item.get(name) if isinstance(item, Entries) else item
        if text_of(inner) and inner is not None:
            names.append(inner)
        else:
            make.error(item, f"{found(item)}; accepted: a mapping with {name}")
    return names


def _from_labels(labels: list[Node], make: Maker) -> dict[str, Node]:
    """Type, urgency, estimate, points and agent, where a label says so; the first of each counts."""
    made: dict[str, Node] = {}
    for label in labels:
        text = text_of(label).strip()
        level = _LEVEL.fullmatch(text)
        urgency = urgency_of(level["level"] if level else text if _SURE.fullmatch(text) else "")
        estimate, points, agent = (each.fullmatch(text) for each in (_ESTIMATE, _POINTS, _AGENT))
        if kind := type_of(text):
            made.setdefault("type", make.text(kind, label))
        elif urgency:
            made.setdefault("urgency", make.text(urgency, label))
        elif points:
            made.setdefault("points", make.value(float(points["value"]), label))
        elif estimate and is_duration(estimate["value"]):
            made.setdefault("estimate", make.text(estimate["value"], label))
        elif agent and re.search(NAME, agent["value"]):
            made.setdefault("agent", make.text(agent["value"], label))
    return made


def _body(issue: Entries, there: set[str], make: Maker) -> dict[str, Node]:
    """What the body says under its keys and headings, and what the issue waits for."""
    body = issue.get("body")
    if isinstance(body, Entries | Items):
        make.error(body, f"{found(body)}; accepted: text")
    at = body if body is not None else issue
    made, spoken = from_body(text_of(body), at, make)
    if needs := _needs(issue, spoken, there, at, make):
        made["needs"] = make.texts(needs, at)
    return made


def _needs(issue: Entries, spoken: list[str], there: set[str], at: Node, make: Maker) -> list[str]:
    """The ids of the issues that are waited for: said in the body, or by GitHub in `blockedBy`."""
    numbers = [a or b for text in spoken for a, b in _REFERENCE.findall(text)]
    blockers = issue.get("blockedBy")
    nodes = blockers.get("nodes") if isinstance(blockers, Entries) else blockers
    for node in items_of(nodes):
        numbers.append(text_of(node.get("number")) if isinstance(node, Entries) else text_of(node))
    own = text_of(issue.get("number"))
    needs: list[str] = []
    for number in dict.fromkeys(numbers):
        if number in there and number != own:
            needs.append(f"GH-{number}")
        elif number and number != own:
            make.warn(at, f"waits for #{number}, which is not in this list: taken as settled")
    return needs
