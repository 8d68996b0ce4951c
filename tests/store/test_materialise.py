"""Writing restore points out: from the store alone, or from a file that is much the same."""

from __future__ import annotations

import random
import sqlite3
from pathlib import Path

import pytest

from core.backup.create import create_restore_point
from core.backup.materialise import REUSES, materialise_all
from core.backup.models import ListedPoint, Reason
from core.backup.store import Store
from core.base.config.models import Settings
from core.base.operation import Cancelled, Context, Progress

NAME = "market_data"


def grow(settings: Settings) -> Path:
    """Make the candles larger than what threads work on at a time; return where they lie."""
    path = settings.file(NAME).path
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE noise (id INTEGER PRIMARY KEY, x BLOB)")
    numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)"
    connection.execute(f"INSERT INTO noise {numbers} SELECT i, randomblob(1000) FROM n")
    connection.commit()
    connection.close()
    return path


@pytest.fixture
def saved(settings: Settings) -> tuple[ListedPoint, bytes, Path]:
    live = grow(settings)
    point = create_restore_point(Context(), settings, Reason.MANUAL)
    return Store(settings.store).get(point.id), live.read_bytes(), live


def written(settings: Settings, listed: ListedPoint, place: Path, alike: Path | None) -> bytes:
    others = {NAME: alike} if alike is not None else None
    materialise_all(Context(), settings.store, listed, {NAME: place}, others)
    content = place.read_bytes()
    place.unlink()
    return content


def test_from_the_store_alone(settings: Settings, saved: tuple[ListedPoint, bytes, Path]) -> None:
    listed, content, _ = saved
    assert written(settings, listed, settings.app / "out", None) == content


@pytest.mark.parametrize("change", ["same", "scattered", "longer", "shorter", "empty", "other"])
def test_whatever_became_of_the_file_that_is_copied(
    settings: Settings, saved: tuple[ListedPoint, bytes, Path], change: str
) -> None:
    listed, content, _ = saved
    dice = random.Random(change)
    now = bytearray(content)
    if change == "scattered":
        for _ in range(40):
            now[dice.randrange(len(now))] ^= 0x55
    elif change == "longer":
        now += dice.randbytes(300_000)
    elif change == "shorter":
        del now[-700_001:]
    elif change == "empty":
        now.clear()
    elif change == "other":
        now = bytearray(dice.randbytes(len(now)))
    other = settings.app / "other"
    other.write_bytes(now)
    assert written(settings, listed, settings.app / "out", other) == content
    assert other.read_bytes() == bytes(now), "it is only read"


@pytest.mark.skipif(not REUSES, reason="the system copies nothing by itself")
def test_what_is_the_same_is_not_decoded(
    settings: Settings, saved: tuple[ListedPoint, bytes, Path]
) -> None:
    listed, content, live = saved
    for pack in (settings.store / "packs").glob("*.pack"):
        damaged = bytearray(pack.read_bytes())
        damaged[len(damaged) // 2 : len(damaged) // 2 + 400_000] = bytes(400_000)
        # The directory and the index lie at the end.
        pack.chmod(0o600)
        pack.write_bytes(damaged)
    assert written(settings, listed, settings.app / "out", live) == content


def test_cancelled_nothing_is_left(
    settings: Settings, saved: tuple[ListedPoint, bytes, Path]
) -> None:
    listed, _, live = saved

    class Cancelling(Context):
        def on_progress(self, progress: Progress) -> None:
            self.cancel()

    with pytest.raises(Cancelled):
        materialise_all(
            Cancelling(), settings.store, listed, {NAME: settings.app / "out"}, {NAME: live}
        )
    assert not (settings.app / "out").exists()
