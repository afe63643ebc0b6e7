"""M195: a ticket file says what is done, and not one other character has changed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.exporters.ticket_file import with_done
from engine.importers.loading import validate_texts

TRACKERS = Path(__file__).parents[1] / "data" / "trackers"
DOCUMENTS = Path(__file__).parents[1] / "data" / "documents"

CASES = [
    ("tickets:\n- id: A-1\n  status: Ready # soon\n", "tickets:\n- id: A-1\n  status: Done # soon\n"),
    ("tickets:\n- {id: A-1, status: 'To Do'}\n", "tickets:\n- {id: A-1, status: 'Done'}\n"),
    ('{"tickets": [{"id": "A-1", "state": "open"}]}', '{"tickets": [{"id": "A-1", "state": "Done"}]}'),
    ('{"tickets": [{"id": "A-1"}]}', '{"tickets": [{"status": "Done", "id": "A-1"}]}'),
    ("tickets:\n- {id: A-1}\n", "tickets:\n- {status: Done, id: A-1}\n"),
    ("stories:\r\n- id: A-1\r\n", "stories:\r\n- status: Done\r\n  id: A-1\r\n"),
    ("issues:\n- key: A-1\n  status:\n", "issues:\n- key: A-1\n  status: Done\n"),
    ("tickets:\n  A-1: {title: x}\n", "tickets:\n  A-1: {status: Done, title: x}\n"),
    ("tickets:\n- id: '#7'\n  Status: planned\n", "tickets:\n- id: '#7'\n  Status: Done\n"),
    (
        "epics:\n- id: E-1\n  status: open\n  stories:\n  - {id: A-1, status: open}\n",
        "epics:\n- id: E-1\n  status: open\n  stories:\n  - {id: A-1, status: Done}\n",
    ),
]


@pytest.mark.parametrize(("before", "after"), CASES)
def test_the_status_of_the_ticket_is_done_in_the_files_own_style(before: str, after: str) -> None:
    text, changed = with_done(before, ["A-1", "7"])
    assert text == after
    assert len(changed) == 1
    assert with_done(text, ["A-1", "7"]) == (after, ()), "and is not written again"


def test_what_is_needed_by_another_is_no_ticket() -> None:
    text = "tickets:\n- id: B\n  dependencies: [{id: A-1, status: open}]\n"
    assert with_done(text, ["A-1"]) == (text, ())


@pytest.mark.parametrize("text", ["", "- [", "tickets: [", "a: &x 1\nb: *y\n", "\x00", "--- 1\n--- 2\n"])
def test_what_is_no_file_of_tickets_stays_as_it_is(text: str) -> None:
    assert with_done(text, ["A-1"]) == (text, ())


def test_the_documents_tickets_keep_all_else() -> None:
    before = (DOCUMENTS / "003_tickets_trio.yaml").read_text("utf-8")
    text, changed = with_done(before, ["PROJ-123", "PROJ-125"])
    assert changed == ("PROJ-123", "PROJ-125")
    assert text.replace("status: Done", "status: Ready") == before
    assert text.count("status: Done") == 2


EXPORTS = [("jira_v3.json", "SHOP-2"), ("github_issues.json", "GH-12"), ("github_issues.json", "GH-13")]


@pytest.mark.parametrize(("name", "ticket"), EXPORTS)
def test_exports_of_trackers_stay_exports_in_which_it_is_complete(name: str, ticket: str) -> None:
    before = (TRACKERS / name).read_text("utf-8")
    text, changed = with_done(before, [ticket])
    assert changed == (ticket,)
    json.loads(text)
    plan = validate_texts([(name, text.encode())], {}).plan
    assert plan is not None
    assert plan.task(ticket).complete
