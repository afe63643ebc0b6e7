"""Names in a text for people that look like the code of a program rather than like words."""

from __future__ import annotations

import re

LONGEST_TEXT = 100_000
"""Characters of a text that are read: more than any task says."""

MOST_NAMES = 100

_QUOTED = re.compile(r"(`{1,3})([^`]+)\1")
_URL = re.compile(r"(?<!\w)\w+://\S+|www\.\S+")
_TOKEN = re.compile(r"[^\W\d][\w$]*(?:(?:\.|::|#)[^\W\d][\w$]*)*(?:\(\))?")
_HUMPS = re.compile(r"[a-z0-9][A-Z]|[A-Z]{2}[a-z]{2}")
_SPLIT = re.compile(r"\.|::|#")
_ENDING = re.compile(
    r"bash|cc?|cfg|com|cpp|cs|css|csv|cxx|go|gz|hh?|hpp|html?|hxx|ini|io|ipynb|java|jpg|jsx?|json|kt|mdx?|mjs"
    r"|net|org|php|png|pyi?|rb|rst?|scss|sh|sql|svg|swift|toml|tsx?|txt|vue|xml|ya?ml",
    re.IGNORECASE,
)
"""What makes of `plan.py` or `example.com` the name of a file or a place, not of something in a program."""


def mentioned(text: str) -> tuple[str, ...]:
    """The names in a text, in its order, each once and at most 100: a word alone in backticks, or called
    there (`load(path)`), `Dotted.name`, `with_underscore`, `CamelCase` or `camelCase`, `call()`. Of
    `a.py::Users.get` only `Users.get`; `::` and `#` between names are written as dots. Names of files and
    addresses are left out."""
    text = _URL.sub(" ", text[:LONGEST_TEXT])
    quoted = [found.span(2) for found in _QUOTED.finditer(text)]
    names: dict[str, None] = {}
    inside = 0
    for token in _TOKEN.finditer(text):
        while inside < len(quoted) and quoted[inside][1] <= token.start():
            inside += 1
        start, end = quoted[inside] if inside < len(quoted) else (LONGEST_TEXT, LONGEST_TEXT)
        called = start <= token.start() and text.startswith("(", token.end())
        in_path = "/" in (text[token.start() - 1 : token.start()], text[token.end() : token.end() + 1])
        name = _name(token.group(), called or token.span() == (start, end), in_path)
        if name and len(names) < MOST_NAMES:
            names[name] = None
    return tuple(names)


def _name(token: str, quoted: bool, in_path: bool) -> str:
    """The name that a token is, or ""."""
    called = token.endswith("()")
    parts = _SPLIT.split(token.removesuffix("()"))
    ends = [place for place, part in enumerate(parts) if place and _ENDING.fullmatch(part)]
    if ends and parts[ends[-1]].lower() in ("md", "mdx"):
        return ""
    if ends and not called:
        parts = parts[ends[-1] + 1 :]
    elif in_path:
        return ""
    if not parts or not parts[-1]:
        return ""
    bare = parts[-1].strip("_")
    code = "_" in bare or parts[-1].startswith("_") or bool(_HUMPS.search(bare))
    dotted = len(parts) > 1 and len(parts[0]) > 1 and len(parts[-1]) > 1
    return ".".join(parts) if quoted or called or code or dotted or ends else ""
