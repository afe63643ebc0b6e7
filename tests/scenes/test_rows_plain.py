"""`attach --plain`: a run as lines, with commands typed in between."""

from __future__ import annotations

import subprocess

from stagehand import WAVETREE, Scene, shell


class Plain:
    """`wavetree attach --plain` at whose keyboard the test sits."""

    def __init__(self, scene: Scene) -> None:
        self.process = subprocess.Popen(
            [*WAVETREE, "attach", "--plain"],
            cwd=scene.repo,
            env=scene.env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            bufsize=1,
        )
        self.read: list[str] = []

    def until(self, words: str) -> str:
        """The next line with these words."""
        assert self.process.stdout
        for line in self.process.stdout:
            self.read.append(line)
            if words in line:
                return line
        raise AssertionError(f"no {words!r} in {self.read}")

    def type(self, line: str) -> None:
        assert self.process.stdin
        self.process.stdin.write(f"{line}\n")

    def end(self) -> int:
        self.process.communicate(timeout=60)
        return self.process.returncode


def waiting(scene: Scene) -> Plain:
    plan = {"name": "spoken", "tasks": [shell("a")]}
    scene("run", scene.plan(plan), "--detach")
    return Plain(scene)


def test_a_run_is_approved_and_followed_to_its_end_without_a_screen(scene: Scene) -> None:
    plain = waiting(scene)
    assert "0 of 1 tasks done" in plain.until("run r1, spoken")
    plain.type("status")
    plain.until("spoken")
    plain.type("wavetree approve '1'")
    plain.until("Merged a successfully")
    plain.until("run r1: done")
    assert plain.end() == 0
    assert "\x1b" not in "".join(plain.read), "nothing is drawn"


def test_what_cannot_be_done_is_said_and_leaving_ends_no_agent(scene: Scene) -> None:
    plain = waiting(scene)
    plain.type("aprove")
    assert "did you mean `wavetree approve`?" in plain.until("there is no command")
    plain.until("exit code 2")
    plain.type("say 'a")
    plain.until("quotation mark")
    plain.type("attach")
    plain.until("needs a terminal of its own")
    plain.type("quit")
    assert "attach --plain" in plain.until("run r1 goes on")
    assert plain.end() == 0
    assert scene.status()["state"] not in ("stopped", "failed")
