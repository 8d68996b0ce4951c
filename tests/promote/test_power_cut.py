"""Whatever a power cut leaves on the disk, recovery makes one of the two sets of it.

A model of a disk: everything that a promote does to folders is recorded, with every fsync.  A
change of a folder is certain once the folder was synced after it; until then a power cut may
leave it or not, in any combination.  Content counts as there: files are synced before they are
named, which `test_content_is_synced_before_it_is_named` holds.
"""

from __future__ import annotations

import itertools
import os
import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from core.base.config.models import Settings
from core.base.folders import AREA
from core.base.operation import Context
from core.promote.condition import discard_parked, is_whole, list_parked
from core.promote.engine import fingerprint_of, promote, promote_parked
from core.promote.recovery import recover
from core.switchover.keep import keep_all
from tests.promote.conftest import ID, configured, make_set, stage, state

COMBINATIONS = int(os.environ.get("OPS_CONSOLE_TEST_SCALE", "1")) * 4
"""For each instant; all of them where there are fewer."""


class Change(NamedTuple):
    """One change of a folder, or one fsync."""

    call: str
    path: str
    other: str | None = None
    content: bytes | None = None
    """Of a file that was written and then renamed to its name."""


@contextmanager
def recorded(root: Path) -> Iterator[list[Change]]:
    """Record what is done to folders and names below *root*, relative to it."""
    log: list[Change] = []
    reals: dict[str, Callable[..., object]] = {
        name: getattr(os, name)
        for name in ("mkdir", "rmdir", "unlink", "link", "replace", "rename", "fsync")
    }

    def inside(path: object) -> str:
        return os.path.relpath(os.fspath(str(path)), root)

    def wrap(name: str) -> Callable[..., object]:
        def call(*arguments: object, **keywords: object) -> object:
            content = None
            if name in {"replace", "rename"}:
                content = Path(str(arguments[0])).read_bytes()
            place = ""
            if name == "fsync":
                place = Path(f"/proc/self/fd/{arguments[0]}").readlink()
            made = reals[name](*arguments, **keywords)
            if name == "fsync":
                log.append(Change("fsync", inside(place)))
            elif name in {"link", "replace", "rename"}:
                log.append(Change(name, inside(arguments[0]), inside(arguments[1]), content))
            else:
                log.append(Change(name, inside(arguments[0])))
            return made

        return call

    for name in reals:
        setattr(os, name, wrap(name))
    try:
        yield log
    finally:
        for name, real in reals.items():
            setattr(os, name, real)


def uncertain(log: list[Change], instant: int) -> list[int]:
    """Return which of the first *instant* changes are not certain to be on the disk."""
    found = []
    for number, change in enumerate(log[:instant]):
        if change.call == "fsync":
            continue
        # A second name changes the folder of that name alone.
        names = (change.other,) if change.call == "link" else (change.path, change.other)
        folders = {str(Path(name).parent) for name in names if name}
        synced = {later.path for later in log[number + 1 : instant] if later.call == "fsync"}
        if not folders <= synced:
            found.append(number)
    return found


def survivals(open_ones: list[int], instant: int) -> Iterator[set[int]]:
    """Yield the sets of changes that a power cut may have lost."""
    everything = 2 ** len(open_ones)
    if everything <= COMBINATIONS:
        for kept in itertools.product((False, True), repeat=len(open_ones)):
            yield {one for one, keep in zip(open_ones, kept, strict=True) if not keep}
        return
    dice = random.Random(instant)
    yield set()
    yield set(open_ones)
    for _ in range(COMBINATIONS - 2):
        yield {one for one in open_ones if dice.random() < 0.5}


def replay(log: list[Change], instant: int, lost: set[int], root: Path) -> None:
    """Do the first *instant* changes below *root*, without what was *lost*.

    What cannot be done because something before it was lost is lost, too.
    """
    for number, change in enumerate(log[:instant]):
        if number in lost or change.call == "fsync":
            continue
        path = root / change.path
        try:
            match change.call:
                case "mkdir":
                    path.mkdir(mode=0o700)
                case "rmdir":
                    path.rmdir()
                case "unlink":
                    path.unlink()
                case "link":
                    (root / str(change.other)).hardlink_to(path)
                case _:
                    if path.exists():
                        path.replace(root / str(change.other))
                    else:  # written and renamed in one go
                        (root / str(change.other)).write_bytes(change.content or b"")
        except OSError:
            continue


def prepared(root: Path) -> Settings:
    root.mkdir()
    settings = make_set(root)
    stage(settings)
    return settings


def promoted(settings: Settings) -> None:
    promote(settings, ID, _replacements(settings), fingerprint_of(settings))


def put_back(settings: Settings) -> None:
    promoted(settings)
    (parked,) = list_parked(settings)
    promote_parked(settings, parked, "promote-2", fingerprint_of(settings))


def discarded(settings: Settings) -> None:
    promoted(settings)
    discard_parked(settings, ID)


def _replacements(settings: Settings) -> list[object]:
    from core.promote.engine import Replacement

    return [Replacement(name=file.name, live=file.path) for file in settings.files]


@pytest.mark.skipif(os.name != "posix", reason="Windows syncs no folders: it journals its names")
@pytest.mark.parametrize("act", [promoted, put_back, discarded])
def test_every_state_that_a_power_cut_allows_is_recovered(
    tmp_path: Path, act: Callable[[Settings], None]
) -> None:
    # The place has the same path at every replay, because the records hold paths.
    root, model = tmp_path / "place", tmp_path / "model"
    settings = prepared(root)
    shutil.copytree(root, model)
    with recorded(root) as log:
        act(settings)
    assert state(settings) in {"old", "new"}
    shutil.rmtree(root)
    seen: set[str] = set()
    tried = 0
    for instant in range(len(log) + 1):
        for lost in survivals(uncertain(log, instant), instant):
            shutil.copytree(model, root)
            replay(log, instant, lost, root)
            settings = configured(root)
            recover(settings)
            assert is_whole(settings)
            seen.add(state(settings))
            assert recover(settings) == ()
            waiting = list_parked(settings)
            assert all(not one.missing for one in waiting), (instant, lost)
            areas = [path for path in root.rglob(AREA) if any(path.iterdir())]
            assert bool(areas) == bool(waiting), (instant, lost)
            shutil.rmtree(root)
            tried += 1
    assert seen == {"old", "new"}
    assert tried > len(log) > 60


@pytest.mark.skipif(os.name != "posix", reason="Windows syncs no folders: it journals its names")
def test_content_is_synced_before_it_is_named(tmp_path: Path) -> None:
    settings = prepared(tmp_path / "place")
    with recorded(settings.app) as log:
        promoted(settings)
    for number, change in enumerate(log):
        if change.call in {"replace", "rename"}:
            assert Change("fsync", change.path) in log[:number], change


@pytest.mark.skipif(os.name != "posix", reason="Windows syncs no folders: it journals its names")
def test_what_is_staged_is_durable_before_a_live_name_goes(tmp_path: Path) -> None:
    settings = prepared(tmp_path / "place")
    with recorded(settings.app) as log:
        promoted(settings)
    lives = {os.path.relpath(file.path, settings.app) for file in settings.files}
    first = next(
        number
        for number, one in enumerate(log)
        if one.call in {"unlink", "replace"} and one.path in lives
    )
    synced = {one.path for one in log[:first] if one.call == "fsync"}
    for file in settings.files:
        staged = file.path.parent / AREA / ID / "staged"
        assert os.path.relpath(staged, settings.app) in synced
        assert os.path.relpath(staged / file.path.name, settings.app) in synced


def test_the_folders_that_are_made_are_private(settings: Settings) -> None:
    promote(settings, ID, stage(settings), fingerprint_of(settings))
    for folder in (settings.file("a").path.parent / ".ops_console").rglob("*"):
        if folder.is_dir():
            assert folder.stat().st_mode & 0o777 == 0o700 or os.name == "nt"
    assert settings.home.stat().st_mode & 0o777 == 0o700 or os.name == "nt"
    keep_all(Context(), settings)
