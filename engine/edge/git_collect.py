"""Looks at what an attempt left in its worktree and makes all of it reachable, whatever state that is in."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from engine.core.gauged import ErrorType, TaskError
from engine.edge.git import ZERO, Git, branch_ref, is_sha, shown
from engine.edge.git_admin import Head, admin_of, head_of, other_heads, unfinished
from engine.edge.git_changes import Changes, look, note_at, set_index, sorted_out, take
from engine.edge.git_commits import changed_between, count, is_ancestor, made_by, tree_of, write_commit
from engine.edge.git_site import Site, copy_index
from engine.edge.worktrees import share_index


class Collection(Struct, frozen=True):
    """`head` holds the branch's work, `commits` more than its base, differing in `files`. `left_over` are
    the files the agent had not committed, `issues` remarks, `problem` why the work cannot be used."""

    head: str
    commits: int
    files: tuple[str, ...] = ()
    left_over: tuple[str, ...] = ()
    issues: tuple[str, ...] = ()
    problem: TaskError | None = None


class Order(Struct, frozen=True):
    """What to collect, and how a commit of left-over changes is worded and dated."""

    path: Path
    branch: str
    base: str
    commit: bool
    message: str
    at: int
    rescue: str


class Found(Struct, frozen=True):
    """Where a worktree stands: `stand` is the commit its HEAD is at, `tip` its branch's (None: deleted),
    `others` are commits that only its git remembers, `staged` the tree of its own index."""

    stand: str
    tip: str | None
    others: tuple[str, ...]
    staged: str
    problem: TaskError | None


async def collect(site: Site, order: Order) -> Collection:
    """See what the attempt left. Everything becomes reachable from the ref `order.rescue`; with
    `order.commit`, and when nothing is wrong, left-over changes become one commit of the branch.

    The agent must be dead. Raises GitError when git fails or the branch moves meanwhile."""
    found = await survey(site, order)
    if not there(order.path):
        await keep(site, order, found, found.stand, [])
        return await report(site, order, found, found.tip or order.base, (), [])
    index = site.free_index(order.path)
    await set_index(site, order.path, index, found.stand)
    mark = site.mark(order.path)
    seen = await look(site, order.path, index)
    changes, issues = sorted_out(order.path, seen, mark.own if mark else ())
    return await settle(site, order, found, changes, issues)


def there(path: Path) -> bool:
    """Whether the worktree's folder exists; a link to another place does not count."""
    return path.is_dir() and not path.is_symlink()


async def settle(site: Site, order: Order, found: Found, changes: Changes, issues: list[str]) -> Collection:
    """Make commits of what was found, move the refs, leave the worktree clean."""
    git, index = site.git, site.index(order.path)
    commit, left, extra = found.stand, changes.all(), list(found.others)
    if left:
        issues += await take(site, order.path, index, changes)
        tree = (await git.run("write-tree", index=index)).decode().strip()
        if tree != await tree_of(git, found.stand):
            commit = await write_commit(git, tree, [found.stand], order.message, order.at)
            note_at(index, commit)
        else:
            left = ()
    if commit == found.stand and await made_by(git, commit, order.message, order.at):
        left = tuple(await changed_between(git, f"{commit}^", commit))  # done before a crash
    elif found.staged and await only_staged(git, found, commit):
        message = f"staged by the agent\n\n{order.message}"
        extra.append(await write_commit(git, found.staged, [found.stand], message, order.at))
    moved = order.commit and not found.problem
    await keep(site, order, found, commit, extra)
    if moved and left:
        share_index(site, order.path)
    head = commit if moved else found.tip or order.base
    return await report(site, order, found, head, left, issues)


async def only_staged(git: Git, found: Found, commit: str) -> bool:
    """Whether the agent's index holds content that is neither in its last commit nor in `commit`."""
    before = await changed_between(git, found.stand, found.staged)
    return bool(before) and bool({*before}.intersection(await changed_between(git, found.staged, commit)))


async def survey(site: Site, order: Order) -> Found:
    """Where branch, HEAD and the agent's own index are, and what is wrong with that."""
    git, ref = site.git, branch_ref(order.branch)
    tip = await git.tip(ref)
    admin = admin_of(site.admins, order.path)
    head = head_of(admin) if admin else Head()
    stand = await git.tip(head.name) if head.ref or is_sha(head.sha) else None
    others, staged, problem = await memories(site, order, admin)
    if not there(order.path):
        problem = missing(f"the worktree {order.path} was deleted")
    elif admin is None:
        problem = missing(f"git does not know the folder {order.path} as a worktree any more")
    elif word := unfinished(admin):
        problem = trouble(f"the agent left a {word} unfinished", git_c(order, word, "--abort"))
    elif tip is None:
        problem = trouble(f"the branch {order.branch} was deleted", git_c(order, "log"))
    elif head.ref != ref:
        problem = switched(order, head)
    elif not await is_ancestor(git, order.base, tip):
        problem = rewritten(order)
    return Found(stand or tip or order.base, tip, tuple(others), staged, problem)


def switched(order: Order, head: Head) -> TaskError:
    where = f"the branch {head.ref.removeprefix('refs/heads/')}" if head.ref else "no branch"
    message = f"the agent left its branch {order.branch} and was on {where}"
    return trouble(message, git_c(order, "switch", order.branch))


def rewritten(order: Order) -> TaskError:
    message = f"the branch {order.branch} no longer starts at {order.base[:10]}, where the task began"
    return trouble(message, git_c(order, "rebase", order.base[:10]))


def missing(message: str) -> TaskError:
    hint = "look for its files, if they were moved"
    return trouble(message, hint, kind=ErrorType.ENVIRONMENT)


def trouble(message: str, *hints: str, kind: ErrorType = ErrorType.IMPLEMENTATION) -> TaskError:
    last = "retry the task: it starts again in a new worktree, and this one's work is kept"
    return TaskError(kind, message, "collecting what the agent left, judged by git", (*hints, last))


def git_c(order: Order, *words: str) -> str:
    return shlex.join(["git", "-C", str(order.path), *words])


async def memories(site: Site, order: Order, admin: Path | None) -> tuple[list[str], str, TaskError | None]:
    """What only the worktree's own git remembers: commits of an unfinished operation, and the tree of
    its index, or that the index holds conflicts."""
    if admin is None:
        return [], "", None
    others = [sha for sha in other_heads(admin) if is_sha(sha) and await site.git.tip(sha)]
    if not (admin / "index").exists():
        return others, "", None
    if untouched(admin / "index", site.index(order.path)):
        return others, "", None
    theirs = site.free_index(order.path, "theirs")
    copy_index(admin / "index", theirs)
    answer = await site.git.ask("write-tree", index=theirs)
    theirs.unlink(missing_ok=True)
    if answer.code == 0:
        return others, answer.out.decode().strip(), None
    if "unmerged" in answer.err:
        problem = trouble("the agent left files with conflicts", git_c(order, "status"))
        return others, "", problem
    return others, "", None


def untouched(index: Path, own: Path) -> bool:
    """Whether the agent's index still is the copy of the engine's own that it was given."""
    if not own.exists():
        return False
    theirs, mine = index.stat(), own.stat()
    return (theirs.st_size, theirs.st_mtime_ns) == (mine.st_size, mine.st_mtime_ns)


async def keep(site: Site, order: Order, found: Found, commit: str, extra: list[str]) -> None:
    """Point the rescue ref at everything the attempt left, and after it the branch at `commit` if it is
    to move. What an earlier pass rescued stays rescued."""
    before = await site.git.tip(order.rescue)
    others = [sha for sha in (found.tip, *extra) if sha and sha != found.stand]
    rescued = await bundle(site, order, commit, others, before)
    lines = f"update {order.rescue} {rescued}\n" if rescued != before else ""
    if order.commit and not found.problem and commit != found.tip:
        lines += f"update {branch_ref(order.branch)} {commit} {found.tip or ZERO}\n"
    if lines:
        await site.git.run("update-ref", "--stdin", input=lines.encode())


async def bundle(site: Site, order: Order, commit: str, others: Sequence[str], before: str | None) -> str:
    """One commit from which `commit`, `others` and what was rescued `before` can be reached."""
    git = site.git
    wanted = [sha for sha in dict.fromkeys(others) if not await is_ancestor(git, sha, commit)]
    if before and all([await is_ancestor(git, sha, before) for sha in (commit, *wanted)]):
        return before
    if before and not await is_ancestor(git, before, commit):
        wanted.append(before)
    if not wanted:
        return commit
    message = f"everything the attempt left\n\n{order.message}"
    return await write_commit(git, await tree_of(git, commit), [commit, *wanted], message, order.at)


async def report(
    site: Site, order: Order, found: Found, head: str, left: Sequence[bytes], issues: Sequence[str]
) -> Collection:
    """What the attempt came to: its commits and files between the base and `head`, and what went wrong."""
    files: list[bytes] = []
    commits = 0
    if head != order.base:
        files = await changed_between(site.git, order.base, head)
        just_left_overs = found.stand == order.base and not found.problem
        commits = 1 if just_left_overs else await count(site.git, order.base, head)
    names = tuple(shown(name) for name in files)
    mark = site.mark(order.path)
    own = mark.own if mark else ()
    leaked = [f"{name}: a set-up file was committed" for name in names if name in own]
    left_over = tuple(shown(name) for name in left)
    return Collection(head, commits, names, left_over, (*issues, *leaked), found.problem)
