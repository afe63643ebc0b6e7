"""Whatever is written, decided and broken: every line is still there, and nothing refused is merged."""

from __future__ import annotations

import contextlib
import os
import random
import time

import psutil
import pytest
from stagehand import Scene, shell

FULL = os.environ.get("WAVETREE_CAMPAIGN") == "full"
SEEDS = range(20 if FULL else 1)
NAMES = "abcde"
LINES = 10
WITHIN = 90.0

# Each line is unique, stands where all change the same file, and is noted outside once it was written.
WRITES = """
for i in $(seq {lines}); do
  line="{name}-$WAVETREE_ATTEMPT-$i"
  sed -i "2i $line" app.txt
  echo "$line" >> own-{name}.txt
  echo "$line" >> $SCENE_FOLDER/written
  if [ $((i % 4)) = 0 ]; then git add -A; git commit -qm "$line"; fi
  sleep 0.2
done
{more}
"""


class Person:
    """Somebody who types whatever comes to mind."""

    def __init__(self, scene: Scene, seed: int) -> None:
        self.scene = scene
        self.dice = random.Random(seed)

    def type(self, *words: str) -> None:
        """Type a command; a refusal is an answer too."""
        done = self.scene(*words, code=None)
        assert done.code in (0, 1, 2, 3), f"{words}: {done.out}{done.err}"
        assert "Traceback" not in done.err, done.err

    def do_anything(self) -> None:
        one, two = self.dice.sample(NAMES, 2)
        match self.dice.randrange(11):
            case 0:
                self.type("pause", one)
            case 1:
                self.type("unpause")
            case 2:
                self.type("isolate", one)
            case 3 | 4:
                self.type("serialize", one, two)
            case 5:
                self.type("release", one)
            case 6:
                self.type("undo")
            case 7:
                self.type("retry", one)
            case 8:
                self.settle()
            case 9:
                self.kill_the_engine()
            case _:
                self.type("serialize", "--wave", "1")

    def settle(self) -> None:
        """Settle every conflict between lines by keeping both."""
        for row in self.scene("conflicts", "--json").data:
            if row["state"] != "resolved" and row["level"] == "high":
                self.type("resolve", row["id"], "--both")

    def kill_the_engine(self) -> None:
        if pid := self.scene.status()["engine_pid"]:
            with contextlib.suppress(psutil.NoSuchProcess):
                psutil.Process(pid).kill()
            self.type("resume", "--detach")

    def bring_to_an_end(self) -> None:
        """Let everybody go on, consent to what waits, settle what clashes; then the run ends."""
        until = time.monotonic() + WITHIN
        while self.scene.status()["state"] not in ("done", "failed", "stopped"):
            assert time.monotonic() < until, self.scene("status").out + self.scene("events").out[-3000:]
            self.type("unpause")
            for name in NAMES:
                self.type("release", name)
                self.type("approve", name)
            self.settle()
            time.sleep(0.3)


def kept(scene: Scene) -> str:
    """All that any ref reaches, and all files in the worktrees that are still there."""
    objects = [line.split()[0] for line in scene.git("rev-list", "--all", "--objects").splitlines()]
    texts = [
        scene.git("cat-file", "-p", name) for name in objects if scene.git("cat-file", "-t", name) == "blob"
    ]
    for tree in scene.worktrees():
        for name in ("app.txt", *(f"own-{each}.txt" for each in NAMES)):
            with contextlib.suppress(OSError), open(os.path.join(tree, name)) as file:  # noqa: PTH118, PTH123
                texts.append(file.read())
    return "\n".join(texts)


@pytest.mark.campaign
@pytest.mark.timeout(300)
@pytest.mark.parametrize("seed", SEEDS)
def test_every_line_is_reachable_at_the_end_and_nothing_refused_is_merged(scene: Scene, seed: int) -> None:
    scene.env["SCENE_FOLDER"] = str(scene.folder)
    more = {"e": "echo FORBIDDEN > forbidden.txt"}
    tasks = [shell(name, WRITES.format(lines=LINES, name=name, more=more.get(name, ""))) for name in NAMES]
    gate = {"task": [{"name": "allowed", "run": "! test -e forbidden.txt"}]}
    scene.go({"slots": 4, "tasks": tasks, "gates": gate, "start_policy": "dependency"})
    person = Person(scene, seed)
    for _ in range(14):
        person.do_anything()
    person.bring_to_an_end()
    written = (scene.folder / "written").read_text().split()
    text = kept(scene).split()
    lost = sorted(set(written) - set(text))
    assert len(written) > LINES * 3
    assert not lost, f"seed {seed}: {lost}\n{scene('events').out}"
    assert "FORBIDDEN" not in scene.git("grep", "-h", "FORBIDDEN", "wavetree/r1", check=False)
    assert scene.left() == [], "no process is left over"
