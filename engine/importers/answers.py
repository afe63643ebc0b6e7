"""The file with the answers about a story: by group and question, with what is known beside them (M018)."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path

import msgspec
from msgspec import Struct

from engine.core.errors import Fault, PlanError
from engine.core.plan import Story
from engine.core.story import GROUPS, MAX_ANSWER, problem
from engine.importers import texts
from engine.importers.nodes import Entries, Items, Node, Scalar, is_null
from engine.importers.shapes import folded

_STORY = ("id", "title", "role", "functionality", "value", "complexity")


class Answers(Struct, frozen=True):
    """`answers` by question key, what the file says of the `story` itself, and the documents that the plan
    is to be made from, which are looked for beside the file."""

    answers: dict[str, str]
    story: Story
    load: tuple[Path, ...]


def read_answers(path: Path) -> Answers:
    """Read a YAML or JSON file: a mapping of groups to questions to answers; groups may be left out.

    A group or question goes by its short key or by its words. `load` lists documents and `story` has id,
    title, role, functionality, value and complexity. Raises PlanError with every fault of the file."""
    name, data = texts.read(path)
    root, faults = texts.tree(data, name)
    reader = _Reader(faults)
    if isinstance(root, Entries):
        for key, node in root.entries:
            reader.top(key, node)
    else:
        faults.append(Fault("accepted: a mapping of questions to answers", name, root.line))
    if faults:
        raise PlanError(faults)
    story = msgspec.convert(reader.story, Story)
    return Answers(reader.answers, story, tuple(path.parent / each for each in reader.load))


class _Reader:
    """Collects what a file says; what it cannot use becomes a fault."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults
        self.answers: dict[str, str] = {}
        self.story: dict[str, str] = {}
        self.load: list[str] = []

    def top(self, key: Scalar, node: Node) -> None:
        word = folded(key.text)
        groups = {folded(name): group for group in GROUPS for name in (group.key, group.title)}
        questions = _questions()
        if word == "load":
            items = node.items if isinstance(node, Items) else [node]
            self.load += [text for item in items if (text := self._text(item, "the path of a document"))]
        elif word == "story":
            self._story(node)
        elif word in groups and word not in questions:
            if not isinstance(node, Entries):
                self._fault(node, f"accepted: a mapping of the questions of {key.text} to answers")
                return
            for inner, answer in node.entries:
                self._answer(inner, answer, _questions(groups[word].key))
        else:
            self._answer(key, node, questions, ("load", "story", *(group.key for group in GROUPS)))

    def _answer(
        self, key: Scalar, node: Node, questions: dict[str, str], others: tuple[str, ...] = ()
    ) -> None:
        found = questions.get(_asked(key.text))
        if found is None:
            known = [*others, *dict.fromkeys(questions.values())]
            near = get_close_matches(key.text, known, 1)
            hint = f'did you mean "{near[0]}"?' if near else f"accepted: {', '.join(known)}"
            self._fault(key, f"found {key.text[:60]!r}, which is no question; {hint}")
            return
        if isinstance(node, Scalar) and (is_null(node) or not node.text.strip()):
            return
        text = self._text(node, "a text or a list of texts")
        if text and (trouble := problem(found, text)):
            self._fault(node, f"{found}: {trouble}")
        elif text:
            self.answers[found] = text.strip()

    def _story(self, node: Node) -> None:
        if not isinstance(node, Entries):
            self._fault(node, f"accepted: a mapping with {', '.join(_STORY)}")
            return
        for key, inner in node.entries:
            if key.text not in _STORY:
                self._fault(key, f"found {key.text[:60]!r}; accepted: {', '.join(_STORY)}")
            elif text := self._text(inner, "a text"):
                self.story[key.text] = text[:MAX_ANSWER]

    def _text(self, node: Node, accepted: str) -> str:
        if isinstance(node, Scalar) and not is_null(node):
            return node.text
        if isinstance(node, Items) and all(isinstance(item, Scalar) for item in node.items):
            texts_ = [item.text for item in node.items if isinstance(item, Scalar)]
            return ", ".join(texts_) or "none"
        self._fault(node, f"accepted: {accepted}")
        return ""

    def _fault(self, node: Node, message: str) -> None:
        self.faults.append(Fault(message, node.file, node.line))


def _questions(group: str = "") -> dict[str, str]:
    """The keys of the questions of a group, or of all, by their folded key and words."""
    return {
        _asked(name): each.key
        for one in GROUPS
        if group in ("", one.key)
        for each in one.questions
        for name in (each.key, each.text)
    }


def _asked(text: str) -> str:
    """A question without what is behind its question mark, and without what does not matter."""
    return folded(text.partition("?")[0])
