"""Workers: what they say and where it goes."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import psutil
import pytest

from core.base.operation import Context, OperationError, Progress, Unit
from core.base.process import FORKS, run_in_process
from core.base.text import translate

needs_forks = pytest.mark.skipif(not FORKS, reason="this system forks no helpers")


def complain(context: Context) -> int:
    try:
        raise OSError("the disk said no")
    except OSError:
        logging.getLogger("core.base.cleanup").exception("cleaning up: %s", "a step")
    return 7


def test_what_a_worker_logs_is_in_the_log_and_not_before_the_operator(
    capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    assert run_in_process(complain, Context()) == 7
    assert capfd.readouterr().err == ""
    (record,) = (one for one in caplog.records if one.name == "core.base.cleanup")
    assert record.levelno == logging.ERROR
    assert "cleaning up: a step" in record.message and "the disk said no" in record.message


MANY = 200


def talk(context: Context) -> int:
    text = translate("core", "The trading program's data was only read.")

    def log() -> None:
        for number in range(MANY):
            logging.getLogger("worker").warning("%d %s", number, "x" * 5_000)

    threads = [threading.Thread(target=log) for _ in range(3)]
    for thread in threads:
        thread.start()
    for number in range(MANY):
        context.progress(number, MANY, Unit.ROWS, text)
    for thread in threads:
        thread.join()
    return MANY


class Counting(Context):
    heard = 0

    def on_progress(self, progress: Progress) -> None:
        assert progress.done == self.heard
        self.heard += 1


def test_threads_of_a_worker_do_not_speak_into_each_other(caplog: pytest.LogCaptureFixture) -> None:
    context = Counting()
    assert run_in_process(talk, context) == MANY
    assert context.heard == MANY
    assert sum(one.name == "worker" for one in caplog.records) == 3 * MANY


class Seen(NamedTuple):
    """What a helper sees of itself."""

    pid: int
    parent: int
    folder: str
    wish: str | None
    path: list[str]


def look(context: Context, *_: object) -> Seen:
    return Seen(os.getpid(), os.getppid(), str(Path.cwd()), os.environ.get("WISH"), sys.path)


def test_a_helper_has_what_is_around_the_console_now(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    first = run_in_process(look, Context())
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WISH", "업비트")
    monkeypatch.syspath_prepend(str(tmp_path))
    second = run_in_process(look, Context())
    assert first.wish is None and first.folder != second.folder
    assert second[2:] == (str(tmp_path), "업비트", sys.path)
    assert second.pid != first.pid


def fail(context: Context, how: str) -> None:
    match how:
        case "killed":
            os.kill(os.getpid(), signal.SIGKILL)
        case "left":
            os._exit(7)
        case "raised":
            raise OSError("the disk said no")


def test_how_a_helper_died_is_told(caplog: pytest.LogCaptureFixture) -> None:
    for how, code in (("killed", "-9"), ("left", "7")) if os.name == "posix" else (("left", "7"),):
        with pytest.raises(OperationError, match=f"exit code {code}"):
            run_in_process(fail, Context(), how)
    with pytest.raises(OSError, match="the disk said no"):
        run_in_process(fail, Context(), "raised")


def test_an_answer_or_a_job_that_does_not_pickle_is_a_bug_and_leaves_no_helper() -> None:
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    with pytest.raises(Exception, match="pickle"):
        run_in_process(look, Context(), threading.Lock())
    after = {child.pid for child in psutil.Process().children(recursive=True)}
    assert len(after - before) <= 1, "the server of helpers, where it was started just now"
    assert run_in_process(look, Context())


@needs_forks
def test_a_server_forks_the_helpers_and_another_comes_when_it_is_gone() -> None:
    first, second = (run_in_process(look, Context()) for _ in range(2))
    assert first.parent == second.parent != os.getpid()
    server = psutil.Process(first.parent)
    server.kill()
    server.wait()
    third = run_in_process(look, Context())
    assert third.parent != first.parent
    with ThreadPoolExecutor(8) as threads:
        seen = list(threads.map(lambda _: run_in_process(look, Context()), range(24)))
    assert len({one.pid for one in seen}) == 24 and {one.parent for one in seen} == {third.parent}


@needs_forks
def test_without_a_descriptor_no_helper_is_forked_and_others_go_on() -> None:
    import resource

    run_in_process(look, Context())
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    with ThreadPoolExecutor(1) as threads:
        other = threads.submit(run_in_process, talk, Counting())
        taken = []
        with pytest.raises(OSError, match="Too many open files"):
            while True:
                taken.append(os.dup(0))
                if len(taken) == 1:
                    least = max(int(path.name) for path in Path("/proc/self/fd").iterdir()) + 12
                    resource.setrlimit(resource.RLIMIT_NOFILE, (least, limits[1]))
        try:
            with pytest.raises(OSError):
                run_in_process(look, Context())
        finally:
            for descriptor in taken:
                os.close(descriptor)
            resource.setrlimit(resource.RLIMIT_NOFILE, limits)
        assert other.result() == MANY
    assert run_in_process(look, Context())


CONSOLE = """
import sys
from core.base.operation import Context
from core.base.process import run_in_process
from tests.test_process import stay
if __name__ == "__main__":
    run_in_process(stay, Context())
"""


def stay(context: Context) -> None:
    print(os.getpid(), os.getppid(), flush=True)
    threading.Event().wait()  # it asks nobody whether to go on


@needs_forks
def test_helper_and_server_die_with_the_console(tmp_path: Path) -> None:
    script = tmp_path / "console.py"
    script.write_text(CONSOLE, encoding="utf-8")
    with subprocess.Popen(
        [sys.executable, str(script)],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
        stdout=subprocess.PIPE,
        encoding="utf-8",
    ) as console:
        assert console.stdout is not None
        processes = [psutil.Process(int(pid)) for pid in console.stdout.readline().split()]
        console.kill()
        _, alive = psutil.wait_procs(processes, timeout=60)
    assert len(processes) == 2 and not alive
