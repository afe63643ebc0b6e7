"""`wavetree story`: a story from answers or documents, the check of its eight points, and its files."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TextIO

from msgspec.structs import replace

from engine import (
    STORY_GROUPS,
    Dialogue,
    MadeStory,
    Plan,
    Story,
    Unanswered,
    UsageError,
    WavetreeError,
    clean,
    forecast,
    read_answers,
    show_duration,
    story_check,
    story_documents,
    story_exports,
    story_filled,
    story_from_answers,
    story_from_documents,
    story_markdown,
    validate_plans,
    whole_plan,
    write_documents,
)
from tui.cli.target import add_json, examples, positive, say
from tui.kept_answers import KeptAnswers
from tui.measures import count

UNCHECKED = 1
EXPLAIN = "?"
NO = ("n", "no")
MAX_SHOWN = 10**8
ENDED = "the input ended before all questions were answered; --answers FILE reads the answers from a file"


def add(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    _add_new(_action(actions, parser, "new", "ask the questions and write the story's plan"))
    check = _action(actions, parser, "check", "the eight points; exit code 1 when one is missing")
    check.add_argument("plans", metavar="PLAN", nargs="+", type=Path, help="several files make up one plan")
    examples(check, "wavetree story check S-7.yaml", "wavetree story check blocks.yaml risks.yaml --json")
    export = _action(actions, parser, "export", "write the documents of a plan")
    export.add_argument("plans", metavar="PLAN", nargs="+", type=Path, help="several files make up one plan")
    export.add_argument(
        "--md", action="store_true", help="only Markdown; printed (the story alone) unless -o says where"
    )
    export.add_argument(
        *("--template", "-t"),
        type=Path,
        metavar="FILE",
        help="fill this template's ${NAME} placeholders instead; printed unless -o says where",
    )
    _add_output(export)
    examples(
        export,
        "wavetree story export S-7.yaml -o docs",
        "wavetree story export S-7.yaml --md > story.md",
        "wavetree story export S-7.yaml --template structure.yaml -o docs",
    )
    parser.epilog = (
        "examples:\n"
        "  wavetree story new\n"
        "  wavetree story new --answers answers.yaml --id S-7 -o docs\n"
        "  wavetree story new --load analysis.yaml --load files.yaml\n"
        "  wavetree story check S-7.yaml\n"
        "  wavetree story export S-7.yaml --md\n"
        "  wavetree story export S-7.yaml --template structure.yaml -o docs\n\n"
        "wavetree story ACTION --help shows an action's options; each takes --json."
    )


def run(args: argparse.Namespace) -> int:
    actions: dict[str, Callable[[argparse.Namespace], int]] = {
        "new": _new,
        "check": _check,
        "export": _export,
    }
    return actions[args.action](args)


def _action(
    actions: argparse._SubParsersAction[argparse.ArgumentParser],
    parser: argparse.ArgumentParser,
    name: str,
    about: str,
) -> argparse.ArgumentParser:
    made = actions.add_parser(
        name,
        help=about,
        description=f"{about[0].upper()}{about[1:]}.",
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    if getattr(parser, "as_json", False):
        made.as_json = True  # type: ignore[attr-defined]
    add_json(made)
    return made


def _add_new(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--answers", type=Path, metavar="FILE", help="the answers, by group and question")
    parser.add_argument(
        "--load",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="make the plan from this document, for example an analysis of dependencies; may be repeated",
    )
    parser.add_argument("--id", default="", metavar="ID", help="the story's id, which names its files")
    parser.add_argument("--agent", default="", metavar="NAME", help="who does the tasks; default: left open")
    _add_output(parser)
    examples(
        parser,
        "wavetree story new",
        "wavetree story new --answers answers.yaml --id S-7 -o docs",
        "wavetree story new --load analysis.yaml --load files.yaml --id S-7",
    )
    parser.epilog = f"{parser.epilog}\n\n{_answers_format()}"


def _answers_format() -> str:
    """The keys of an answers file, for the help."""
    groups = [f"  {group.key}: {', '.join(each.key for each in group.questions)}" for group in STORY_GROUPS]
    return "\n".join(
        [
            "an answers file is YAML or JSON, such as examples/answers.yaml; groups and questions:",
            *groups,
            "  story: id, title, role, functionality, value, complexity; may be left out",
            "  load: documents to make the tasks from",
        ]
    )


def _add_output(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--slots", type=positive, default=0, metavar="N", help="sessions alive at once")
    parser.add_argument("-o", "--output", type=Path, metavar="DIR", help="where to write; default: here")
    parser.add_argument("--force", action="store_true", help="write over files that are there")


def _new(args: argparse.Namespace) -> int:
    """Make the plan, write its four files, say what was assumed. Nothing is written before all is known."""
    folder = args.output or Path()
    kept = None if args.answers or args.load else KeptAnswers(folder)
    asked = {} if kept is None else _asked(kept, as_json=args.json)
    try:
        made = _made(args, asked)
        written = write_documents(folder, story_documents(made.plan, args.slots), force=args.force)
    except WavetreeError:
        if kept is not None:
            _say_kept(kept, asked)
        raise
    if kept is not None:
        kept.drop()
    told = forecast(made.plan, made.plan.slots)
    points = story_check(made.plan)
    shown = sum(point.shown for point in points)
    size = f"{len(made.plan.tasks)} tasks in {len(made.plan.waves)} waves"
    lines = [
        f"{size}, about {show_duration(told.seconds)} on {made.plan.slots} slots; "
        f"story check {shown}/{len(points)}",
        *(f"assumed: {text}" for text in made.assumptions),
        *(f"wrote {path}" for path in written),
    ]
    data = {
        "id": made.plan.story.id if made.plan.story else made.plan.name,
        "files": [str(path) for path in written],
        "assumptions": list(made.assumptions),
        "tasks": len(made.plan.tasks),
        "waves": [{"name": wave.name, "tasks": list(wave.tasks)} for wave in made.plan.waves],
        "estimate_seconds": told.seconds,
        "check": {point.name: point.shown for point in points},
    }
    say("\n".join(clean(line) for line in lines), data, as_json=args.json)
    return 0


def _made(args: argparse.Namespace, asked: dict[str, str]) -> MadeStory:
    """The story of what was asked, of the answers file, or of documents."""
    answers, story, load = asked, Story(), tuple(args.load)
    if args.answers is not None:
        found = read_answers(args.answers)
        answers, story, load = found.answers, found.story, (*found.load, *load)
    if args.id:
        story = replace(story, id=args.id)
    if load:
        return story_from_documents(load, answers, story, args.slots, args.agent)
    try:
        return story_from_answers(answers, story, args.slots, args.agent)
    except Unanswered as error:
        raise UsageError(str(error), f"answer them in {args.answers}; `none` is an answer") from None


def _say_kept(kept: KeptAnswers, answers: Mapping[str, str]) -> None:
    """Say where the answers are that no story came of yet."""
    if answers:
        number = count(len(answers), "answer")
        again = "`wavetree story new` goes on from there"
        print(clean(f"{number} kept in {kept.path}; {again}, --answers reads it too"), file=sys.stderr)


def _asked(kept: KeptAnswers, *, as_json: bool) -> dict[str, str]:
    """Ask group by group, one question at a time; no question of a group is left out. Each answer is kept as
    soon as it is given."""
    out = sys.stderr if as_json else sys.stdout
    print("An answer is one line; ? explains, Ctrl-C leaves and keeps what is answered.", file=out)
    dialogue = Dialogue()
    try:
        for key, answer in _from_before(kept, out).items():
            dialogue = dialogue.answered(key, answer)
        while not dialogue.done:
            group = dialogue.group
            print(f"\n{dialogue.place + 1}/{len(STORY_GROUPS)} {group.title}\n{group.intro}", file=out)
            while dialogue.open:
                dialogue = _answered(dialogue, out)
                kept.keep(dialogue.answers)
            dialogue = dialogue.next()
    except KeyboardInterrupt:
        _say_kept(kept, dialogue.answers)
        raise
    return dialogue.answers


def _from_before(kept: KeptAnswers, out: TextIO) -> Mapping[str, str]:
    """The answers of a dialogue that was left, when the person goes on from them."""
    if kept.before:
        number = count(len(kept.before), "answer")
        if _line(f"{kept.path} has {number} of before; go on from there? y or n\n> ", out).lower() in NO:
            kept.begin_anew()
    return kept.before


def _answered(dialogue: Dialogue, out: TextIO) -> Dialogue:
    """The dialogue after the next line: with an answer more, or as it was."""
    asked = dialogue.open[0]
    line = _line(f"- {asked.text}\n> ", out)
    if line == EXPLAIN:
        print(f"  {asked.explains}", file=out)
        return dialogue
    try:
        new = dialogue.answered(asked.key, clean(line))
    except ValueError as error:
        print(f"  {clean(str(error))}", file=out)
        return dialogue
    if new.open[:1] == (asked,):
        print("  This needs an answer; `none` is one.", file=out)
    return new


def _line(prompt: str, out: TextIO) -> str:
    """What the person types. Raises KeyboardInterrupt at the end of the input."""
    print(clean(prompt, MAX_SHOWN, lines=True), end="", file=out, flush=True)
    line = sys.stdin.readline()
    if not line:
        print(file=out)
        print(ENDED, file=sys.stderr)
        raise KeyboardInterrupt
    return line.strip()


def _check(args: argparse.Namespace) -> int:
    points = story_check(_opened(args))
    shown = sum(point.shown for point in points)
    lines = [f"{'✓' if point.shown else '✗'} {point.name}: {clean(point.why)}" for point in points]
    data = {
        "shown": shown,
        "of": len(points),
        "points": [{"name": point.name, "shown": point.shown, "why": point.why} for point in points],
    }
    say("\n".join([*lines, f"{shown}/{len(points)}"]), data, as_json=args.json)
    return 0 if shown == len(points) else UNCHECKED


def _export(args: argparse.Namespace) -> int:
    plan = _opened(args)
    if args.template is not None:
        documents = {args.template.name: story_filled(plan, args.template, args.slots)}
    else:
        documents = story_markdown(plan, args.slots) if args.md else story_exports(plan, args.slots)
    if args.output is None and (args.md or args.template is not None):
        shown = next(text for name, text in documents.items() if not name.endswith("-plan.md"))
        say(clean(shown.rstrip("\n"), MAX_SHOWN, lines=True), {"documents": documents}, as_json=args.json)
        return 0
    written = write_documents(args.output or Path(), documents, force=args.force)
    lines = [clean(f"wrote {path}") for path in written]
    say("\n".join(lines), {"files": [str(path) for path in written]}, as_json=args.json)
    return 0


def _opened(args: argparse.Namespace) -> Plan:
    return whole_plan(validate_plans(args.plans))
