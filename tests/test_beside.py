"""What goes on beside the engine: steps of the journal in order, each done once, also after a failure."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from paper_engine import PaperWorld, to_the_end

from engine import keeper
from engine.beside import Reader
from engine.client import Client
from engine.core.record.session_files import Lifecycle, Session
from engine.core.state import RunPhase
from engine.edge.runs import Project
from engine.keeper import Keeper
from engine.state_files import all_sessions


@pytest.fixture
async def project(tmp_path: Path) -> Project:
    """A repository with one run that has ended."""
    made = Project(tmp_path, tmp_path)
    (made.home / "runs" / "r1").mkdir(parents=True)
    await to_the_end(made.folder("r1") / "journal.db", PaperWorld())
    return made


def test_a_step_that_has_not_passed_is_given_again_and_one_that_has_is_not(project: Project) -> None:
    """M165"""
    reader = Reader(project.folder("r1"), "mark")
    first = next(reader.unread())
    assert next(reader.unread()).record == first.record
    assert reader.state is first.before
    for step in reader.unread():
        assert step.before is reader.state
        reader.passed(step)
    assert reader.state.phase is RunPhase.DONE
    assert list(reader.unread()) == []
    reader.close()


def test_what_an_engine_that_is_gone_has_done_is_known_by_the_mark(project: Project) -> None:
    """M165"""
    reader = Reader(project.folder("r1"), "mark")
    reader.mark.write(2)
    reader.close()
    again = Reader(project.folder("r1"), "mark")
    done = []
    for step in again.unread():
        done.append(again.done_before(step))
        again.passed(step)
    assert done == [True, True, *[False] * (len(done) - 2)]
    again.close()


async def test_session_files_that_could_not_be_written_are_written_at_the_next_look(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """M156: a full disk for a moment; nothing is left out and nothing counted twice"""
    really, full = keeper.write_session, [True]

    def write(folder: Path, session: Session) -> None:
        if session.lifecycle is Lifecycle.ARCHIVED and full:
            full.pop()
            raise OSError(28, "No space left on device")
        really(folder, session)

    monkeypatch.setattr(keeper, "write_session", write)
    keeping = Keeper(project, "r1")
    with pytest.raises(OSError, match="No space"):
        await keeping.look()
    await keeping.look()
    keeping.close()
    client = Client(project, "r1")
    for name, session in all_sessions(client).items():
        found = json.loads((project.home / "sessions" / "r1" / name).read_text())
        assert (found["lifecycle"], found["interactions"]) == ("archived", session.interactions)
    client.close()
    assert list((project.home / "backups" / "r1").glob("*-wave-1"))
