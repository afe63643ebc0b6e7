"""The simple values that the keys of the native plan take."""

from __future__ import annotations

from engine.importers.shapes import BRANCH, FILLED, LINE, NAME, PATH, Choice, Duration, Number, Text

text = Text()
filled = Text(FILLED, "text that is not empty")
line = Text(LINE, "one line of text, at most 200 characters")
branch = Text(BRANCH, "a branch name as git takes it")
path = Text(PATH, "a path inside the repository: no leading / or ~, no .., nothing in .git")
name = Text(
    NAME,
    "1 to 64 letters, digits, '.', '_' or '-', starting with a letter or digit, without '..', "
    "not ending in '.' or '.lock', not a Windows device name",
)
commands = Text(FILLED, "bash commands")
percent = Number(1, 100)
count = Number(1, 1000, whole=True)
share = Number(0, 1)
amount = Number(0, 1e9)
date = Text(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$(?!\n)", "a date such as 2024-01-31")
moment = Duration()
lasting = Duration(positive=True)


def words(*words: str, **synonyms: str) -> Choice:
    """A choice among `words` in any spelling; a synonym stands for the word it is given with."""
    known: dict[str, object] = {word: word for word in words}
    return Choice(known | synonyms, loose=True)
