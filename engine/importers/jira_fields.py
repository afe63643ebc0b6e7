"""The fields of Jira issues that take knowing: links, sprints, estimates, custom fields by their names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TypeAlias

from engine.importers.making import Maker, below, items_of, text_of, usable
from engine.importers.nodes import Entries, Items, Node
from engine.importers.reading import found
from engine.importers.shapes import folded

Names: TypeAlias = Mapping[str, str]
"""What a field is, folded, by its key: `storypoints`, `epiclink` or `sprint`."""

_USUAL = {"customfield_10016": "storypoints", "customfield_10014": "epiclink", "customfield_10020": "sprint"}
_POINTS = frozenset(map(folded, ("story points", "story point estimate", "story_points", "points")))
_KNOWN = {**dict.fromkeys(_POINTS, "storypoints"), "epiclink": "epiclink", "sprint": "sprint"}
_WAITS = frozenset(
    map(folded, ("is blocked by", "blocked by", "depends on", "requires", "has to be done after", "needs"))
)
_HOLDS = frozenset(
    map(folded, ("blocks", "is depended on by", "is required by", "has to be done before", "is needed by"))
)
_NUMBER = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,6})?")
_LONGEST = 2000
_OLD_SPRINT = re.compile(r"\bstate=(?P<state>\w+).*?\bname=(?P<name>[^,\]]+)")
_RANKS = {"active": 0, "future": 1}


def names_of(root: Node) -> Names:
    """What custom fields mean: by the answer's `names` (`expand=names`), else by Jira Cloud's usual keys."""
    given = below(root, "names")
    pairs = given.entries if isinstance(given, Entries) else []
    said = {key.text: folded(text_of(node)) for key, node in pairs}
    told = {key: _KNOWN[name] for key, name in said.items() if name in _KNOWN}
    own = {"story_points": "storypoints", "Story Points": "storypoints", "Story points": "storypoints"}
    return {**(_USUAL if not said else {}), **own, **told}


def points_of(fields: Entries, names: Names) -> Node | None:
    """Story points: the first such field that is a number."""
    for key, node in fields.entries:
        if names.get(key.text) == "storypoints" and _NUMBER.fullmatch(text_of(node)):
            return node
    return None


def seconds_of(fields: Entries, make: Maker) -> Node | None:
    """The original estimate as a duration; Jira gives it in seconds beside a text whose days have 8 hours."""
    tracked = below(fields, "timetracking", "originalEstimateSeconds")
    for node in (fields.get("timeoriginalestimate"), tracked):
        if node is None or not usable(node):
            continue
        if not _NUMBER.fullmatch(text_of(node)):
            make.error(node, f"{found(node)}; accepted: a number of seconds")
            continue
        seconds = float(text_of(node))
        for unit, length in (("hours", 3600), ("minutes", 60), ("seconds", 1)):
            if seconds % length == 0 or length == 1:
                return make.text(f"{seconds / length:g} {unit}", node)
    return None


def sprint_of(fields: Entries, names: Names, make: Maker) -> Entries | None:
    """The sprint an issue is in, the active one before future and closed ones, as a native section's item."""
    best: tuple[int, Entries] | None = None
    for key, node in fields.entries:
        if names.get(key.text) != "sprint" and not _looks_like_sprints(key.text, node):
            continue
        for item in [node] if isinstance(node, Entries) else items_of(node):
            name, state = _name_and_state(item, make)
            rank = _RANKS.get(state, 2)
            if name is not None and (best is None or rank < best[0]):
                current = make.value(True, item) if state == "active" else None
                best = rank, make.entries({"id": name, "current": current}, item)
    return best[1] if best else None


def _looks_like_sprints(key: str, node: Node) -> bool:
    if key == "sprint":
        return True
    items = items_of(node) if key.startswith("customfield_") and isinstance(node, Items) else []
    return bool(items) and all(
        isinstance(item, Entries) and item.get("name") and item.get("state") for item in items
    )


def _name_and_state(item: Node, make: Maker) -> tuple[Node | None, str]:
    if isinstance(item, Entries):
        name = item.get("name")
        return (name if text_of(name) else None), text_of(item.get("state")).casefold()
    old = _OLD_SPRINT.search(text_of(item)[:_LONGEST])
    return (make.text(old["name"].strip(), item), old["state"].casefold()) if old else (None, "")


def links_of(issues: Mapping[str, Entries], tasks: set[str], make: Maker) -> dict[str, dict[str, Node]]:
    """What each issue needs by its own links and by those of the issues before it: ids with their place."""
    needs: dict[str, dict[str, Node]] = {}
    for key, fields in issues.items():
        links = fields.get("issuelinks")
        if links is not None and usable(links) and not isinstance(links, Items):
            make.error(links, f"{found(links)}; accepted: a list of links")
        for link in items_of(links):
            if not isinstance(link, Entries):
                make.error(link, f"{found(link)}; accepted: a link with type, inwardIssue or outwardIssue")
                continue
            for side in ("inward", "outward"):
                _link(link, side, key, tasks, needs, make)
    return needs


def _link(
    link: Entries, side: str, key: str, tasks: set[str], needs: dict[str, dict[str, Node]], make: Maker
) -> None:
    other, kind = link.get(f"{side}Issue"), link.get("type")
    node = below(other, "key")
    name = text_of(node)
    if node is None or not name or not isinstance(kind, Entries):
        return
    phrase = folded(text_of(kind.get(side)))
    blocks = not phrase and folded(text_of(kind.get("name"))) == "blocks"
    if phrase in _WAITS or (blocks and side == "inward"):
        if name in tasks and name != key:
            needs.setdefault(key, {}).setdefault(name, node)
        elif name not in tasks and not _is_done(other):
            make.warn(node, f"{key} waits for {name}, which is not among these tasks: taken as settled")
    elif (phrase in _HOLDS or blocks) and name in tasks and name != key:
        needs.setdefault(name, {}).setdefault(key, make.text(key, node))


def _is_done(issue: Node | None) -> bool:
    return text_of(below(issue, "fields", "status", "statusCategory", "key")) == "done"
