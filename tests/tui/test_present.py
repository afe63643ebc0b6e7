"""What a state looks like to a person: numbers, words, order, and the documents' two blocks word for word."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from msgspec.structs import replace
from screen_runs import (
    NOW,
    Still,
    begun,
    failed,
    hostile,
    machine,
    midway,
    offered,
    span,
    story,
    with_task,
    with_wave,
)

from engine import (
    Need,
    Phase,
    Plan,
    RunPhase,
    Settings,
    State,
    Task,
    TaskTimes,
    Timeline,
    Vitals,
    Wave,
    WavePhase,
)
from tui.blocks import arrow, bar
from tui.frame import Frame
from tui.measures import duration, long_duration, size
from tui.panes.sessions import ordered
from tui.present import present, progress_block, status_block

HERE = Path(__file__).parent


def frame_of(still: object) -> Frame:
    return present(still.state, still.timeline, still.vitals, NOW, alive=still.engine_alive)  # type: ignore[attr-defined]


def trio() -> tuple[State, Timeline]:
    """The three tickets of the documents at 80, 70 and 90 percent."""
    rows = (
        ("PROJ-123", "feature", 80.0, 5, "12/15", "Implementation done, testing", 120),
        ("PROJ-124", "bugfix", 70.0, 3, "8/8", "Fix applied, testing", 105),
        ("PROJ-125", "docs", 90.0, 4, "", "Docs updated, final review", 135),
    )
    tasks = tuple(Task(name, type=kind) for name, kind, *_ in rows)
    state = begun(Plan("trio", tasks, (Wave(1, "one", tuple(task.id for task in tasks)),)))
    times = {}
    for name, kind, percent, commits, tests, says, minutes in rows:
        state = with_task(
            state, name, phase=Phase.RUNNING, attempt=1, progress=percent, commits=commits, tests=tests,
            says=says, branch=f"{kind}/{name}",
        )  # fmt: skip
        times[name] = TaskTimes(started=NOW - minutes * 60, reported=NOW)
    return with_wave(state, 1, phase=WavePhase.OPEN), Timeline(created=NOW - 9000, tasks=times)


def test_the_live_status_of_the_documents_is_printed_word_for_word() -> None:
    state, times = trio()
    frame = present(state, times, machine(), NOW)
    assert status_block(frame) + "\n" == (HERE / "live_status.md").read_text("utf-8")


def test_the_progress_of_the_documents_is_printed_word_for_word() -> None:
    """M107: three bars of eleven characters, and 80 % of all"""
    state, times = trio()
    frame = present(state, times, Vitals(), NOW)
    events = (("Tests completed", 900.0), ("PR created", 1200.0), ("PR created", 600.0))
    rows = tuple(
        replace(row, next_event=event, next_eta=eta)
        for row, (event, eta) in zip(frame.rows, events, strict=True)
    )
    assert progress_block(replace(frame, rows=rows)) + "\n" == (HERE / "progress.md").read_text("utf-8")


@pytest.mark.parametrize(
    ("percent", "dots", "head"),
    [
        (0, "[○○○○○○○○○○] 0%", "[>          ]"),
        (80, "[●●●●●●●●○○] 80%", "[========>  ]"),
        (100, "[●●●●●●●●●●] 100%", "[==========>]"),
    ],
)
def test_a_bar_has_ten_cells_and_an_arrow_eleven_characters(percent: float, dots: str, head: str) -> None:
    assert (bar(percent), arrow(percent)) == (dots, head)
    assert len(head) == 13


def silent(minutes: float) -> State:
    plan = Plan("p", (Task("a", estimate=span(10, 20)),), (Wave(1, "w", ("a",)),))
    return with_task(with_wave(begun(plan), 1, phase=WavePhase.OPEN), "a", phase=Phase.RUNNING, attempt=1)


@pytest.mark.parametrize(("minutes", "shown"), [(10, 50), (19, 95), (300, 95)])
def test_a_silent_agent_is_estimated_and_never_above_95(minutes: float, shown: float) -> None:
    """M107: marked as estimated"""
    times = Timeline(tasks={"a": TaskTimes(started=NOW - minutes * 60)})
    row = present(silent(minutes), times, Vitals(), NOW).rows[0]
    assert (row.percent, row.source) == (shown, "e")


def test_a_pause_stops_the_estimate() -> None:
    held = with_task(silent(10), "a", frozen=True, held=True)
    times = Timeline(tasks={"a": TaskTimes(started=NOW - 600, paused_since=NOW - 300)})
    first = present(held, times, Vitals(), NOW).rows[0]
    later = present(held, times, Vitals(), NOW + 200).rows[0]
    assert first.word == "paused"
    assert first.percent == later.percent == 25
    assert first.eta is None


def test_without_an_estimate_nothing_is_made_up() -> None:
    plan = Plan("p", (Task("a"),), (Wave(1, "w", ("a",)),))
    state = with_task(begun(plan), "a", phase=Phase.RUNNING, attempt=1)
    frame = present(state, Timeline(tasks={"a": TaskTimes(started=NOW - 60)}), Vitals(), NOW)
    assert (frame.rows[0].percent, frame.rows[0].eta, frame.eta) == (None, None, None)


def test_reported_progress_ends_at_99_until_the_work_is_merged() -> None:
    state = with_task(silent(1), "a", progress=100.0)
    times = Timeline(tasks={"a": TaskTimes(started=NOW - 60, reported=NOW)})
    assert present(state, times, Vitals(), NOW).rows[0].percent == 99
    merged = with_task(state, "a", phase=Phase.MERGED)
    assert present(merged, times, Vitals(), NOW).rows[0].percent == 100


def test_the_eta_of_a_reporting_agent_counts_down_between_its_reports() -> None:
    state = with_task(silent(1), "a", progress=50.0)
    times = Timeline(tasks={"a": TaskTimes(started=NOW - 600, reported=NOW)})
    assert present(state, times, Vitals(), NOW).rows[0].eta == pytest.approx(600)
    assert present(state, times, Vitals(), NOW + 100).rows[0].eta == pytest.approx(500)


def test_the_run_takes_as_long_as_its_slots_and_waves_make_it() -> None:
    tasks = (Task("a", estimate=span(1, 10)), Task("b", estimate=span(1, 10)),
             Task("c", needs=(Need("a"),), estimate=span(1, 5)))  # fmt: skip
    plan = Plan("p", tasks, (Wave(1, "w", ("a", "b")), Wave(2, "v", ("c",))), slots=2)
    two = present(begun(plan), Timeline(), Vitals(), NOW)
    one = present(replace(begun(plan), slots=1), Timeline(), Vitals(), NOW)
    assert (two.eta, one.eta) == (15 * 60, 25 * 60)


def test_the_overall_bar_is_the_mean_of_all_tasks() -> None:
    frame = frame_of(midway())
    assert [row.percent for row in frame.rows] == [100, 100, 100, 80, 50, 0]
    assert frame.overall == pytest.approx(430 / 6)


def test_a_row_says_where_it_stands_and_why_it_waits() -> None:
    rows = {row.id: row for row in frame_of(midway()).rows}
    running = rows["api-developer"]
    assert (running.word, running.source, running.step, running.tests) == (
        "running",
        "r",
        "4/5 testing",
        "12/15",
    )
    assert (running.cpu, running.rss, running.changed) == (38, 312 * 2**20, 3)
    assert (rows["vue-spa-architect"].word, rows["vue-spa-architect"].source) == ("paused", "s")
    assert rows["workflow-specialist"].step == "waits: wave 2, api-developer, vue-spa-architect"


def test_who_works_comes_before_who_waits_and_before_what_is_over() -> None:
    words = [row.word for row in ordered(frame_of(midway()))]
    assert words == ["running", "paused", "waiting", "merged", "merged", "merged"]


def test_open_alerts_come_first_with_their_age() -> None:
    """M211: settled ones move down"""
    alerts = frame_of(midway()).alerts
    assert [(alert.number, alert.open, alert.age) for alert in alerts] == [(2, True, 120), (1, False, 1200)]


def test_a_waiting_wave_is_an_alert_and_the_next_line_says_which_key() -> None:
    frame = frame_of(offered())
    assert frame.offered == 1
    assert frame.alerts[0].kind == "approval"
    assert frame.needs == 1
    assert frame.next_line == "wave 1 Foundation, 3 tasks, waits for your approval: press a"


def test_the_next_line_says_that_a_merge_waits_for_a_person() -> None:
    """M124: nothing else of the wave is at work"""
    state = with_task(midway().state, "api-developer", phase=Phase.COMPLETE, isolated=True)
    assert "merge" not in frame_of(Still(state, Timeline())).next_line
    state = with_task(state, "vue-spa-architect", phase=Phase.MERGED)
    frame = frame_of(Still(state, Timeline()))
    assert frame.next_line == "api-developer may merge when you say so: press m"


def test_the_next_line_tells_what_the_next_thing_waits_for() -> None:
    assert frame_of(midway()).next_line == "wave 2's gates wait for api-developer, vue-spa-architect"
    state = replace(midway().state, plan=replace(story(), gates=type(story().gates)()))
    frame = present(state, Timeline(), Vitals(), NOW)
    assert frame.next_line == (
        "wave 3 Integration waits for api-developer, vue-spa-architect, then your approval"
    )


def test_a_run_that_ended_says_how_and_what_to_type() -> None:
    frame = frame_of(failed())
    assert frame.ended
    assert frame.eta is None
    assert (
        frame.next_line == "run failed, 4 of 6 tasks merged: 1 of 6 tasks failed"
        " · R or `wavetree resume` goes on"
    )
    done = present(replace(failed().state, phase=RunPhase.DONE, reason=""), Timeline(), Vitals(), NOW)
    assert done.next_line == "run done, 4 of 6 tasks merged"


def test_the_critical_path_is_the_longest_by_estimates() -> None:
    frame = frame_of(midway())
    assert frame.critical == {"api-architect", "vue-spa-architect", "workflow-specialist"}
    assert frame.critical_seconds == 55 * 60
    assert len(frame.edges) == 6


def test_limits_are_marked_only_when_the_plan_sets_them() -> None:
    """M210: 60 and 80"""
    cpu = frame_of(midway()).gauges[0]
    assert (cpu.percent, cpu.marks, cpu.text) == (30, (60, 80), "start 60 run 80")
    plain = replace(midway().state, plan=replace(story(), settings=Settings()))
    assert present(plain, Timeline(), machine(), NOW).gauges[0].marks == ()


@pytest.mark.parametrize("load", ["no new starts", "throttled"])
def test_the_machines_load_is_shown_in_the_engines_words(load: str) -> None:
    """M210: `no new starts`, `throttled`"""
    assert present(replace(midway().state, load=load), Timeline(), machine(), NOW).load == load


def test_no_foreign_text_leaves_with_a_control_character() -> None:
    frame = frame_of(hostile())
    seen: list[str] = [frame.project, frame.base, frame.next_line, *(head.name for head in frame.waves)]
    for row in frame.rows:
        seen += [row.name, row.title, row.step, row.says, row.branch, row.tests, row.note, *row.waits]
    for alert in frame.alerts:
        seen += [alert.text, alert.remedy, *alert.files, *alert.tasks]
    assert any("evil" in text for text in seen)
    assert all(text.isprintable() for text in seen)


def test_an_empty_state_makes_an_empty_frame() -> None:
    frame = present(State(), Timeline(), Vitals(), NOW)
    assert (frame.rows, frame.overall, frame.alerts) == ((), 0.0, ())
    assert "Overall: 0% complete" in progress_block(frame)


def test_what_the_commands_share_with_the_screen_imports_no_textual() -> None:
    code = (
        "import sys, tui.present, tui.keys, tui.draw, tui.panes.task, tui.panes.sheet, tui.panes.help;"
        "print([name for name in sys.modules if name.split('.')[0] in ('textual', 'networkx', 'git')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=HERE.parents[1])
    assert (done.stdout, done.returncode) == ("[]\n", 0), done.stderr


@pytest.mark.parametrize(
    ("seconds", "short", "long"),
    [
        (None, "–", "unknown"),
        (0, "0 s", "0 seconds"),
        (59.6, "1 min", "1 minute"),
        (1800, "30 min", "30 minutes"),
        (3900, "1 h 05", "1 hour 5 minutes"),
        (3600, "1 h 00", "1 hour"),
        (200_000, "2 d 7 h", "55 hours 33 minutes"),
    ],
)
def test_durations_in_words(seconds: float | None, short: str, long: str) -> None:
    assert (duration(seconds), long_duration(seconds)) == (short, long)


def test_sizes_in_words() -> None:
    assert [size(n) for n in (None, 0, 999, 312 * 2**20, 24 * 2**30)] == [
        "–",
        "0 B",
        "999 B",
        "312 MB",
        "24.0 GB",
    ]
