"""Names in programs of many languages, by tree-sitter's grammars where the extra `symbols` is installed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from time import monotonic
from typing import TYPE_CHECKING

from msgspec import Struct

from engine.core.parts import Symbol

if TYPE_CHECKING:
    from tree_sitter import Node, Parser


class Grammar(Struct, frozen=True):
    """Where a grammar comes from: the module of its package, and the function that hands it out."""

    module: str
    function: str = "language"


_JAVASCRIPT = Grammar("tree_sitter_javascript")
_TYPESCRIPT = Grammar("tree_sitter_typescript", "language_typescript")
_CPP = Grammar("tree_sitter_cpp")

LANGUAGES: dict[str, Grammar] = {
    **dict.fromkeys((".js", ".mjs", ".cjs", ".jsx"), _JAVASCRIPT),
    **dict.fromkeys((".ts", ".mts", ".cts"), _TYPESCRIPT),
    ".tsx": Grammar("tree_sitter_typescript", "language_tsx"),
    ".go": Grammar("tree_sitter_go"),
    ".rs": Grammar("tree_sitter_rust"),
    ".java": Grammar("tree_sitter_java"),
    ".c": Grammar("tree_sitter_c"),
    **dict.fromkeys((".h", ".hh", ".hpp", ".hxx", ".cc", ".cpp", ".cxx"), _CPP),
    ".rb": Grammar("tree_sitter_ruby"),
}
"""By the ending of a file's name. A `.h` is read as C++, whose grammar reads the headers of C as well."""

MOST_NODES = 200_000
"""Nodes of a tree that are looked at: about a second of work, more than a file that a person wrote has."""

PATIENCE = 1.0
"""Seconds for one file: a grammar that meets a large file of another language tries for many."""

CHUNK = 65_536

_DEFINES = re.compile(
    r"(?:definition|declaration|declarator|specifier|signature|_item|_spec|_elem|alias|_def)\Z"
    r"|(?:class|module|method|singleton_method|internal_module|preproc_function_def)\Z"
)
_NEVER = re.compile(r"import|export_specifier|package|parameter|property|variant|local_|use_|^init_|_list\Z")
_FUNCTION = re.compile(r"function|method|constructor|signature")
_ABOVE = re.compile(r"comment|attribute_item|decorator")
_AROUND_ONE = ("export_statement", "template_declaration")
_AROUND_SOME = ("lexical", "variable", "type", "const", "var")
_AROUND = (*_AROUND_ONE, *(f"{kind}_declaration" for kind in _AROUND_SOME))
"""Nodes that only wrap definitions: what stands above one stands above its first definition."""

NAME_LONGEST = 200


def installed(ending: str) -> bool:
    """Whether files with this ending can be read here."""
    try:
        return _parser(LANGUAGES[ending]) is not None
    except ImportError:
        return False


def symbols(ending: str, text: bytes) -> list[Symbol]:
    """The definitions of a program, in no order to rely on; none where the grammar is missing. What does not
    parse is left out, and the rest is still found; none at all of a file that takes too long."""
    if ending not in LANGUAGES or not installed(ending):
        return []
    parser = _parser(LANGUAGES[ending])
    late = monotonic() + PATIENCE
    try:
        tree = parser.parse(
            lambda at, _: text[at : at + CHUNK], progress_callback=lambda *_: monotonic() > late
        )
    except ValueError:
        parser.reset()
        return []
    return list(_walk(tree.root_node))


@cache
def _parser(grammar: Grammar) -> Parser:
    kit = import_module("tree_sitter")
    language = kit.Language(getattr(import_module(grammar.module), grammar.function)())
    parser: Parser = kit.Parser(language)
    return parser


def _walk(root: Node) -> Iterator[Symbol]:
    """Goes down everywhere but into functions, whose insides are nobody else's business."""
    waiting: list[tuple[Node, str]] = [(root, "")]
    for _ in range(MOST_NODES):
        if not waiting:
            return
        node, prefix = waiting.pop()
        name = _name(node)
        if name and _is_definition(node):
            name = prefix + _receiver(node) + name
            yield Symbol(name, node.type, _first_line(node), _last_line(node))
            if _is_function(node):
                continue
        elif node.type == "impl_item":
            name = prefix + _identifier(_text(node.child_by_field_name("type")))
        else:
            name = ""
        inside = f"{name}." if name else prefix
        waiting += [(child, inside) for child in node.named_children]


def _is_definition(node: Node) -> bool:
    if _NEVER.search(node.type) or not _DEFINES.search(node.type):
        return False
    if node.type == "variable_declarator":
        return _is_function(node) or _at_the_top(node)
    if node.type.endswith("_specifier"):
        return node.child_by_field_name("body") is not None
    if node.type.startswith("field_"):
        return any(at.type == "function_declarator" for at in _declarators(node))
    return not node.type.endswith("_declarator")


def _is_function(node: Node) -> bool:
    """Also a variable whose value is a function, as JavaScript has them."""
    if not node.type.endswith(("declarator", "field_definition")):
        return bool(_FUNCTION.search(node.type))
    value = node.child_by_field_name("value")
    return value is not None and "function" in value.type


def _at_the_top(node: Node) -> bool:
    outer = node.parent.parent if node.parent else None
    return outer is not None and (outer.parent is None or outer.type == "export_statement")


def _name(node: Node) -> str:
    """The text of the field `name`; for C, what is at the end of the declarators."""
    if (named := node.child_by_field_name("name")) is not None:
        return _identifier(_text(named))
    if node.type not in ("function_definition", "declaration", "field_declaration", "type_definition"):
        return ""
    *_, last = (None, *_declarators(node))
    return _identifier(_text(last))


def _declarators(node: Node) -> Iterator[Node]:
    """`*f(int)` and then `f(int)` and then `f`: what the grammar of C wraps around a name, and the name."""
    at = node.child_by_field_name("declarator")
    while at is not None:
        yield at
        if not at.type.endswith("declarator"):
            return
        at = at.child_by_field_name("declarator") or (at.named_children[-1] if at.named_children else None)


def _receiver(node: Node) -> str:
    """`Users.` for the method of Go that is declared outside of its type."""
    receiver = _text(node.child_by_field_name("receiver"))[-NAME_LONGEST:]
    found = re.search(r"(\w+)(?:\[[^\]]*\])?\s*\)\Z", receiver)
    return f"{found[1]}." if found else ""


def _identifier(text: str) -> str:
    """Parts of a qualified name joined by dots, without what stands for types: `A<T>::get` is `A.get`."""
    plain = text[: NAME_LONGEST + 1]
    while (shorter := re.sub(r"(?<=\w)<[^<>]*>", "", plain)) != plain:
        plain = shorter
    plain = plain.replace("::", ".").strip()
    return plain if len(plain) <= NAME_LONGEST and not re.search(r"\s", plain) else ""


def _text(node: Node | None) -> str:
    return (node.text or b"").decode("utf-8", "replace") if node is not None else ""


def _first_line(node: Node) -> int:
    """With the comments, attributes and decorators right above it."""
    at = node
    while (outer := at.parent) is not None and outer.type in _AROUND:
        if outer.type not in _AROUND_ONE and outer.start_point.row < at.start_point.row:
            break
        at = outer
    first = at.start_point.row
    above = at.prev_sibling
    while above is not None and _ABOVE.search(above.type) and _last_line(above) == first:
        before = above.prev_sibling
        if before is not None and _last_line(before) > above.start_point.row:
            break
        first, above = above.start_point.row, before
    return first + 1


def _last_line(node: Node) -> int:
    """From 1; a node that ends with its newline does not reach into the next line."""
    end = node.end_point
    return end.row if end.column == 0 and end.row > node.start_point.row else end.row + 1
