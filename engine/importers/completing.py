"""What other tools' documents leave to others: tasks that only their waves name, needs on `all` others, and
stories that only their log calls complete."""

from __future__ import annotations

from engine.importers.making import below, by_word, items_of, text_of
from engine.importers.nodes import Entries, Items, Node, Path, Scalar
from engine.importers.words import LOGGED_KEYS, state_of

ALL = "all"


def completed(root: Node, origins: dict[int, Path]) -> Node:
    """The tree with a task for every name that only a wave has, and with `all` written out as every other
    task of its group: of its epic, else its sprint, else the plan. Stories whose last entry in the
    implementation log is complete are complete. Whatever is wrong is left as it is.

    `origins` has the key paths of nodes by identity; those of nodes that are made here are added."""
    if not isinstance(root, Entries):
        return root
    tasks = [item for item in items_of(root.get("tasks")) if isinstance(item, Entries)]
    only_named = _only_in_waves(root, {text_of(task.get("id")) for task in tasks})
    tasks += only_named
    if not tasks:
        return root
    groups = _groups(tasks)
    listed = root.get("tasks")
    items = [*(listed.items if isinstance(listed, Items) else ()), *only_named]
    done = _logged(root)
    for place, item in enumerate(items):
        items[place] = _with_log(_with_all(item, groups, origins), done)
        _keep_origin(items[place], item, origins)
    full = Items(items, root.file, root.line)
    kept = [(key, node) for key, node in root.entries if key.text != "tasks"]
    return Entries([*kept, (Scalar("tasks", False, root.file, root.line), full)], root.file, root.line)


def _only_in_waves(root: Entries, known: set[str]) -> list[Entries]:
    found: list[Entries] = []
    for wave in items_of(root.get("waves")):
        if not isinstance(wave, Entries):
            continue
        said = below(wave, "extra", "estimated_duration")
        for name in items_of(wave.get("tasks")):
            if isinstance(name, Scalar) and name.text and name.text not in known:
                known.add(name.text)
                pairs: list[tuple[Scalar, Node]] = [(_key("id", name), name), (_key("agent", name), name)]
                if said is not None:
                    pairs.append((_key("estimate", name), said))
                found.append(Entries(pairs, name.file, name.line))
    return found


def _groups(tasks: list[Entries]) -> dict[tuple[str, str], list[str]]:
    groups: dict[tuple[str, str], list[str]] = {}
    for task in tasks:
        groups.setdefault(_group(task), []).append(text_of(task.get("id")))
    return groups


def _group(task: Entries) -> tuple[str, str]:
    for kind in ("epic", "sprint"):
        if name := text_of(task.get(kind)):
            return kind, name
    return "", ""


def _with_all(item: Node, groups: dict[tuple[str, str], list[str]], origins: dict[int, Path]) -> Node:
    if not isinstance(item, Entries):
        return item
    said = item.get("needs")
    if not isinstance(said, Scalar) or said.text.casefold() != ALL:
        return item
    own, group = text_of(item.get("id")), _group(item)
    others = [Scalar(name, True, said.file, said.line) for name in groups[group] if name and name != own]
    groups[group] = [own]  # whoever else says it is in a circle with this one already
    pairs = [(key, node) for key, node in item.entries if key.text != "needs"]
    pairs.append((_key("needs", said), Items(list(others), said.file, said.line)))
    for node in (*others, pairs[-1][1]):
        _keep_origin(node, said, origins)
    return Entries(pairs, item.file, item.line)


def _keep_origin(made: Node, old: Node, origins: dict[int, Path]) -> None:
    if id(old) in origins:
        origins[id(made)] = origins[id(old)]


def _logged(root: Entries) -> dict[str, Node]:
    """The statuses of complete stories, by the last entry of each in the log."""
    last: dict[str, Node] = {}
    for entry in items_of(below(root, "sections", "implementation_log")):
        if isinstance(entry, Entries):
            known, _ = by_word(entry, LOGGED_KEYS)
            if "story" in known and "status" in known:
                last[text_of(known["story"])] = known["status"]
    return {story: status for story, status in last.items() if state_of(text_of(status)) == "complete"}


def _with_log(item: Node, done: dict[str, Node]) -> Node:
    status = done.get(text_of(below(item, "id")))
    if status is None or not isinstance(item, Entries):
        return item
    complete = Scalar("complete", True, status.file, status.line)
    pairs = [(key, node) for key, node in item.entries if key.text not in ("status", "complete")]
    return Entries([*pairs, (_key("status", status), complete)], item.file, item.line)


def _key(name: str, at: Node) -> Scalar:
    return Scalar(name, False, at.file, at.line)
