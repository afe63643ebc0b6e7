"""M146: the nine actions, each passing and failing; skipped is never a pass."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from test_conflicts import begun, clash, see
from world_of_paper import Paper, plan, task

from engine.core.actions import ACTIONS, COMMANDS, JUDGES, gates_of, judge
from engine.core.gauged import GateVerdict
from engine.core.intents import GateRequested
from engine.core.plan import Gate, Gates, Plan
from engine.core.state import Phase, RunPhase, State, TaskState
from engine.core.verdicts import GateJudged

SECTION = {
    "parallel_quality_gates": {
        "per_agent_gates": [
            {"gate": "agent", "actions": ["validate_output", "check_conflicts", "update_progress"]}
        ],
        "per_block_gates": [
            {"gate": "block", "actions": ["integration_test", "conflict_resolution", "prepare_next_block"]}
        ],
        "overall_gates": [
            {"gate": "final", "actions": ["full_system_test", "documentation_update", "github_sync"]}
        ],
    }
}


def gated(*tasks: object, **more: object) -> Plan:
    return plan(*tasks, waves=[("a",), ("b",)], sections=SECTION, **more)  # type: ignore[arg-type]


def two() -> Plan:
    return gated(task("a"), task("b", "a"))


def verdict(state: State, action: str, *names: str) -> tuple[GateVerdict, str]:
    return judge(state, Gate("g", "", action=action), tuple(state.tasks[name] for name in names))


def changed(state: State, name: str, **changes: object) -> State:
    new: TaskState = replace(state.tasks[name], **changes)
    return replace(state, tasks={**state.tasks, name: new})


def test_all_nine_are_known() -> None:
    assert len(ACTIONS) == 9
    assert {*JUDGES, *COMMANDS} == {*ACTIONS}


def test_the_documents_gates_run_at_their_three_levels_and_skipped_is_no_pass() -> None:
    """M145"""
    paper = Paper(two())
    paper.run()
    assert paper.state.phase is RunPhase.DONE
    told = [(one.level.value, one.subject, one.gate, one.verdict.value) for one in paper.events(GateJudged)]
    agent = ("validate_output", "check_conflicts", "update_progress")
    block = (
        ("integration_test", "skipped"),
        ("conflict_resolution", "green"),
        ("prepare_next_block", "green"),
    )
    assert told == [
        *(("task", "a", f"agent: {name}", "green") for name in agent),
        *(("wave", "1", f"block: {name}", word) for name, word in block),
        *(("task", "b", f"agent: {name}", "green") for name in agent),
        *(("wave", "2", f"block: {name}", word) for name, word in block),
        *(("run", "2", f"final: {name}", "skipped") for name in COMMANDS[1:]),
    ]
    assert {one.detail for one in paper.events(GateJudged) if one.verdict is GateVerdict.SKIPPED} == {
        "no command configured"
    }
    assert not paper.events(GateRequested)


@pytest.mark.parametrize("action", COMMANDS)
def test_a_command_of_the_plan_is_run_as_the_action(action: str) -> None:
    made = gated(task("a"), task("b", "a"), gates=Gates(actions={action: "make check"}))
    gates = gates_of(made)
    (gate,) = [one for one in (*gates.task, *gates.wave, *gates.run) if one.action == action]
    assert gate.run == "make check"
    paper = Paper(made)
    paper.run()
    assert {one.gate.run for one in paper.events(GateRequested)} == {"make check"}


def test_output_has_to_be_there_and_to_be_what_was_declared() -> None:
    state = begun("a").state
    assert verdict(state, "validate_output", "a") == (GateVerdict.RED, "a changed no file")
    state = changed(state, "a", files=("x.py",))
    assert verdict(state, "validate_output", "a") == (GateVerdict.GREEN, "")
    specs = {"a": replace(state.spec("a"), files=("api/*.py",))}
    red, why = verdict(replace(state, specs=specs), "validate_output", "a")
    assert (red, why) == (GateVerdict.RED, "a changed none of the files that it declares: api/*.py")
    state = changed(replace(state, specs=specs), "a", files=("api/users.py", "x.py"))
    assert verdict(state, "validate_output", "a")[0] is GateVerdict.GREEN


def test_an_open_conflict_stops_who_came_second_and_is_settled_at_the_waves_end() -> None:
    paper = begun("a", "b")
    assert verdict(paper.state, "check_conflicts", "b")[0] is GateVerdict.GREEN
    assert verdict(paper.state, "conflict_resolution", "a", "b")[0] is GateVerdict.GREEN
    see(paper, clash("a", "b"))
    assert verdict(paper.state, "check_conflicts", "a")[0] is GateVerdict.GREEN, "it goes first"
    red, why = verdict(paper.state, "check_conflicts", "b")
    assert red is GateVerdict.RED and why.startswith("c1 is open")
    assert verdict(paper.state, "conflict_resolution", "a", "b") == (GateVerdict.RED, "open: c1")


def test_an_agents_own_word_that_it_is_not_done_counts() -> None:
    state = begun("a").state
    assert verdict(state, "update_progress", "a")[0] is GateVerdict.GREEN, "it said nothing"
    red = verdict(changed(state, "a", progress=60.0), "update_progress", "a")
    assert red == (GateVerdict.RED, "a ended at 60 % by its own word")
    assert verdict(changed(state, "a", progress=100.0), "update_progress", "a")[0] is GateVerdict.GREEN


def test_the_next_wave_has_to_have_what_it_needs() -> None:
    state = Paper(two()).state
    assert verdict(state, "prepare_next_block", "a")[0] is GateVerdict.GREEN
    state = changed(state, "a", phase=Phase.FAILED)
    assert verdict(state, "prepare_next_block", "a") == (GateVerdict.RED, "b needs a, which is failed")
