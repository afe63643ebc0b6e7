"""`wavetree serve`: the screen on a run in a browser of this machine."""

from __future__ import annotations

import argparse
import json
import secrets
import shlex
import socket
import sys
from importlib import import_module

from engine import UsageError
from tui.cli.target import add_json, client, examples, positive


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", nargs="?", default="", metavar="RUN", help="default: as with attach")
    parser.add_argument("--port", type=positive, default=0, metavar="N", help="default: any that is free")
    add_json(parser)
    examples(parser, "wavetree serve", "wavetree serve r3 --port 8123")


def run(args: argparse.Namespace) -> int:
    to = client(args.run)
    try:
        browser = import_module("tui.browser")
    except ImportError as error:
        raise UsageError(f"{error.name} is not installed", "pip install 'wavetree[serve]'") from error
    port = args.port or _free()
    command = shlex.join([sys.executable, "-P", "-m", "tui", "attach", to.run])
    to.close()
    browser.Guarded(
        command, port, f"wavetree {to.run}", secrets.token_urlsafe(24), _as_data if args.json else _say
    ).serve()
    return 0


def _say(address: str) -> None:
    print(f"open {address}\nCtrl-C ends it; the run goes on without it", flush=True)


def _as_data(address: str) -> None:
    print(json.dumps({"url": address}), flush=True)


def _free() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
