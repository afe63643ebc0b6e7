"""`wavetree resolve`: settle a conflict by hand: one side, both, or a text of your own (M129)."""

from __future__ import annotations

import argparse
import asyncio
import os
import shlex
import subprocess
import tempfile
from pathlib import Path

from engine import (
    Choice,
    Client,
    Part,
    Refused,
    Sides,
    UndoDecision,
    UsageError,
    clean,
    composed,
    left_mark,
    marked,
    tool_result,
)
from tui.cli.target import add_json, add_note, add_role, add_run, ask, by, client, examples, say, send


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "conflict",
        metavar="CONFLICT",
        help="its id, as `wavetree conflicts` lists it, or the task that has one",
    )
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--ours", action="store_true", help="take who came first, or what is merged")
    how.add_argument("--theirs", action="store_true", help="take who came later")
    how.add_argument("--both", action="store_true", help="take both, ours first, where they clash")
    how.add_argument("--both-theirs-first", action="store_true", help="take both the other way round")
    how.add_argument("--file", metavar="PATH", help="take the content of a file")
    how.add_argument("--edit", action="store_true", help="edit the merged text in $EDITOR")
    how.add_argument(
        "--mergetool", action="store_true", help="open it in your merge tool, as `git mergetool` does"
    )
    taken_back = "take the answer back, unless it was merged; a worktree that has got it keeps it"
    how.add_argument("--undo", action="store_true", help=taken_back)
    parser.add_argument("--path", metavar="FILE", default="", help="only this file of the conflict")
    add_note(parser)
    add_run(parser)
    add_role(parser)
    add_json(parser)
    examples(
        parser,
        "wavetree resolve c1",
        "wavetree resolve us-066 --ours",
        "wavetree resolve c1 --theirs --note 'the newer one has the fix'",
        "wavetree resolve c1 --path src/app.py --file /tmp/app.py",
    )


def run(args: argparse.Namespace) -> int:
    to = client(args.run, args.role)
    args.conflict = _meant(to, args.conflict)
    if args.undo:
        return _undo(to, args)
    sides = _wanted(asyncio.run(to.sides(args.conflict)), args.path)
    if not sides:
        raise Refused(
            f"the two sides of {args.conflict} do not clash now", f"wavetree conflicts {args.conflict}"
        )
    choice = _choice(args)
    if not (choice or args.file or args.edit or args.mergetool):
        say("\n".join(_shown(sides, args.conflict)), [_data(one) for one in sides], as_json=args.json)
        return 0
    if args.file and len(sides) != 1:
        names = ", ".join(one.file for one in sides)
        raise UsageError(f"{args.conflict} is about several files; --path says which", f"files: {names}")
    contents = {one.file: _content(to, one, choice, args) for one in sides}
    how = f"{choice.value if choice else 'edited'}: {', '.join(contents)}"
    command = asyncio.run(to.chosen(args.conflict, contents, sides, how=how, by=by(), note=args.note))
    over = to.state.ended
    words = ask(to, command)
    words = f"{args.conflict} is settled; {words}" if over else words
    say(words, {"ok": True, "run": to.run, "message": words, "files": list(contents)}, as_json=args.json)
    return 0


def _meant(to: Client, name: str) -> str:
    """The conflict of that id, or the only open one of that task."""
    if name in to.state.conflicts or name not in to.state.tasks:
        return name
    found = [one.id for one in to.state.conflicts.values() if one.open and one.grave and name in one.tasks]
    if len(found) > 1:
        raise UsageError(f"{name} has several open conflicts", f"wavetree resolve {' | '.join(found)}")
    return found[0] if found else name


def _undo(to: Client, args: argparse.Namespace) -> int:
    mine = [one for one in to.state.decisions if one.conflict == args.conflict and not one.undone]
    if not mine:
        raise Refused(f"{args.conflict} was not settled by hand", f"wavetree conflicts {args.conflict}")
    return send(to, UndoDecision(mine[-1].number, by(), args.note), as_json=args.json)


def _wanted(sides: tuple[Sides, ...], path: str) -> tuple[Sides, ...]:
    if not path:
        return sides
    if found := tuple(one for one in sides if one.file == path):
        return found
    names = ", ".join(one.file for one in sides) or "none"
    raise UsageError(f"the conflict is not about {path}", f"files: {names}")


def _choice(args: argparse.Namespace) -> Choice | None:
    for name, choice in (
        ("ours", Choice.OURS),
        ("theirs", Choice.THEIRS),
        ("both", Choice.BOTH),
        ("both_theirs_first", Choice.REVERSED),
    ):
        if getattr(args, name):
            return choice
    return None


def _content(to: Client, one: Sides, choice: Choice | None, args: argparse.Namespace) -> bytes | None:
    if args.file:
        return _read(args.file)
    if args.mergetool:
        return _by_tool(to, one)
    if choice is None:
        return _edited(one, args.conflict)
    if one.parts:
        return composed(one.parts, [choice] * sum(part.clash for part in one.parts)).encode()
    if choice in (Choice.OURS, Choice.THEIRS):
        return one.ours if choice is Choice.OURS else one.theirs
    raise Refused(f"{clean(one.file)} is no text that both sides have", "--ours, --theirs or --file PATH")


def _read(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise UsageError(f"{clean(path)} cannot be read: {error.strerror}") from error


def _by_tool(to: Client, one: Sides) -> bytes | None:
    """What the person's merge tool makes of the file."""
    with tempfile.TemporaryDirectory(prefix="wavetree-") as name:
        folder = Path(name)
        if code := subprocess.call(to.mergetool(one, folder)):
            raise Refused(
                f"git mergetool ended with exit code {code}; nothing was settled",
                "git config merge.tool NAME",
            )
        return tool_result(one, folder)


def _edited(one: Sides, conflict: str) -> bytes:
    """The merged text as the person's editor left it; what is typed in vain is told where it is."""
    if not one.parts:
        raise Refused(f"{clean(one.file)} is no text that both sides have", "--ours, --theirs or --file PATH")
    editor = shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi")
    folder = Path(tempfile.mkdtemp(prefix="wavetree-"))
    place = folder / Path(one.file).name
    place.write_text(marked(one.parts, one.ours_name, one.theirs_name))
    try:
        code = subprocess.call([*editor, str(place)])
    except OSError as error:
        raise Refused(f"{editor[0]} cannot be started: {error.strerror}", "set $EDITOR") from error
    if code:
        raise Refused(f"{editor[0]} ended with exit code {code}; nothing was settled", str(place))
    content = place.read_bytes()
    if line := left_mark(content.decode("utf-8", "replace")):
        file, kept = shlex.quote(one.file), shlex.quote(str(place))
        raise Refused(
            f"line {line}: a conflict mark is left; nothing was settled",
            f"wavetree resolve {shlex.quote(conflict)} --path {file} --file {kept}",
        )
    place.unlink()
    folder.rmdir()
    return content


def _shown(sides: tuple[Sides, ...], conflict: str) -> list[str]:
    lines: list[str] = []
    for one in sides:
        lines.append(f"{clean(one.file)}: ours is {clean(one.ours_name)}, theirs is {clean(one.theirs_name)}")
        if not one.parts:
            lines.append(f"  ours {_there(one.ours)}, theirs {_there(one.theirs)}")
        number = 0
        for part in one.parts:
            if part.clash:
                number += 1
                lines += _hunk(part, number, one)
        lines.append("")
    return [
        *lines,
        f"wavetree resolve {conflict} --ours | --theirs | --both | --edit | --mergetool | --file PATH",
    ]


def _there(content: bytes | None) -> str:
    return "has no such file" if content is None else f"has {len(content)} bytes that are no text"


def _hunk(part: Part, number: int, one: Sides) -> list[str]:
    lines = [f"  place {number}"]
    for sign, name, text in (
        ("|", "before", part.base),
        ("<", one.ours_name, part.ours),
        (">", one.theirs_name, part.theirs),
    ):
        lines.append(f"    {sign} {clean(name)}:")
        lines += [f"        {clean(line)}" for line in text.splitlines()] or ["        (nothing)"]
    return lines


def _data(one: Sides) -> dict[str, object]:
    return {
        "file": one.file,
        "ours": one.ours_name,
        "theirs": one.theirs_name,
        "merged": marked(one.parts, one.ours_name, one.theirs_name) if one.parts else None,
        "places": [
            {"base": part.base, "ours": part.ours, "theirs": part.theirs} for part in one.parts if part.clash
        ],
    }
