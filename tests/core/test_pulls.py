"""M141: a pull request per branch where a command makes one, else a local merge."""

from __future__ import annotations

from world_of_paper import Paper, plan, task

from engine.core.intents import (
    CandidateRequested,
    CleanupRequested,
    Intent,
    LandRequested,
    PullRequestRequested,
)
from engine.core.outcomes import Outcome, PullRequestEnded
from engine.core.plan import Settings
from engine.core.state import RunPhase
from engine.core.verdicts import PullRequestSkipped

GH = ("gh", "pr", "create", "--head={branch}", "--base={base}", "--title={title}", "--body={nothing}")


def proposing(title: str = "Add {base} avatars", command: tuple[str, ...] = GH) -> Paper:
    return Paper(plan(task("a", title=title, steps=("Create PR",)), settings=Settings(pull_request=command)))


def test_the_command_has_branch_base_and_title_and_what_is_filled_in_is_not_looked_at_again() -> None:
    paper = proposing()
    paper.run()
    (asked,) = paper.events(PullRequestRequested)
    assert isinstance(asked, PullRequestRequested)
    assert asked.command == (
        *("gh", "pr", "create", "--head=feature/a", "--base=main"),
        *("--title=Add {base} avatars", "--body={nothing}"),
    )


def test_a_title_is_one_line_of_plain_text() -> None:
    paper = proposing("one\ntwo\x1b[31m  three")
    paper.run()
    (asked,) = paper.events(PullRequestRequested)
    assert isinstance(asked, PullRequestRequested)
    assert "--title=one two three" in asked.command


def test_the_base_branch_is_left_to_the_pull_requests_and_their_branches_stay() -> None:
    paper = proposing()
    paper.run()
    assert paper.state.phase is RunPhase.DONE
    assert not paper.events(LandRequested)
    assert paper.state.reason == "the task is merged on wavetree/r1; main is left to the pull requests"
    (cleanup,) = paper.events(CleanupRequested)
    assert isinstance(cleanup, CleanupRequested) and cleanup.proposed
    assert paper.state.tasks["a"].pull_request == "https://example.org/1"


def test_without_a_command_the_step_is_skipped_and_the_branch_is_merged_here() -> None:
    paper = proposing(command=())
    paper.run()
    assert paper.events(PullRequestSkipped) == [PullRequestSkipped("a", "no command")]
    assert paper.state.tasks["a"].pull_request == "skipped: no command"
    assert paper.events(LandRequested)


def test_who_asks_for_none_gets_none() -> None:
    paper = Paper(plan(task("a", steps=("Write tests",))))
    paper.run()
    assert not paper.events(PullRequestSkipped) and not paper.events(PullRequestRequested)


def test_a_command_that_fails_is_told_of_and_holds_nothing_up() -> None:
    paper = proposing()

    def refused(intent: Intent) -> tuple[Outcome, ...] | None:
        if isinstance(intent, PullRequestRequested):
            assert not paper.events(CandidateRequested), "it comes before the merge"
            return (PullRequestEnded(intent.key, "a", 1, False, "exit code 1", "/log"),)
        return None

    paper.run(refused)
    assert paper.state.phase is RunPhase.DONE
    assert paper.events(LandRequested)
    (told,) = [alert for alert in paper.state.alerts if alert.open]
    assert told.text == "a: the pull request failed: exit code 1"
