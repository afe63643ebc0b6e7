"""The engine's own view of a repository: a GIT_DIR whose config and hooks no agent can reach (S1, S2).

It shares refs, objects and ignore rules with the repository by symlink and has a config of its own,
into which only keys that can start no program are copied. Filters may come from the user's global
config alone.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from engine.core.errors import Fault, GitError, PreflightError
from engine.edge.git import Git

SHARED = ("refs", "objects", "packed-refs", "logs", "shallow", "lfs", "info/exclude", "info/attributes")
EXTENSIONS = frozenset(
    {
        "objectformat",
        "partialclone",
        "worktreeconfig",
        "noop",
        "noop-v1",
        "preciousobjects",
        "relativeworktrees",
    }
)
INERT = frozenset(
    {
        "core.repositoryformatversion",
        "core.autocrlf",
        "core.eol",
        "core.ignorecase",
        "core.precomposeunicode",
        "core.symlinks",
        "core.filemode",
        "core.protecthfs",
        "core.protectntfs",
        "core.trustctime",
        "core.checkstat",
        "core.bigfilethreshold",
        "core.sharedrepository",
        "core.excludesfile",
        "core.attributesfile",
        "extensions.objectformat",
        "extensions.partialclone",
        "user.name",
        "user.email",
    }
)
PROMISOR = re.compile(r"remote\.(.+)\.(url|promisor|partialclonefilter)", re.DOTALL)


def fixed() -> dict[str, str]:
    """What holds for every git call of the engine, whatever the user's own config says."""
    workers = str(max(1, min(4, os.cpu_count() or 1)))
    return {
        "core.bare": "false",
        "core.hooksPath": os.devnull,
        "core.fsmonitor": "false",
        "core.splitIndex": "false",
        "core.sparseCheckout": "false",
        "core.fsync": "committed",
        "core.fsyncMethod": "batch",
        "core.packedRefsTimeout": "10000",
        "core.filesRefLockTimeout": "10000",
        "core.logAllRefUpdates": "true",
        "core.editor": "false",
        "core.pager": "cat",
        "gc.auto": "0",
        "maintenance.auto": "false",
        "commit.gpgSign": "false",
        "submodule.recurse": "false",
        "index.sparse": "false",
        "i18n.commitEncoding": "UTF-8",
        "merge.renames": "true",
        "merge.directoryRenames": "conflict",
        "merge.conflictStyle": "merge",
        "diff.renames": "true",
        "checkout.workers": workers,
        "checkout.thresholdForParallelism": "1000",
    }


def git_dir(checkout: Path) -> Path:
    """The git directory that `checkout/.git` is or names. Raises GitError when it is none."""
    dot = checkout / ".git"
    try:
        found = dot if dot.is_dir() else (checkout / dot.read_text().removeprefix("gitdir:").strip())
    except (OSError, UnicodeDecodeError) as error:
        raise GitError(("open", str(checkout)), 128, f"{checkout} is not a git checkout") from error
    if not (found / "HEAD").exists():
        raise GitError(("open", str(checkout)), 128, f"{checkout} is not a git checkout: no {found}/HEAD")
    return Path(os.path.realpath(found))


def common_dir(gitdir: Path) -> Path:
    """The directory that all worktrees of the repository share."""
    try:
        return Path(os.path.realpath(gitdir / (gitdir / "commondir").read_text().strip()))
    except FileNotFoundError:
        return gitdir


async def build(git: Git) -> None:
    """Make the view of `git`, or bring it up to the repository's present config.

    Raises PreflightError when the repository has an extension that nobody here has tried."""
    git.view.mkdir(mode=0o700, parents=True, exist_ok=True)
    (git.view / "info").mkdir(exist_ok=True)
    (git.common / "logs").mkdir(exist_ok=True)  # a bare repository may have none
    for name in SHARED:
        link(git.view / name, git.common / name)
    write(git.view / "HEAD", "ref: refs/heads/nothing-is-checked-out-here\n")
    config = git.common / "config"
    listed = await git.run("config", "--list", "--null", "--file", str(config)) if config.exists() else b""
    own = inert(pairs(listed))
    write(git.view / "config", rendered(own, fixed()))
    everything = dict(pairs(await git.run("config", "--list", "--null")))
    for key, value in (("user.name", "wavetree"), ("user.email", "wavetree@localhost")):
        if not everything.get(key, "").strip():
            own.append((key, value))
    write(git.view / "config", rendered(own, fixed()))


def link(place: Path, target: Path) -> None:
    if not place.is_symlink() or place.readlink() != target:
        place.unlink(missing_ok=True)
        place.symlink_to(target)


def write(place: Path, text: str) -> None:
    """Replace a file as one act, so that no reader and no crash sees half of it."""
    draft = place.with_name(f"{place.name}.new")
    draft.write_text(text, encoding="utf-8", errors="surrogateescape")
    draft.replace(place)


def pairs(listed: bytes) -> list[tuple[str, str]]:
    """The entries of `git config --list --null`; a key without a value means true."""
    entries = [entry.decode("utf-8", "surrogateescape") for entry in listed.split(b"\0") if entry]
    return [(key, value if given else "true") for key, given, value in (e.partition("\n") for e in entries)]


def inert(entries: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """The entries that can start no program. Raises PreflightError for an unknown extension."""
    for key, value in entries:
        section, _, name = key.partition(".")
        if section == "extensions" and name not in EXTENSIONS:
            message = f"the repository uses the git extension {name} ({value}), which wavetree does not know"
            raise PreflightError([Fault(message=message)])
    kept = [(key, value) for key, value in entries if key in INERT]
    promisor = dict(kept).get("extensions.partialclone")
    if promisor is None:
        return kept
    return kept + [(key, value) for key, value in entries if promises(key, promisor)]


def promises(key: str, remote: str) -> bool:
    """Whether `key` says where a partial clone gets its missing objects from."""
    match = PROMISOR.fullmatch(key)
    return match is not None and match[1] == remote


def rendered(own: Sequence[tuple[str, str]], forced: Mapping[str, str]) -> str:
    """A config file; the forced entries come last and win."""
    return "".join(entry(key, value) for key, value in [*own, *forced.items()])


def entry(key: str, value: str) -> str:
    section, _, rest = key.partition(".")
    middle, _, name = rest.rpartition(".")
    head = f'[{section} "{escaped(middle)}"]' if middle else f"[{section}]"
    return f'{head}\n\t{name} = "{escaped(value)}"\n'


def escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
