"""`wavetree messages`: what agents, the engine and people wrote to each other in a run (M151)."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator

from engine import Event, Message, MessageKind, MessageSent, State, clean
from tui.cli.target import add_json, add_run, client, examples

POLL = 0.2
"""Seconds between two looks with -f."""


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("task", nargs="?", default="", metavar="TASK", help="only what this task sent or got")
    parser.add_argument("--type", choices=[kind.value for kind in MessageKind], help="only this kind")
    parser.add_argument("-f", "--follow", action="store_true", help="go on until the run ends")
    add_run(parser)
    add_json(parser)
    examples(
        parser, "wavetree messages", "wavetree messages PROJ-124 --type conflict", "wavetree messages -f"
    )


def run(args: argparse.Namespace) -> int:
    to = client(args.run)
    rows = [(at, message) for at, message in _messages(to.history()) if _wanted(args, message)]
    if args.json and not args.follow:
        print(json.dumps([_row(at, message) for at, message in rows]))
        return 0
    for at, message in rows:
        _tell(args, at, message)
    if not rows and not args.follow:
        print("no message")
    while args.follow and not to.state.ended:
        time.sleep(POLL)
        for at, message in _messages(to.steps()):
            if _wanted(args, message):
                _tell(args, at, message)
    return 0


def _messages(events: Iterator[tuple[State, float, Event]]) -> Iterator[tuple[float, Message]]:
    return ((at, event.message) for _, at, event in events if isinstance(event, MessageSent))


def _wanted(args: argparse.Namespace, message: Message) -> bool:
    mine = not args.task or args.task in (message.sender, message.to)
    return mine and args.type in (None, message.type.value)


def _tell(args: argparse.Namespace, at: float, message: Message) -> None:
    if args.json:
        print(json.dumps(_row(at, message)), flush=True)
        return
    clock = time.strftime("%H:%M:%S", time.localtime(at))
    who = f"{message.sender} → {message.to}"
    print(clean(f"{clock} {message.type.value:<12} {who:<24} {message.body}", 2_200), flush=True)


def _row(at: float, message: Message) -> dict[str, object]:
    return {
        "id": message.id,
        "type": message.type.value,
        "from": message.sender,
        "to": message.to,
        "time": at,
        "body": message.body,
    }
