"""Which messages are sent now, and which are put into inboxes (M151, M152)."""

from __future__ import annotations

from engine.core.commands import Say
from engine.core.errors import Refused
from engine.core.events import Event
from engine.core.intents import DeliverRequested
from engine.core.messages import ALL, PERSON, Kind, Message, Said, kind_of
from engine.core.state import SETTLED, Phase, RunPhase, State
from engine.core.verdicts import MessageRejected, MessageSent


def posts(state: State) -> list[Event]:
    """What was said is sent on, one thing at a time; what is in a running task's inbox is delivered."""
    if state.outbox:
        return [_sent(state, state.outbox[0])]
    if state.phase is not RunPhase.ACTIVE:
        return []
    return [
        DeliverRequested(task.id, task.attempt, task.inbox)
        for task in state.moving
        if task.inbox and task.phase is Phase.RUNNING and task.pid and not task.killing
    ]


def _sent(state: State, said: Said) -> Event:
    kind = kind_of(said.type)
    if kind is None:
        accepted = ", ".join(Kind)
        return MessageRejected(said.sender, f"there is no kind {said.type!r}; accepted: {accepted}")
    if said.to not in state.tasks and said.to not in (ALL, PERSON):
        return MessageRejected(said.sender, f"there is no task {said.to!r} to send it to")
    return MessageSent(Message(state.sent + 1, kind, said.sender, said.to, said.body))


def say(state: State, command: Say) -> list[Event]:
    """A person's words to a task, or to all that are not over. Raises Refused when nobody would read them."""
    if not command.text.strip():
        raise Refused("there is nothing to say", "wavetree say TASK TEXT")
    if command.task != ALL and command.task not in state.tasks:
        raise Refused(f"the run has no task {command.task!r}", f"tasks: {', '.join(state.tasks)}")
    if command.task != ALL and state.tasks[command.task].phase in SETTLED | {Phase.COMPLETE}:
        raise Refused(f"{command.task} is {state.tasks[command.task].phase.value}; nobody reads it")
    message = Message(
        state.sent + 1, Kind.COORDINATION, command.by or PERSON, command.task, command.text.strip()
    )
    return [MessageSent(message)]
