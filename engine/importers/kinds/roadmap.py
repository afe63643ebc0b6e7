"""A Markdown roadmap: headings `### PRIORITY 65: Recipe Management 📝 Planned` are tasks (M015-M017)."""

from __future__ import annotations

import re

from engine.core import durations
from engine.core.errors import Fault, PlanError
from engine.importers.making import Maker, items_of, text_of
from engine.importers.nodes import MAX_ITEMS, TOO_MANY, Entries, Items, Node, Scalar
from engine.importers.priorities import Priority, priorities
from engine.importers.prose import Said, joined, said
from engine.importers.shapes import words_of
from engine.importers.stories import tasks_of
from engine.importers.words import TICKET, state_of

KIND = "roadmap"
KEYS: tuple[str, ...] = ()

_NAME = re.compile(r"PRIORITY \d[\d.]*")
_OTHERS = (".yaml", ".yml", ".json")
_TERMS = (
    *("files", "estimate", "needs", "agent", "assignee", "urgency", "points", "labels"),
    *("criteria", "steps", "deliverables"),
)
_WORDS = words_of({"status": (), **{term: TICKET[term] for term in _TERMS}})
_CODE = re.compile(r"`([^`]+)`")
_REMARK = re.compile(r"\([^()]*\)")
_NUMBERS = re.compile(r"\d{1,9}(?:\.\d{1,9}){0,3}")
_BETWEEN = re.compile(r"(?i)priorit(?:y|ies)|and|us-|[\s,;&+#*]")
_NOTHING = frozenset({"", "none", "nothing", "-", "—", "n/a"})


def from_text(text: str, file: str) -> Node | None:
    """One mapping for each priority, by `PRIORITY` and its number; None when the text has no such heading.
    Raises PlanError for absurdly many."""
    if file.endswith(_OTHERS) or text.lstrip()[:1] in ("{", "["):
        return None
    found = priorities(text)
    if not found:
        return None
    if len(found) > MAX_ITEMS:
        raise PlanError([Fault(TOO_MANY, file, found[MAX_ITEMS].heading.number)])
    pairs: list[tuple[Scalar, Node]] = []
    for each in found:
        key = Scalar(f"PRIORITY {each.number}", False, file, each.heading.number)
        pairs.append((key, _mapping(each, file)))
    return Entries(pairs, file, found[0].heading.number)


def recognises(root: Node) -> bool:
    """Only mappings by `PRIORITY` and a number, which is what `from_text` makes."""
    return (
        isinstance(root, Entries)
        and bool(root.entries)
        and all(_NAME.fullmatch(key.text) for key, _ in root.entries)
    )


def translate(root: Node, make: Maker) -> Node:
    """All priorities as tasks; two that declare the same file go one after the other (D05)."""
    assert isinstance(root, Entries), "only mappings are recognised"
    items = [_item(key, node, make) for key, node in root.entries]
    split = make.entries({"on_conflict": make.text("split", root)}, root)
    made: dict[str, Node | None] = {"tasks": make.items(tasks_of(items, make), root), "conflicts": split}
    return make.entries({**made, "roadmap": make.text(root.file, root)}, root)


def _item(key: Scalar, node: Node, make: Maker) -> Node:
    """The mapping as a ticket: which of two statuses counts, and what its words say of needs and time."""
    if not isinstance(node, Entries):
        return node
    has: dict[str, Node | None] = {name.text: inner for name, inner in node.entries}
    has.setdefault("number", make.text(key.text.removeprefix("PRIORITY "), node))
    mark = has.pop("mark", None)
    status = has.setdefault("status", mark)
    if status is None:
        make.warn(node, f"{key.text} has no status such as `📝 Planned`: it counts as planned")
    elif mark is not None and state_of(text_of(mark)) != state_of(text_of(status)):
        make.warn(status, f"differs from the heading, which says {text_of(mark)!r}: this line counts")
    for name, change in (("estimate", _estimate), ("needs", _needs), ("files", _files)):
        inner = has.get(name)
        if inner is not None:
            has[name] = change(inner, make)
    return make.entries(has, node)


def _estimate(node: Node, make: Maker) -> Node | None:
    text = text_of(node).strip(" ~*`")
    for words in (text, _REMARK.sub("", text).strip()):
        try:
            durations.parse(words)
        except PlanError:
            continue
        return make.text(words, node)
    make.warn(node, f"found {text[:60]!r}, which is no duration such as `2 days`: it is not used")
    return None


def _needs(node: Node, make: Maker) -> Node:
    needs: list[Node] = []
    for item in items_of(node):
        text = _REMARK.sub("", text_of(item))
        if text.strip().casefold() in _NOTHING:
            continue
        numbers = _NUMBERS.findall(text)
        if not numbers or _BETWEEN.sub("", _NUMBERS.sub("", text)).strip(".:"):
            make.error(item, f"found {text_of(item)[:60]!r}; accepted: PRIORITY and a number, or numbers")
        needs += [make.text(number, item) for number in numbers]
    return make.items(needs, node)


def _files(node: Node, make: Maker) -> Node:
    files: list[Node] = []
    for item in items_of(node):
        text = text_of(item)
        names = _CODE.findall(text) or [part.strip(" *") for part in text.split(",")]
        files += [make.text(name.strip(), item) for name in names if name.strip().casefold() not in _NOTHING]
    return make.items(files, node)


def _mapping(priority: Priority, file: str) -> Node:
    """What a priority says, as it says it; what is no known key is its description."""
    heading = priority.heading.number
    made: dict[str, Node] = {
        "number": Scalar(priority.number, False, file, heading),
        "title": Scalar(priority.title or f"PRIORITY {priority.number}", True, file, heading),
    }
    if priority.status:
        made["mark"] = Scalar(priority.status, True, file, heading)
    terms, rest = said(priority.body, _WORDS)
    for term, each in terms.items():
        made[term] = _value(each, file)
    if text := joined(rest):
        first = next(line.number for line in rest if line.text.strip())
        made["description"] = Scalar(text, True, file, first)
    pairs: list[tuple[Scalar, Node]] = [
        (Scalar(key, False, file, node.line), node) for key, node in made.items()
    ]
    return Entries(pairs, file, heading)


def _value(each: Said, file: str) -> Node:
    if each.text or not each.items:
        return Scalar(each.text, True, file, each.line)
    return Items([Scalar(item.text, True, file, item.number) for item in each.items], file, each.line)
