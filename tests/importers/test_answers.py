"""The answers file names groups and questions by key or by words; every fault has its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.core.errors import PlanError
from engine.importers.answers import read_answers

FILE = """
story: {id: S-7, role: cook}
load: [analysis.yaml]
Story Requirements:
  What functionality needs to be implemented?: to plan meals
  module: Kitchen
components:
  doctypes: [Recipe, Menu]
  workflow: no
  endpoints: 4
  frontend:
ui_first: yes
Can API design happen before implementation?: "no"
resource requirements:
  files: []
"""


def test_groups_and_questions_go_by_key_or_words(tmp_path: Path) -> None:
    path = tmp_path / "answers.yaml"
    path.write_text(FILE)
    found = read_answers(path)
    assert found.answers == {
        "functionality": "to plan meals",
        "module": "Kitchen",
        "doctypes": "Recipe, Menu",
        "workflow": "no",
        "endpoints": "4",
        "ui_first": "yes",
        "api_first": "no",
        "files": "none",
    }
    assert (found.story.id, found.story.role) == ("S-7", "cook")
    assert found.load == (tmp_path / "analysis.yaml",)


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("components:\n  doctype: x\n", 2, 'did you mean "doctypes"?'),
        ("modul: x\n", 1, 'did you mean "module"?'),
        ("components:\n  module: x\n", 2, "which is no question"),
        ("components: yes\n", 1, "accepted: a mapping of the questions of components"),
        ("module: {a: b}\n", 1, "a text or a list of texts"),
        ("files: /etc/passwd\n", 1, "accepted: paths inside the repository"),
        ("story: {name: x}\n", 1, "accepted: id, title"),
        ("- a\n", 1, "accepted: a mapping of questions"),
        ("module: &x y\n", 1, "anchor"),
    ],
)
def test_what_cannot_be_used_is_an_error_with_its_line(
    text: str, line: int, said: str, tmp_path: Path
) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(text)
    with pytest.raises(PlanError) as caught:
        read_answers(path)
    (fault,) = caught.value.faults
    assert (fault.line, said in fault.message) == (line, True), fault
