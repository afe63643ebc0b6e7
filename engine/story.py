"""Stories from answers or documents to a plan, and the plan's documents: what commands and screens call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from engine.core.errors import Fault, PlanError
from engine.core.plan import Mode, Plan, Story, Wave
from engine.core.story import all_answered
from engine.core.story_draft import FIELDS, about, draft
from engine.core.story_sections import assumptions, completed
from engine.exporters.blocks import agent_dependency_analysis, block_design, file_conflict_analysis
from engine.exporters.config_file import config_name, integration_setup, story_id
from engine.exporters.native import native, to_yaml
from engine.exporters.outline import outline
from engine.exporters.plan_markdown import plan_markdown
from engine.exporters.story_markdown import story_markdown
from engine.exporters.story_structure import story_structure
from engine.exporters.story_values import SOURCES, values
from engine.exporters.templates import fill
from engine.importers import texts
from engine.importers.loading import loads, validate, whole


class Made(Struct, frozen=True):
    """A plan made for a story, and what was assumed because nobody said it."""

    plan: Plan
    assumptions: tuple[str, ...]


def from_answers(answers: Mapping[str, str], story: Story, slots: int = 0, agent: str = "") -> Made:
    """The plan of complete answers; without `slots` it has the usual number of them.

    Raises Unanswered while a question is open, PlanError when an answer leads to no valid plan, for example
    a file path that is none."""
    found = draft(all_answered(answers).answers, story, slots or Plan("", (), ()).slots, agent)
    plan = _valid(to_yaml(found.data), found.data["name"])
    return Made(_finished(plan, slots), found.assumptions)


def from_documents(
    paths: Sequence[Path], answers: Mapping[str, str], story: Story, slots: int = 0, agent: str = ""
) -> Made:
    """The plan of documents such as an analysis of dependencies and one of files; the answers, which may be
    incomplete, fill the story. Raises PlanError."""
    plan = whole(validate(paths, {"agent": agent} if agent else None))
    own = plan.story or Story()
    known = {key: getattr(story, key) or getattr(own, key) for key in FIELDS}
    untitled = not known["title"] and not known["functionality"] and not answers.get("functionality")
    if untitled:
        known["title"] = _title(plan, paths, known["id"])
    told, assumed = about(answers, Story(**known, answers=own.answers))
    if untitled:
        assumed.append(f"the story has no title; it is called {told.title}")
    named = replace(plan, name=told.id, story=told, sections=completed(plan))
    finished = _finished(named, slots)
    _valid(to_yaml(native(finished)), finished.name)
    blocks = _new_names(plan, finished)
    return Made(finished, (*assumed, *blocks, *assumptions(plan)))


def documents(plan: Plan, slots: int = 0) -> dict[str, str]:
    """The four files of a new story by their names: the plan, its configuration, both Markdown documents."""
    name = story_id(plan)
    return {
        f"{name}.yaml": to_yaml(native(plan)),
        config_name(name): to_yaml(integration_setup(plan)),
        **markdown(plan, slots),
    }


def markdown(plan: Plan, slots: int = 0) -> dict[str, str]:
    """The execution plan and the story as Markdown, by their file names."""
    of, name = outline(plan, slots), story_id(plan)
    return {f"{name}-plan.md": plan_markdown(of), f"{name}-story.md": story_markdown(of)}


def exports(plan: Plan, slots: int = 0) -> dict[str, str]:
    """Everything that a story is written out as, except for the plan itself, by file names."""
    of, name = outline(plan, slots), story_id(plan)
    data = {
        "blocks": block_design(of),
        "structure": story_structure(of),
        "dependencies": agent_dependency_analysis(plan),
        "files": file_conflict_analysis(plan),
    }
    return {
        config_name(name): to_yaml(integration_setup(plan)),
        **{f"{name}-{key}.yaml": to_yaml(value) for key, value in data.items()},
        **markdown(plan, slots),
    }


def filled(plan: Plan, template: Path, slots: int = 0) -> str:
    """A template's text with its placeholders filled from the plan: Markdown by its file name, else YAML.

    Raises PlanError for a file that cannot be read, and for every placeholder whose value the plan does not
    have. A `${` in a value of the plan is text: it stays as it is."""
    name, data = texts.read(template)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise PlanError([Fault("is not UTF-8", name)]) from None
    is_markdown = template.suffix.lower() in (".md", ".markdown")
    return fill(text, values(outline(plan, slots)), file=name, markdown=is_markdown, sources=SOURCES)


def _title(plan: Plan, paths: Sequence[Path], given: str) -> str:
    """What a story is called that has no title: as its documents call it; one whose name is only that of a
    file goes by its id."""
    return f"Story {given}" if given and plan.name in {path.stem for path in paths} else plan.name


def _new_names(plan: Plan, finished: Plan) -> list[str]:
    """The assumption that blocks without a name got, if there are any."""
    pairs = zip(plan.waves, finished.waves, strict=True)
    names = [after.name for before, after in pairs if before.name != after.name]
    return [f"blocks without a name are called {', '.join(names)}"] if names else []


def _finished(plan: Plan, slots: int) -> Plan:
    """The plan with named waves, and with its story's own setup."""
    plan = replace(plan, slots=slots or plan.slots)
    blocks = outline(plan).blocks
    named = tuple(
        replace(block.wave, name=block.name, mode=_mode(block.wave, sequential=block.sequential))
        for block in blocks
    )
    setup = integration_setup(plan)
    return replace(plan, waves=named, sections={**plan.sections, **setup})


def _valid(text: str, name: str) -> Plan:
    """The plan in a text that was made here. What is wrong with it comes from an answer: the line would be
    one that nobody has seen, so a fault has its key path only."""
    try:
        return loads(text, name)
    except PlanError as error:
        faults = [Fault(fault.message, "<answers>", 0, fault.path) for fault in error.faults]
        raise PlanError(faults) from None


def _mode(wave: Wave, *, sequential: bool) -> Mode:
    return Mode.SEQUENTIAL if sequential and wave.mode is Mode.PARALLEL else wave.mode
