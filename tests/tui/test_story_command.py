"""`wavetree story`: questions on the terminal, files on disk, eight points (M018, M029, M031, M033)."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from engine import STORY_GROUPS
from tui.__main__ import main

DOCUMENTS = Path(__file__).parents[1] / "data" / "documents"
EXAMPLE = Path(__file__).parents[2] / "examples" / "answers.yaml"
LINES = [
    *("As a cook, I want to plan meals so that nothing is wasted", "Kitchen", "medium"),
    *("Recipe, Menu", "4", "a board", "yes", "no"),
    *("yes", "yes", "yes", "none"),
    *("api/*.py", "tabRecipe", "hooks.py"),
]
KEYS = [each.key for group in STORY_GROUPS for each in group.questions]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def typed(monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in lines)))


def answered(path: Path, **changed: str) -> str:
    answers = dict(zip(KEYS, LINES, strict=True)) | changed
    path.write_text(json.dumps(answers))
    return str(path)


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_all_fifteen_questions_are_asked_and_four_files_written(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    typed(monkeypatch, *LINES)
    assert main(["story", "new", "--id", "S-7"]) == 0
    shown = capsys.readouterr().out
    for number, group in enumerate(STORY_GROUPS, start=1):
        assert f"{number}/4 {group.title}" in shown
        for each in group.questions:
            assert shown.count(f"- {each.text}") == 1
    assert files(here) == ["S-7-parallel-config.yaml", "S-7-plan.md", "S-7-story.md", "S-7.yaml"]
    assert "6 tasks in 3 waves, about 58 min on 3 slots; story check 8/8" in shown
    assert main(["validate", "S-7.yaml"]) == 0


def test_an_empty_answer_asks_again_and_a_question_mark_explains(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    typed(monkeypatch, LINES[0], "", "?", *LINES[1:12], "/etc/passwd", *LINES[12:])
    assert main(["story", "new", "--id", "S-7", "-o", "out", "--json"]) == 0
    shown = capsys.readouterr()
    question = STORY_GROUPS[0].questions[1]
    assert shown.err.count(question.text) == 3
    assert "This needs an answer" in shown.err
    assert question.explains in shown.err
    assert "accepted: paths inside the repository" in shown.err
    data = json.loads(shown.out)
    assert (data["id"], data["tasks"], len(data["files"])) == ("S-7", 6, 4)
    assert all(data["check"].values())
    assert len(files(here / "out")) == 4


@pytest.mark.parametrize("so_far", [0, 1, 7, 14])
def test_leaving_in_the_middle_keeps_what_is_answered_and_the_next_time_goes_on_from_there(
    so_far: int,
    here: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """M018: each answer is on disk as soon as it is given; nothing else is written before the last."""
    typed(monkeypatch, *LINES[:so_far])
    assert main(["story", "new"]) == 130
    said = capsys.readouterr().err
    assert "the input ended" in said and "--answers FILE" in said
    assert files(here) == (["story-answers.json"] if so_far else [])
    typed(monkeypatch, *(["y"] if so_far else []), *LINES[so_far:])
    assert main(["story", "new", "--id", "S-7"]) == 0
    shown = capsys.readouterr().out
    assert sum(shown.count(f"- {each.text}") for group in STORY_GROUPS for each in group.questions) == (
        15 - so_far
    )
    if so_far:
        assert f"story-answers.json has {so_far} answer" in shown and "goes on from there" in said
    assert files(here) == ["S-7-parallel-config.yaml", "S-7-plan.md", "S-7-story.md", "S-7.yaml"]


def test_each_answer_is_kept_before_the_next_question(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """M018: an interrupt or a crash costs nothing that was answered."""
    seen: list[int] = []

    class Watched(io.StringIO):
        def readline(self, size: int | None = -1) -> str:
            kept = here / "story-answers.json"
            seen.append(len(json.loads(kept.read_text())) if kept.exists() else 0)
            if len(seen) > 6:
                raise KeyboardInterrupt
            return super().readline()

    monkeypatch.setattr("sys.stdin", Watched("".join(f"{line}\n" for line in LINES)))
    assert main(["story", "new"]) == 130
    assert seen == [0, 1, 2, 3, 4, 5, 6]
    assert files(here) == ["story-answers.json"]


def test_answers_of_before_are_let_be_when_the_person_begins_anew(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (here / "story-answers.json").write_text(json.dumps({"module": "Kitchen"}))
    typed(monkeypatch, "n", *LINES)
    assert main(["story", "new", "--id", "S-7"]) == 0
    assert "story-answers.json" in files(here)
    (here / "story-answers.json").write_text("no answers: 1")
    typed(monkeypatch, *LINES[:1])
    assert main(["story", "new"]) == 130
    assert json.loads((here / "story-answers-2.json").read_text()) == {"functionality": LINES[0]}


def test_answers_in_a_file_need_no_terminal_and_never_write_over_files_unasked(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = answered(here / "a.json")
    assert main(["story", "new", "--answers", answers, "--id", "S-7", "--slots", "2"]) == 0
    assert "about 1 h 7 min on 2 slots" in capsys.readouterr().out
    assert main(["story", "new", "--answers", answers, "--id", "S-7", "--slots", "2"]) == 0
    assert main(["story", "new", "--answers", answers, "--id", "S-7"]) == 2
    assert "S-7.yaml" in capsys.readouterr().err
    assert main(["story", "new", "--answers", answers, "--id", "S-7", "--force"]) == 0


def test_the_answers_in_the_examples_make_a_whole_story_that_fills_every_template(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["story", "new", "--answers", str(EXAMPLE)]) == 0
    assert "6 tasks in 3 waves" in capsys.readouterr().out
    assert main(["story", "check", "meal-plans.yaml"]) == 0
    for template in sorted(DOCUMENTS.glob("000_*")):
        if "${" in template.read_text():
            capsys.readouterr()
            assert main(["story", "export", "meal-plans.yaml", "--template", str(template)]) == 0
            assert "${" not in capsys.readouterr().out


@pytest.mark.parametrize("action", ["new", "check", "export"])
def test_the_help_of_every_action_has_examples(action: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["story", action, "--help"]) == 0
    shown = capsys.readouterr().out
    assert f"  wavetree story {action}" in shown.partition("examples:\n")[2]
    if action == "new":
        assert all(key in shown for key in (*KEYS, "examples/answers.yaml"))


def test_a_group_that_is_not_complete_makes_no_story(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answers = answered(here / "a.json", workflow="", doctypes=" ")
    assert main(["story", "new", "--answers", answers]) == 2
    shown = capsys.readouterr().err
    assert (
        "Component Analysis: not answered: Will this require multiple DocTypes? (List them); Does this"
        in shown
    )
    assert files(here) == ["a.json"]


def test_typed_answers_survive_a_story_that_cannot_be_written(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "S-7.yaml").write_text("mine")
    typed(monkeypatch, *LINES)
    assert main(["story", "new", "--id", "S-7"]) == 2
    assert "15 answers kept in story-answers.json" in capsys.readouterr().err
    assert (here / "S-7.yaml").read_text() == "mine"
    assert main(["story", "new", "--answers", "story-answers.json", "--id", "S-8"]) == 0
    typed(monkeypatch, "n", LINES[0], "Another", *LINES[2:])
    assert main(["story", "new", "--id", "S-7"]) == 2
    assert "15 answers kept in story-answers-2.json" in capsys.readouterr().err
    assert json.loads((here / "story-answers.json").read_text())["module"] == "Kitchen"


@pytest.mark.parametrize("name", ["../S-7", "a b", ""])
def test_an_id_that_is_none_writes_nothing_elsewhere(name: str, here: Path) -> None:
    inside = here / "in"
    inside.mkdir()
    code = main(["story", "new", "--answers", answered(here / "a.json"), "--id", name, "-o", str(inside)])
    assert code == (0 if name == "" else 2)
    assert files(here) == ["a.json", "in"]
    assert files(inside) == [] or name == ""


def test_documents_make_the_plan(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    load = ["000_agent_dependency_analysis.yaml", "000_file_conflict_analysis.yaml"]
    words = [word for name in load for word in ("--load", str(DOCUMENTS / name))]
    assert main(["story", "new", *words, "--id", "S-9", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["waves"][2]["tasks"] == ["workflow-specialist"]
    assert main(["story", "check", "S-9.yaml"]) == 0
    assert capsys.readouterr().out.endswith("8/8\n")


def test_a_point_that_is_missing_is_the_only_one_unchecked(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["story", "new", "--answers", answered(here / "a.json"), "--id", "S-7"])
    text = (here / "S-7.yaml").read_text()
    start, end = text.index("  risk_assessment:"), text.index("  performance_metrics:")
    (here / "S-7.yaml").write_text(text[:start] + text[end:])
    capsys.readouterr()
    assert main(["story", "check", "S-7.yaml"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if line.startswith("✗")] == ["✗ Risk assessment completed: no risks"]
    assert lines[-1] == "7/8"
    assert main(["story", "check", "S-7.yaml", "--json"]) == 1
    data = json.loads(capsys.readouterr().out)
    assert (data["shown"], data["of"], len(data["points"])) == (7, 8, 8)


def test_export_writes_the_documents_or_prints_the_story(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["story", "new", "--answers", answered(here / "a.json"), "--id", "S-7"])
    capsys.readouterr()
    assert main(["story", "export", "S-7.yaml", "--md"]) == 0
    assert capsys.readouterr().out == (here / "S-7-story.md").read_text()
    assert main(["story", "export", "S-7.yaml", "-o", "out"]) == 0
    assert "wrote out/S-7-blocks.yaml" in capsys.readouterr().out
    assert len(files(here / "out")) == 7
    assert main(["story", "export", "S-7.yaml", "-o", "out", "--slots", "1", "--json"]) == 2
    assert "there already" in json.loads(capsys.readouterr().out)["error"]
    assert main(["story", "export", "S-7.yaml", "--md", "-o", "md", "--slots", "1"]) == 0
    assert "**Total Duration**: 105 minutes" in (here / "md" / "S-7-plan.md").read_text()


def test_a_template_is_filled_and_a_placeholder_without_a_value_is_named(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["story", "new", "--answers", answered(here / "a.json"), "--id", "S-7"])
    capsys.readouterr()
    template = DOCUMENTS / "000_execution_plan_template.md"
    assert main(["story", "export", "S-7.yaml", "--template", str(template)]) == 0
    shown = capsys.readouterr().out
    assert "- **Total Duration**: 58 minutes" in shown
    assert "- doctype-designer: Create Recipe, Menu DocType schemas" in shown
    (here / "t.yaml").write_text("id: ${STORY_ID}\nblocks:\n  ${BLOCK_DEFINITIONS}\n")
    assert main(["story", "export", "S-7.yaml", "-t", "t.yaml", "-o", "out"]) == 0
    assert (here / "out" / "t.yaml").read_text().startswith("id: S-7\nblocks:\n  block_1:\n")
    (here / "t.yaml").write_text("id: ${STORY_ID}\nother: ${OTHER}\n")
    capsys.readouterr()
    assert main(["story", "export", "S-7.yaml", "-t", "t.yaml"]) == 2
    assert "t.yaml:2: the placeholder ${OTHER} has no value" in capsys.readouterr().err


def test_a_value_that_looks_like_a_placeholder_is_text(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = answered(here / "a.json", functionality="As a cook, I want ${HOME} so that all eat")
    assert main(["story", "new", "--answers", answers, "--id", "S-7"]) == 0
    assert main(["story", "check", "S-7.yaml"]) == 0
    assert main(["story", "export", "S-7.yaml", "-o", "out"]) == 0
    assert "As a cook, I want ${HOME} so that all eat." in (here / "out" / "S-7-story.md").read_text()
    template = DOCUMENTS / "000_story_document_template.md"
    capsys.readouterr()
    assert main(["story", "export", "S-7.yaml", "--template", str(template)]) == 0
    assert "I want ${HOME} so that" in capsys.readouterr().out


def test_a_plan_with_errors_is_told_as_everywhere(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "bad.yaml").write_text("wavetree: 1\n")
    assert main(["story", "check", "bad.yaml"]) == 2
    assert "tasks" in capsys.readouterr().err
    assert main(["story"]) == 2
