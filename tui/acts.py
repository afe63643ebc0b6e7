"""What each action of the table does: a question when it destroys, then a command to the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine import (
    ApproveMerge,
    Command,
    Fixed,
    Isolate,
    Pause,
    Release,
    Resume,
    Retry,
    Review,
    Serialize,
    SetSlots,
    Sides,
    Stop,
    StopTask,
    UndoDecision,
    Unpause,
    Verb,
    clean,
    unreviewed,
)
from tui.frame import Frame, Row
from tui.keys import key_of
from tui.measures import count
from tui.panes.sessions import ordered
from tui.screens.approval import ApprovalSheet
from tui.screens.asking import Confirm, Help, Leave
from tui.screens.conflict import ConflictScreen
from tui.screens.dashboard import PANES
from tui.screens.history import HistoryScreen
from tui.screens.saying import SayingSheet
from tui.screens.serialize import SerializeSheet
from tui.screens.signing import SigningSheet
from tui.screens.task import TaskScreen
from tui.screens.views import ViewsPage

if TYPE_CHECKING:
    from tui.app import WavetreeApp


def act(app: WavetreeApp, action: str) -> None:
    """Carry out an action of the table that is possible now."""
    frame, row = app.frame, app.frame.row(app.selected)
    match action:
        case "up" | "down":
            _move(app, -1 if action == "up" else 1)
        case "details" if row:
            app.push_screen(TaskScreen(row.id, live=app.live))
        case "pause" if row:
            app.orders.send(Unpause((row.id,)) if row.held else Pause((row.id,)))
        case "pause_all":
            app.orders.send(Unpause() if frame.held else Pause())
        case "retry" if row:
            _retry(app, row)
        case "isolate" if row:
            free = Release(row.id, app.person) if row.isolated or row.after else Isolate(row.id, app.person)
            app.orders.send(free)
        case "conflict":
            _conflict(app, (row.conflict if row else "") or frame.conflict)
        case "serialize" if row:
            app.push_screen(SerializeSheet(row.id))
        case "say" if row:
            app.push_screen(SayingSheet(row.id, row.name))
        case "undo":
            after = "Who stands still because of it goes on."
            if frame.undo.startswith(Verb.RESOLVE.value):
                after = "A worktree that has got the answer already keeps it."
            question = Confirm(f"take back: {frame.undo}?", after)
            app.orders.ask(question, UndoDecision(by=app.person))
        case "stop" if row:
            after = f"Its worktree and branch are kept; {key_of(frame, 'retry')} tries it again."
            app.orders.ask(Confirm(stop_question(row), after), StopTask(row.id))
        case "merge":
            _merge(app, row)
        case "review":
            _review(app, row)
        case "approve" if frame.signing and not frame.offered:
            app.push_screen(SigningSheet())
        case "approve":
            app.push_screen(ApprovalSheet(frame.offered))
        case "more" | "fewer":
            app.orders.send(SetSlots(frame.slots + (1 if action == "more" else -1)))
        case "stop_run":
            app.orders.ask(_stop_run(frame), Stop(by=app.person))
        case "resume":
            app.orders.send(Resume(by=app.person))
        case "history":
            app.push_screen(HistoryScreen(app.past()))
        case "views":
            app.push_screen(ViewsPage())
        case "theme":
            app.wear(app.themes.after(app.theme))
        case "help":
            app.push_screen(Help())
        case "palette":
            app.action_command_palette()
        case "leave":
            leave(app)
        case _:
            _look(app, action)


def _look(app: WavetreeApp, action: str) -> None:
    board = app.board
    match action:
        case "log" | "graph":
            board.activate(action)
        case "pane":
            board.activate(PANES[(PANES.index(board.pane) + 1) % len(PANES)])
        case "page_up" | "page_down":
            board.scroll_pane(-1 if action == "page_up" else 1)
        case "to_end":
            board.scroll_to_end()


def _move(app: WavetreeApp, step: int) -> None:
    """Select the task above or below, in the order of the sessions."""
    ids = [row.id for row in ordered(app.frame)]
    if not ids:
        return
    place = ids.index(app.selected) + step if app.selected in ids else 0
    app.select(ids[max(0, min(len(ids) - 1, place))])


def _merge(app: WavetreeApp, row: Row | None) -> None:
    asking = [other for other in app.frame.rows if other.asks_merge]
    chosen = row if row and row.asks_merge else asking[0]
    question = f"let {chosen.name} into the merge queue?"
    after = f"Its branch {chosen.branch} merges once its gates are green."
    if chosen.conflict:
        look = f"{key_of(app.frame, 'conflict')} settles that first"
        after = f"It clashes with what is merged ({chosen.conflict}): git will refuse it. {look}."
    app.orders.ask(
        Confirm(question, after),
        ApproveMerge(chosen.id, by=app.person),
    )


def _review(app: WavetreeApp, row: Row | None) -> None:
    asking = [other for other in app.frame.rows if other.asks_review]
    chosen = row if row and row.asks_review else asking[0]
    task = app.client.state.tasks[chosen.id]
    teams = [team for team in unreviewed(task) if team]
    whom = f" for {clean(teams[0], 60)}" if teams else ""
    refuse = f"wavetree review reject {chosen.name} --note TEXT"
    after = f"Read {clean(task.branch, 100)} first. To refuse it: {refuse}"
    app.orders.ask(
        Confirm(f"approve the branch of {chosen.name}{whom}?", after),
        Review(chosen.id, team=unreviewed(task)[0], by=app.person),
    )


def _conflict(app: WavetreeApp, id: str) -> None:
    """Both sides of a conflict, to choose between."""
    client = app.client
    record = client.state.conflicts[id]
    about = client.state.alerts[record.alert - 1].text if record.alert else id

    async def look() -> tuple[Sides, ...]:
        return await client.sides(id)

    async def choose(contents: dict[str, bytes | None], sides: tuple[Sides, ...], note: str) -> Command:
        how = f"by hand: {', '.join(contents)}"
        return await client.chosen(id, contents, sides, how=how, by=app.person, note=note)

    app.push_screen(ConflictScreen(id, clean(about, 400), look, choose, _verbs(app, id)))


def _verbs(app: WavetreeApp, id: str) -> dict[str, Command]:
    """What else than to settle it can be done about a conflict of two agents at work."""
    state = app.client.state
    record = state.conflicts[id]
    at_work = [name for name in record.tasks if (row := app.frame.row(name)) and not row.settled]
    if not at_work:
        return {}
    later = record.later if record.later in at_work else at_work[-1]
    found: dict[str, Command] = {"pause": Pause((later,)), "isolate": Isolate(later, app.person)}
    if others := [name for name in at_work if name != later]:
        found["serialize"] = Serialize(others[0], later, app.person)
    return found


def _retry(app: WavetreeApp, row: Row) -> None:
    """Of a run that has ended all that failed is tried again, as the command `retry` does."""
    if app.frame.ended:
        app.orders.send(Resume(by=app.person))
        return
    again = Fixed(row.id, app.person) if row.asks_fix else Retry(row.id, app.person)
    if not row.live:
        app.orders.send(again)
        return
    after = "The next attempt begins from what is merged by now; what this one did is kept."
    app.orders.ask(Confirm(f"end the agent of {row.name} and try again?", after), again)


def stop_question(row: Row) -> str:
    """`stop api-developer, with 3 files not committed?`."""
    left = f", with {count(row.changed, 'file')} not committed" if row.changed else ""
    return f"stop {row.name}{left}?"


def stop_run_question(frame: Frame) -> str:
    """`stop 3 agents, 2 with uncommitted work?`; without agents `stop the run?`."""
    live = frame.live
    dirty = sum(row.changed > 0 for row in live)
    if not live:
        return "stop the run? no agent is at work"
    return f"stop {count(len(live), 'agent')}{f', {dirty} with uncommitted work' if dirty else ''}?"


def _stop_run(frame: Frame) -> Confirm:
    again = key_of(frame, "resume")
    return Confirm(
        stop_run_question(frame), f"Every worktree and branch is kept; {again} goes on with the run."
    )


def leave(app: WavetreeApp) -> None:
    """Leave at once when nothing runs, else ask how; leaving never stops anything by itself."""
    if app.frame.ended or not app.frame.alive:
        app.exit()
        return

    def answered(answer: str | None) -> None:
        if answer == "keep":
            app.exit()
        elif answer == "stop":
            app.orders.ask(_stop_run(app.frame), Stop(by=app.person), then=app.exit)

    app.push_screen(Leave(len(app.frame.live)), answered)
