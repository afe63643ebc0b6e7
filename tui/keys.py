"""The one table of actions: footer, help screen, command palette and key bindings are made from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from tui.frame import Frame, Row


class Context(NamedTuple):
    """What an action's words and its being possible depend on."""

    frame: Frame
    row: Row | None


Words = Callable[[Context], str]


class Action(NamedTuple):
    """Something a person can do. `label` is its word in the footer, `help` its sentence; `why_not` gives
    the reason why it cannot be done now, or nothing. `footer` orders the footer, 0 leaves it out."""

    id: str
    keys: tuple[str, ...]
    label: Words
    help: str
    group: str
    footer: int = 0
    asks: bool = False
    why_not: Words = lambda _: ""


KEY_NAMES = {"question_mark": "?", "plus": "+", "minus": "-", "up": "↑", "down": "↓", "ctrl+p": "^p"}


def key_of(frame: Frame, action: str) -> str:
    """The key of an action as it is written for people: the person's own, else the usual one."""
    return key_among(frame.keys, action)


def key_among(keys: Mapping[str, str], action: str) -> str:
    """The same, where `keys` are the person's own."""
    usual = BY_ID[action].keys[0]
    return keys.get(action) or KEY_NAMES.get(usual, usual)


def pressed(keys: Mapping[str, str], action: str) -> str:
    """What to press for an action, in a sentence; `keys` are the person's own."""
    approve, again, hold, read, merge = (
        key_among(keys, name) for name in ("approve", "resume", "pause_all", "review", "merge")
    )
    return {
        "approve": f"press {approve}",
        "sign": f"press {approve}",
        "merge": f"press {merge}",
        "review": f"press {read}, or `wavetree review`",
        "sync": f"press {approve}, or `wavetree sync`",
        "resume": f"{again} or `wavetree resume`",
        "pause_all": hold,
    }[action]


def _says(word: str) -> Words:
    return lambda _: word


def _pause_word(context: Context) -> str:
    return "continue" if context.row and context.row.held else "pause"


def _pause_all_word(context: Context) -> str:
    return "continue all" if context.frame.held else "pause all"


def _running(context: Context) -> str:
    """Why nothing can be asked of the run now."""
    if context.frame.phase == "done":
        return "the run is done"
    if context.frame.ended:
        again = key_of(context.frame, "resume")
        return f"the run has ended ({context.frame.phase}); {again} goes on with it"
    again = key_of(context.frame, "resume")
    return "" if context.frame.alive else f"the engine is not running; {again} brings it back"


def _resume_not(context: Context) -> str:
    if context.frame.phase == "done":
        return "the run is done; nothing is left to take up"
    if context.frame.alive and not context.frame.ended:
        return "the run is going on"
    return ""


def _selected(context: Context) -> str:
    return "" if context.row else "no task is selected; the arrow keys select one"


def _pause_not(context: Context) -> str:
    why = _running(context) or _selected(context)
    if not why and context.row and context.row.settled:
        return f"{context.row.name} is {context.row.word}; nothing of it runs"
    return why


def _retry_word(context: Context) -> str:
    return "fixed" if context.row and context.row.asks_fix else "retry"


def _retry_not(context: Context) -> str:
    if not context.frame.alive and not context.frame.ended:
        return _running(context)
    why = _selected(context)
    if (
        not why
        and context.row
        and context.row.word not in {"failed", "stopped", "blocked", "running", "paused", "coordinating"}
    ):
        return f"{context.row.name} is {context.row.word}; nothing of it could be tried again"
    return why


def _isolate_word(context: Context) -> str:
    return "release" if context.row and (context.row.isolated or context.row.after) else "isolate"


def _steer_not(context: Context) -> str:
    why = _running(context) or _selected(context)
    if not why and context.row and context.row.settled:
        return f"{context.row.name} is {context.row.word}; it is too late for that"
    return why


def _conflict_not(context: Context) -> str:
    if context.row and context.row.conflict:
        return ""
    return "" if context.frame.conflict else "no conflict between lines is open"


def _undo_not(context: Context) -> str:
    return _running(context) or ("" if context.frame.undo else "nothing was decided that could be taken back")


def _stop_not(context: Context) -> str:
    why = _running(context) or _selected(context)
    if not why and context.row and not context.row.live:
        return f"{context.row.name} is {context.row.word}; no agent works on it"
    return why


def _approve_not(context: Context) -> str:
    why = _running(context)
    waits = context.frame.offered or context.frame.signing
    return why or ("" if waits else "no wave waits for an approval")


def _review_not(context: Context) -> str:
    why = _running(context)
    waits = any(row.asks_review for row in context.frame.rows)
    return why or ("" if waits else "no branch is in review")


def _merge_not(context: Context) -> str:
    why = _running(context)
    waits = any(row.asks_merge for row in context.frame.rows)
    return why or ("" if waits else "no finished branch waits for your consent to merge")


def _fewer_not(context: Context) -> str:
    return _running(context) or ("" if context.frame.slots > 1 else "there must be at least one slot")


LOOK, STEER, RUN, SCREEN = "look", "steer a task", "steer the run", "screen"
GROUPS = (LOOK, STEER, RUN, SCREEN)

ACTIONS: tuple[Action, ...] = (
    Action("up", ("up", "k"), _says("up"), "select the task above", LOOK),
    Action("down", ("down", "j"), _says("down"), "select the task below", LOOK),
    Action(
        "details",
        ("enter",),
        _says("details"),
        "everything about the selected task",
        LOOK,
        3,
        why_not=_selected,
    ),
    Action("log", ("l",), _says("log"), "show the log of the selected task", LOOK, 7),
    Action("graph", ("g",), _says("graph"), "show the graph of the plan", LOOK, 8),
    Action("pane", ("tab",), _says("next pane"), "go to the next pane; 1-5 go to one directly", LOOK, 9),
    Action("page_up", ("pageup",), _says("page up"), "scroll the active pane up", LOOK),
    Action("page_down", ("pagedown",), _says("page down"), "scroll the active pane down", LOOK),
    Action("to_end", ("end",), _says("to the end"), "go to the end of the active pane and follow it", LOOK),
    Action(
        "pause", ("p",), _pause_word, "pause the selected task, or let it go on", STEER, 2, why_not=_pause_not
    ),
    Action(
        "retry",
        ("r",),
        _retry_word,
        "try the selected task again; of one that runs the agent is ended first",
        STEER,
        5,
        why_not=_retry_not,
    ),
    Action(
        "conflict",
        ("c",),
        _says("conflict"),
        "both sides of the selected task's conflict, to choose between",
        STEER,
        13,
        why_not=_conflict_not,
    ),
    Action(
        "isolate",
        ("i",),
        _isolate_word,
        "let the selected task go on alone and merge it last, or take that back",
        STEER,
        14,
        why_not=_steer_not,
    ),
    Action(
        "serialize",
        ("s",),
        _says("serialize"),
        "let the selected task wait for another and go on on top of it",
        STEER,
        15,
        why_not=_steer_not,
    ),
    Action(
        "say",
        ("w",),
        _says("write"),
        "write to the agent of the selected task",
        STEER,
        why_not=_steer_not,
    ),
    Action(
        "undo",
        ("u",),
        _says("undo"),
        "take back the last decision on agents in conflict",
        STEER,
        asks=True,
        why_not=_undo_not,
    ),
    Action(
        "stop",
        ("x",),
        _says("stop"),
        "stop the selected task's agent; its work is kept",
        STEER,
        6,
        asks=True,
        why_not=_stop_not,
    ),
    Action(
        "merge",
        ("m",),
        _says("merge"),
        "let a finished branch into the merge queue",
        STEER,
        asks=True,
        why_not=_merge_not,
    ),
    Action(
        "review",
        ("v",),
        _says("review"),
        "approve the branch of a task in review",
        STEER,
        asks=True,
        why_not=_review_not,
    ),
    Action(
        "approve",
        ("a",),
        _says("approve"),
        "look at the wave that waits, then approve or reject it; sign and tick at its end",
        RUN,
        1,
        why_not=_approve_not,
    ),
    Action(
        "pause_all", ("P",), _pause_all_word, "pause every task, or let all go on", RUN, 10, why_not=_running
    ),
    Action("more", ("plus",), _says("more slots"), "let one more agent work at once", RUN, why_not=_running),
    Action(
        "fewer", ("minus",), _says("fewer slots"), "let one agent fewer work at once", RUN, why_not=_fewer_not
    ),
    Action(
        "stop_run",
        ("X",),
        _says("stop run"),
        "stop every agent and the run; it can be resumed",
        RUN,
        11,
        asks=True,
        why_not=_running,
    ),
    Action(
        "resume",
        ("R",),
        _says("resume"),
        "take up a run that stopped, failed, or lost its engine",
        RUN,
        13,
        why_not=_resume_not,
    ),
    Action("history", ("h",), _says("history"), "past runs: charts, reports, two compared", SCREEN, 16),
    Action(
        "views",
        ("o",),
        _says("views"),
        "gates, sync points, risks, teams and schedule of the plan",
        SCREEN,
        17,
    ),
    Action("theme", ("t",), _says("theme"), "switch to the next theme", SCREEN),
    Action("help", ("question_mark",), _says("help"), "all keys, and what the marks mean", SCREEN, 4),
    Action("palette", ("ctrl+p",), _says("commands"), "find any action by its name", SCREEN),
    Action("leave", ("q",), _says("leave"), "leave the screen; the run can go on without it", SCREEN, 12),
)

BY_ID = {action.id: action for action in ACTIONS}


def palette_entries(context: Context, themes: tuple[str, ...]) -> list[tuple[str, str, str]]:
    """The command palette: title, words beneath it, and `act:ACTION` or `theme:NAME`."""
    entries = []
    for action in ACTIONS:
        if action.id != "palette":
            why = action.why_not(context)
            words = f"not now: {why}" if why else f"key {key_of(context.frame, action.id)}"
            entries.append((action.help[:1].upper() + action.help[1:], _plain(words), f"act:{action.id}"))
    return entries + [(f"Theme {_plain(name)}", "colours of the screen", f"theme:{name}") for name in themes]


def _plain(text: str) -> str:
    """Text that markup cannot be made of: the palette takes only strings."""
    return text.replace("[", "(").replace("]", ")")
