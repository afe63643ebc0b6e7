"""Commands as the documents write them reach the same functions as the plain ones."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.__main__ import main
from tui.cli import COMMANDS
from tui.cli.forms import FORMS, plain

DOCUMENTS = Path(__file__).parents[1] / "data" / "documents"
PERSONA = "/bmadErpNext:agent:erpnext-scrum-master"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (["@parallel", "PROJ-123", "PROJ-124"], ["parallel", "PROJ-123", "PROJ-124"]),
        (["@parallel PROJ-123 PROJ-124"], ["parallel", "PROJ-123", "PROJ-124"]),
        (["@parallel --epic EPIC-10"], ["parallel", "--epic", "EPIC-10"]),
        (["@parallel", "--sprint", "current"], ["parallel", "--sprint", "current"]),
        (["@parallel --sprint 'Sprint 15'", "--dry-run"], ["parallel", "--sprint", "Sprint 15", "--dry-run"]),
        (["@parallel it's open"], ["parallel", "it's", "open"]),
        (["@parallel", "--with-dependencies", "A", "B"], ["parallel", "--with-dependencies", "A", "B"]),
        (["*parallel-story"], ["story", "new"]),
        (["*parallel-story", "--answers", "a.yaml"], ["story", "new", "--answers", "a.yaml"]),
        ([PERSONA, "*parallel-story"], ["story", "new"]),
        ([f"{PERSONA} *parallel-story"], ["story", "new"]),
        ([PERSONA, "*parallel-story --id S-1"], ["story", "new", "--id", "S-1"]),
        (["/implement", "5"], ["implement", "5"]),
        (["/implement 5", "--dry-run"], ["implement", "5", "--dry-run"]),
        (["orchestrator", "parallel-execution", "--status"], ["status"]),
        (["orchestrator parallel-execution --status"], ["status"]),
        (["poetry run orchestrator parallel-execution --status"], ["status"]),
        (["poetry", "run", "orchestrator", "parallel-execution", "--status", "--json"], ["status", "--json"]),
        (["orchestrator", "parallel-execution", "65", "66"], ["parallel", "65", "66"]),
    ],
)
def test_each_form_means_a_plain_command(typed: list[str], meant: list[str]) -> None:
    """M202"""
    assert plain(typed) == meant


def test_the_usage_of_the_document_is_understood_line_by_line() -> None:
    """M202"""
    for line in (DOCUMENTS / "003_usage_commands.md").read_text(encoding="utf-8").splitlines():
        assert plain([line]) == plain(line.split()) == ["parallel", *line.split()[1:]]


@given(st.lists(st.text()))
def test_all_other_words_stay_as_they_are(words: list[str]) -> None:
    heads = {form[0] for form in FORMS} | {"poetry"}
    if not any(word.strip().split()[:1] and word.split()[0] in heads for word in words):
        assert plain(words) == words


def test_plain_commands_stay_as_they_are() -> None:
    for entry in COMMANDS:
        assert plain([entry.name, "@parallel x", "*"]) == [entry.name, "@parallel x", "*"]
    assert plain([]) == []
    assert plain([PERSONA]) == [PERSONA]
    assert plain(["orchestrator"]) == ["orchestrator"]


def test_every_form_stands_for_a_command_that_exists() -> None:
    names = {entry.name for entry in COMMANDS} | {"story"}
    assert {meant[0] for meant in FORMS.values()} <= names


def test_a_form_and_its_plain_command_print_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """M202: the same function is reached"""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tickets.yaml").write_bytes((DOCUMENTS / "003_tickets_trio.yaml").read_bytes())
    said = []
    for words in (
        ["parallel", "PROJ-123", "PROJ-124", "--dry-run"],
        ["@parallel", "PROJ-123", "PROJ-124", "--dry-run"],
        ["@parallel PROJ-123 PROJ-124 --dry-run"],
    ):
        assert main(words) == 0
        said.append(capsys.readouterr().out)
    assert said[0] == said[1] == said[2] != ""
    monkeypatch.setattr(sys, "argv", ["wavetree", "@parallel", "--help"])
    assert main() == 0
    assert "usage: wavetree parallel" in capsys.readouterr().out
