"""What a plan, an agent, a file's name or a person says never steers the terminal of a command (M231)."""

from __future__ import annotations

import json
import unicodedata

import pytest
from stagehand import Scene, shell

NAME = "[bold]x[/] [link=http://x]y[/] \u202e\u200b漢字 e\u0301 evil"
"""What a plan may hold in a line of text."""
NASTY = f"{NAME} \x1b]52;c;cGFzdGU=\x07\x1b[2J\x9b31m\x08\rmore"
"""What agents and people write."""
SAY = 'printf \'::wavetree {what}="%s"\\n\' "$(cat nasty)"'
FILE = "$(printf 'f\\033]52;c;eA==\\007\\n.txt')"
COMMANDS = (
    "status", "conflicts", "conflicts c1", "resolve c1", "messages", "logs a", "logs c --attempt 1", "report",
    "report --markdown", "history", "events", "worktrees", "gate", "review", "sync", "replay", "resource",
    "plan {plan}", "validate {plan}", "analyze {plan}",
)  # fmt: skip
DATA = ("status", "conflicts", "messages", "report", "history", "worktrees", "plan {plan}", "validate {plan}")


def control_codes(text: str) -> set[str]:
    """The characters of a text that may steer a terminal, its line ends left out."""
    return {letter for letter in text if unicodedata.category(letter) in ("Cc", "Cf", "Cs")} - {"\n"}


@pytest.fixture
def hostile(scene: Scene) -> str:
    """A run that has ended with a conflict and a failure, hostile in every word; its plan."""
    (scene.repo / "nasty").write_text(f"{NASTY}\n")
    scene.git("add", "nasty")
    scene.git("commit", "-qm", f"a subject {NAME}")
    fault = SAY.format(what="type=ValidationError error")
    note = SAY.format(what="to=person type=status message")
    tasks = [
        shell("a", f'cat nasty; cp nasty "{FILE}"; (echo a; cat nasty) > app.txt; sleep 1', title=NAME),
        shell("b", "(echo b; cat nasty) > app.txt; sleep 1", title=NAME),
        shell("c", f"{fault}; exit 1", title=NAME),
        shell("d", f"{note}; cp nasty d", title=NAME),
    ]
    plan = {"name": NAME, "slots": 4, "tasks": tasks, "settings": {"auto_coordinate": False}}
    done = scene.run(plan, code=1)
    assert "evil" in done.out
    assert not control_codes(done.err)
    return scene.plan(plan)


def test_no_command_prints_a_control_code(scene: Scene, hostile: str) -> None:
    scene("note", NASTY)
    for words in COMMANDS:
        done = scene(*words.format(plan=hostile).split(), code=None)
        assert not control_codes(done.out + done.err), words
        assert done.out + done.err, words
    seen = scene("report").out
    assert "evil" in seen and "[bold]x[/]" in seen, "it is shown, as the text that it is"


def test_data_is_data_whatever_it_holds(scene: Scene, hostile: str) -> None:
    for words in DATA:
        json.loads(scene(*words.format(plan=hostile).split(), "--json", code=None).out)


def test_an_error_quotes_a_plan_without_its_codes(scene: Scene) -> None:
    plan = scene.plan({"name": NASTY, "tasks": [{"id": NASTY, "agent": NASTY, NASTY: NASTY, "files": NASTY}]})
    said = scene("validate", plan, code=2)
    assert "evil" in said.out + said.err
    assert not control_codes(said.out + said.err)
