"""The lines of the story wizard: how far it is, each question, and the draft that the answers make (M018)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from engine import (
    STORY_GROUPS,
    Dialogue,
    MadeStory,
    Story,
    StoryQuestion,
    clean,
    forecast,
    show_duration,
    story_from_answers,
)
from tui.lines import BLANK, Bit, Line, clip, fit, wrap
from tui.measures import count, listing

LAST = "The Plan"
FIELDS = (
    ("file", "Which file should the plan be written to?", "A name such as S-7.yaml, or a path."),
    ("id", "What is the story's id?", "It names branches and documents, such as S-7; may be left as it is."),
    ("title", "What is it called?", "A few words; left empty, the first answer names it."),
)
"""What is asked after the fifteen questions."""


QUESTIONS = tuple(each for group in STORY_GROUPS for each in group.questions)


def asked(key: str) -> StoryQuestion | None:
    """The question or field of that key."""
    fields = (StoryQuestion(*field) for field in FIELDS)
    return next((each for each in (*QUESTIONS, *fields) if each.key == key), None)


def numbered() -> list[tuple[str, str, str]]:
    """Number, key and text of everything that is asked, such as `2.3`."""
    pages = [[(each.key, each.text) for each in group.questions] for group in STORY_GROUPS]
    pages.append([(key, text) for key, text, _ in FIELDS])
    return [
        (f"{place}.{number}", key, text)
        for place, page in enumerate(pages, start=1)
        for number, (key, text) in enumerate(page, start=1)
    ]


class Look(NamedTuple):
    """How a question stands: whether it is being asked, has an answer, or is missing one."""

    here: bool
    answered: bool
    missing: bool


class Draft(NamedTuple):
    """A story's plan, and how long it takes."""

    made: MadeStory
    seconds: float


def drafted(answers: Mapping[str, str], story: Story) -> Draft:
    """The draft that complete answers make. Raises PlanError, ValueError."""
    made = story_from_answers(answers, story)
    return Draft(made, forecast(made.plan, made.plan.slots).seconds)


def steps_line(dialogue: Dialogue, width: int) -> Line:
    """The groups in their order: those that are done, the one that is being asked, the plan at the end."""
    titles = [group.title for group in STORY_GROUPS]
    short = width < 100
    bits: list[Bit] = [Bit(" ")]
    for place, title in enumerate([*titles, LAST]):
        here, done = place == dialogue.place, place < dialogue.place
        name = title.split()[0] if short and title != LAST else title
        sign = "✓" if done else str(place + 1)
        style = "strong" if here else "ok" if done else "dim"
        bits += [Bit(f"{'▸' if here else ' '}{sign} ", "accent" if here else style), Bit(f"{name}  ", style)]
    return clip(bits, width)


def intro_lines(dialogue: Dialogue, width: int) -> tuple[Line, ...]:
    """What the group is about, and how many of all questions have an answer."""
    total = sum(len(group.questions) for group in STORY_GROUPS)
    words = "This is the draft; enter writes it." if dialogue.done else dialogue.group.intro
    parts = wrap(words, max(20, width - 22)) or [""]
    heads = [f" {len(dialogue.answers):>2} of {total} answered  ", *[" " * 20] * (len(parts) - 1)]
    return tuple((Bit(head, "strong"), Bit(part, "dim")) for head, part in zip(heads, parts, strict=True))


def question_line(number: str, text: str, look: Look, width: int) -> Line:
    """One question: a tick when it has an answer, bright when it is being asked, red when it is missing."""
    missing = look.missing and not look.answered
    sign = Bit("✓ ", "ok") if look.answered else Bit("✗ ", "bad") if missing else Bit("○ ", "dim")
    style = "bad" if missing else "strong" if look.here else "text"
    head = Bit(" ▸" if look.here else "  ", "accent")
    return clip((head, sign, Bit(f"{number} {text}", style)), width)


def explained(question: StoryQuestion | None, trouble: str, width: int) -> tuple[Line, ...]:
    """Why the wizard stays where it is, else what is meant by the question that is being asked."""
    if trouble:
        parts = wrap(clean(trouble, 400), width - 5)[:2]
        return tuple(
            (Bit(" ! " if at == 0 else "   ", "alarm" if at == 0 else ""), Bit(f" {part}", "warn"))
            for at, part in enumerate(parts)
        )
    words = question.explains if question else ""
    return tuple((Bit(f" {part}", "dim"),) for part in wrap(words, width - 2)[:2])


def draft_lines(draft: Draft | None, trouble: str, width: int) -> tuple[Line, ...]:
    """The plan that the answers make: size, waves, what was assumed."""
    if trouble:
        return tuple((Bit(f" {part}", "bad"),) for part in wrap(clean(trouble, 800), width - 2))
    if draft is None:
        return ((Bit(" making the draft …", "dim"),),)
    plan = draft.made.plan
    size = f"{count(len(plan.tasks), 'task')} in {count(len(plan.waves), 'wave')}"
    lines: list[Line] = [
        (
            Bit(f" {size}", "strong"),
            Bit(f"  about {show_duration(draft.seconds)} on {plan.slots} slots", "text"),
        )
    ]
    names = max(len(clean(wave.name, 40)) for wave in plan.waves)
    for wave in plan.waves:
        head = Bit(f" {wave.number} {fit(clean(wave.name, 40), names)}  ", "text")
        lines.append(clip((head, Bit(clean(listing(list(wave.tasks), 6), 200), "dim")), width))
    if draft.made.assumptions:
        lines += [BLANK, (Bit(" assumed, because no answer says otherwise", "warn"),)]
    for text in draft.made.assumptions:
        said = text.partition("; --id")[0]  # the id has a field of its own here
        parts = wrap(clean(said, 300), width - 4)
        lines += [(Bit(f" {'· ' if at == 0 else '  '}{part}", "dim"),) for at, part in enumerate(parts)]
    return tuple(lines)
