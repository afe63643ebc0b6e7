"""Where the names of a repository's programs are, at one commit; only files with a name in them are read."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from engine.core.mentions import mentioned
from engine.core.parts import Part, Symbol, located, named
from engine.core.patterns import plain_path
from engine.edge.git_query import ask, blobs, commit_of
from engine.edge.symbols import CODE, LARGEST, PYTHON, symbols

SEARCHED = 50_000_000
"""Bytes of files with a name in them that are read for one look-up, the smallest files first."""

PARSED = 3_000_000
"""Bytes that are parsed for one look-up: about a second's work."""

COMMON = 100
"""A name that stands in more files is looked for only where a keyword such as `class` goes before it."""

FEW = 5
"""A name with more places than this says nothing about where a task works."""

_NAME = re.compile(r"[^\W\d][\w$]*(?:\.[^\W\d][\w$]*)*")
_KEYWORDS = (
    b"class|const|def|enum|fn|func|function|interface|let|mod|module|namespace|record|static|struct|trait|type"
    b"|typedef|union|val|var|#define"
)
_FOLDERS = ("__init__", "index", "mod")
"""Files that stand for the folder that they are in."""


class Blob(Struct, frozen=True):
    """A file at the commit: the sha and the length in bytes of what is in it."""

    sha: str
    size: int


class SymbolIndex:
    """The names in the files of `checkout`'s repository as they are at a commit, which is where agents start;
    of a repository without that commit there are none. For commands that soon end: see `ask`."""

    def __init__(self, checkout: Path, commit: str = "HEAD") -> None:
        self.checkout = checkout
        self.commit = commit_of(checkout, commit)
        self._files: dict[str, Blob] | None = None
        self._known: dict[str, tuple[tuple[Symbol, ...], int]] = {}

    @property
    def files(self) -> Mapping[str, Blob]:
        """The regular files of the commit, by path."""
        if self._files is None:
            self._files = dict(_listed(self.checkout, self.commit)) if self.commit else {}
        return self._files

    def located(self, part: Part) -> Part:
        """The part with the lines that its symbol has, or will have when it or its file is new
        (`parts.located`). Left as it is when its path has wildcards, or no symbol of its file can be read."""
        if not part.symbol or part.last:
            return part
        if (blob := self.files.get(part.path)) is None:
            return located(part, (), 0) if plain_path(part.path) == part.path else part
        found, length = self._read(part.path, blob)
        return located(part, found, length) if found else part

    def holds(self, part: Part) -> bool:
        """Whether the part's file has its symbol; true where no symbol of the file can be read."""
        blob = self.files.get(part.path)
        found = self._read(part.path, blob)[0] if blob is not None else ()
        return not found or bool(named(part.symbol, found))

    def length(self, path: str) -> int:
        """How many lines a file has, 0 for one that is not there."""
        blob = self.files.get(path)
        return self._read(path, blob)[1] if blob is not None else 0

    def _read(self, path: str, blob: Blob) -> tuple[tuple[Symbol, ...], int]:
        if path not in self._known:
            (text,) = blobs(self.checkout, [blob.sha]) if blob.size <= LARGEST else (b"",)
            self._keep(path, text)
        return self._known[path]

    def lookup(self, names: Iterable[str]) -> dict[str, tuple[Part, ...]]:
        """Of each name (`get`, `Users.get`, `api.Users.get`) the places where it is defined, in the order of
        paths. A name is answered completely or, when it would take too much reading, not at all."""
        wanted = dict.fromkeys(name for name in names if _NAME.fullmatch(name))
        if not wanted or not self.commit:
            return {}
        texts = self._holding(sorted({name.rpartition(".")[2] for name in wanted}))
        candidates = {name: _candidates(name, texts) for name in wanted}
        left = PARSED
        found: dict[str, tuple[Part, ...]] = {}
        for name, paths in sorted(candidates.items(), key=lambda item: len(item[1])):
            new = [path for path in paths if path not in self._known]
            if (cost := sum(len(texts[path]) for path in new)) > left:
                continue
            left -= cost
            for path in new:
                self._keep(path, texts[path])
            if places := tuple(
                part for path in paths for part in _matching(name, path, self._known[path][0])
            ):
                found[name] = places
        return {name: found[name] for name in wanted if name in found}

    def _holding(self, words: Sequence[str]) -> dict[str, bytes]:
        """The program files in which one of these words stands, with what is in them."""
        sizes = {path: blob.size for path, blob in self.files.items() if blob.size <= LARGEST}
        chosen, total = [], 0
        for path in sorted(self._grep(words) & sizes.keys(), key=lambda path: (sizes[path], path)):
            total += sizes[path]
            if total > SEARCHED:
                break
            chosen.append(path)
        chosen.sort()
        read = blobs(self.checkout, [self.files[path].sha for path in chosen])
        return dict(zip(chosen, read, strict=True))

    def _grep(self, words: Sequence[str]) -> set[str]:
        options = ["-z", "-l", "-F", "-I", "--full-name", "--no-recurse-submodules", "--no-textconv"]
        patterns = [option for word in words for option in ("-e", word)]
        kinds = [f":(top,icase)*{ending}" for ending in CODE]
        answer = ask(self.checkout, ["grep", *options, *patterns, self.commit, "--", *kinds], fine=(0, 1))
        return {os.fsdecode(hit).partition(":")[2] for hit in answer.split(b"\0") if hit}

    def _keep(self, path: str, text: bytes) -> None:
        self._known[path] = symbols(path, text), text.count(b"\n") + (text[-1:] not in (b"\n", b""))


def places(text: str, index: SymbolIndex, most: int = 20) -> tuple[Part, ...]:
    """The symbols of the repository that a task's text names, at most so many: first those that are in one
    place only, then names of two places, and so on up to five; a name of more is left out."""
    found = index.lookup(mentioned(text))
    ordered = sorted((parts for parts in found.values() if len(parts) <= FEW), key=len)
    return tuple(dict.fromkeys(part for parts in ordered for part in parts))[:most]


def _listed(checkout: Path, commit: str) -> Iterator[tuple[str, Blob]]:
    answer = ask(checkout, ["ls-tree", "-r", "-l", "-z", "--full-tree", commit])
    for line in answer.split(b"\0"):
        head, _, path = line.partition(b"\t")
        if head.startswith(b"100"):
            _, _, sha, size = head.split()
            yield os.fsdecode(path), Blob(sha.decode(), int(size) if size.isdigit() else LARGEST + 1)


def _candidates(dotted: str, texts: Mapping[str, bytes]) -> list[str]:
    """The files in which a name may well be defined, without parsing any."""
    *holders, word = dotted.split(".")
    name = re.escape(word.encode())
    in_python = re.compile(rb"^(?:[ \t]*(?:async[ \t]+)?(?:def|class)[ \t]+)?" + name + rb"\b", re.MULTILINE)
    somewhere = re.compile(rb"(?<![\w$])" + name + rb"(?![\w$])")
    defined = re.compile(rb"(?:" + _KEYWORDS + rb")\b[^\n;{}]{0,80}?(?<![\w$])" + name + rb"(?![\w$])")
    sure: list[str] = []
    maybe: list[str] = []
    for path, text in texts.items():
        if word.encode() not in text or not all(one.encode() in text or one in path for one in holders):
            continue
        if path.lower().endswith(PYTHON):
            if in_python.search(text):
                sure.append(path)
        elif somewhere.search(text):
            (sure if defined.search(text) else maybe).append(path)
    return sorted(sure + maybe) if len(sure) + len(maybe) <= COMMON else sure


def _matching(name: str, path: str, found: Iterable[Symbol]) -> Iterator[Part]:
    """The symbols of a file that a name means, those of one qualified name as one part."""
    module = path.rpartition(".")[0].replace("/", ".")
    for folder in _FOLDERS:
        module = module.removesuffix(f".{folder}")
    spans: dict[str, tuple[int, int]] = {}
    for symbol in found:
        if f".{module}.{symbol.name}".endswith(f".{name}"):
            first, last = spans.get(symbol.name, (symbol.first, symbol.last))
            spans[symbol.name] = min(first, symbol.first), max(last, symbol.last)
    for full, (first, last) in spans.items():
        yield Part(path, first, last, full)
