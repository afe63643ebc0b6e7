"""Jira's two ways to write text, as Markdown: documents of the Atlassian Document Format, and wiki markup."""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.importers.making import items_of, text_of
from engine.importers.nodes import Entries, Node, Scalar

_HEADING = re.compile(r"^h([1-6])\.[ \t]+", re.MULTILINE)
_NUMBERED = re.compile(r"^#+[ \t]+", re.MULTILINE)
_BULLETS = re.compile(r"^\*{2,}[ \t]+", re.MULTILINE)
_MONOSPACED = re.compile(r"\{\{([^{}\n]+)\}\}")
_LISTS = {"bulletList": "- ", "orderedList": "1. "}
_AFTER = {
    **dict.fromkeys(("paragraph", "rule", *_LISTS, "taskList", "panel", "blockquote", "table"), "\n\n"),
    **dict.fromkeys(("heading", "taskItem", "tableRow", "hardBreak"), "\n"),
    **dict.fromkeys(("tableCell", "tableHeader"), " "),
    "codeBlock": "\n```\n\n",
}
_NAMED = frozenset({"mention", "status", "emoji", "date", "inlineCard", "blockCard"})


def markdown_of(node: Node | None) -> str:
    """The text of a description: wiki markup when it is a text, else the words of a document."""
    if isinstance(node, Entries):
        return re.sub(r"\n{3,}", "\n\n", "".join(_words(node))).strip()
    return _from_wiki(text_of(node)) if isinstance(node, Scalar) else ""


def _from_wiki(text: str) -> str:
    text = _MONOSPACED.sub(r"`\1`", _BULLETS.sub("* ", _NUMBERED.sub("1. ", text)))
    return _HEADING.sub(lambda found: "#" * int(found[1]) + " ", text)


def _words(node: Node, parent: str = "") -> Iterator[str]:
    """The words of a node and what is below it; the reader bounds the depth of files, so this ends."""
    if not isinstance(node, Entries):
        return
    kind = text_of(node.get("type"))
    if kind == "text":
        yield _marked(node)
        return
    yield _before(kind, node, parent)
    for inner in items_of(node.get("content")):
        yield from _words(inner, parent if kind == "listItem" else kind)
    yield "\n" if kind == "paragraph" and parent in _LISTS else _AFTER.get(kind, "")


def _before(kind: str, node: Entries, parent: str) -> str:
    given = node.get("attrs")
    attrs = given if isinstance(given, Entries) else node
    if kind in _NAMED:
        return next((text for key in ("text", "shortName", "url") if (text := text_of(attrs.get(key)))), "")
    if kind == "heading":
        level = text_of(attrs.get("level"))
        return "#" * (int(level) if level in ("1", "2", "3", "4", "5", "6") else 3) + " "
    if kind == "taskItem":
        return "- [x] " if text_of(attrs.get("state")) == "DONE" else "- [ ] "
    if kind == "listItem":
        return _LISTS.get(parent, "- ")
    return "```\n" if kind == "codeBlock" else ""


def _marked(node: Entries) -> str:
    text = text_of(node.get("text"))
    kinds = {text_of(mark.get("type")) for mark in items_of(node.get("marks")) if isinstance(mark, Entries)}
    return f"`{text}`" if "code" in kinds else text
