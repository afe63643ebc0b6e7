"""The approval sheet: what a wave will do, what it needs and whom it may meet, before anything starts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec.structs import replace

from engine import (
    Clash,
    Gate,
    Land,
    Level,
    Phase,
    Plan,
    Score,
    State,
    Task,
    Verb,
    Vitals,
    WaveState,
    clashes,
    clean,
    gates_of,
    score_words,
    show_span,
    undeclared,
)
from tui.estimates import estimate_of
from tui.frame import Frame
from tui.glyphs import mark
from tui.lines import BLANK, Bit, Line, clip, fit, width_of, wrap
from tui.measures import count, duration, listing, size

LANDS = {
    Land.WAVE: "after each wave",
    Land.END: "at the end of the run",
    Land.NEVER: "only by your own hand",
}
MOST_IN_MATRIX, CELL = 10, 10
NAME = 26
"""The most cells of a task's name."""
RISK = {"low": ("○", "ok"), "medium": ("◆", "warn"), "high": ("●", "bad"), "unknown": ("?", "warn")}


def sheet_title(wave: WaveState) -> str:
    """`approve wave 2 · Implementation`."""
    return f"approve wave {wave.number} · {clean(wave.name, 60)}"


def sheet_caption(state: State, wave: WaveState) -> str:
    """The digest to which the approval is bound, and that nothing runs yet."""
    begun = any(state.tasks[task].phase is not Phase.PENDING for task in wave.tasks)
    return f"plan digest {wave.digest[:8]} · {'part of it has started' if begun else 'nothing has started'}"


def sheet_lines(
    state: State,
    vitals: Vitals,
    frame: Frame,
    wave: WaveState,
    width: int,
    chosen: str = "",
    track: Score | None = None,
) -> tuple[Line, ...]:
    """The sheet's lines for a pane of `width` cells; the row of the task `chosen` stands out. `track` is how
    good the forecasts of earlier runs were, when that is known."""
    specs = [state.spec(task) for task in wave.tasks]
    running = [task.id for task in state.sessions() if task.id not in wave.tasks]
    near = replace(state.plan, tasks=tuple(map(state.spec, (*wave.tasks, *running))))
    found = clashes(near)
    silent = undeclared(near)
    return (
        *_table(state, specs, found, silent, width, chosen),
        *_changes(state, wave, width),
        BLANK,
        *_meetings([spec.id for spec in specs], found, silent, width, track),
        BLANK,
        *_facts(state, vitals, frame, wave, specs, width),
    )


def _table(
    state: State,
    specs: list[Task],
    found: Sequence[Clash],
    silent: Sequence[str],
    width: int,
    chosen: str,
) -> list[Line]:
    wide = width >= 96
    name, agent, span, last = (20, 11, 11, 11) if wide else (14, 9, 10, 9)
    name = min(NAME, max(name, *(len(clean(spec.id, 80)) for spec in specs)))
    middle = max(8, width - name - agent - span - last - 6 - (20 if wide else 0))
    head = [
        fit("task", name),
        fit("agent", agent),
        fit("estimate", span),
        fit("files it will change" if middle >= 20 else "files", middle),
    ]
    head += [fit("needs", 19)] if wide else []
    lines: list[Line] = [clip((Bit(" " + " ".join([*head, "risk"]), "dim"),), width)]
    for place, spec in enumerate(specs):
        grade = _risk(spec.id, found, silent)
        glyph, style = RISK[grade]
        click, here = f"sheet:choose({place})", "+chosen" if spec.id == chosen else ""
        bits = [
            Bit("▸" if here else " ", "accent"),
            Bit(fit(clean(spec.id, 80), name), "strong", click),
            Bit(" " + fit(clean(spec.agent, 40), agent), "text"),
            Bit(" " + fit(_estimate(spec), span), "text"),
            Bit(
                " " + fit(listing([clean(file, 80) for file in spec.files], 4) or "not declared", middle),
                "text",
            ),
        ]
        if wide:
            bits.append(Bit(" " + fit(_needs(state, spec), 19), "dim"))
        row = clip((*bits, Bit(f" {glyph} ", style), Bit(grade, style)), width)
        lines.append(tuple(bit._replace(style=bit.style + here) for bit in row))
        if spec.title:
            lines.append(clip((Bit(f"   {clean(spec.title, 160)}", "dim"),), width))
    return lines


def _changes(state: State, wave: WaveState, width: int) -> list[Line]:
    """What was changed about the wave since it was planned, with the key that takes the last of it back."""
    words = [f"{order.first}, then {order.second}" for order in state.orders if order.second in wave.tasks]
    gone = [one for one in state.decisions if one.verb is Verb.MOVE and one.wave == wave.number]
    out = [one.tasks[-1] for one in gone if not one.undone and one.tasks[-1] not in wave.tasks]
    words += [f"{name} moved to wave {state.tasks[name].wave}" for name in dict.fromkeys(out)]
    if not words:
        return []
    text = clean(" · ".join(words), 400)
    return [BLANK, clip((Bit(f" {'changed':<16}", "dim"), Bit(text, "warn"), Bit("  u undo", "dim")), width)]


def _estimate(spec: Task) -> str:
    if spec.estimate:
        return show_span(spec.estimate)
    return duration(estimate_of(spec))


def _needs(state: State, spec: Task) -> str:
    parts = [
        f"{clean(need.task, 30)} {mark('merged').glyph}"
        if state.tasks[need.task].phase in {Phase.MERGED, Phase.SKIPPED}
        else clean(need.task, 30)
        for need in spec.needs
    ]
    return listing(parts, 2) or "nothing"


def _risk(task: str, found: Sequence[Clash], silent: Sequence[str]) -> str:
    """The highest level of a clash that the task may come to, `unknown` when it declares nothing."""
    levels = [
        clash.level.value for clash in found if task in (clash.first, clash.second) and not clash.handled
    ]
    return "unknown" if task in silent else max(levels, key=list(RISK).index, default="low")


def _meetings(
    names: Sequence[str], found: Sequence[Clash], silent: Sequence[str], width: int, track: Score | None
) -> list[Line]:
    head = (Bit(" who meets whom  ", "dim"),)
    lines = _matrix(names, found, width)
    pairs: dict[tuple[str, str, str], list[Clash]] = {}
    for clash in found:
        pairs.setdefault((clash.first, clash.second, clash.handled), []).append(clash)
    for number, ((first, second, handled), all_) in enumerate(pairs.items()):
        files = [clash.file for clash in all_]
        level = max((clash.level for clash in all_), key=lambda level: list(RISK).index(level.value))
        why = f"  {handled}" if handled else ""
        where = listing([clean(file, 80) for file in files], 3)
        text = f"{clean(first, 40)} ⇄ {clean(second, 40)}  {where}{why or _so_far(level, track)}"
        label = head if not (lines or number) else (Bit(" " * 17),)
        lines.append(clip((*label, Bit(text, "dim" if handled else "warn")), width))
    if not pairs:
        lines.append(clip((*head, Bit("no two of them declare the same file", "ok")), width))
    if track and track.runs:
        words = f"forecasts of the last {count(track.runs, 'run')}: {score_words(track)}"
        lines.append(clip((Bit(" " * 17), Bit(words, "dim")), width))
    if silent:
        unknown = listing([clean(task, 40) for task in silent], 3)
        text = f"{unknown}: no files declared, so nothing can be foretold"
        lines.append(clip((Bit(" " * 17), Bit(text, "dim")), width))
    return lines


def _matrix(names: Sequence[str], found: Sequence[Clash], width: int) -> list[Line]:
    """Every task of the wave against every other: the highest level of what is foretold and not handled."""
    if not 2 < len(names) <= MOST_IN_MATRIX or 17 + 20 + CELL * len(names) > width or not found:
        return []
    levels: dict[frozenset[str], str] = {}
    for clash in found:
        pair = frozenset((clash.first, clash.second))
        if not clash.handled:
            levels[pair] = max(levels.get(pair, "low"), clash.level.value, key=list(RISK).index)
    heads = [Bit(fit(clean(name, 40), CELL - 1) + " ", "dim") for name in names]
    lines: list[Line] = [(Bit(" who meets whom  ", "dim"), Bit(" " * 20), *heads)]
    for one in names:
        cells = [Bit(fit("·", CELL), "dim")] * len(names)
        for place, other in enumerate(names):
            if one != other and (level := levels.get(frozenset((one, other)))):
                glyph, style = RISK[level]
                cells[place] = Bit(fit(f"{glyph} {level}", CELL), style)
        lines.append((Bit(" " * 17), Bit(fit(clean(one, 80), 20), "strong"), *cells))
    return [*lines, BLANK]


def _so_far(level: Level, track: Score | None) -> str:
    """How often what was foretold so came in earlier runs; nothing when there were too few to tell."""
    if track is None or track.rate(level) is None:
        return ""
    foretold, came = track.levels[level]
    return f"  {level.value}: {came} of {foretold} such came before"


def _facts(
    state: State, vitals: Vitals, frame: Frame, wave: WaveState, specs: list[Task], width: int
) -> list[Line]:
    fact: list[tuple[str, str]] = [("time", _time(state, wave, specs)), ("slots", _slots(state, specs))]
    wanted = _resources(specs)
    if wanted:
        fact.append(("resources", wanted))
    if vitals.at:
        free = vitals.ram_total * (100 - vitals.ram) / 100
        fact.append(
            ("machine", f"CPU {vitals.cpu:.0f} % busy · {size(free)} of {size(vitals.ram_total)} RAM free")
        )
    fact.append(("gates", _gates(state.plan)))
    fact.append(("lands on", f"{clean(state.base, 60)}, {LANDS[state.plan.settings.land]}"))
    return [
        clip((Bit(f" {name if not place else '':<16}", "dim"), Bit(line, "text")), width)
        for name, text in fact
        for place, line in enumerate(_wrapped(text, max(8, width - 17)))
    ]


def _wrapped(text: str, width: int) -> Iterator[str]:
    for line in text.splitlines():
        yield from wrap(line, width)


def _time(state: State, wave: WaveState, specs: list[Task]) -> str:
    known = {spec.id: value for spec in specs if (value := estimate_of(spec))}
    if len(known) < len(specs):
        return "not every task has an estimate"
    firsts = {name: {one.first for one in state.orders if one.second == name} & {*known} for name in known}
    together = _length(known, firsts, 1 if wave.mode.value == "sequential" else state.slots)
    return (
        f"{duration(together)} with {count(state.slots, 'slot')} · {duration(sum(known.values()))} one by one"
    )


def _length(times: Mapping[str, float], firsts: Mapping[str, set[str]], slots: int) -> float:
    """The end of a greedy schedule, the longest first of those whose `firsts` are done."""
    free, ends = [0.0] * max(1, slots), dict[str, float]()
    left = sorted(times, key=times.__getitem__, reverse=True)
    while left:
        name = next((each for each in left if firsts[each] <= ends.keys()), left[0])
        left.remove(name)
        place = free.index(min(free))
        begin = max(free[place], *(ends.get(each, 0.0) for each in firsts[name]), 0.0)
        ends[name] = free[place] = begin + times[name]
    return max(ends.values(), default=0.0)


def _slots(state: State, specs: list[Task]) -> str:
    used = len(state.sessions())
    return f"{state.slots - used} of {state.slots} free, for {count(len(specs), 'task')}"


def _resources(specs: list[Task]) -> str:
    total: dict[str, float] = {}
    for spec in specs:
        for name, amount in spec.resources.items():
            total[name] = total.get(name, 0.0) + amount
    return ", ".join(
        f"{clean(name, 30)} {size(amount) if name == 'ram' else f'{amount:g}'}"
        for name, amount in total.items()
    )


def _gates(plan: Plan) -> str:
    """One line for each moment at which there are gates; the actions of a document's gate stand together."""
    lines = [
        f"{when}: {listing(_named(gates), 4)}"
        for gates, when in (
            (gates_of(plan).task, "before each merge"),
            (gates_of(plan).wave, "after the wave"),
            (gates_of(plan).run, "at the end"),
        )
        if gates
    ]
    return "\n".join(lines) or "none: what merges cleanly is taken as good"


def _named(gates: Sequence[Gate]) -> list[str]:
    actions: dict[str, list[str]] = {}
    for gate in gates:
        name, _, action = gate.name.partition(": ") if gate.action else (gate.name, "", "")
        actions.setdefault(clean(name, 40), []).extend([clean(action, 40)] if action else [])
    return [f"{name} ({', '.join(each)})" if each else name for name, each in actions.items()]


def sheet_keys(width: int, asking: str = "") -> tuple[Line, ...]:
    """The sheet's own keys, in as many lines as they need; while it asks for something, those of the field,
    with what enter does."""
    usual = (
        ("enter", "approve", "approve"),
        ("r", "reject", "reject"),
        ("x", "move out", "move_out"),
        ("o", "order", "order"),
        ("e", "estimate", "estimate"),
        ("+ -", "slots", ""),
        ("u", "undo", "undo"),
        ("esc", "later", "later"),
    )
    lines: list[list[Bit]] = [[Bit(" ")]]
    for key, label, action in (("enter", asking, ""), ("esc", "go back", "later")) if asking else usual:
        click = f"sheet:{action}" if action else ""
        bits = [Bit(key, "key", click), Bit(f" {label}", "text", click), Bit("   ")]
        if width_of((*lines[-1], *bits[:2])) > width:
            lines.append([Bit(" ")])
        lines[-1] += bits
    return tuple(clip(line, width) for line in lines)
