"""The trading program is followed from look to look without searching all processes each time."""

from __future__ import annotations

import os
import subprocess
import sys

from core.base.config.models import Settings
from core.program.find import NEWS_SECONDS, NO_NEWS_SECONDS, ProcessTracker, looks_like_program


class Clock:
    """A time that is set by hand."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_a_program_that_runs_is_not_searched_for_again(
    settings: Settings, trading_program: subprocess.Popen[bytes]
) -> None:
    clock = Clock()
    follower = ProcessTracker(settings, clock)
    for _ in range(5):
        found = follower.find()
        assert found is not None and found.pid == trading_program.pid
    assert follower.searches == 1
    clock.now += NO_NEWS_SECONDS
    assert follower.find() == found
    assert follower.searches == 2


def test_a_program_that_died_is_gone_at_once_and_the_next_one_is_found(
    settings: Settings, trading_program: subprocess.Popen[bytes]
) -> None:
    follower = ProcessTracker(settings, Clock())
    assert follower.find() is not None
    trading_program.kill()
    trading_program.wait()
    assert follower.find() is None
    again = subprocess.Popen(
        [sys.executable, "run_desktop_ui.py", "--env=production"],
        cwd=settings.app, env={**os.environ, "DEMO_RATE": "100"},
    )  # fmt: skip
    try:
        while not looks_like_program(settings, again.pid):
            assert again.poll() is None
        found = follower.find()
        assert found is not None and found.pid == again.pid
    finally:
        again.kill()
        again.wait()


def test_where_nothing_appeared_nothing_is_searched(settings: Settings) -> None:
    clock = Clock()
    follower = ProcessTracker(settings, clock)
    assert follower.find() is None
    clock.now += NEWS_SECONDS + 1  # whatever appeared before the first look is no news any more
    before = follower.searches
    # Other programs of the machine may appear meanwhile, and each may be the one.
    pids = set(follower._pids)
    assert follower.find() is None
    assert follower.searches == before or follower._pids - pids
