"""A job is started once, runs detached, and its end is found by whoever asks."""

from __future__ import annotations

import asyncio
import os
import signal
import stat
import subprocess
import sys
import textwrap
from pathlib import Path

import msgspec
import pytest
from bench_of_jobs import Bench, alive, happens, until

from engine.core.errors import EngineError
from engine.executors import launching, record, tree
from engine.executors.contract import Exit
from engine.executors.local import LocalExecutor


def output(job_folder: Path) -> str:
    return (job_folder / "out.log").read_text()


async def test_a_job_runs_where_it_should_and_its_output_and_exit_code_are_kept(
    bench: Bench, executor: LocalExecutor
) -> None:
    job = bench.bash("pwd; echo to-stderr >&2; exit 3")
    started = await executor.start(job)
    ending = await executor.wait(job.folder)
    assert started.pid > 0
    assert not started.adopted
    assert (ending.code, ending.signal, ending.orphans, ending.error) == (3, None, 0, "")
    assert output(job.folder) == f"{job.cwd}\nto-stderr\n"
    assert ending.ended >= ending.started > 1.6e9
    assert ending.max_rss > 1_000_000


async def test_a_death_by_signal_is_recorded_as_one(bench: Bench, executor: LocalExecutor) -> None:
    job = bench.bash("kill -SEGV $$")
    await executor.start(job)
    ending = await executor.wait(job.folder)
    assert (ending.code, ending.signal) == (128 + signal.SIGSEGV, signal.SIGSEGV)


async def test_cpu_seconds_count_everything_the_job_ran(bench: Bench, executor: LocalExecutor) -> None:
    job = bench.job(sys.executable, "-c", "import time\nwhile time.process_time() < 0.3: pass")
    await executor.start(job)
    assert (await executor.wait(job.folder)).cpu_seconds >= 0.3


async def test_what_a_job_leaves_running_is_ended_and_counted(bench: Bench, executor: LocalExecutor) -> None:
    job = bench.bash("sleep 60 & setsid sleep 60 & (setsid sleep 60 &) ; echo $! ; exit 0")
    await executor.start(job)
    ending = await executor.wait(job.folder)
    assert (ending.code, ending.orphans) == (0, 3)
    whose = record.identity(job.folder)
    assert whose is not None
    assert tree.everyone(whose) == []


async def test_a_leftover_that_ignores_term_is_killed(bench: Bench, executor: LocalExecutor) -> None:
    job = bench.bash("trap '' TERM; (while :; do sleep 0.05; done) & exit 0")
    await executor.start(job)
    ending = await executor.wait(job.folder)
    assert ending.code == 0
    assert ending.orphans >= 1


async def test_a_leftover_that_is_just_ending_is_no_orphan(bench: Bench, executor: LocalExecutor) -> None:
    job = bench.bash("sleep 0.02 & exit 0")
    await executor.start(job)
    assert (await executor.wait(job.folder)).orphans == 0


@pytest.mark.parametrize(
    ("argv", "code", "words"),
    [
        (("no-such-command-here",), 127, "command not found: no-such-command-here"),
        (("/no/such/place",), 127, "command not found: /no/such/place"),
        (("{cwd}/plain.txt",), 126, "not executable: "),
        (("{cwd}/odd",), 126, "the interpreter its first line names is missing"),
        (("{cwd}/bare",), 126, "not a program: "),
        (("echo", "x" * 200_000), 126, "too long"),
        (("echo", "a\0b"), 126, "null byte"),
    ],
    ids=["unknown", "missing path", "no permission", "no interpreter", "no program", "too long", "null byte"],
)
async def test_a_command_that_cannot_be_started_says_why(
    bench: Bench, executor: LocalExecutor, argv: tuple[str, ...], code: int, words: str
) -> None:
    job = bench.job(*argv)
    (job.cwd / "plain.txt").write_text("text")
    for name, text in (("odd", "#!/no/such/interpreter\n"), ("bare", "\0\0")):
        (job.cwd / name).write_text(text)
        (job.cwd / name).chmod(0o755)
    job = msgspec.structs.replace(job, argv=tuple(word.replace("{cwd}", str(job.cwd)) for word in argv))
    started = await executor.start(job)
    ending = await executor.wait(job.folder)
    assert started.pid == 0
    assert ending.code == code
    assert words in ending.error
    assert argv[0].rpartition("/")[2] in ending.error


async def test_a_missing_working_folder_is_named(bench: Bench, executor: LocalExecutor) -> None:
    job = bench.bash("true")
    job.cwd.rmdir()
    await executor.start(job)
    ending = await executor.wait(job.folder)
    assert ending.error == f"working folder: No such file or directory: {job.cwd}"


async def test_the_agent_sees_its_own_surroundings_and_nothing_of_the_engine(
    bench: Bench, executor: LocalExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("CLAUDECODE", "CLAUDE_CODE_ENTRYPOINT", "GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE"):
        monkeypatch.setenv(name, "outer")
    monkeypatch.setenv("GIT_AUTHOR_NAME", "kept")
    monkeypatch.setenv("CLAUDE_CODE_OAUTH_TOKEN", "login")
    job = bench.bash("env; cat; readlink /proc/$$/fd/0; umask", env={"EXTRA": "a b=c"})
    await executor.start(job)
    await executor.wait(job.folder)
    lines = output(job.folder).splitlines()
    seen = dict(line.split("=", 1) for line in lines if "=" in line)
    assert not {"CLAUDECODE", "CLAUDE_CODE_ENTRYPOINT", "GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE"} & set(
        seen
    )
    assert seen["GIT_AUTHOR_NAME"] == "kept"
    assert seen["CLAUDE_CODE_OAUTH_TOKEN"] == "login"
    assert seen["EXTRA"] == "a b=c"
    assert seen["WAVETREE_MARK"] == job.mark
    assert seen["TMPDIR"] == str(job.folder / "tmp")
    assert (job.folder / "tmp").is_dir()
    assert "/dev/null" in lines


async def test_no_descriptor_but_the_three_standard_ones_reaches_the_agent(
    bench: Bench, executor: LocalExecutor
) -> None:
    leak = os.open(os.devnull, os.O_RDONLY)
    os.set_inheritable(leak, True)
    try:
        job = bench.job(
            sys.executable, "-c", "import os; print(sorted(map(int, os.listdir('/proc/self/fd'))))"
        )
        await executor.start(job)
        await executor.wait(job.folder)
    finally:
        os.close(leak)
    assert output(job.folder) == "[0, 1, 2, 3]\n"  # 3 is the listing's own


async def test_the_folder_is_the_owners_alone_while_the_agent_has_the_users_umask(bench: Bench) -> None:
    executor = LocalExecutor(umask=0o027)
    job = bench.bash("touch made; umask")
    try:
        await executor.start(job)
        await executor.wait(job.folder)
    finally:
        executor.close()
    assert stat.S_IMODE((job.folder / "out.log").stat().st_mode) == 0o600
    assert stat.S_IMODE((job.folder / "job.json").stat().st_mode) == 0o600
    assert stat.S_IMODE(job.folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((job.cwd / "made").stat().st_mode) == 0o640


async def test_a_second_start_adopts_and_the_job_runs_once(bench: Bench, executor: LocalExecutor) -> None:
    job = bench.bash("echo ran >> count; while [ ! -e go ]; do sleep 0.02; done")
    first = await executor.start(job)
    second = await executor.start(job)
    other = LocalExecutor()
    third = await other.start(job)
    other.close()
    assert (second.pid, second.adopted) == (first.pid, True)
    assert (third.pid, third.adopted) == (first.pid, True)
    (job.cwd / "go").touch()
    assert (await executor.wait(job.folder)).code == 0
    after = await executor.start(job)
    assert (after.pid, after.adopted) == (0, True)
    assert (job.cwd / "count").read_text() == "ran\n"


async def test_many_starts_at_once_run_the_job_once(bench: Bench) -> None:
    job = bench.bash("echo ran >> count; sleep 0.1")
    executors = [LocalExecutor() for _ in range(4)]
    await asyncio.gather(*(executor.start(job) for executor in executors for _ in range(2)))
    endings = await asyncio.gather(*(executor.wait(job.folder) for executor in executors))
    for executor in executors:
        executor.close()
    assert {ending.code for ending in endings} == {0}
    assert (job.cwd / "count").read_text() == "ran\n"


async def test_twenty_jobs_at_once_all_end_with_their_own_code(bench: Bench, executor: LocalExecutor) -> None:
    jobs = [bench.bash(f"echo {number}; exit {number}") for number in range(20)]
    await asyncio.gather(*(executor.start(job) for job in jobs))
    endings = await asyncio.gather(*(executor.wait(job.folder) for job in jobs))
    assert [ending.code for ending in endings] == list(range(20))
    assert [output(job.folder) for job in jobs] == [f"{number}\n" for number in range(20)]


async def test_killing_the_launcher_harms_no_job_and_the_next_start_makes_another(
    bench: Bench, executor: LocalExecutor
) -> None:
    job = bench.bash("while [ ! -e go ]; do sleep 0.02; done; exit 7")
    await executor.start(job)
    launcher = executor.launcher_pid
    os.kill(launcher, signal.SIGKILL)
    await happens(lambda: executor.launcher_pid == 0)
    following = bench.bash("exit 8")
    await executor.start(following)
    assert executor.launcher_pid not in (0, launcher)
    assert (await executor.wait(following.folder)).code == 8
    (job.cwd / "go").touch()
    assert (await executor.wait(job.folder)).code == 7


async def test_without_a_launcher_the_shim_is_started_on_its_own(
    bench: Bench, executor: LocalExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = bench.bash("exit 9")
    monkeypatch.setattr(launching.sys, "platform", "elsewhere")
    started = await executor.start(job)
    assert executor.launcher_pid == 0
    assert not started.adopted
    assert (await executor.wait(job.folder)).code == 9


ENGINE = """
import asyncio, sys
from pathlib import Path
from engine.executors.contract import Job
from engine.executors.local import LocalExecutor

async def main():
    folder, cwd = Path(sys.argv[1]), Path(sys.argv[2])
    script = "while [ ! -e go ]; do sleep 0.02; done; echo survived; exit 5"
    executor = LocalExecutor()
    started = await executor.start(Job(mark=sys.argv[3], argv=("bash", "-c", script), cwd=cwd, folder=folder))
    print(started.pid, executor.launcher_pid, flush=True)
    await executor.wait(folder)

asyncio.run(main())
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
async def test_a_job_outlives_its_engine_and_a_new_one_finds_its_end(
    bench: Bench, executor: LocalExecutor, number: signal.Signals
) -> None:
    job = bench.bash("")
    engine = subprocess.Popen(  # noqa: ASYNC220 - the other engine is what is tested
        [sys.executable, "-c", textwrap.dedent(ENGINE), str(job.folder), str(job.cwd), job.mark],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
        cwd=Path(__file__).parents[2],
    )
    assert engine.stdout is not None
    pid, launcher = map(int, engine.stdout.readline().split())
    os.killpg(engine.pid, number)
    engine.wait()
    engine.stdout.close()
    until(lambda: not alive(launcher))
    adopted = await executor.start(job)
    assert (adopted.pid, adopted.adopted) == (pid, True)
    (job.cwd / "go").touch()
    assert (await executor.wait(job.folder)).code == 5
    assert output(job.folder) == "survived\n"


async def test_when_the_shim_is_killed_its_survivors_are_ended_and_the_code_is_unknown(
    bench: Bench, either: LocalExecutor
) -> None:
    job = bench.bash("setsid sleep 60 & (setsid sleep 60 &); echo up; exec sleep 60")
    await either.start(job)
    await happens(lambda: output(job.folder) == "up\n")
    whose = record.identity(job.folder)
    assert whose is not None
    await happens(lambda: len(tree.members(whose)) == 3)
    os.kill(whose.shim, signal.SIGKILL)
    ending = await either.wait(job.folder)
    assert ending.code is None
    assert ending.orphans == 3
    assert tree.everyone(whose) == []
    assert not (whose.group and Path(whose.group).exists())
    again = await either.wait(job.folder)
    assert again == ending
    assert (await either.start(job)).pid == 0


async def test_a_full_output_device_ends_clearly(bench: Bench, executor: LocalExecutor) -> None:
    job = bench.bash("echo lost || exit 4")
    job.folder.mkdir()
    (job.folder / "out.log").symlink_to("/dev/full")
    await executor.start(job)
    ending = await executor.wait(job.folder)
    assert (ending.code, ending.error) == (4, "")


async def test_an_output_file_that_cannot_be_opened_is_named(bench: Bench, executor: LocalExecutor) -> None:
    job = bench.bash("true")
    (job.folder / "out.log").mkdir(parents=True)
    await executor.start(job)
    ending = await executor.wait(job.folder)
    assert ending.code == 126
    assert str(job.folder / "out.log") in ending.error


async def test_a_folder_that_cannot_be_made_is_the_operators_error(
    bench: Bench, executor: LocalExecutor
) -> None:
    job = bench.bash("true")
    job.folder.write_text("in the way")
    with pytest.raises(EngineError, match="no job can be started in"):
        await executor.start(job)


async def test_waiting_for_a_job_that_never_was_says_so(tmp_path: Path, executor: LocalExecutor) -> None:
    assert await executor.wait(tmp_path / "nothing") == Exit(code=None, error="it was never started")
    assert await executor.freeze(tmp_path / "nothing") == -1
    await executor.thaw(tmp_path / "nothing")
    await executor.kill(tmp_path / "nothing", 1.0)


async def test_testing_the_lock_does_not_make_a_starting_shim_give_up(
    bench: Bench, executor: LocalExecutor
) -> None:
    jobs = [bench.bash("exit 6") for _ in range(10)]
    waits = [asyncio.create_task(executor.start(job)) for job in jobs]
    while not all(task.done() for task in waits):
        for job in jobs:
            record.claimed(job.folder)
        await asyncio.sleep(0)
    assert [(await executor.wait(job.folder)).code for job in jobs] == [6] * 10
