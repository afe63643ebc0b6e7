"""The lines of the story wizard: how far it is, each question, and the draft that the answers make (M018)."""

from __future__ import annotations

from engine import (
    STORY_GROUPS,
    Dialogue,
    MadeStory,
    StoryQuestion,
    clean,
    forecast,
    show_duration,
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


def question_line(number: str, text: str, *, here: bool, answered: bool, missing: bool, width: int) -> Line:
    """One question: a tick when it has an answer, bright when it is being asked, red when it is missing."""
    sign = Bit("✓ ", "ok") if answered else Bit("✗ ", "bad") if missing else Bit("○ ", "dim")
    style = "bad" if missing and not answered else "strong" if here else "text"
    return clip((Bit(" ▸" if here else "  ", "accent"), sign, Bit(f"{number} {text}", style)), width)


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


def draft_lines(made: MadeStory | None, trouble: str, width: int) -> tuple[Line, ...]:
    """The plan that the answers make: size, waves, what was assumed."""
    if trouble:
        return tuple((Bit(f" {part}", "bad"),) for part in wrap(clean(trouble, 800), width - 2))
    if made is None:
        return ((Bit(" making the draft …", "dim"),),)
    plan = made.plan
    told = forecast(plan, plan.slots)
    size = f"{count(len(plan.tasks), 'task')} in {count(len(plan.waves), 'wave')}"
    lines: list[Line] = [
        (
            Bit(f" {size}", "strong"),
            Bit(f"  about {show_duration(told.seconds)} on {plan.slots} slots", "text"),
        )
    ]
    names = max(len(clean(wave.name, 40)) for wave in plan.waves)
    for wave in plan.waves:
        head = Bit(f" {wave.number} {fit(clean(wave.name, 40), names)}  ", "text")
        lines.append(clip((head, Bit(clean(listing(list(wave.tasks), 6), 200), "dim")), width))
    if made.assumptions:
        lines += [BLANK, (Bit(" assumed, because no answer says otherwise", "warn"),)]
    for text in made.assumptions:
        said = text.partition("; --id")[0]  # the id has a field of its own here
        parts = wrap(clean(said, 300), width - 4)
        lines += [(Bit(f" {'· ' if at == 0 else '  '}{part}", "dim"),) for at, part in enumerate(parts)]
    return tuple(lines)
