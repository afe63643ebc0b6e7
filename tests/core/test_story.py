"""The wizard's four groups of questions, and what answers in free words say (M018)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core.story import GROUPS, Dialogue, Unanswered, all_answered, problem, question
from engine.core.story_answers import count, lines, says_no, says_yes, things

QUESTIONNAIRE = Path(__file__).parents[1] / "data" / "documents" / "000_elicitation_questionnaire.md"
FULL = {each.key: "none" for group in GROUPS for each in group.questions}


def test_all_fifteen_questions_are_those_of_the_questionnaire() -> None:
    text = QUESTIONNAIRE.read_text()
    titles = re.findall(r"\*\*(.+?)\*\*", text)
    assert [group.title for group in GROUPS] == titles
    asked = [each.text for group in GROUPS for each in group.questions]
    assert asked == re.findall(r"^   - (.+)$", text, re.MULTILINE)
    assert len(asked) == len({each.key for group in GROUPS for each in group.questions}) == 15


@pytest.mark.parametrize("place", range(4))
def test_a_group_with_an_empty_question_is_not_left(place: int) -> None:
    answers = dict(FULL)
    for each in GROUPS[place].questions[1:]:
        del answers[each.key]
    dialogue = Dialogue(answers, place)
    with pytest.raises(Unanswered) as caught:
        dialogue.next()
    assert caught.value.group == GROUPS[place]
    assert caught.value.questions == GROUPS[place].questions[1:]
    assert GROUPS[place].questions[1].text in str(caught.value)
    with pytest.raises(Unanswered):
        all_answered(answers)


def test_groups_follow_each_other_and_can_be_gone_back_to() -> None:
    dialogue = Dialogue()
    for group in GROUPS:
        assert dialogue.group == group
        assert dialogue.open == group.questions
        for each in group.questions:
            dialogue = dialogue.answered(each.key, " none ")
        assert dialogue.open == ()
        dialogue = dialogue.next()
    assert dialogue.done
    assert dialogue.next() == dialogue
    assert dialogue.answers == FULL
    assert dialogue.back().group == GROUPS[3]
    assert Dialogue().back().group == GROUPS[0]


def test_an_empty_answer_takes_an_answer_back() -> None:
    dialogue = Dialogue().answered("module", "Stock").answered("module", "  ")
    assert dialogue.answers == {}


def test_an_answer_to_no_question_and_one_that_leads_out_are_refused() -> None:
    with pytest.raises(KeyError):
        Dialogue().answered("modul", "Stock")
    for path in ("/etc/passwd", "~/x", "a/../../b", "C:\\x"):
        with pytest.raises(ValueError, match="inside the repository"):
            Dialogue().answered("files", f"api/a.py, {path}")
    assert problem("files", "api/a..b.py") == ""
    assert problem("module", "") != ""
    assert "at most" in problem("module", "x" * 5000)


@given(st.dictionaries(st.sampled_from(sorted(FULL)), st.text(max_size=20)))
def test_all_is_answered_only_when_no_answer_is_empty(some: dict[str, str]) -> None:
    try:
        all_answered(FULL | some)
    except Unanswered as error:
        assert {each.key for each in error.questions} <= {
            key for key, text in some.items() if not text.strip()
        }
    except ValueError:
        assert any(problem(key, text) for key, text in some.items())
    else:
        assert all(text.strip() for text in some.values())


def test_every_question_explains_itself() -> None:
    assert all(question(key).explains for key in FULL)


@pytest.mark.parametrize(
    ("text", "no", "yes", "listed", "number"),
    [
        ("Yes: Customer, Order Line and Price", False, True, ("Customer", "Order Line", "Price"), 3),
        ("No", True, False, (), 0),
        ("none", True, False, (), 0),
        ("Not needed", True, False, (), 0),
        ("No, only Customer", True, False, ("Customer",), 1),
        ("3", False, False, (), 3),
        ("two endpoints", False, False, (), 2),
        ("3: GET /users, POST /users", False, False, ("GET /users", "POST /users"), 3),
        ("yes", False, True, (), None),
        ("- a\n- b", False, False, ("a", "b"), 2),
        ("Notification, Order", False, False, ("Notification", "Order"), 2),
        ("4 DocTypes: A, B, C, D", False, False, ("A", "B", "C", "D"), 4),
    ],
)
def test_free_words_say_yes_no_how_many_and_which(
    text: str, no: bool, yes: bool, listed: tuple[str, ...], number: int | None
) -> None:
    assert (says_no(text), says_yes(text), things(text), count(text)) == (no, yes, listed, number)


def test_paths_are_split_at_blanks_too() -> None:
    assert lines("./api/*.py, hooks.py\npublic/x.vue and a.py") == (
        *("api/*.py", "hooks.py", "public/x.vue", "a.py"),
    )
    assert lines("none") == ()
