"""Lands on the base branch, fast-forward only: the one step that touches a checkout of the person's.

While it works on a checkout it holds git's own `index.lock` there, with the new commit's sha in it, so
that a person's git waits, and so that an engine that comes back after a crash knows the lock for its own.
Files first, then the index, then the ref: every path has its old or its new content at each moment.
"""

from __future__ import annotations

import contextlib
import os
import shlex
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from engine.core.errors import GitError
from engine.edge.git import branch_ref, named, shown
from engine.edge.git_admin import folders, head_of, rebasing, text, unfinished
from engine.edge.git_changes import look, stage
from engine.edge.git_commits import changed_between, count, is_ancestor
from engine.edge.git_site import Site, copy_index, write_durably
from engine.edge.view import git_dir

SIGN = "wavetree landing "


class Landing(Struct, frozen=True):
    """Whether the base branch is at `sha`. `commits` is how many it was moved by; when it was not moved,
    `reason` says why and `remedy` is the command to type."""

    done: bool
    sha: str
    commits: int = 0
    reason: str = ""
    remedy: str = ""


class Checkout(Struct, frozen=True):
    """A working tree that has the base branch checked out, and its own git directory."""

    root: Path
    gitdir: Path

    @property
    def lock(self) -> Path:
        return self.gitdir / "index.lock"


class Step(Struct, frozen=True):
    """One landing: `ref` goes from `old` to `new`."""

    ref: str
    old: str
    new: str


class Busy(Exception):
    """A checkout that cannot be touched now: why, and what to type (`{merge}` is the merge itself)."""

    def __init__(self, reason: str, remedy: str = "{merge}") -> None:
        super().__init__(reason)
        self.reason = reason
        self.remedy = remedy


async def land(site: Site, base_branch: str, new: str) -> Landing:
    """Fast-forward `base_branch` to `new`, in its checkout too when that is clean. Otherwise nothing is
    touched and the answer says what to do. Raises GitError when the branch does not exist or git fails."""
    try:
        return await landed(site, base_branch, new)
    finally:
        for place in everywhere(site):
            if (text(place.lock) or "").startswith(SIGN):  # a killed engine's; the branch was moved already
                place.lock.unlink(missing_ok=True)


async def landed(site: Site, base_branch: str, new: str) -> Landing:
    """The landing without its clean-up: move the branch, and with it every checkout of it that is clean."""
    ref = branch_ref(base_branch)
    tip = await site.git.sha(f"{ref}^{{commit}}")
    if await is_ancestor(site.git, new, tip):
        return Landing(True, tip, await counted(site, ref, new))
    if not await is_ancestor(site.git, tip, new):
        reason = f"{base_branch} has moved on to {tip[:10]}, which is not part of what would land"
        return Landing(False, tip, 0, reason, await merge_by_hand(site, site.checkout, new, "--no-ff"))
    step = Step(ref, tip, new)
    note(site, step)
    places = checkouts(site, ref)
    try:
        for place in places:
            refuse_when_busy(place, ref)
        await move(site, step, [place for place in places if head_of(place.gitdir).ref == ref])
    except Busy as busy:
        root = places[0].root if places else site.checkout
        merge = await merge_by_hand(site, root, new, "--ff-only")
        return Landing(False, tip, 0, busy.reason, busy.remedy.format(merge=merge))
    return Landing(True, new, await counted(site, ref, new))


def note(site: Site, step: Step) -> None:
    """Write down where the branch was, so that a second call can count the commits."""
    write_durably(site.state / "landing", f"{step.ref}\n{step.old}\n{step.new}\n".encode())


async def counted(site: Site, ref: str, new: str) -> int:
    """By how many commits the landing of `new` moved the branch; 0 when it was there without one."""
    noted = (text(site.state / "landing") or "").split()
    return await count(site.git, noted[1], new) if noted[:1] == [ref] and noted[2:] == [new] else 0


async def merge_by_hand(site: Site, root: Path, new: str, how: str) -> str:
    """The command that a person can paste to do the landing, by a branch's name when one is there."""
    refs = await site.git.run("for-each-ref", "--format=%(refname:short)", f"--points-at={new}", "refs/heads")
    name = next(iter(refs.decode("utf-8", "replace").split()), new)
    return shlex.join(["git", "-C", str(root), "merge", how, name])


def everywhere(site: Site) -> list[Checkout]:
    """Every working tree of the repository, whether it is there or not."""
    found = []
    if site.git.common.name == ".git":
        found.append(Checkout(site.git.common.parent, site.git.common))
    elif (own := git_dir(site.checkout)) == site.git.common:
        found.append(Checkout(site.checkout, own))
    for admin in folders(site.admins):
        if noted := (text(admin / "gitdir") or "").strip():
            found.append(Checkout(Path(os.path.normpath(admin / noted)).parent, admin))
    return found


def checkouts(site: Site, ref: str) -> list[Checkout]:
    """Every working tree on that branch, or in the middle of rebasing it; a bare repository is none."""
    on_it = [
        place for place in everywhere(site) if ref in (head_of(place.gitdir).ref, rebasing(place.gitdir))
    ]
    return [place for place in on_it if place.root.is_dir() and (place.gitdir / "index").exists()]


def refuse_when_busy(place: Checkout, ref: str) -> None:
    at = shlex.quote(str(place.root))
    if word := unfinished(place.gitdir):
        advice = f"git -C {at} status" if word in ("bisect", "merge") else f"git -C {at} {word} --continue"
        raise Busy(f"a {word} is unfinished in {place.root}", f"{advice} && {{merge}}")
    if (place.gitdir / "info" / "sparse-checkout").exists():
        raise Busy(f"{place.root} is a sparse checkout")


async def move(site: Site, step: Step, places: list[Checkout]) -> None:
    """The files and the index of every checkout, then the branch; all back when the branch has moved."""
    with contextlib.ExitStack() as held:
        begun = {place: held.enter_context(locked(site, place, step)) for place in places}
        for place in places:
            await check(site, step, place, begun=begun[place])
        brought: list[Checkout] = []
        try:
            for place in places:
                await bring(site, step, place)
                brought.append(place)
            await site.git.run("update-ref", "-m", "wavetree: land", step.ref, step.new, step.old)
        except (Busy, GitError):
            for place in brought:
                await bring(site, Step(step.ref, step.new, step.old), place)
            raise


@contextlib.contextmanager
def locked(site: Site, place: Checkout, step: Step) -> Iterator[bool]:
    """Hold the checkout's `index.lock`; one that a killed engine left is taken over. Whether that one was
    about the same step, which may have been begun then."""
    draft = site.state / "landing-lock"
    draft.write_text(f"{SIGN}{step.new}\n")
    begun = text(place.lock) == text(draft)
    try:
        place.lock.hardlink_to(draft)
    except FileExistsError:
        if not (text(place.lock) or "").startswith(SIGN):
            raise Busy(f"another git is at work in {place.root} ({place.lock} is there)") from None
    draft.unlink()
    try:
        yield begun
    finally:
        place.lock.unlink(missing_ok=True)


async def check(site: Site, step: Step, place: Checkout, *, begun: bool) -> None:
    """Put the checkout's present state into the private index. Raises Busy when any path has neither its
    old nor its new content; with `begun` what a killed landing had begun to write does not count."""
    index = site.free_index(place.root, "land")
    copy_index(place.gitdir / "index", index)
    try:
        touched = set(await changed_between(site.git, step.old, step.new))
        await refuse_own_filters(site, place, touched)
        if strange := await strangers(site, step, index):
            raise dirty(place, strange, "staged")
        suspects = await differing(site, place, index, touched)
        if strange := suspects - touched:
            raise dirty(place, strange, "changed")
        if suspects and (refused := await stage(site, place.root, index, sorted(suspects))):
            raise Busy(f"{place.root} could not be looked at: {refused}")
        strange = await strangers(site, step, index)
        if begun and strange:
            await finish(site, step, place, index, strange)
            strange = await strangers(site, step, index)
        if strange:
            raise dirty(place, strange, "changed")
    except GitError as error:
        raise Busy(f"{place.root} could not be looked at: {error.text.strip()}") from error


async def differing(site: Site, place: Checkout, index: Path, touched: set[bytes]) -> set[bytes]:
    """The paths whose files are not as in `index`, and untracked or ignored files where the new commit
    has one of its own."""
    await site.git.run("update-index", "-q", "--refresh", ok=(0, 1), index=index, worktree=place.root)
    changes = await look(site, place.root, index)
    tracked = set((await site.git.run("ls-files", "-z", index=index)).split(b"\0"))
    root = os.fsencode(place.root)
    in_the_way = {name for name in touched - tracked if os.path.lexists(root + b"/" + name)}
    return {*changes.gone, *changes.edited, *in_the_way}


async def refuse_own_filters(site: Site, place: Checkout, touched: set[bytes]) -> None:
    """A filter that only the repository's config names is never run here; files that need it are left to
    the person's own git."""
    config = str(site.git.common / "config")
    named_here = await site.git.ask("config", "--includes", "--file", config, "--get-regexp", r"^filter\.")
    if named_here.code == 0 and touched:
        names = b"\0".join(sorted(touched))
        out = await site.git.run("check-attr", "-z", "--stdin", "filter", input=names, worktree=place.root)
        if set(out.split(b"\0")[2::3]) - {b"unspecified", b"unset"}:
            raise Busy(f"{place.root} has files that a filter of its own config makes")


async def finish(site: Site, step: Step, place: Checkout, index: Path, names: set[bytes]) -> None:
    """Write those of the files whole that a killed git had taken away or begun to write."""
    blobs = {name: await site.git.read(f"{step.new}:{os.fsdecode(name)}") for name in names}
    halves = sorted(name for name, blob in blobs.items() if blob and half_written(place, name, blob))
    if halves:
        whole = site.free_index(place.root, "whole")
        await site.git.run("read-tree", step.new, index=whole)
        listed = b"\0".join(halves)
        await site.git.run(
            "checkout-index", "-f", "-z", "--stdin", input=listed, index=whole, worktree=place.root
        )
        await stage(site, place.root, index, halves)


def half_written(place: Checkout, name: bytes, blob: bytes) -> bool:
    """Whether the file is not there, or holds a beginning of `blob` and not all of it."""
    path = Path(os.fsdecode(os.fsencode(place.root) + b"/" + name))
    if not os.path.lexists(path):
        return True
    if path.is_symlink() or not path.is_file():
        return False
    content = path.read_bytes()
    return len(content) < len(blob) and blob.startswith(content)


async def strangers(site: Site, step: Step, index: Path) -> set[bytes]:
    """The paths whose entry in `index` is neither the old nor the new commit's."""
    both = []
    for commit in (step.old, step.new):
        out = await site.git.run(
            "diff-index", "--cached", "-z", "--name-only", "--no-renames", commit, index=index
        )
        both.append({name for name in out.split(b"\0") if name})
    return both[0] & both[1]


def dirty(place: Checkout, paths: set[bytes], how: str) -> Busy:
    names = [shown(path) for path in paths]
    at = shlex.quote(str(place.root)).replace("{", "{{").replace("}", "}}")
    stash = f"git -C {at} stash --include-untracked && {{merge}} && git -C {at} stash pop"
    return Busy(f"files are {how} in {place.root}: {named(names)}; commit or stash them first", stash)


async def bring(site: Site, step: Step, place: Checkout) -> None:
    """Bring files, then the index, from the old commit to the new one."""
    index = site.index(place.root, "land")
    answer = await site.git.ask("read-tree", "-m", "-u", step.old, step.new, index=index, worktree=place.root)
    if answer.code:
        raise Busy(f"{place.root} could not be updated: {answer.err.strip()}")
    copy_index(index, place.gitdir / "index")
