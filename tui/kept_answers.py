"""Answers about a story, kept on disk as they are given, so that nobody types them twice (M018)."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from itertools import chain, count
from pathlib import Path

from engine import PlanError, read_answers, write_documents

NAME = "story-answers.json"


class KeptAnswers:
    """The file with the unfinished answers of a folder; `--answers` reads it too. `before` is what an earlier
    dialogue left in it; a file that cannot be read is let be, and another name is taken."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.path = folder / NAME
        self.before: dict[str, str] = {}
        if self.path.exists():
            try:
                self.before = read_answers(self.path).answers
            except PlanError:
                self.begin_anew()

    def begin_anew(self) -> None:
        """Leave the file of before as it is, and write to another one."""
        free = chain((NAME,), (f"story-answers-{number}.json" for number in count(2)))
        self.path = next(path for path in map(self._folder.joinpath, free) if not path.exists())
        self.before = {}

    def keep(self, answers: Mapping[str, str]) -> None:
        """Write what is answered so far; nothing while nothing is. Raises UsageError."""
        if answers:
            text = json.dumps(answers, indent=2, ensure_ascii=False) + "\n"
            write_documents(self._folder, {self.path.name: text}, force=True)

    def drop(self) -> None:
        """Remove the file: the story is written."""
        with contextlib.suppress(OSError):
            self.path.unlink(missing_ok=True)


def free_name(folder: Path) -> str:
    """A name for the plan's file that no file of the folder has."""
    names = chain(("story.yaml",), (f"story-{number}.yaml" for number in count(2)))
    return next(name for name in names if not (folder / name).exists())
