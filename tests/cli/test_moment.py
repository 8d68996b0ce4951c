"""A time on the command line: with a date, or the last one that there was."""

from __future__ import annotations

import argparse
from datetime import datetime, timedelta

import pytest

from ui.cli.grammar import moment


def test_a_time_without_a_date_is_the_last_one_that_there_was() -> None:
    before = datetime.now().astimezone()
    last = moment("23:59:59")
    assert last <= datetime.now().astimezone() and before - last < timedelta(days=1, hours=2)
    assert moment("00:00") <= datetime.now().astimezone()
    assert moment("2026-11-23T14:31") == datetime(2026, 11, 23, 14, 31).astimezone()
    assert moment("2026-11-23T14:31+09:00").utcoffset() is not None
    for text in ("", "25:00", "yesterday", "2026-13-01"):
        with pytest.raises(argparse.ArgumentTypeError, match="14:31"):
            moment(text)
