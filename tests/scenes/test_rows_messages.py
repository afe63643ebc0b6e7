"""Messages between agents, the engine and a person, delivered while they work (M151, M152)."""

from __future__ import annotations

import json
from typing import Any

import psutil
from stagehand import Scene, shell
from test_rows_conflicts import agent, begin, go_on, of

READS = 'until [ -s "$WAVETREE_INBOX" ]; do sleep 0.02; done; cp "$WAVETREE_INBOX" inbox.txt'


def inbox(scene: Scene, at: str = "main") -> list[Any]:
    return [json.loads(line) for line in scene.show("inbox.txt", at).splitlines()]


def test_a_person_writes_to_a_running_agent_which_answers(scene: Scene) -> None:
    """M151: the text is in its inbox, outside git; the answer is a status message"""
    begin(scene, shell("a", f"{READS}; echo '::wavetree to=person type=status message=\"I have read it\"'"))
    assert scene("say", "a", "use", "v2").out == "sent to a\n"
    assert scene.ended()["state"] == "done"
    (line,) = inbox(scene)
    assert set(line) == {"id", "type", "from", "to", "time", "body"}
    assert (line["id"], line["type"], line["to"], line["body"]) == (1, "coordination", "a", "use v2")
    rows = scene("messages", "--json").data
    assert [(row["type"], row["from"], row["body"]) for row in rows][1:] == [
        ("status", "a", "I have read it")
    ]
    assert len(scene("messages", "--type", "status", "--json").data) == 1
    assert "I have read it" in scene("messages").out


def test_an_agent_writes_to_another_and_what_makes_no_sense_is_rejected_and_told(scene: Scene) -> None:
    """M151: an unknown type, and a recipient that is not there"""
    first = agent(
        "a",
        "echo '::wavetree to=b type=gossip message=\"x\"'; echo '::wavetree to=nobody message=\"x\"';"
        ' echo \'{"type": "sync_request", "to": "b", "body": "are you there?"}\'',
    )
    begin(scene, shell("b", READS), first)
    go_on(scene, "a1")
    assert scene.ended()["state"] == "done"
    (line,) = inbox(scene)
    assert (line["type"], line["from"], line["body"]) == ("sync_request", "a", "are you there?")
    notices = " ".join(scene.status()["notices"])
    assert "there is no kind 'gossip'" in notices
    assert "there is no task 'nobody'" in notices


def test_both_agents_are_told_of_a_conflict_at_once(scene: Scene) -> None:
    """M152"""
    first = agent("a", "sed -i s/b/ours/ app.txt", READS)
    second = agent("b", "sed -i s/b/theirs/ app.txt", "git checkout -q app.txt; echo b > b.txt")
    begin(scene, first, second, settings={"auto_coordinate": False})
    go_on(scene, "a1")
    tree = of(scene.status(), "a")["worktree"]
    scene.until(lambda _: "ours" in scene.git("diff", cwd=tree), "the change of a")
    for name in ("b1", "a2"):
        go_on(scene, name)
    scene.until(lambda s: of(s, "a")["state"] == "complete", "a complete: it has read its inbox")
    rows = scene("messages", "--type", "conflict", "--json").data
    assert {(row["from"], row["to"]) for row in rows} == {("wavetree", "a"), ("wavetree", "b")}
    assert "app.txt" in rows[0]["body"]
    go_on(scene, "b2")
    assert scene.ended()["state"] == "done"


def test_a_killed_engine_delivers_each_message_once(scene: Scene) -> None:
    """M151: written down first, then delivered; done again it adds nothing"""
    begin(scene, agent("a", "cp $WAVETREE_INBOX inbox.txt"))
    scene("say", "a", "one")
    scene.until(lambda _: scene.events("Delivered"), "the delivery")
    psutil.Process(scene.status()["engine_pid"]).kill()
    scene("resume", "--detach")
    scene("say", "--all", "two")
    scene.until(lambda _: len(scene.events("Delivered")) == 2, "the second delivery")
    go_on(scene, "a1")
    assert scene.ended()["state"] == "done"
    assert [line["body"] for line in inbox(scene)] == ["one", "two"]


def test_nobody_reads_what_is_written_to_a_task_that_is_over(scene: Scene) -> None:
    scene.run({"tasks": [shell("a", "echo 1 > a.txt")]})
    assert "has ended" in scene("say", "a", "hello", code=2).err
    assert "name a task" in scene("say", "a", code=2).err
