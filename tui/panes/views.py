"""What a plan says beside its tasks, to be looked up: gates, sync points, risks, teams, schedule (M219)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from engine import (
    Gate,
    GateLevel,
    Meeting,
    Plan,
    PointState,
    State,
    WavePhase,
    arrived,
    checklist,
    clean,
    expected,
    forecast,
    gate_texts,
    gates_of,
    in_review,
    meetings,
    next_time,
    plan_risks,
    review_words,
    risk_standing,
    team_assignments,
    teams,
    ticked,
    unsigned,
    wave_dates,
)
from tui.facts import Facts
from tui.lines import Bit, Line
from tui.measures import count, duration

LABEL = 15
TEXT = 1_000
LEVEL_STYLE = {"high": "bad", "critical": "bad", "medium": "warn", "low": "ok"}
AT_ITS_END = {WavePhase.SYNCING, WavePhase.GATING, WavePhase.ADVANCING, WavePhase.LANDING, WavePhase.FAILED}
VERDICT_STYLE = {"green": "ok", "skipped": "dim"}


def gate_lines(state: State, now: float, width: int) -> tuple[Line, ...]:
    """Every gate with its last result, and what each wave's end wants of people."""
    page = Facts(width, LABEL)
    gates = gates_of(state.plan)
    for level, listed in (
        ("of each task", gates.task),
        ("after each wave", gates.wave),
        ("at the end", gates.run),
    ):
        if listed:
            page.heading(f"gates {level}")
        for gate in listed:
            _gate(page, state, gate)
    for wave in state.waves:
        lacking, wanted = unsigned(state, wave), checklist(state, wave)
        if not (lacking or wanted or wave.signed):
            continue
        page.heading(f"end of wave {wave.number} {clean(wave.name, 80)}: {wave.phase.value}")
        open_ = "warn" if wave.phase in AT_ITS_END else "text"
        page.facts("signed", (clean(role, 80) for role in wave.signed), "ok")
        page.facts("to sign", (clean(role, 80) for role in lacking), open_)
        found = ticked(state, wave)
        for number, one in enumerate(wanted, 1):
            done, by = number in found, f" (ticked by: {one.run})" if one.run else ""
            mark, style = f"[{'x' if done else ' '}] {number}", "text" if done else "warn"
            page.fact(mark, clean(one.words + by, TEXT), style)
        if wave.overridden:
            page.fact("overridden", clean(wave.overridden, TEXT), "warn")
    _documents(page, state)
    return _or(page, "the plan has no gates; `gates` in the plan names checks that must be green")


def _documents(page: Facts, state: State) -> None:
    """What the plan's documents say of testing and review, and which branches are in review."""
    levels = (
        ("of each branch", GateLevel.TASK),
        ("of a wave", GateLevel.WAVE),
        ("of the run", GateLevel.RUN),
    )
    for words, level in levels:
        if said := gate_texts(state.plan, level):
            page.heading(f"testing and review {words}")
        for name, text in said:
            page.text(f"{clean(name, 60)}: {clean(text, TEXT)}")
    for task in state.moving:
        if in_review(task):
            page.fact(clean(task.id, LABEL), review_words(task), "warn")


def _gate(page: Facts, state: State, gate: Gate) -> None:
    ends = [one for one in state.results if one.gate == gate.name]
    last = f"{ends[-1].verdict.value} for {clean(ends[-1].subject, 60)}" if ends else "has not run yet"
    style = VERDICT_STYLE.get(ends[-1].verdict.value, "bad") if ends else "dim"
    page.text(clean(gate.name, 200), "strong")
    page.fact("runs", clean(gate.run, TEXT) or "judged by the engine")
    page.fact("last", last, style)


def point_lines(state: State, now: float, width: int) -> tuple[Line, ...]:
    """The sync points: who is there, who is expected, what has to be met, what is done when one is missed."""
    page = Facts(width, LABEL)
    for point in state.points:
        page.heading(f"{clean(point.name, 120)}: {_standing(state, point)}")
        page.fact("participants", _listed(point.tasks))
        if here := arrived(state, point):
            page.fact("there", _listed(here), "ok")
        if coming := expected(state, point):
            page.fact("expected", _listed(coming))
        if point.triggers:
            page.fact("reached by", _listed(point.triggers))
        if point.share:
            page.fact("reached after", f"{point.share:.0%} of the estimate")
        if point.lasts:
            page.fact("lasts", duration(point.lasts))
        page.facts("criteria", (clean(text, TEXT) for text in point.criteria))
        page.facts("when missed", (clean(text, TEXT) for text in point.procedures))
        if point.chosen:
            page.fact("chosen", clean(point.chosen, TEXT), "warn")
    return _or(page, "the plan has no sync points")


def _standing(state: State, point: PointState) -> str:
    if point.passed:
        return "passed"
    if point.missed:
        return "missed"
    return "waiting" if arrived(state, point) else "ahead"


def risk_lines(state: State, now: float, width: int) -> tuple[Line, ...]:
    """The risks, the greatest first."""
    page = Facts(width, LABEL)
    for risk in plan_risks(state.plan):
        levels = [level.value if level else "?" for level in (risk.probability, risk.impact)]
        page.heading(
            f"{clean(risk.id, 60)} {clean(risk.name, 200)}".strip(), LEVEL_STYLE.get(levels[1], "accent")
        )
        seen = risk_standing(state, risk)
        words = f"{seen.state}: {clean(seen.sign, 120)}, {clean(seen.why, TEXT)}" if seen.sign else "clear"
        page.fact("now", words, {"warning": "bad", "resolved": "ok"}.get(seen.state, "text"))
        page.fact("kind", clean(risk.kind, 80))
        page.fact("level", f"probability {levels[0]}, impact {levels[1]}, score {risk.score} of 9")
        if risk.affects:
            page.fact("affects", _listed(risk.affects))
        page.facts("mitigation", (clean(text, TEXT) for text in risk.mitigation))
        if risk.signs:
            page.facts("signs", (clean(text, TEXT) for text in risk.signs))
        if risk.contingency:
            page.fact("if it happens", clean(risk.contingency, TEXT))
    return _or(page, "the plan names no risks")


def team_lines(state: State, now: float, width: int) -> tuple[Line, ...]:
    """The teams with their tasks."""
    page = Facts(width, LABEL)
    who = team_assignments(state.plan)
    for team in teams(state.plan):
        page.heading(clean(team.id, 120))
        page.fact("people", f"{team.size:g}")
        page.fact("hours a week", f"{team.hours:g}")
        page.fact("skills", _listed(team.skills) if team.skills else "none named")
        mine = tuple(name for name, one in who.items() if one.team == team.id)
        page.fact("tasks", _listed(mine) if mine else "none")
        for note in team.notes:
            page.fact("note", clean(note, TEXT), "warn")
    return _or(page, "the plan names no teams")


def schedule_lines(state: State, now: float, width: int) -> tuple[Line, ...]:
    """Waves with their days and states, and meetings with their next time; nothing acts on them (M155)."""
    page = Facts(width, LABEL)
    plan, today = state.plan, datetime.fromtimestamp(now)  # a person's calendar
    days = wave_dates(plan, forecast(plan, state.slots)) if plan.tasks else {}
    if state.waves:
        page.heading("waves")
    for wave in state.waves:
        when = (
            f"{days[wave.number][0]:%a %d %b} to {days[wave.number][1]:%a %d %b}, "
            if wave.number in days
            else ""
        )
        style = "ok" if wave.phase is WavePhase.CLOSED else "text"
        page.fact(
            f"wave {wave.number}", f"{when}{clean(wave.name, 80)}, {count(len(wave.tasks), 'task')}", style
        )
    if plan.deadline:
        page.fact(
            "deadline", clean(str(plan.deadline.by), 80) + (", hard" if plan.deadline.hard else ""), "warn"
        )
    for meeting in meetings(plan):
        _meeting(page, plan, meeting, today)
    return _or(page, "nothing is scheduled")


def _meeting(page: Facts, plan: Plan, meeting: Meeting, today: datetime) -> None:
    head = " ".join(part for part in (meeting.kind, meeting.frequency, meeting.time) if part)
    page.heading(clean(head, 200) + (f", wave {meeting.wave}" if meeting.wave else ""))
    if coming := next_time(meeting, today):
        page.fact("next", f"{coming:%a %d %b %H:%M}")
    if meeting.duration:
        page.fact("lasts", clean(meeting.duration, 80))
    if meeting.participants:
        page.fact("participants", _listed(meeting.participants))
    page.facts("agenda", (clean(text, TEXT) for text in meeting.agenda))
    page.facts("escalates", (clean(text, TEXT) for text in meeting.escalation))
    page.facts("delivers", (clean(text, TEXT) for text in meeting.deliverables))
    if meeting.authority:
        page.fact("decides", clean(meeting.authority, 120))


VIEWS: dict[str, Callable[[State, float, int], tuple[Line, ...]]] = {
    "gates": gate_lines,
    "sync points": point_lines,
    "risks": risk_lines,
    "teams": team_lines,
    "schedule": schedule_lines,
}
"""Each view's title and what draws it for a width in cells."""


def _listed(names: Sequence[str]) -> str:
    return ", ".join(clean(name, 120) for name in names)


def _or(page: Facts, empty: str) -> tuple[Line, ...]:
    return tuple(page.lines) or ((Bit(f" {empty}", "dim"),),)
