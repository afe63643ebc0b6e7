"""The commands of `wavetree`: one row each; a command's module is imported when the command is typed."""

from __future__ import annotations

from typing import NamedTuple


class Entry(NamedTuple):
    """A command: what is typed, what it does in one line, and the module with its `add` and `run`.

    `add(parser)` puts the arguments and an example in the epilog on an argparse parser;
    `run(args)` carries the command out and returns the exit code.
    """

    name: str
    about: str
    module: str


COMMANDS: tuple[Entry, ...] = (
    Entry("tui", "choose the work on the screen; so does `wavetree` alone", "tui.cli.begin"),
    Entry("demo", "the main job on a throw-away repository, with simulated agents", "tui.cli.demo"),
    Entry("bench", "the time that running side by side saves, measured", "tui.cli.bench"),
    Entry("validate", "check plans and name every error with its line", "tui.cli.validate"),
    Entry("story", "a story from questions or documents, its check and its files", "tui.cli.story"),
    Entry("analyze", "what a plan says about itself, and what its repository foretells", "tui.cli.analyze"),
    Entry("plan", "waves, estimates and the critical path of a plan", "tui.cli.plan"),
    Entry("export", "a plan as any of the documents that teams keep", "tui.cli.export"),
    Entry("run", "run a plan: worktrees, agents, approvals, merge queue", "tui.cli.run"),
    Entry("parallel", "run tickets, an epic, a sprint or a roadmap's priorities", "tui.cli.parallel"),
    Entry("suggest", "open tasks that could run in parallel now", "tui.cli.suggest"),
    Entry("implement", "run the execution order of a feature", "tui.cli.implement"),
    Entry("attach", "the screen on a run, from any terminal", "tui.cli.attach"),
    Entry("serve", "the screen in a browser of this machine", "tui.cli.serve"),
    Entry("status", "what is now", "tui.cli.status"),
    Entry("conflicts", "what clashes or has clashed, and what waits for a person", "tui.cli.conflicts"),
    Entry("messages", "what agents, the engine and you wrote to each other", "tui.cli.messages"),
    Entry("say", "write to a running agent", "tui.cli.say"),
    Entry("logs", "what an agent printed, now or as it comes", "tui.cli.logs"),
    Entry("approve", "let a wave start, or a finished branch merge", "tui.cli.approve"),
    Entry("review", "branches in review before they merge; approve, reject", "tui.cli.review"),
    Entry("gate", "what a wave's end waits for; tick, override, try again", "tui.cli.gate"),
    Entry("sync", "the sync points of a run, and what is done about a missed one", "tui.cli.sync"),
    Entry("reject", "refuse a wave; the run stops and can be resumed", "tui.cli.reject"),
    Entry("pause", "stop tasks' processes where they are", "tui.cli.pause"),
    Entry("unpause", "let paused tasks go on", "tui.cli.unpause"),
    Entry("isolate", "let a task go on alone and merge it last", "tui.cli.isolate"),
    Entry("serialize", "one task after another, on top of it", "tui.cli.serialize"),
    Entry("move", "put a task into another wave before it starts", "tui.cli.move"),
    Entry("estimate", "say how long a task that has not started will take", "tui.cli.estimate"),
    Entry("resolve", "settle a conflict by hand", "tui.cli.resolve"),
    Entry("release", "take back that a task is isolated or serialized", "tui.cli.release"),
    Entry("undo", "take back the last decision on agents in conflict", "tui.cli.undo"),
    Entry("retry", "try a task once more, from what is merged by now", "tui.cli.retry"),
    Entry("fixed", "the cause of a failing test is put right; the queued retry starts", "tui.cli.fixed"),
    Entry("stop", "end the run's agents, or a task's; the work stays", "tui.cli.stop"),
    Entry("slots", "how many sessions may be alive at once", "tui.cli.slots"),
    Entry("resource", "who has which resource; keep one from everybody", "tui.cli.resource"),
    Entry("resume", "bring an interrupted, stopped or failed run back", "tui.cli.resume"),
    Entry("history", "the runs of this repository", "tui.cli.history"),
    Entry("report", "what a run was: summary, decisions, conflicts, metrics", "tui.cli.report"),
    Entry("note", "words about a run that no number tells, for its report", "tui.cli.note"),
    Entry("compare", "two runs beside each other", "tui.cli.compare"),
    Entry("replay", "a run again, as it went on", "tui.cli.replay"),
    Entry("events", "everything that happened in a run", "tui.cli.events"),
    Entry("worktrees", "what runs left on disk, and its removal", "tui.cli.worktrees"),
    Entry("state", "the state files: whether they agree, their backups", "tui.cli.state"),
    Entry("config", "the settings in force, or the plan format as a JSON Schema", "tui.cli.config"),
)
