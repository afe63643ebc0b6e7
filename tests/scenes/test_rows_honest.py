"""What an agent says against what git finds, and what is on record afterwards."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
from stagehand import Scene, shell, simulated

from engine import Client, Event, find_project
from engine.core.evolve import evolve
from engine.core.state import State
from engine.core.waiting import word

HALF = "echo 1 > half1.txt; git add -A; git commit -qm mine; echo 2 > half2.txt; echo 3 > x.log"
TYPED = """echo '{"type": "error", "error": {"type": "ValidationError", "message": "no schema"}}'; exit 1"""
RESULT = "printf '%s' '{text}' > \"$WAVETREE_RESULT_FILE\""


def says(text: str) -> str:
    return RESULT.format(text=text)


def test_an_agents_word_is_checked_against_git(scene: Scene) -> None:
    """M099, M105: result missing, broken, contradicting; exit 0 with nothing changed; left-overs committed"""
    honest = '{"filesModified": [], "filesCreated": ["honest.txt"], "issuesEncountered": ["a flaky test"]}'
    tasks = [
        shell("missing", title="Say nothing"),
        shell("broken", f"echo x > broken.txt; {says('{oops')}"),
        shell("liar", f"echo x > b.py; {says(json.dumps({'filesModified': ['a.py']}))}"),
        shell("honest", f"echo x > honest.txt; {says(honest)}"),
        shell("idle", "true"),
        shell("promised", "true", files=["promised.txt"]),
        shell("half", HALF),
        shell("typed", TYPED),
    ]  # fmt: skip
    done = scene.run({"slots": 8, "tasks": tasks}, code=1)
    status = {task["id"]: task for task in scene.status()["tasks"]}
    states = {name: task["state"] for name, task in status.items()}
    assert states == {
        "missing": "merged", "broken": "failed", "liar": "merged", "honest": "merged", "idle": "merged",
        "promised": "failed", "half": "merged", "typed": "failed",
    }  # fmt: skip
    assert "result missing" in status["missing"]["notes"]
    assert done.data["errors"]["broken"]["type"] == "ImplementationError"
    assert "is not JSON" in done.data["errors"]["broken"]["message"]
    collected = {row["task"]: row["data"] for row in scene.events("Collected")}
    assert collected["missing"]["files"] == ["missing.txt"]
    assert collected["liar"]["files"] == ["b.py"]
    assert any("a.py" in note and "git says it did not" in note for note in status["liar"]["notes"])
    assert any("did not mention b.py" in note for note in status["liar"]["notes"])
    assert status["honest"]["notes"] == ["a flaky test"]

    assert "no changes" in status["idle"]["notes"]
    assert done.data["flags"]["idle"] == ["result missing", "no changes"]
    assert "Instance idle: Completed ✅ (result missing, no changes)" in done.out
    assert "changed nothing" in done.data["errors"]["promised"]["message"]
    assert done.data["errors"]["typed"] == {
        "type": "ValidationError",
        "message": "no schema",
        "context": "",
        "recoveryHints": done.data["errors"]["typed"]["recoveryHints"],
    }
    for error in done.data["errors"].values():
        assert 2 <= len(error["recoveryHints"]) <= 4

    subjects = scene.git("log", "--format=%s", "main").splitlines()
    assert "missing: Say nothing" in subjects
    assert subjects.count("half: work of the agent") == 1 and "mine" in subjects
    assert scene.show("half2.txt") == "2"
    assert collected["half"]["left_over"] == ["half2.txt"]
    names = scene.git("log", "--name-only", "--format=", "main").split()
    assert not [name for name in names if name.endswith(".log") or "logs/" in name]


def test_commits_left_undone_are_one_commit_that_names_the_task(scene: Scene) -> None:
    """M105: PROJ-123"""
    base = scene.git("rev-parse", "main")
    scene.run({"tasks": [shell("PROJ-123", "echo 1 > one.txt; echo 2 > two.txt", title="Add avatars")]})
    assert scene.git("log", "--format=%s", f"{base}..main^2") == "PROJ-123: Add avatars"
    trailers = scene.git("log", "-1", "--format=%(trailers)", "main")
    assert trailers.split() == ["Wavetree-Run:", "r1", "Wavetree-Task:", "PROJ-123", "Wavetree-Attempt:", "1"]
    branch = scene.events("WorktreeRequested")[0]["data"]["branch"]
    assert branch == "feature/PROJ-123"


def test_branch_names_follow_the_kind_of_id(scene: Scene) -> None:
    """M081, D15: a type and a ticket, or a priority with three digits"""
    tasks = [
        shell("65"),
        shell("PROJ-123"),
        shell("PROJ-124", type="bugfix"),
        shell("PROJ-125", type="docs"),
    ]
    scene.run({"tasks": tasks})
    made = {row["task"]: row["data"] for row in scene.events("WorktreeRequested")}
    assert {name: data["branch"] for name, data in made.items()} == {
        "65": "feature/us-065",
        "PROJ-123": "feature/PROJ-123",
        "PROJ-124": "bugfix/PROJ-124",
        "PROJ-125": "docs/PROJ-125",
    }
    assert made["65"]["path"] == f"{scene.repo}-wt65"


def test_an_agent_that_leaves_its_worktree_is_named_with_the_place(scene: Scene) -> None:
    """M104: the base checkout, and another task's worktree at rest"""
    other = f"{scene.repo}-wtrest"
    intruder = (
        f"until [ -e {scene.folder}/go ]; do sleep 0.05; done; echo x >> {scene.repo}/app.txt; "
        f"echo y > {other}/planted.txt; echo z > z.txt"
    )
    plan = {
        "tasks": [shell("rest", "echo r > r.txt; exit 1"), shell("intruder", intruder)],
    }
    scene.go(plan)
    scene.until(lambda s: s["tasks"][0]["state"] == "failed", "the first to fail")
    scene.until(lambda s: s["tasks"][1]["pid"], "the second")
    (scene.folder / "go").touch()
    assert scene.ended()["state"] == "failed"
    seen = {row["data"]["place"]: row["data"] for row in scene.events("TrespassSeen")}
    assert seen[str(scene.repo)]["files"] == ["app.txt"]
    assert seen[other]["files"] == ["planted.txt"]
    assert all("intruder" in data["suspects"] for data in seen.values())
    assert seen[other]["suspects"] == ["intruder"], "nobody is suspected of changing what is theirs"
    alerts = [alert["text"] for alert in scene.status()["alerts"] if alert["kind"] == "trespass"]
    assert any(str(scene.repo) in text and "intruder" in text for text in alerts)
    assert any(other in text and "intruder" in text for text in alerts)


def test_every_agent_has_its_own_surroundings(scene: Scene) -> None:
    """M104: worktree, temporary folder and environment of its own; no input; no git of the engine's"""
    look = (
        'printf "%s\\n" "$PWD" "$TMPDIR" "$WAVETREE_TASK" "$GIT_DIR" > $WAVETREE_TASK.env; '
        "cat > stdin-$WAVETREE_TASK.txt; git rev-parse --abbrev-ref HEAD >> $WAVETREE_TASK.env"
    )
    scene.run({"tasks": [shell("a", look), shell("b", look)]})
    seen = {name: scene.show(f"{name}.env").split("\n") for name in "ab"}
    for name, (where, temporary, task, git_dir, branch) in seen.items():
        assert where == f"{scene.repo}-wt{name}"
        assert task == name
        assert git_dir == ""
        assert branch == f"feature/{name}"
        assert temporary.startswith(str(scene.repo / ".git"))
    assert seen["a"][1] != seen["b"][1]
    assert scene.show("stdin-a.txt") == ""


def test_the_log_of_events_rebuilds_the_state_that_status_shows(scene: Scene) -> None:
    """M095: one JSON object a line with time, wave, task, kind and data, in order"""
    tasks = [simulated("a"), simulated("b", needs=["a"], simulate={"exit": 3}), shell("c", needs=["b"])]
    scene.run({"tasks": tasks}, code=1)
    rows = scene.events()
    assert {frozenset(row) for row in rows} == {frozenset({"time", "wave", "task", "kind", "data"})}
    assert [row["time"] for row in rows] == sorted(row["time"] for row in rows)
    assert (rows[0]["kind"], rows[-1]["kind"]) == ("RunCreated", "RunEnded")

    state = State()
    for row in rows:
        event = msgspec.convert({"type": row["kind"], **row["data"]}, Event)
        state = evolve(state, event)
    client = Client(find_project(scene.repo), "r1")
    assert state == client.state
    client.close()
    status = scene.status()
    assert status["state"] == state.phase.value == "failed"
    assert {task["id"]: task["state"] for task in status["tasks"]} == {
        task.id: word(state, task) for task in state.tasks.values()
    }
    assert next(row for row in rows if row["task"] == "b")["wave"] == 2


def test_what_an_agent_printed_is_read_after_its_worktree_is_gone(scene: Scene) -> None:
    """M100: the log is kept in the state folder, its path shown, nothing of it committed"""
    scene.run({"tasks": [shell("65", "echo from the agent; echo to stderr >&2; echo 65 > 65.txt")]})
    assert scene("logs", "65").out.splitlines() == ["from the agent", "to stderr"]
    assert [json.loads(line)["line"] for line in scene("logs", "65", "--json").out.splitlines()] == [
        "from the agent",
        "to stderr",
    ]
    log = Path(scene.task("65")["log"])
    assert log.is_file() and scene.repo / ".git" in log.parents
    assert scene.git("status", "--porcelain", "--ignored") == ""
    assert "no task '66'" in scene("logs", "66", code=2).err
