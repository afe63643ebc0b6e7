"""Names that two agents both add in different files (M053)."""

from __future__ import annotations

import re

import pytest
from msgspec.structs import replace
from world_of_paper import Paper, plan, task

from engine.core.intents import AgentRequested
from engine.core.naming import Added, clashing, names, watched
from engine.core.outcomes import AgentStarted, NamesSeen
from engine.core.plan import Wave
from engine.core.state import Phase

WORDS = (
    "hooks.py modifications",
    "Watch for API endpoint naming conflicts",
    "Track component registration conflicts",
)


def lines(file: str, *texts: str) -> list[Added]:
    return [Added(file, number, text) for number, text in enumerate(texts, 1)]


def test_a_name_that_two_give_in_different_files_clashes() -> None:
    wanted = watched(WORDS)
    sides = {
        "a": names(lines("api/users.py", "def get_users():", "    return 1"), wanted),
        "b": names(lines("src/people.py", "", "async def get_users(request):"), wanted),
        "c": names(lines("api/users.py", "def get_users():"), wanted),
    }
    found = [
        (one.first, one.second, one.name, one.at_first.line, one.at_second.line) for one in clashing(sides)
    ]
    assert found == [("a", "b", "get_users", 1, 2), ("b", "c", "get_users", 2, 1)], "a and c: git sees to it"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ('@app.route("/users")', "/users"),
        ("router.get('/users', list)", "/users"),
        ('Vue.component("user-card", {})', "user-card"),
        ("export class UserCard {", "UserCard"),
        ("func Users(w http.ResponseWriter) {", "Users"),
    ],
)
def test_the_usual_ways_to_give_a_name_are_known(text: str, name: str) -> None:
    assert name in names(lines("f", text), watched(WORDS))


@pytest.mark.parametrize("text", ["def __init__(self):", "def test_it():", "def main():", "x = defer()"])
def test_names_that_every_file_may_have_do_not_count(text: str) -> None:
    assert names(lines("f.py", text), watched(WORDS)) == {}


def test_an_expression_of_ones_own_may_be_about_some_files_only() -> None:
    wanted = watched(["api/*.py: /^PORT = (\\d+)/", "/TODO-\\w+/"])
    found = names([*lines("api/a.py", "PORT = 80"), *lines("b.py", "PORT = 81", "# TODO-X later")], wanted)
    assert set(found) == {"80", "TODO-X"}
    with pytest.raises(re.error):
        watched(["/(/"])


def at_work() -> Paper:
    waves = (Wave(1, "w", ("a", "b"), watch=WORDS),)
    made = replace(plan(task("a"), task("b"), slots=2), waves=waves)
    paper = Paper(made)
    paper.run(
        lambda intent: [AgentStarted(intent.task, 1, 7, "/l")] if isinstance(intent, AgentRequested) else None
    )
    return paper


def seen(*texts: str) -> NamesSeen:
    sides = {
        name: names(lines(f"{name}.py", text), watched(WORDS)) for name, text in zip("ab", texts, strict=True)
    }
    return NamesSeen(clashing(sides), {"a": 1, "b": 1})


def test_it_is_one_conflict_with_an_alert_that_names_both_files() -> None:
    paper = at_work()
    paper.tell(seen("def get_users():", "def get_users():"))
    paper.tell(seen("def get_users():", "def get_users():"))
    (record,) = paper.state.conflicts.values()
    assert (record.kind.value, record.tasks, record.open) == ("naming", ("a", "b"), True)
    alert = paper.state.alerts[-1]
    assert alert.text == "a and b both add get_users: a.py:1 and b.py:1"
    assert alert.files == ("a.py", "b.py")
    assert not any(task.frozen or task.held_by for task in paper.state.tasks.values()), "nobody is paused"


def test_it_is_over_when_one_is_named_otherwise_or_has_ended() -> None:
    paper = at_work()
    paper.tell(seen("def get_users():", "def get_users():"))
    paper.tell(seen("def get_users():", "def list_people():"))
    assert [one.how for one in paper.state.conflicts.values()] == ["named otherwise now"]
    paper.tell(seen("def x1():", "def x1():"))
    record = list(paper.state.conflicts.values())[-1]
    assert record.open
    paper.run()
    assert paper.state.tasks["a"].phase is not Phase.FAILED
