"""`wavetree gate`: what the end of a wave waits for; tick criteria, override, try again (M147, M148)."""

from __future__ import annotations

import argparse

from engine import (
    Client,
    GateLevel,
    Override,
    Resume,
    RetryGate,
    State,
    Tick,
    UsageError,
    checklist,
    clean,
    gate_texts,
    resume_run,
    ticked,
    unsigned,
)
from tui.cli.target import add_json, add_note, add_role, add_run, by, client, examples, positive, say, send


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", nargs="?", choices=("show", "tick", "override", "retry"), default="show")
    parser.add_argument(
        "numbers", nargs="*", type=positive, metavar="N", help="criteria to tick; default: all"
    )
    parser.add_argument(
        "--wave", type=positive, default=0, metavar="WAVE", help="default: the one at its end"
    )
    parser.add_argument("--reason", default="", metavar="TEXT", help="why it is overridden, for the record")
    add_note(parser)
    add_run(parser)
    add_role(parser)
    add_json(parser)
    examples(
        parser,
        "wavetree gate",
        "wavetree gate tick 1 3",
        "wavetree approve 1 --as architect",
        "wavetree gate override --reason 'the flaky test is known'",
        "wavetree gate retry",
    )


def run(args: argparse.Namespace) -> int:
    to = client(args.run, args.role)
    match args.what:
        case "tick":
            return send(to, Tick(args.wave, tuple(args.numbers), by(), args.note), as_json=args.json)
        case "override":
            return _override(to, args)
        case "retry":
            if not to.state.ended:
                return send(to, RetryGate(args.wave, by()), as_json=args.json)
            resume_run(to.project, to.run, Resume(by(), to.state.auto_approve))
            words = f"run {to.run} goes on; its gates run again"
            say(words, {"ok": True, "run": to.run, "message": words}, as_json=args.json)
            return 0
        case _:
            data = _data(to, args.wave)
            say("\n".join(_lines(data)), data, as_json=args.json)
            return 0


def _override(to: Client, args: argparse.Namespace) -> int:
    if not args.reason.strip():
        raise UsageError("an override needs a reason", "wavetree gate override --reason TEXT")
    return send(to, Override(args.wave, args.reason, by()), as_json=args.json)


def _data(to: Client, number: int) -> dict[str, object]:
    """What the wave's end wants, and what is there."""
    state = to.state
    if number > len(state.waves):
        raise UsageError(f"the run has no wave {number}", "wavetree status")
    wave = state.waves[number - 1] if number else state.current_wave or state.waves[-1]
    done = ticked(state, wave)
    return {
        "wave": wave.number,
        "state": wave.phase.value,
        "checks": [
            {"gate": one.gate, "level": one.level, "verdict": one.verdict.value, "detail": one.detail}
            for one in state.results
            if one.level != "task" and one.subject == str(wave.number)
        ],
        "signed": list(wave.signed),
        "unsigned": unsigned(state, wave),
        "criteria": [
            {"number": place, "text": one.words, "command": one.run or None, "ticked": place in done}
            for place, one in enumerate(checklist(state, wave), 1)
        ],
        "red": wave.red or None,
        "overridden": wave.overridden or None,
        "documents": dict(_documents(state, wave.number)),
    }


def _documents(state: State, number: int) -> tuple[tuple[str, str], ...]:
    """What the plan's documents say of testing at this gate."""
    last = number == len(state.waves)
    of_run = gate_texts(state.plan, GateLevel.RUN) if last else ()
    return (*gate_texts(state.plan, GateLevel.WAVE), *of_run)


def _lines(data: dict[str, object]) -> list[str]:
    lines = [f"wave {data['wave']}: {data['state']}"]
    for check in _dicts(data["checks"]):
        detail = f": {check['detail']}" if check["detail"] else ""
        lines.append(f"  {check['verdict']:<8} {check['gate']}{detail}")
    lines += [f"  signed   {role}" for role in _texts(data["signed"])]
    how = f"wavetree approve {data['wave']} --as"
    lines += [f"  missing  {role}: {how} {role}" for role in _texts(data["unsigned"])]
    for one in _dicts(data["criteria"]):
        lines.append(f"  [{'x' if one['ticked'] else ' '}] {one['number']}. {one['text']}")
    documents = data["documents"]
    lines += [
        f"  {name}: {text}" for name, text in (documents if isinstance(documents, dict) else {}).items()
    ]
    if data["red"]:
        lines.append("  red: wavetree gate retry, or: wavetree gate override --reason TEXT")
    if data["overridden"]:
        lines.append(f"  overridden: {data['overridden']}")
    return [clean(line, 400) for line in lines]


def _dicts(value: object) -> list[dict[str, object]]:
    return value if isinstance(value, list) else []


def _texts(value: object) -> list[str]:
    return value if isinstance(value, list) else []
