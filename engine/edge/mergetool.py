"""A file in conflict before the person's own merge tool, in a repository that has nothing else (M129)."""

from __future__ import annotations

import os
from pathlib import Path

from engine.core.errors import Refused
from engine.core.hunks import left_mark, marked
from engine.edge.git_query import ask
from engine.edge.git_sides import Sides

SETTINGS = r"^(merge\.(tool|guitool|conflictstyle)|mergetool\..*)$"
"""What the checkout says of its own about merge tools; the person's own settings hold anyhow."""


def lay_out(checkout: Path, one: Sides, folder: Path) -> list[str]:
    """Make a repository in the empty `folder` in which the file is in conflict as it is in the run, with what
    `checkout` says of merge tools; the words that open the person's tool on it. Raises GitError."""
    import git

    git.Repo.init(folder).close()
    ask(folder, ["config", "core.autocrlf", "false"])
    for entry in ask(checkout, ["config", "--null", "--get-regexp", SETTINGS], fine=(0, 1)).split(b"\0"):
        key, _, value = os.fsdecode(entry).partition("\n")
        if key:
            ask(folder, ["config", "--add", key, value])
    name, stages = _name(one), b""
    for stage, content in enumerate((one.base, one.ours, one.theirs), 1):
        if content is not None:
            blob = ask(folder, ["hash-object", "-w", "--stdin"], content).strip()
            stages += b"100644 %s %d\t%s\0" % (blob, stage, os.fsencode(name))
    ask(folder, ["update-index", "-z", "--index-info"], stages)
    text = marked(one.parts, one.ours_name, one.theirs_name).encode() if one.parts else one.ours or one.theirs
    Path(folder, name).write_bytes(text or b"")
    where = [f"--git-dir={folder / '.git'}", f"--work-tree={folder}"]
    return ["git", "-C", str(folder), *where, "mergetool", "--no-prompt", "--", name]


def taken(one: Sides, folder: Path) -> bytes | None:
    """What the tool made of the file, None when it was deleted. Raises Refused when the conflict is left."""
    place = folder / _name(one)
    content = place.read_bytes() if place.exists() else None
    if ask(folder, ["ls-files", "--unmerged"]):
        raise Refused("the merge tool left the conflict as it was; nothing was chosen", "open it once more")
    if line := left_mark((content or b"").decode("utf-8", "replace")):
        raise Refused(f"line {line}: a conflict mark is left; nothing was chosen", "open it once more")
    return content


def _name(one: Sides) -> str:
    name = Path(one.file).name
    return "file" if name.casefold().startswith(".git") else name
