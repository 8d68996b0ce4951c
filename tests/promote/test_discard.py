"""What was parked is let go once it is safe elsewhere: nothing is made of what is left of it."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from core.backup.store import Store
from core.base.config.models import Settings
from core.base.folders import AREA
from core.base.operation import Context
from core.promote.condition import discard_parked, list_parked
from core.promote.engine import fingerprint_of, promote, promote_parked
from core.promote.recovery import recover
from core.switchover.keep import keep, keep_all
from tests.promote.conftest import ID, make_set, stage, state
from tests.promote.dying import die_at


def test_sigkill_at_every_step_of_the_removal_makes_no_restore_point_of_the_rest(
    tmp_path: Path,
) -> None:
    step = 0
    while True:
        root = tmp_path / str(step)
        root.mkdir()
        settings = make_set(root)
        promote(settings, ID, stage(settings), fingerprint_of(settings))
        died = die_at(settings, step, "discard", ID)
        waiting = {one.id: one for one in list_parked(settings)}
        assert not waiting or not waiting[ID].missing, "it is whole, or it is none any more"
        recover(settings)
        assert state(settings) == "new"
        if not waiting:
            assert not (settings.file("a").path.parent / AREA).exists()
            assert not any((settings.home / "promote").iterdir())
        recover(settings)
        if not died:
            assert step > 10
            return
        step += 1


def test_a_parked_set_of_which_something_is_gone_becomes_no_restore_point(
    settings: Settings,
) -> None:
    parked = promote(settings, ID, stage(settings), fingerprint_of(settings))
    Path(f"{parked.files['a']}-wal").unlink()
    (kept,) = keep_all(Context(), settings)
    assert kept.point_id is None and kept.warning is not None
    assert "a" in str(kept.warning)
    assert not Store(settings.store).listed()
    assert parked.files["b"].is_file(), "what there is stays"
    recover(settings)
    assert parked.files["b"].is_file()


def test_rows_that_somebody_wrote_into_the_parked_set_are_kept_and_told(
    settings: Settings,
) -> None:
    parked = promote(settings, ID, stage(settings), fingerprint_of(settings))
    connection = sqlite3.connect(parked.files["a"])
    connection.execute("CREATE TABLE late (x)")
    connection.commit()
    connection.close()
    kept = keep(Context(), settings, list_parked(settings)[0])
    assert kept.warning is not None and "a" in str(kept.warning)
    assert kept.point_id is not None and kept.point_id in str(kept.warning)
    point = Store(settings.store).get(kept.point_id).point
    facts = point.file("a").database
    assert facts is not None and "late" in {table.name for table in facts.tables}
    assert list_parked(settings) == ()


OPEN = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
connection.execute("SELECT count(*) FROM log").fetchone()
print("open", flush=True)
input()
connection.execute("INSERT INTO log (number, text) VALUES (999, 'late')")
connection.commit()
print("written", flush=True)
input()
"""


def test_a_parked_set_that_somebody_has_open_is_not_let_go(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.promote.locks.PATIENCE_SECONDS", 0.1)
    parked = promote(settings, ID, stage(settings), fingerprint_of(settings))
    columns = sqlite3.connect(parked.files["a"]).execute("PRAGMA table_info(log)").fetchall()
    names = ", ".join(str(column[1]) for column in columns[:2])
    code = OPEN.replace("number, text", names)
    other = subprocess.Popen(
        [sys.executable, "-c", code, parked.files["a"]],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8",
    )  # fmt: skip
    assert other.stdin is not None and other.stdout is not None
    assert other.stdout.readline() == "open\n"
    kept = keep(Context(), settings, list_parked(settings)[0])
    assert kept.point_id is None and kept.warning is not None
    assert os.name == "nt" or str(other.pid) in str(kept.warning)
    other.stdin.write("\n")
    other.stdin.flush()
    assert other.stdout.readline() == "written\n"
    other.communicate("\n")
    (again,) = keep_all(Context(), settings)
    assert again.point_id is not None and again.warning is not None
    rows = Store(settings.store).get(again.point_id).point.file("a").database
    assert rows is not None and {table.name: table.rows for table in rows.tables}["log"] == 31


@pytest.mark.parametrize("call", ["unlink", "replace"])
def test_what_was_put_back_is_no_former_state_any_more(settings: Settings, call: str) -> None:
    """Its files are the live ones: to read them from where they were parked would be wrong."""
    parked = promote(settings, ID, stage(settings), fingerprint_of(settings))
    real = getattr(os, call)

    def broken(path: os.PathLike[str], *others: object, **keywords: int) -> None:
        # Neither its files nor its record can be changed.
        if ID in str(path):
            raise OSError(5, "Input/output error", str(path))
        real(path, *others, **keywords)

    setattr(os, call, broken)
    try:
        promote_parked(settings, parked, "promote-2", fingerprint_of(settings))
    finally:
        setattr(os, call, real)
    assert [one.id for one in list_parked(settings)] == ["promote-2"]
    recover(settings)
    assert [one.id for one in list_parked(settings)] == ["promote-2"]
    assert state(settings) == "old"
    discard_parked(settings, "promote-2")
    assert not (settings.file("a").path.parent / AREA).exists()


def test_what_was_put_back_is_no_former_state_before_it_was_let_go(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where the console dies between the two: a restore point of it would be one of now."""

    def died(_settings: Settings, promote_id: str) -> None:
        raise OSError(5, "Input/output error", promote_id)

    parked = promote(settings, ID, stage(settings), fingerprint_of(settings))
    with monkeypatch.context() as broken:
        broken.setattr("core.promote.engine.discard_parked", died)
        promote_parked(settings, parked, "promote-2", fingerprint_of(settings))
    assert [one.id for one in list_parked(settings)] == ["promote-2"]
    recover(settings)
    assert [one.id for one in list_parked(settings)] == ["promote-2"]
    assert state(settings) == "old"


def test_no_warning_about_a_replaced_set_hides_another(settings: Settings) -> None:
    parked = promote(settings, ID, stage(settings), fingerprint_of(settings))
    connection = sqlite3.connect(parked.files["a"])
    connection.execute("CREATE TABLE late (x)")
    connection.commit()
    connection.close()
    stray = settings.app / "data" / "stray.sqlite3"
    (waiting,) = list_parked(settings)
    kept = keep(Context(), settings, waiting.model_copy(update={"strays": (stray,)}))
    assert "Somebody wrote to a" in str(kept.warning)
    assert str(stray) in str(kept.warning)
