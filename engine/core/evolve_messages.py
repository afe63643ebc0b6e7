"""What messages mean for the state: who has something to say, and what waits in which inbox."""

from __future__ import annotations

from msgspec.structs import replace

from engine.core.changes import alert, change_task
from engine.core.messages import ALL, Kind, Said
from engine.core.state import LIVE, AlertKind, Phase, State
from engine.core.verdicts import MessageRejected, MessageSent

RECENT = 100
"""So many messages are at hand for a screen; the journal has them all."""


def said(state: State, *things: Said) -> State:
    """The state in which these are still to be sent on."""
    return replace(state, outbox=(*state.outbox, *things))


def sent(state: State, event: MessageSent) -> State:
    """The message is on its way: into the inbox of each who is to read it."""
    message = event.message
    outbox = _without_first(state, message.sender, message.body)
    state = replace(state, sent=message.id, outbox=outbox, recent=(*state.recent, message)[-RECENT:])
    if message.type is Kind.SYNC_REQUEST and message.sender in state.tasks:
        asked = state.tasks[message.sender].asked
        if message.body not in asked:
            state = change_task(state, message.sender, asked=(*asked, message.body))
    if message.type is Kind.STATUS:
        return state
    for task in state.tasks.values():
        reads = message.to == task.id or (message.to == ALL and message.sender != task.id)
        if reads and task.phase in LIVE | {Phase.PENDING}:
            state = change_task(state, task.id, inbox=(*task.inbox, message))
    return state


def rejected(state: State, event: MessageRejected) -> State:
    """What cannot be sent is told of."""
    state = replace(state, outbox=state.outbox[1:])
    text = f"a message of {event.sender} was rejected: {event.reason}"
    tasks = (event.sender,) if event.sender in state.tasks else ()
    return alert(state, AlertKind.NOTICE, text, tasks=tasks, open=False)


def _without_first(state: State, sender: str, body: str) -> tuple[Said, ...]:
    first = state.outbox[:1]
    mine = bool(first) and (first[0].sender, first[0].body) == (sender, body)
    return state.outbox[1:] if mine else state.outbox
