"""No conflict is missed for want of a common path: all pairs of random branches against git's own word."""

from __future__ import annotations

import subprocess
from itertools import combinations
from random import Random

import pytest
from real_repository import Repo

from engine.edge.git_repository import Repository
from engine.edge.live_compare import Comparison
from engine.edge.live_merges import Merge, merge_all
from engine.edge.live_overlaps import Side
from engine.edge.live_sides import candidates, difference

FOLDERS = ("d0", "d1", "d1/deep", "d2")
FILES = {
    f"{folder}/f{number}": [f"{folder} {number} line {line}" for line in range(9)]
    for folder in FOLDERS
    for number in range(3)
}


def data(lines: list[str]) -> str:
    text = "\n".join(lines) + "\n"
    return f"data {len(text)}\n{text}\n"


def change(chance: Random, files: dict[str, list[str]]) -> str:
    """One change as `git fast-import` is told; `files` are brought up to date."""
    path = chance.choice(sorted(files))
    kind = chance.choice(
        ("edit", "edit", "edit", "delete", "move", "move folder", "add", "to file", "to folder")
    )
    folder = path.rpartition("/")[0]
    if not folder:
        kind = "edit"
    if kind == "edit":
        files[path] = [*files[path]]
        files[path][chance.randrange(9)] = f"changed {chance.randrange(3)}"
        return f"M 100644 inline {path}\n{data(files[path])}"
    if kind == "delete":
        del files[path]
        return f"D {path}\n"
    if kind == "move":
        target = chance.choice((f"{chance.choice(FOLDERS)}/moved", f"{folder}/renamed", "new/place"))
        if target in files or target.startswith(f"{path}/") or any(name.startswith(target) for name in files):
            return ""
        files[target] = files.pop(path)
        return f"R {path} {target}\n"
    if kind == "move folder":
        target = chance.choice(("e0", "e1", "d2/e"))
        if any(name.startswith((f"{target}/", f"{folder}/d")) or name == target for name in files):
            return ""
        if target.startswith(f"{folder}/"):
            return ""
        for name in [name for name in files if name.startswith(f"{folder}/")]:
            files[target + name.removeprefix(folder)] = files.pop(name)
        return f"R {folder} {target}\n"
    if kind == "add":
        target = f"{folder}/new{chance.randrange(3)}"
        if any(name.startswith(target) for name in files):
            return ""
        files[target] = [f"new {chance.randrange(3)}"] * 9
        return f"M 100644 inline {target}\n{data(files[target])}"
    if kind == "to file":
        for name in [name for name in files if name.startswith(f"{folder}/")]:
            del files[name]
        files[folder] = ["a file now"] * 9
        return f"D {folder}\nM 100644 inline {folder}\n{data(files[folder])}"
    files[f"{path}/inside"] = files.pop(path)
    return f"D {path}\nM 100644 inline {path}/inside\n{data(files[f'{path}/inside'])}"


def branches(repo: Repo, seed: int, count: int) -> tuple[str, list[str]]:
    """The start of `count` branches with a few random changes each, and their tips."""
    chance = Random(seed)
    who = "committer Ada <ada@example.org> 1700000000 +0000\n"
    start = "".join(f"M 100644 inline {path}\n{data(lines)}" for path, lines in FILES.items())
    stream = [f"commit refs/heads/start\nmark :1\n{who}data 5\nstart\n{start}\n"]
    for number in range(count):
        files = dict(FILES)
        changes = "".join(change(chance, files) for _ in range(chance.randint(1, 4)) if files)
        stream.append(f"commit refs/heads/b{number}\n{who}data 4\nwork\nfrom :1\n{changes}\n")
    argv = ["git", "-C", str(repo.root), "fast-import", "--quiet", "--force"]
    subprocess.run(argv, input="".join(stream), text=True, check=True)
    tips = repo.git("rev-parse", "start", *(f"b{number}" for number in range(count))).split()
    return tips[0], tips[1:]


@pytest.mark.parametrize("seed", range(2))
async def test_every_pair_that_git_refuses_is_a_conflict_and_no_other(
    repo: Repo, wave: Repository, seed: int
) -> None:
    base, tips = branches(repo, seed, 30)
    sides = {tip: Side(tip, base, await difference(wave.git, base, tip)) for tip in dict.fromkeys(tips)}
    pairs = list(combinations(sides, 2))
    merges = dict(zip(pairs, await merge_all(wave.git, pairs), strict=True))
    refused = {pair for pair, merge in merges.items() if not (isinstance(merge, Merge) and merge.clean)}
    comparison = Comparison(wave.git, repo.beside / "rules", lambda path: False)
    overlaps, failed = await comparison.compare(sides, base)
    assert {one.pair for one in overlaps if one.conflict} == refused
    assert failed == {}
    tried = candidates({name: side.diff for name, side in sides.items()})
    assert 0 < len(refused) < len(tried) < len(pairs)
