"""Parts of the Markdown documents about a plan: its blocks, shared files, gates, risks and targets."""

from __future__ import annotations

from collections.abc import Iterable

from engine.core.analysis.risk import hot_spots, open_conflicts, shared_files
from engine.core.plan import Plan, Task
from engine.core.strategy import at, dicts, risks, targets, texts
from engine.exporters.markdown import bullets, code, inline, plain
from engine.exporters.outline import Block, Outline

_LEVELS = (("per_agent", "after each agent"), ("per_block", "after each block"), ("overall", "at the end"))
_GATES = (("task", "on each merge candidate"), ("wave", "after each wave"), ("run", "at the end"))


def block_lines(block: Block, of: Outline) -> list[str]:
    """One section `### Block N: <name> (Parallel|Sequential)` with all that the document's template has."""
    return [
        f"### Block {block.number}: {inline(block.name)} ({block.kind})",
        f"**Duration**: {of.words(block.seconds)}",
        f"**Dependencies**: {_needs(block.needs)}",
        f"**Agents**: {', '.join(inline(task.id) for task in block.tasks)}",
        "",
        f"**{block.kind} Tasks**:",
        *(f"- {_task(task)}" for task in block.tasks),
        "",
        "**Conflict Monitoring**:",
        *bullets(_watched(block, of), "No two agents of this block declare the same file"),
        "",
        "**Success Criteria**:",
        *bullets(map(plain, _criteria(block)), "All agents of this block complete and merged"),
    ]


def _needs(needs: tuple[int, ...]) -> str:
    if not needs:
        return "none"
    *first, last = map(str, needs)
    return f"Block {', '.join(first)} & {last} completion" if first else f"Block {last} completion"


def _task(task: Task) -> str:
    """A task with what it does, as far as the plan says it."""
    does = "; ".join(map(inline, task.steps)) or inline(task.title or task.description or task.run)
    return f"{plain(task.id)}: {does}" if does else plain(task.id)


def _criteria(block: Block) -> Iterable[str]:
    named = (text for task in block.tasks for text in (*task.criteria, *_delivered(task)))
    return dict.fromkeys((*block.wave.criteria, *named))


def _delivered(task: Task) -> Iterable[str]:
    return (f"{thing} delivered" for thing in task.deliverables)


def _watched(block: Block, of: Outline) -> list[str]:
    """The block's watch list, then the files that two of its tasks declare."""
    inside = set(block.wave.tasks)
    lines = [f"Watch {inline(text)}" for text in block.wave.watch]
    for clash in of.found:
        if {clash.first, clash.second} <= inside:
            both = f"{inline(clash.first)} and {inline(clash.second)}"
            why = clash.handled or f"{clash.level.value} risk"
            lines.append(f"{code(clash.file)}: {both} ({why})")
    return list(dict.fromkeys(lines))


def conflict_lines(of: Outline) -> list[str]:
    """Every shared file with its level, its tasks and what is done about it; how many conflicts are open."""
    lines = []
    for file in shared_files(of.plan, of.found):
        everybody = len(file.tasks) == len(of.plan.tasks) > 2
        who = "all agents" if everybody or not file.tasks else ", ".join(map(inline, file.tasks))
        state = file.handled or "open"
        lines.append(f"{code(file.file)} ({file.level.value}): {who}: {state}")
    lines += [f"{plain(spot.words)} ({spot.handled or 'open'})" for spot in hot_spots(of.plan)]
    count = open_conflicts(of.found)
    summary = f"{count} open conflict{'' if count == 1 else 's'}"
    return [*bullets(lines, "No file is declared by two agents"), "", summary]


def gate_lines(plan: Plan) -> list[str]:
    """The gates that are run, then those of the plan's documents, each with its moment."""
    lines = [
        f"{plain(gate.name)} {moment}: {code(gate.run)}"
        for level, moment in _GATES
        for gate in getattr(plan.gates, level)
    ]
    for level, moment in _LEVELS:
        for gate in dicts(at(plan, "parallel_quality_gates", f"{level}_gates")):
            actions = ", ".join(words(each) for each in texts(gate.get("actions")))
            lines.append(f"{words(gate.get('gate', ''))} {moment}{': ' if actions else ''}{actions}")
    for gate in dicts(at(plan, "quality_assurance", "quality_gates")):
        criteria = "; ".join(map(inline, texts(gate.get("validation_criteria"))))
        lines.append(f"{plain(gate.get('gate_name', gate.get('gate_id', '')))}: {criteria}")
    return bullets(lines, "No gate is named")


def risk_lines(plan: Plan) -> list[str]:
    """The risks, the gravest first, with what is done against each."""
    lines = []
    for risk in risks(plan):
        grade = ", ".join(
            f"{what} {level.value}"
            for what, level in (("probability", risk.probability), ("impact", risk.impact))
            if level is not None
        )
        against = "; ".join(map(inline, risk.mitigation)) or "nothing is planned against it"
        lines.append(f"{plain(risk.name)}{f' ({grade})' if grade else ''}: {against}")
    return bullets(lines, "No risk is named")


def target_lines(plan: Plan) -> list[str]:
    """The metrics with what they aim at."""
    return bullets(
        (f"{words(each.name)}: {inline(each.target) or 'measured'}" for each in targets(plan)),
        "No metric is named",
    )


def words(name: object) -> str:
    """A name such as `time_savings` as words."""
    return plain(str(name).replace("_", " "))
