"""Workers: what they say and where it goes."""

from __future__ import annotations

import logging
import threading

import pytest

from core.base.operation import Context, Progress, Unit
from core.base.process import run_in_process
from core.base.text import translate


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
