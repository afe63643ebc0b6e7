"""`wavetree report`: what a run was: summary, waves, decisions, conflicts, metrics with their numbers."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from engine import (
    UsageError,
    batch_summary,
    clean,
    report_data,
    report_markdown,
    report_of,
    report_page,
    report_text,
)
from tui.cli.target import add_json, client, examples


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", nargs="?", default="", metavar="RUN", help="default: the newest")
    parser.add_argument("--markdown", action="store_true", help="as Markdown")
    parser.add_argument("--html", metavar="FILE", help="as one page with a chart, that opens from disk")
    parser.add_argument("--from", dest="source", metavar="FILE", help="the summary of a batch result's JSON")
    add_json(parser)
    examples(parser, "wavetree report", "wavetree report r3 --html r3.html", "wavetree report --json")


def run(args: argparse.Namespace) -> int:
    if args.source:
        print(batch_summary(_batch(args.source)), end="")
        return 0
    report = report_of(client(args.run))
    if args.html:
        try:
            Path(args.html).write_text(report_page(report), encoding="utf-8")
        except OSError as error:
            raise UsageError(f"{clean(args.html)} cannot be written: {error.strerror}") from error
        print(f"written: {clean(args.html)}")
    elif args.json:
        print(json.dumps(report_data(report)))
    else:
        print(report_markdown(report) if args.markdown else report_text(report), end="")
    return 0


def _batch(source: str) -> dict[str, object]:
    try:
        content = json.loads(Path(source).read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{clean(source)} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise UsageError(f"{clean(source)} is no JSON: {error}") from error
    if not isinstance(content, dict) or "monitoring_result" not in content:
        raise UsageError(
            f"{clean(source)} is no batch result", "wavetree run PLAN --headless --json prints one"
        )
    return content
