"""The start screen's lines: what work there is to choose from, and what is known of the chosen one (M220)."""

from __future__ import annotations

from typing import NamedTuple

from engine import Fault, PastRun, Plan, PlanFile, clean
from tui.glyphs import mark
from tui.lines import BLANK, Bit, Line, clip, fit, wrap
from tui.measures import count, listing
from tui.panes.preview import who_and_how_long
from tui.work import ROADMAP_KIND, Looked

FOUND = "found here"
CHOOSE, MAKE, BACK = "tickets and files", "make", "look back"
MOST_FAULTS = 12


class Entry(NamedTuple):
    """Something that can be chosen. `id` says what; `key` chooses it at once. `why` tells why it cannot be
    chosen now, and what to do about it; `state` is a word of the status vocabulary, or nothing."""

    id: str
    group: str
    key: str
    name: str
    about: str
    why: str = ""
    state: str = ""


def entries(looked: Looked) -> tuple[Entry, ...]:
    """Everything that can be chosen, what was found first."""
    files = tuple(_file(f"file:{number}", file) for number, file in enumerate(looked.search.files))
    return (*files, *_tickets(looked), *_others(looked))


def _file(id: str, file: PlanFile) -> Entry:
    """A file that was found: how much is in it, or its first error."""
    name = clean(str(file.path), 200)
    if file.found.plan is None:
        first = file.found.errors[0] if file.found.errors else Fault("cannot be read")
        about = f"{count(len(file.found.errors), 'error')} · {in_place(first)}"
        why = f"{name} has {count(len(file.found.errors), 'error')}; correct the file, then F5 looks again"
        return Entry(id, FOUND, "", name, about, why, "failed")
    return Entry(id, FOUND, "", name, _amount(file.found.plan, file), state="pending")


def _amount(plan: Plan, file: PlanFile) -> str:
    word = "priority" if file.kind == ROADMAP_KIND else "task"
    total = f"{file.tasks} {'priorities' if word == 'priority' and file.tasks != 1 else ''}".strip()
    parts = [total if " " in total else count(file.tasks, word)]
    if file.open < file.tasks:
        parts.append(f"{file.open} open")
    parts.append(count(len(plan.waves), "wave"))
    if file.kind not in ("plan", ROADMAP_KIND):
        parts.append(file.kind)
    if file.found.warnings:
        parts.append(count(len(file.found.warnings), "warning"))
    return " · ".join(parts)


def in_place(fault: Fault) -> str:
    """A fault of a file that is named already: `line 4: …`."""
    where = f"line {fault.line}: " if fault.line else ""
    path = f"{fault.path}: " if fault.path else ""
    return clean(f"{where}{path}{fault.message}", 300)


def _tickets(looked: Looked) -> tuple[Entry, ...]:
    files = looked.tickets()
    known = [file for file in files if file.kind != ROADMAP_KIND]
    tasks = [task for file in known if file.found.plan for task in file.found.plan.tasks]
    epics = sorted({task.epic for task in tasks} - {""})
    sprints = sorted({task.sprint for task in tasks} - {""})
    none = "" if known else "no file with tickets here; tickets.yaml is one, and what trackers export"
    no_epic = "" if epics else "no ticket names an epic"
    no_sprint = "" if sprints else "no ticket names a sprint"
    planned = len(files) > len(known)
    no_roadmap = "" if planned else "no roadmap here; it has headings such as `### PRIORITY 1: Title`"
    all_of = "all tickets of "
    return (
        Entry("tickets", CHOOSE, "i", "tickets", "some of them, by their ids", none),
        Entry("epic", CHOOSE, "e", "epic", all_of + (clean(listing(epics), 80) or "an epic"), no_epic),
        Entry(
            "sprint", CHOOSE, "s", "sprint", all_of + (clean(listing(sprints), 80) or "a sprint"), no_sprint
        ),
        Entry("roadmap", CHOOSE, "r", "roadmap", "its planned priorities", no_roadmap),
        Entry("path", CHOOSE, "f", "plan file", "any other, by its path"),
    )


def _others(looked: Looked) -> tuple[Entry, ...]:
    made = (
        Entry("story", MAKE, "n", "new story", "15 questions make a plan"),
        Entry("demo", MAKE, "d", "demo", "a whole run in a throw-away repository"),
    )
    newest = looked.newest
    if newest is None:
        return (*made, Entry("history", BACK, "h", "past runs", "none yet", "there is no run yet"))
    return (
        *made,
        Entry("last", BACK, "l", f"run {newest.run.lstrip('r')}", _last(newest)),
        Entry("history", BACK, "h", "past runs", f"{count(len(looked.runs), 'run')}: charts, reports"),
    )


def _last(run: PastRun) -> str:
    return clean(f"{run.plan} · {run.state} · {run.merged} of {run.tasks} merged", 160)


def start_lines(
    listed: tuple[Entry, ...],
    chosen: str,
    marked: frozenset[str],
    width: int,
    height: int,
    *,
    cut: bool = False,
) -> tuple[tuple[Line, ...], int]:
    """The list, and the line on which the chosen entry stands; where it does not fit into the height, most
    headings are left out. `cut` tells that not everything was looked at."""
    groups = list(dict.fromkeys(entry.group for entry in listed))
    roomy = len(listed) + 2 * len(groups) - 1 + cut <= height
    names = max((len(entry.name) for entry in listed if entry.group != FOUND), default=0)
    wide = min(max((len(entry.name) for entry in listed if entry.group == FOUND), default=0), width // 2)
    lines: list[Line] = []
    at = 0
    for group in groups:
        if roomy or group == FOUND:
            lines += [BLANK] if lines else []
            lines.append((Bit(f" {group}", "dim"),))
        for entry in (entry for entry in listed if entry.group == group):
            at = len(lines) if entry.id == chosen else at
            cells = max(18, wide) if group == FOUND else names
            lines.append(_entry_line(entry, entry.id == chosen, entry.id in marked, cells, width))
        if group == FOUND and cut:
            lines.append((Bit("     not everything was looked at: f names a file", "dim"),))
    return tuple(lines), at


def _entry_line(entry: Entry, chosen: bool, marked: bool, cells: int, width: int) -> Line:
    click = f"choose:{entry.id}"
    look = mark(entry.state) if entry.state else None
    glyph = ("✓" if marked else look.glyph) if look else entry.key
    style = "ok" if marked else "bad" if entry.state == "failed" else "dim" if entry.why or look else "key"
    told = "bad" if entry.state == "failed" else "dim"
    bits = (
        Bit(f" {'▸' if chosen else ' '} ", "accent", click),
        Bit(f"{glyph} ", style, click),
        Bit(fit(entry.name, cells), "dim" if entry.why and not look else "strong", click),
        Bit(f"  {entry.about if look or not entry.why else entry.why.partition(';')[0]}", told, click),
    )
    line = clip(bits, width)
    return tuple(bit._replace(style=f"{bit.style}+chosen") for bit in line) if chosen else line


def about_lines(entry: Entry, file: PlanFile | None, width: int, *, low: bool = False) -> tuple[Line, ...]:
    """What is known of the chosen entry, for the pane beside the list; little where the pane is `low`."""
    if file is None:
        words = entry.why or WORDS.get(entry.id, "")
        head = () if low else (*_said(entry.about, "strong", width), BLANK)
        return (*head, *_said(words, "warn" if entry.why else "text", width))
    plan = file.found.plan
    if plan is None:
        faults = file.found.errors[:MOST_FAULTS]
        listed = [line for fault in faults for line in _said(f"✗ {in_place(fault)}", "bad", width)]
        return (*listed, BLANK, *_said(entry.why, "dim", width))
    head = ((Bit(f" {clean(plan.name, 80)}", "strong"),),)
    if low:
        return (*head, *_wave_list(plan, width), *_warnings(file, width))
    return (*head, BLANK, *_warnings(file, width), *_task_list(plan, width))


def _wave_list(plan: Plan, width: int) -> list[Line]:
    """A line for each wave with its tasks."""
    return [
        clip(
            (
                Bit(f" {wave.number} {clean(wave.name, 60)}  ", "text"),
                Bit(clean(listing(list(wave.tasks), 6), 300), "dim"),
            ),
            width,
        )
        for wave in plan.waves
    ]


def _task_list(plan: Plan, width: int) -> list[Line]:
    """A line for each task beneath its wave: who does it and how long it takes."""
    lines: list[Line] = []
    names = min(28, max(len(name) for wave in plan.waves for name in wave.tasks))
    for wave in plan.waves:
        lines.append((Bit(f" {wave.number} {clean(wave.name, 60)}", "text"),))
        for name in wave.tasks:
            told = Bit(f"  {who_and_how_long(plan.task(name))}", "dim")
            lines.append(clip((Bit(f"   {fit(clean(name, 60), names)}", "text"), told), width))
    return lines


def _warnings(file: PlanFile, width: int) -> tuple[Line, ...]:
    told = file.found.warnings[:MOST_FAULTS]
    return tuple(line for fault in told for line in _said(f"! {in_place(fault)}", "warn", width))


def _said(text: str, style: str, width: int) -> tuple[Line, ...]:
    return tuple((Bit(f" {part}", style),) for part in wrap(text, max(10, width - 2)))


WORDS = {
    "tickets": "Choose tickets of the file; what they need and is not complete has to be chosen too.",
    "epic": "All tickets of one epic, in waves by what they need.",
    "sprint": "All tickets of one sprint, in waves by what they need.",
    "roadmap": "The planned priorities that could be next are chosen already; add or leave out some.",
    "path": "A plan, tickets, a roadmap or any of the documents that teams keep.",
    "story": "Describe a feature; the answers become tasks, waves and files in a plan that you can edit. "
    "They are kept as you type.",
    "demo": "Shows a whole run with simulated agents: three waves to approve, work, merges. It takes about "
    "a minute and touches none of your repositories.",
    "last": "Opens its dashboard; R goes on with a run that was stopped, failed or interrupted.",
    "history": "What was: charts over time, reports, two runs compared, one replayed.",
}
