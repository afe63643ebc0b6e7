"""Messages between agents, the engine and a person (M151, M152)."""

from __future__ import annotations

import json
from enum import StrEnum

from msgspec import Struct

ENGINE = "wavetree"
"""The sender of what the engine says."""
ALL = "all"
PERSON = "person"
MOST = 2_000
"""Characters of a message."""


class Kind(StrEnum):
    """What a message is about; a status is for the record and reports only, nobody is sent it."""

    COORDINATION = "coordination"
    STATUS = "status"
    CONFLICT = "conflict"
    SYNC_REQUEST = "sync_request"


class Said(Struct, frozen=True):
    """Something said and not sent on yet; `to` is a task, `all` or `person`."""

    sender: str
    type: str
    to: str
    body: str


class Message(Struct, frozen=True):
    """A message as it was sent; `id` counts up from 1 within a run. Its time is that of its record."""

    id: int
    type: Kind
    sender: str
    to: str
    body: str


def kind_of(word: str) -> Kind | None:
    """The kind of that name, or None when there is none."""
    return Kind(word) if word in tuple(Kind) else None


def as_line(message: Message, time: str) -> str:
    """The envelope as a line of JSON with the keys id, type, from, to, time and body."""
    data = {
        "id": message.id,
        "type": message.type.value,
        "from": message.sender,
        "to": message.to,
        "time": time,
        "body": message.body,
    }
    return json.dumps(data) + "\n"
