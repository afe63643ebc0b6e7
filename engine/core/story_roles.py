"""The agents that make a story's components: what each does, what it waits for, which files are its own."""

from __future__ import annotations

import re

from msgspec import Struct


class Role(Struct, frozen=True):
    """`needs` are the roles whose work this one uses, `words` what people call its work in an order, and
    `owns` matches the paths that are most likely its own."""

    id: str
    title: str
    estimate: str
    needs: tuple[str, ...]
    words: tuple[str, ...]
    owns: re.Pattern[str]


def _paths(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


ROLES: tuple[Role, ...] = (
    Role(
        "doctype-designer",
        "Create the DocTypes",
        "10-15 minutes",
        (),
        ("doctype", "schema", "data model", "database", "table"),
        _paths(r"(?:^|/)(?:doctypes?|migrations?|models?|schemas?)/|\.sql$|(?:^|/)(?:models?|schema)\.\w+$"),
    ),
    Role(
        "api-architect",
        "Design the API",
        "8-12 minutes",
        (),
        ("api design", "api structure", "endpoint design", "designing the api", "architect"),
        _paths(r"openapi|swagger|(?:^|/)docs?/(?:.*/)?api"),
    ),
    Role(
        "ui-layout-designer",
        "Design the user interface",
        "12-18 minutes",
        (),
        ("ui design", "mockup", "layout", "screen design", "wireframe", "ui"),
        _paths(r"mockup|wireframe|\.fig$|(?:^|/)designs?/"),
    ),
    Role(
        "api-developer",
        "Implement the API",
        "15-20 minutes",
        ("doctype-designer", "api-architect"),
        ("api", "backend", "back-end", "endpoint", "server", "integration"),
        _paths(r"(?:^|/)api(?:/|\.)|\.py$"),
    ),
    Role(
        "vue-spa-architect",
        "Build the frontend components",
        "20-25 minutes",
        ("api-architect", "ui-layout-designer"),
        ("frontend", "front-end", "vue", "component", "screen", "spa"),
        _paths(r"\.(?:vue|jsx?|tsx?|s?css|html)$|(?:^|/)(?:public|www|frontend|components)/"),
    ),
    Role(
        "workflow-specialist",
        "Configure the workflows",
        "10-15 minutes",
        ("doctype-designer", "api-developer"),
        ("workflow",),
        _paths(r"workflows?"),
    ),
)
"""In the order in which a story's example lists them, with its estimates and its needs."""

OWNERS = (
    *("doctype-designer", "ui-layout-designer", "workflow-specialist", "api-architect"),
    *("vue-spa-architect", "api-developer"),
)
"""Who is asked first whether a path is its own: the more special before the more general."""

REGISTERING = ("api-developer", "workflow-specialist")
"""Who enters something in the configuration of an application."""

GENERATED = re.compile(
    r"(?:^|/)(?:manifest\.json|package(?:-lock)?\.json|[^/]*\.lock|requirements[^/]*\.txt|modules\.txt|pyproject\.toml|"
    r"setup\.(?:py|cfg)|go\.sum)$",
    re.IGNORECASE,
)
"""Configuration that gathers what everybody adds: it is combined once, at the end."""


def named_in(text: str) -> str | None:
    """The role whose id, or whose work, a piece of text names first of all in the order of `ROLES`; ids count
    more than words, longer words more than short ones."""
    folded = " ".join(text.casefold().split())
    for role in ROLES:
        if role.id in folded:
            return role.id
    words = [(word, role.id) for role in ROLES for word in role.words]
    for word, role_id in sorted(words, key=lambda pair: -len(pair[0])):
        if re.search(rf"\b{re.escape(word)}", folded):
            return role_id
    return None
