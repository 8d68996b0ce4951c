"""An error of the system at any step of a swap, once or for good: undone, or said truly."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from core.base.config.models import Settings
from core.base.operation import OperationError
from core.promote.condition import describe_live, is_whole, list_parked, require_whole
from core.promote.engine import fingerprint_of, promote
from core.promote.recovery import recover
from tests.promote.conftest import ID, stage, state

CALLS = ("link", "unlink", "mkdir", "rmdir", "replace", "fsync", "open", "read")
EIO, ENOSPC = 5, 28


@contextmanager
def failing(call: str, first: int, *, for_good: bool, number: int) -> Iterator[list[int]]:
    """Let the call of *call* number *first* fail with *number*, and *for_good* all after it.

    An ``open`` is one that makes a file, a ``read`` the opening of one that is there.
    """
    made: list[int] = []
    place, name = (io, "open") if call == "read" else (os, call)
    real: Callable[..., object] = getattr(place, name)

    def maybe(*arguments: object, **keywords: object) -> object:
        if call == "open" and not int(str(arguments[1])) & os.O_CREAT:
            return real(*arguments, **keywords)
        made.append(1)
        if len(made) - 1 == first or (for_good and len(made) - 1 > first):
            raise OSError(number, os.strerror(number), str(arguments[0]))
        return real(*arguments, **keywords)

    setattr(place, name, maybe)
    try:
        yield made
    finally:
        setattr(place, name, real)


@pytest.mark.parametrize("number", [EIO, ENOSPC])
@pytest.mark.parametrize("for_good", [False, True], ids=["once", "for good"])
@pytest.mark.parametrize("call", CALLS)
def test_an_error_at_every_step_is_undone_or_told_as_it_is(
    settings: Settings, call: str, for_good: bool, number: int
) -> None:
    first = 0
    while True:
        replacements = stage(settings)
        error = None
        with failing(call, first, for_good=for_good, number=number) as made:
            try:
                promote(settings, ID, replacements, fingerprint_of(settings))
            except OperationError as raised:
                error = raised
        said = "" if error is None else str(error.data_state)
        if is_whole(settings):
            assert state(settings) == ("new" if error is None else "old")
            assert error is None or "as they were" in said or "in place" in said
        else:
            assert error is not None
            assert "incomplete" in said or "recover" in str(error.to_do)
            with pytest.raises(OperationError):
                require_whole(settings)
        recover(settings)
        outcome = state(settings)
        assert is_whole(settings)
        assert recover(settings) == ()
        if len(made) <= first:
            assert error is None and outcome == "new"
            return
        reset(settings)
        first += 1


def reset(settings: Settings) -> None:
    """Make the former set anew in an empty place."""
    import shutil

    from tests.promote.conftest import make_set

    for folder in ("data", "secure"):
        shutil.rmtree(settings.app / folder)
    make_set(settings.app)


def test_a_swap_that_can_neither_go_on_nor_back_is_told_and_nothing_is_started(
    settings: Settings,
) -> None:
    replacements = stage(settings)
    real_link, real_unlink = os.link, os.unlink
    calls: list[str] = []

    def link(source: os.PathLike[str], target: os.PathLike[str]) -> None:
        calls.append("link")
        if calls.count("link") > 6:  # six files are parked by then
            raise OSError(EIO, os.strerror(EIO), str(target))
        real_link(source, target)

    os.link = link  # type: ignore[assignment]
    try:
        with pytest.raises(OperationError) as raised:
            promote(settings, ID, replacements, fingerprint_of(settings))
    finally:
        os.link, os.unlink = real_link, real_unlink
    assert "incomplete" in str(raised.value.data_state)
    assert "recover" in str(raised.value.to_do)
    assert "incomplete" in str(describe_live(settings))
    for file in settings.files:
        assert file.path.is_dir(), "nothing can be opened there, and nothing made"
    with pytest.raises(OperationError, match="not started"):
        require_whole(settings)
    made = subprocess.run(
        [sys.executable, "-c",
         "import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute('CREATE TABLE x (y)')",
         settings.file("a").path],
        check=False, capture_output=True, encoding="utf-8",
    )  # fmt: skip
    assert made.returncode != 0 and "unable to open database file" in made.stderr
    (recovered,) = recover(settings)
    assert recovered.outcome == "undone"
    assert state(settings) == "old"


def test_a_staged_file_that_is_lost_after_the_commit_brings_the_former_set_back(
    settings: Settings,
) -> None:
    """Nothing is removed before every file of the other set was seen to be what it was."""
    replacements = stage(settings)
    staged = settings.file("b").path.parent / ".ops_console" / ID / "staged" / "b.sqlite3"
    killed_after_the_commit(settings)
    staged.write_bytes(staged.read_bytes()[:-1] + b"\1")
    assert replacements
    (recovered,) = recover(settings)
    assert recovered.outcome == "undone"
    assert state(settings) == "old"


KILLED = """
import os, sys
from pathlib import Path
import core.promote.engine as engine
from core.base.config.models import Settings
settings = Settings.model_validate_json(Path(sys.argv[1]).read_bytes())
engine.make_live = lambda *_: os._exit(9)
engine.promote(settings, sys.argv[2],
               [engine.Replacement(name=file.name, live=file.path) for file in settings.files],
               engine.fingerprint_of(settings))
"""


def killed_after_the_commit(settings: Settings) -> None:
    configuration = settings.app / "settings.json"
    configuration.write_text(settings.model_dump_json(), encoding="utf-8")
    done = subprocess.run([sys.executable, "-c", KILLED, configuration, ID], check=False)
    assert done.returncode == 9
    assert not is_whole(settings)


def test_both_sets_damaged_is_told_and_nothing_is_moved(settings: Settings) -> None:
    stage(settings)
    killed_after_the_commit(settings)
    area = settings.file("b").path.parent / ".ops_console" / ID
    for side in ("staged", "parked"):
        path = area / side / "b.sqlite3"
        path.write_bytes(path.read_bytes()[:-1] + b"\1")
    before = sorted(str(path) for path in settings.app.rglob("*"))
    with pytest.raises(OperationError) as raised:
        recover(settings)
    assert "b.sqlite3" in str(raised.value.happened)
    assert sorted(str(path) for path in settings.app.rglob("*")) == before
    assert not is_whole(settings)


def test_the_parked_set_survives_whatever_becomes_of_the_swap(settings: Settings) -> None:
    parked = promote(settings, ID, stage(settings), fingerprint_of(settings))
    assert list_parked(settings) == (parked,)
    assert all(Path(path).is_file() for path in parked.files.values())
