"""One table of actions: every key once, every action described, every refusal with a reason."""

from __future__ import annotations

from collections import Counter

import pytest
from msgspec.structs import replace
from screen_runs import NOW, failed, midway, offered

from tui.app import WavetreeApp
from tui.frame import Frame
from tui.keys import ACTIONS, BY_ID, GROUPS, Context
from tui.lines import plain, width_of
from tui.panes.footer import footer_line
from tui.panes.help import help_lines
from tui.present import present
from tui.screens.approval import ApprovalSheet
from tui.screens.asking import Confirm, Help, Leave
from tui.screens.task import TaskScreen


def context(still: object, task: str = "") -> Context:
    frame = present(still.state, still.timeline, still.vitals, NOW, alive=still.engine_alive)  # type: ignore[attr-defined]
    return Context(frame, frame.row(task))


def test_every_action_has_its_own_keys_a_sentence_and_a_group() -> None:
    keys = Counter(key for action in ACTIONS for key in action.keys)
    assert [key for key, count in keys.items() if count > 1] == []
    assert all(action.help and action.group in GROUPS for action in ACTIONS)


@pytest.mark.parametrize("screen", [WavetreeApp, ApprovalSheet, Confirm, Leave, Help, TaskScreen])
def test_every_binding_has_a_description(screen: type) -> None:
    assert screen.BINDINGS
    assert all(binding.description for binding in screen.BINDINGS)


@pytest.mark.parametrize("width", [40, 60, 80, 100, 120, 200])
def test_the_footer_never_cuts_a_key_off_and_always_says_how_to_leave(width: int) -> None:
    line = footer_line(context(midway(), "api-developer"), width)
    text = plain([line])
    assert width_of(line) <= width
    assert "…" not in text
    assert text.endswith("q leave")


def test_at_80_columns_the_footer_shows_at_least_seven_keys() -> None:
    line = footer_line(context(midway(), "api-developer"), 80)
    assert len({bit.click for bit in line if bit.click}) >= 7


def test_the_help_names_every_action_and_every_mark() -> None:
    text = plain(help_lines(context(midway(), "api-developer"), 120))
    assert all(action.help in text for action in ACTIONS)
    for word in ("pending", "waiting", "running", "paused", "complete", "merged", "failed", "blocked"):
        assert word in text


@pytest.mark.parametrize(
    ("action", "task", "why"),
    [
        ("approve", "", "no wave waits for an approval"),
        (
            "retry",
            "workflow-specialist",
            "workflow-specialist is waiting; nothing of it could be tried again",
        ),
        ("stop", "workflow-specialist", "workflow-specialist is waiting; no agent works on it"),
        ("pause", "api-architect", "api-architect is merged; nothing of it runs"),
        ("pause", "", "no task is selected; the arrow keys select one"),
        ("isolate", "api-architect", "api-architect is merged; it is too late for that"),
        ("serialize", "", "no task is selected; the arrow keys select one"),
        ("undo", "", "nothing was decided that could be taken back"),
        ("review", "", "no branch is in review"),
        ("merge", "", "no finished branch waits for your consent to merge"),
    ],
)
def test_a_disabled_key_says_why(action: str, task: str, why: str) -> None:
    assert BY_ID[action].why_not(context(midway(), task)) == why


def test_what_is_possible_has_no_reason_against_it() -> None:
    assert BY_ID["approve"].why_not(context(offered())) == ""
    assert BY_ID["pause"].why_not(context(midway(), "api-developer")) == ""
    assert BY_ID["stop"].why_not(context(midway(), "api-developer")) == ""


def test_an_engine_that_is_gone_or_a_run_that_ended_is_the_reason() -> None:
    gone = midway()
    gone.engine_alive = False
    assert "R brings it back" in BY_ID["pause"].why_not(context(gone, "api-developer"))
    assert "has ended" in BY_ID["stop_run"].why_not(context(failed()))


def test_the_last_slot_cannot_be_taken_away() -> None:
    frame = replace(Frame(), slots=1)
    assert BY_ID["fewer"].why_not(Context(frame, None)) == "there must be at least one slot"


def test_what_destroys_asks_first() -> None:
    assert {action.id for action in ACTIONS if action.asks} == {"stop", "stop_run", "merge", "review", "undo"}


def test_the_pause_key_is_called_continue_on_what_is_held() -> None:
    assert BY_ID["pause"].label(context(midway(), "vue-spa-architect")) == "continue"
    assert BY_ID["pause"].label(context(midway(), "api-developer")) == "pause"
