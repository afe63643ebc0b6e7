"""Agents that do anything with their files, and what of it has to be there afterwards."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from hypothesis import strategies as st

SHARED = ("app.txt", "src/one.txt")
REFUSED = "REFUSED"
"""No gate lets a file with this word pass."""


class Deed(NamedTuple):
    """One thing that an agent does, with the file it does it to."""

    what: str
    file: str = ""


_NOTHING = st.just("")
_FILES = st.sampled_from(("own.txt", "own.txt", "new folder/own", "app.txt", "app.txt", "src/one.txt"))
_WRITES = st.builds(Deed, st.sampled_from(("add", "top", "change", "whole")), _FILES)
_COMMITS = st.builds(Deed, st.sampled_from(("commit", "commit", "amend", "stage")), _NOTHING)
_SLEEPS = st.builds(Deed, st.just("sleep"), _NOTHING)
_REMOVES = st.builds(Deed, st.sampled_from(("delete", "move")), _FILES)
_ODD = st.sampled_from(("branch", "detach", "milestone", "milestone", "refused", "fail"))
_ODDITIES = st.builds(Deed, _ODD, _NOTHING)
_DEEDS = st.one_of(_WRITES, _WRITES, _WRITES, _COMMITS, _SLEEPS, _SLEEPS, _SLEEPS, _REMOVES)
works = st.builds(
    lambda first, more, odd: [*first, *more[: len(more) // 2], *odd, *more[len(more) // 2 :]],
    st.lists(_WRITES, min_size=1, max_size=2),
    st.lists(_DEEDS, min_size=6, max_size=16),
    st.one_of(st.just([]), st.just([]), st.lists(_ODDITIES, max_size=2)),
)
"""What one agent does in all its attempts."""


def _line(name: str, attempt: object, place: int) -> str:
    return f"{name}-{attempt}-{place}-"


def _file(name: str, deed: Deed) -> str:
    """Where the deed is done: a file that all have, or one of the agent's own."""
    return deed.file if deed.file in SHARED else f"{deed.file.rpartition('.')[0] or deed.file} {name}.txt"


def script(name: str, work: Sequence[Deed], notes: Path) -> str:
    """The work as shell commands; each deed is noted outside of git when it is begun and when it is done."""
    steps = [f'note() {{ echo "{name} $WAVETREE_ATTEMPT $*" >> "{notes}"; }}']
    for place, deed in enumerate(work):
        doing = _command(deed, _file(name, deed), _line(name, "$WAVETREE_ATTEMPT", place), name, place)
        steps.append(f"note {place} begin; if {doing}; then note {place} done $(git rev-parse HEAD); fi")
    return "\n".join(steps)


def _command(deed: Deed, file: str, line: str, name: str, place: int) -> str:
    match deed.what:
        case "add":
            return f'mkdir -p "$(dirname "{file}")" && echo "{line}" >> "{file}"'
        case "top":
            return f'test -s "{file}" && sed -i "1i {line}" "{file}"'
        case "change":
            mine = f"{name}-$WAVETREE_ATTEMPT-[0-9]*-"
            return f'grep -qx "{mine}" "{file}" && sed -i "s/^{mine}$/{line}/" "{file}"'
        case "whole":
            return f'mkdir -p "$(dirname "{file}")" && echo "{line}" > "{file}"'
        case "delete":
            return f'rm "{file}"'
        case "move":
            return f'mv "{file}" "moved {place} {name}.txt"'
        case "commit":
            return f"git add -A && git commit -qm {line}"
        case "amend":
            mine = f"git log -1 --format=%s | grep -q ^{name}-$WAVETREE_ATTEMPT-"
            return f"{mine} && git add -A && git commit -q --amend -m {line}"
        case "stage":
            return "git add -A"
        case "branch":
            return f"git switch -q -c side-{line}"
        case "detach":
            return "git switch -q --detach"
        case "milestone":
            return "echo '::wavetree milestone=\"stone\"'"
        case "refused":
            return f"echo {REFUSED} > refused-{name}.txt"
        case "fail":
            return "test $WAVETREE_ATTEMPT -gt 1 || exit 1"
        case _:
            return "sleep 0.15"


class Wrote(NamedTuple):
    """What an attempt's notes amount to: lines that were committed, lines that it left in files, and its
    commits."""

    committed: frozenset[str]
    left: frozenset[str]
    commits: frozenset[str]

    @property
    def lines(self) -> frozenset[str]:
        return self.committed | self.left


def wrote(works: dict[str, list[Deed]], notes: str) -> dict[tuple[str, int], Wrote]:
    """What each attempt of each agent wrote, from the notes. Of a deed that was begun and not noted as done
    nobody can say what came of it: what it may have removed or overwritten is not asked for."""
    noted: dict[tuple[str, int], list[tuple[int, str, str]]] = defaultdict(list)
    for row in notes.splitlines():
        name, attempt, place, how, *sha = row.split()
        noted[name, int(attempt)].append((int(place), how, sha[0] if sha else ""))
    return {(name, n): _wrote(name, n, works[name], rows) for (name, n), rows in noted.items()}


def _wrote(name: str, attempt: int, work: list[Deed], rows: list[tuple[int, str, str]]) -> Wrote:
    files: dict[str, set[str]] = defaultdict(set)
    commits: dict[str, set[str]] = {}
    done = {place: sha for place, how, sha in rows if how == "done"}
    for place in sorted({place for place, _, _ in rows}):
        deed, line = work[place], _line(name, attempt, place)
        file = _file(name, deed)
        if deed.what in ("whole", "delete", "change"):
            files[file].clear()
        if deed.what == "move":
            moved = files.pop(file, set())
            if place in done:
                files[f"moved {place} {name}.txt"] |= moved
        if deed.what == "amend" and commits:
            commits.popitem()
        if place not in done:
            continue
        if deed.what in ("add", "top", "change", "whole"):
            files[file].add(line)
        if deed.what in ("commit", "amend"):
            commits[done[place]] = {each for lines in files.values() for each in lines}
    left = frozenset(each for lines in files.values() for each in lines)
    return Wrote(frozenset(each for lines in commits.values() for each in lines), left, frozenset(commits))
