"""Whatever agents write, people decide and crashes break, in real worktrees: no line is lost, and nothing
that a gate or a person refused is merged."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import subprocess
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import psutil
import pytest
from crashes import CRASHING, Crashes, cut_power, fresh, until
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st
from stagehand import Scene, shell
from wild_agents import Deed, Wrote, script, works, wrote

from engine.client import Client, resuming
from engine.core.commands import (
    Approve,
    ApproveMerge,
    Command,
    Fixed,
    Isolate,
    Override,
    Pause,
    Reject,
    Release,
    Resume,
    Retry,
    RetryGate,
    Review,
    Serialize,
    SerializeWave,
    Stop,
    StopTask,
    UndoDecision,
    Unpause,
)
from engine.core.conflicts import ConflictKind
from engine.core.errors import WavetreeError
from engine.core.events import Event
from engine.core.gauged import GateLevel, GateVerdict
from engine.core.intents import AdvanceRequested, GateRequested
from engine.core.outcomes import Advanced, Collected, GateEnded, Landed
from engine.core.plan import Gate
from engine.core.state import RunPhase, State, TaskState
from engine.core.verdicts import BranchReviewed, GateOverridden, WaveApproved, WaveRejected

FULL = os.environ.get("WAVETREE_CAMPAIGN") == "full"
NAMES = "abcde"
WITHIN = 90.0


class Act(NamedTuple):
    """What a person does next, to whom, and how long they look on afterwards."""

    what: str
    one: int
    two: int
    seconds: float


class Story(NamedTuple):
    """A whole run: what agents do, what the plan says, what people do, at which writes engines die."""

    works: list[list[Deed]]
    plan: dict[str, Any]
    acts: list[Act]
    deaths: list[int]
    again: int
    auto: bool
    sweeps: bool


VERBS = (
    *("pause", "unpause", "isolate", "serialize", "serialize", "release", "retry", "stop task", "undo"),
    *("sequential", "settle", "settle", "settle", "approve", "approve", "approve", "reject", "refuse"),
    *("read", "read", "override", "gate again", "kill", "kill", "cut", "stop", "commit", "scribble"),
    "dirty",
)


@st.composite
def stories(draw: st.DrawFn) -> Story:
    count = draw(st.sampled_from((3, 4, 2, 5)))
    told = draw(st.lists(works, min_size=count, max_size=count))
    names, waves = NAMES[: len(told)], draw(st.integers(1, 2))
    wave_of = {name: waves if name == names[-1] else draw(st.integers(1, waves)) for name in names}
    order = sorted(names, key=lambda name: wave_of[name])
    modes = [draw(st.sampled_from(("parallel", "parallel", "sequential"))) for _ in (1, 2)]
    needs: dict[str, list[Any]] = {name: [] for name in names}
    for before, after in itertools.pairwise(order):
        if draw(st.integers(0, 4)) == 0:
            beside = wave_of[before] == wave_of[after] and modes[wave_of[after] - 1] == "parallel"
            stone = beside or draw(st.booleans())
            needs[after] = [{"task": before, "milestone": "stone"} if stone else before]
    groups = [[name for name in order if wave_of[name] == number] for number in (1, 2)]
    task_gates = [{"name": "allowed", "run": "! ls refused-* > /dev/null 2>&1"}]
    dice = "bash -c 'test $((RANDOM % 4)) != 0'"
    plan = {
        "slots": draw(st.integers(2, 5)),
        "start_policy": draw(st.sampled_from(("wave", "dependency"))),
        "waves": [
            {"name": f"w{number}", "tasks": group, "mode": modes[number - 1]}
            for number, group in enumerate(groups, 1)
            if group
        ],
        "conflicts": {"handling": draw(st.sampled_from(("automatic", "automatic", "manual")))},
        "gates": {
            "task": [*task_gates, *([{"name": "luck", "run": dice}] if draw(st.integers(0, 3)) == 0 else [])],
            "wave": [{"name": "luck of a wave", "run": dice}] if draw(st.integers(0, 3)) == 0 else [],
            **({"review": {}} if draw(st.integers(0, 2)) == 0 else {}),
        },
        "settings": {
            "gate_batch": draw(st.integers(1, 3)),
            "merge_order": draw(st.sampled_from(("completion", "plan"))),
            "auto_merge": draw(st.integers(0, 4)) > 0,
        },
    }
    acts = st.builds(
        Act,
        st.sampled_from(VERBS),
        st.integers(0, len(told) - 1),
        st.integers(0, len(told) - 1),
        st.sampled_from((0.0, 0.05, 0.2, 0.4)),
    )
    return Story(
        told,
        {**plan, "needs": needs},
        draw(st.lists(acts, min_size=8, max_size=20)),
        draw(st.lists(st.integers(1, 60), max_size=3)),
        draw(st.integers(0, 2)),
        draw(st.booleans()),
        draw(st.booleans()),
    )


class Person:
    """Plays a story: gives the commands, starts engines again that died, and brings the run to its end."""

    def __init__(self, crashes: Crashes, story: Story) -> None:
        self.crashes, self.scene, self.story = crashes, crashes.scene, story
        self.client = Client(crashes.project, "r1")
        self.names = NAMES[: len(story.works)]
        self.deaths = list(story.deaths)
        self.engines: list[subprocess.Popen[bytes]] = []
        self.own: list[str] = []
        self.dirty = False
        self.said: list[str] = []

    # ── engines ─────────────────────────────────────────────────────────────────────────────────────

    def at_work(self) -> bool:
        for engine in self.engines:
            code = engine.poll()
            assert code in (None, 0, -9), f"exit {code}\n{self.crashes.log()}"
        return any(engine.returncode is None for engine in self.engines)

    def engine(self, resume: Resume | None = None) -> None:
        """See that an engine is at work: the next that the story lets die, or one that lives."""
        if self.at_work():
            return
        self.client.refresh()
        if self.client.state.ended and resume is None:
            return
        moment = ("after", str(self.deaths.pop(0))) if self.deaths else ("never", "0")
        more = [msgspec.json.encode(resume).decode()] if resume else []
        self.engines.append(self.crashes.engine(CRASHING, *moment, *more))
        deadline = time.monotonic() + WITHIN
        while self.at_work() and not self.client.engine_alive:
            assert time.monotonic() < deadline, f"no engine\n{self.crashes.log()}"
            time.sleep(0.01)

    def send(self, command: Command) -> None:
        """Ask for it; a refusal is an answer too, and so is a dead engine."""
        self.client.refresh()
        resume = command if isinstance(command, Resume) else resuming(self.client.state, command)
        if resume is not None and not self.client.engine_alive:
            self.engine(resume if self.client.state.ended else None)
            return
        try:
            answer = asyncio.run(asyncio.wait_for(self.client.send(command), 40))
        except WavetreeError as error:
            answer = f"refused: {error.message}"
        except TimeoutError:
            self.client.refresh()
            raise AssertionError(f"no answer to {command}: {self.client.state}") from None
        self.said.append(f"{command} -> {answer}")

    # ── what a person does ──────────────────────────────────────────────────────────────────────────

    def act(self, act: Act) -> None:
        one, two = self.names[act.one], self.names[act.two]
        self.said.append(act.what)
        commands: dict[str, Command] = {
            "pause": Pause((one,)),
            "unpause": Unpause(),
            "isolate": Isolate(one, "p"),
            "serialize": Serialize(one, two, "p"),
            "release": Release(one, "p"),
            "retry": Retry(one, "p"),
            "stop task": StopTask(one),
            "undo": UndoDecision(by="p"),
            "sequential": SerializeWave(1, "p"),
            "approve": Approve(by="p"),
            "reject": Reject(by="p", reason="no"),
            "read": Review(one, by="p"),
            "refuse": Review(one, False, by="p", note="no"),
            "override": Override(0, "why not", "p"),
            "gate again": RetryGate(by="p"),
            "stop": Stop("p"),
        }
        match act.what:
            case "settle":
                self.settle(("ours", "theirs", "both")[act.one % 3])
            case "kill":
                self.kill()
            case "cut":
                cut_power(self.scene)
            case "commit":
                self.write("person.txt", f"person-{len(self.own)}-")
                self.commit("person.txt")
            case "dirty":
                self.write("app.txt", f"person-{len(self.own)}-")
                self.dirty = True
            case "scribble":
                self.write("scribble.txt", f"person-{len(self.own)}-")
            case _:
                self.send(commands[act.what])
        time.sleep(act.seconds)
        self.engine()

    def write(self, name: str, line: str) -> None:
        self.own.append(line)
        with (self.scene.repo / name).open("a") as file:
            file.write(f"{line}\n")

    def commit(self, name: str) -> None:
        """Commit one file, once git does nothing else in the checkout."""
        words = ("commit", "-qm", "meanwhile", "--", name)
        self.scene.git("add", name, check=False)
        until(lambda: self.scene.git(*words, check=False) or not self._changed(name), "the commit")

    def _changed(self, name: str) -> str:
        return self.scene.git("status", "--porcelain", "--", name)

    def kill(self) -> None:
        for engine in self.engines:
            if engine.poll() is None:
                with contextlib.suppress(psutil.NoSuchProcess):
                    engine.kill()
                engine.wait()

    def settle(self, how: str) -> None:
        """Settle the first conflict about lines by one side, or by both."""
        self.client.refresh()
        for record in self.client.state.conflicts.values():
            if not record.open or record.kind in (ConflictKind.NAMING, ConflictKind.SCHEMA):
                continue
            try:
                sides = asyncio.run(self.client.sides(record.id))
                texts = {one.file: _chosen(one, how) for one in sides}
                answer = asyncio.run(self.client.chosen(record.id, texts, sides, how=how, by="p"))
            except WavetreeError as error:
                self.said.append(f"settle {record.id} -> refused: {error.message}")
                continue
            self.send(answer)

    def live(self) -> None:
        self.engine()
        for act in self.story.acts:
            self.act(act)

    def end(self) -> None:
        """Let everybody go on and consent to what waits, until the run has ended and its engine is gone;
        where it did not end well, take it up again as often as the story says."""
        self.deaths.clear()
        for again in range(self.story.again + 1):
            if again and self.client.state.phase is not RunPhase.DONE:
                self.engine(Resume("p", auto_approve=True))
            self.come_to_rest()
            if self.dirty:
                self.commit("app.txt")
                self.dirty = False

    def come_to_rest(self) -> None:
        deadline = time.monotonic() + WITHIN
        while True:
            self.engine()
            self.client.refresh()
            if self.client.state.ended and not self.at_work():
                return
            if time.monotonic() > deadline:
                raise AssertionError(f"it hangs: {self.client.state}")
            if not self.client.state.ended:
                self.consent()
            time.sleep(0.2)

    def consent(self) -> None:
        """Say yes to whatever may be asked."""
        for command in (Unpause(), Approve(by="p"), Resume("p", auto_approve=True), RetryGate(by="p")):
            self.send(command)
        for name in self.names:
            words: tuple[Command, ...] = (Release(name, "p"), ApproveMerge(name, "p"), Review(name, by="q"))
            task = self.client.state.tasks.get(name)
            if task is not None and task.attempt < 4:  # who does what no gate allows is never put right
                words = (*words, Fixed(name, "p"))
            for command in words:
                self.send(command)
        self.settle("both")


def _chosen(sides: Any, how: str) -> bytes | None:
    if how == "ours":
        return sides.ours
    if how == "theirs":
        return sides.theirs
    return (sides.ours or b"") + (sides.theirs or b"")


# ── what has to be true ─────────────────────────────────────────────────────────────────────────────


def found(scene: Scene) -> str:
    """Every text that a ref or a worktree's HEAD reaches, and every file in the worktrees."""
    heads = [
        scene.git("rev-parse", "HEAD", cwd=Path(tree)) for tree in scene.worktrees() if Path(tree).exists()
    ]
    named = scene.git("rev-list", "--all", *heads, "--objects", "--no-object-names").split()
    kept = scene.git("for-each-ref", "--format=%(objecttype) %(objectname)").splitlines()
    named += [line.split()[1] for line in kept if line.startswith("blob")]
    texts = [_blobs(scene, named)]
    for tree in scene.worktrees():
        for file in Path(tree).rglob("*.txt"):
            with contextlib.suppress(OSError):
                texts.append(file.read_text())
    return "\n".join(texts)


def _blobs(scene: Scene, named: list[str]) -> str:
    done = subprocess.run(
        ["git", "cat-file", "--batch"],
        input="\n".join(dict.fromkeys(named)).encode(),
        capture_output=True,
        cwd=scene.repo,
        env=scene.env,
        check=True,
    )
    return done.stdout.decode(errors="replace")


def lost(scene: Scene, written: Iterable[Wrote], own: Iterable[str]) -> list[str]:
    """The lines and commits that are nowhere."""
    text = set(found(scene).splitlines())
    lines = {line for one in written for line in one.lines} | set(own)
    heads = [
        scene.git("rev-parse", "HEAD", cwd=Path(tree)) for tree in scene.worktrees() if Path(tree).exists()
    ]
    commits = set(scene.git("rev-list", "--all", *heads).split())
    return sorted(lines - text) + sorted({sha for one in written for sha in one.commits} - commits)


def refused(scene: Scene, state: State, events: Iterable[Event]) -> list[str]:
    """What is merged although a gate was red for it, or a person said no."""
    wrong: list[str] = []
    subjects: dict[str, str] = {}
    shas: dict[str, str] = {}
    verdicts: dict[str, dict[str, GateVerdict]] = {}
    overridden: set[int] = set()
    rejected: set[int] = set()
    heads: dict[tuple[str, int], str] = {}
    unwanted: dict[tuple[str, int], str] = {}
    for event in events:
        match event:
            case GateRequested(sha=sha):
                shas[event.key] = sha
            case GateEnded(answers=key, level=level, gate=gate, verdict=verdict):
                verdicts.setdefault(shas[key], {})[f"{level.value} {gate}"] = verdict
            case GateOverridden(wave=wave):
                overridden.add(wave)
            case WaveApproved(wave=wave):
                rejected.discard(wave)
            case WaveRejected(wave=wave):
                rejected.add(wave)
            case Collected(task=task, attempt=attempt, head=head, commits=commits) if commits:
                heads[task, attempt] = head
            case BranchReviewed(task=task, attempt=attempt, approved=False):
                unwanted[task, attempt] = heads[task, attempt]
            case AdvanceRequested(subject=subject):
                subjects[event.key] = subject
            case Advanced(answers=key, new=new) if subjects[key] in state.tasks:
                if state.tasks[subjects[key]].wave in rejected:
                    wrong.append(f"{subjects[key]} was merged although a person refused its wave")
                # a branch without changes is merged as the tip, which a wave's gate keeps from landing only
                if red := [gate for gate in _red(verdicts, new) if gate.startswith("task ")]:
                    wrong.append(f"{subjects[key]} was merged as {new} although {red} was red")
            case Landed(wave=wave, sha=sha) if wave not in overridden and (red := _red(verdicts, sha)):
                wrong.append(f"wave {wave} has landed as {sha} although {red} was red")
            case _:
                pass
    tips = scene.git("for-each-ref", "--format=%(refname)", "refs/heads/main", "refs/heads/wavetree").split()
    merged = set(scene.git("rev-list", *tips).split())
    for (task, attempt), head in unwanted.items():
        found = [
            tip
            for tip in tips
            if scene.git("grep", "-F", f"{task}-{attempt}-", tip, "--", "*own*", check=False)
        ]
        if head in merged or found:
            wrong.append(f"{task}, attempt {attempt}, is merged although a person refused it: {head} {found}")
    for sha in scene.git("rev-list", "--first-parent", *tips).split():
        if "refused-" in scene.git("ls-tree", "--name-only", sha):
            wrong.append(f"{sha} holds a file that no gate lets pass")
    return wrong


def _red(verdicts: dict[str, dict[str, GateVerdict]], sha: str) -> list[str]:
    fine = (GateVerdict.GREEN, GateVerdict.SKIPPED)
    return [gate for gate, verdict in verdicts.get(sha, {}).items() if verdict not in fine]


def check(story: Story, folder: Path) -> list[Event]:
    """Play a story in a new repository and look at what is left of it; what its journal tells."""
    notes = folder.parent / f"{folder.name}-notes"
    notes.touch()
    names = NAMES[: len(story.works)]
    each = dict(zip(names, story.works, strict=True))
    needs = story.plan["needs"]
    tasks = [shell(name, script(name, each[name], notes), needs=needs[name]) for name in names]
    plan = {"wavetree": 1, **{k: v for k, v in story.plan.items() if k != "needs"}, "tasks": tasks}
    whole = msgspec.json.encode(plan).decode()
    with fresh(folder, whole, auto=story.auto) as crashes, pytest.MonkeyPatch.context() as mine:
        scene = crashes.scene
        mine.setattr(os, "environ", scene.env)
        person = Person(crashes, story)
        try:
            person.live()
            person.end()
            events = [event for _, _, event in person.client.history()]
        finally:
            note("\n".join(person.said))
            person.client.close()
        until(lambda: not scene.processes(), "the end of all processes")
        if story.sweeps:
            scene("worktrees", "clean", "--force", "--yes", code=None)
        written = wrote(each, notes.read_text())
        gone = lost(scene, written.values(), person.own)
        assert not gone, f"lost: {gone}"
        wrong = refused(scene, person.client.state, events)
        assert not wrong, str(wrong)
        assert not scene.git("fsck", "--strict", "--no-dangling", "--no-progress")
        assert scene.git("status", "--porcelain") in ("", "?? scribble.txt")
    notes.unlink()
    return events


OCCUR = {"ConflictHeld", "ConflictResolved", "TasksSerialized", "TaskIsolated", "RestartAsked", "Recovered"}
OCCUR |= {"DecisionUndone", "TaskStopped", "WaveRejected", "GateOverridden", "BranchReviewed", "Clashed"}
OCCUR |= {"Rebased", "LandRefused", "FallbackApplied", "RunResumed", "TaskReset", "Landed"}


@pytest.mark.campaign
@pytest.mark.timeout(7200 if FULL else 120)
def test_no_line_is_lost_and_nothing_refused_is_merged(tmp_path: Path) -> None:
    """Random edits in up to five worktrees, random commands, random deaths of the engine or of all."""
    numbers, seen = itertools.count(), Counter[str]()

    @settings(
        max_examples=200 if FULL else 2,
        phases=(Phase.generate,),  # a run is never twice the same: a smaller story tells nothing of the first
        suppress_health_check=list(HealthCheck),
        database=None,
        derandomize=not FULL,
    )
    @given(stories())
    def any_run(story: Story) -> None:
        seen.update(type(event).__name__ for event in check(story, tmp_path / f"run{next(numbers)}"))

    any_run()
    assert not FULL or not OCCUR - set(seen), f"these never occurred: {OCCUR - set(seen)}"


def test_what_an_agent_committed_or_left_is_known_from_its_notes() -> None:
    """What it overwrote itself before a commit is not asked for, nor what it was killed at."""
    deeds = ["add", "commit", "whole", "add", "delete", "add", "move", "add"]
    work = [Deed(deed, "" if deed == "commit" else "own.txt") for deed in deeds]
    notes = (
        "".join(f"a 1 {place} begin\na 1 {place} done sha{place}\n" for place in range(7)) + "a 1 7 begin\n"
    )
    assert wrote({"a": work}, notes) == {
        ("a", 1): Wrote(frozenset({"a-1-0-"}), frozenset({"a-1-5-"}), frozenset({"sha1"}))
    }


def test_a_line_that_no_ref_and_no_worktree_holds_is_seen(scene: Scene) -> None:
    scene.git("switch", "-q", "-c", "side")
    scene.write({"app.txt": "a-1-0-\n"})
    scene.git("commit", "-qam", "side")
    scene.write({"new.txt": "a-1-1-\n"})
    sha = scene.git("rev-parse", "side")
    wanted = [Wrote(frozenset({"a-1-0-"}), frozenset({"a-1-1-"}), frozenset({sha}))]
    scene.git("switch", "-q", "main")
    assert lost(scene, wanted, []) == []
    scene.git("branch", "-qD", "side")
    (scene.repo / "new.txt").unlink()
    assert lost(scene, wanted, ["person-0-"]) == ["a-1-0-", "a-1-1-", "person-0-", sha]


def test_a_merge_that_a_gate_or_a_person_refused_is_seen(scene: Scene) -> None:
    sha = scene.git("rev-parse", "main")
    state = State(tasks={"a": TaskState("a", 1)})
    events: list[Event] = [
        GateRequested(GateLevel.TASK, "a", Gate("whole", "true"), sha, 1),
        GateEnded("gate:task:a:whole:1", GateLevel.TASK, "a", "whole", GateVerdict.RED),
        Collected("collect:a:1", "a", 1, sha, 1),
        BranchReviewed("a", 1, "", "p", False, "no"),
        WaveRejected(1, "p"),
        (asked := AdvanceRequested("a", "", sha)),
        Advanced(asked.key, "a", sha),
        Landed("land:1", 1, sha),
    ]
    said = refused(scene, state, events)
    assert [word in one for word, one in zip(("wave", "red", "red", "person"), said, strict=True)] == [
        True
    ] * 4
