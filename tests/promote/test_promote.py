"""Promote: all of them or none, whatever dies when."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from core.base.config.models import Settings
from core.base.operation import OperationError
from core.promote.condition import discard_parked, is_whole, list_parked
from core.promote.engine import fingerprint, fingerprint_of, promote, promote_parked, staging_folder
from core.promote.intent import AREA
from core.promote.recovery import recover
from tests.promote.conftest import ID, NAMES, make, make_set, stage, state
from tests.promote.dying import die_at
from tests.writer import create, write

SCALE = int(os.environ.get("OPS_CONSOLE_TEST_SCALE", "1"))


def test_the_staged_set_becomes_live_and_the_former_is_parked_whole(settings: Settings) -> None:
    lives = [file.path for file in settings.files]
    parked = promote(settings, ID, stage(settings), fingerprint(lives))
    assert state(settings) == "new"
    rows = sqlite3.connect(parked.files["a"]).execute("SELECT count(*) FROM log").fetchone()
    assert rows == (30,), "rows that lay only in the -wal are in the parked set"
    assert list_parked(settings) == (parked,)


def test_hazard_a_stale_wal_never_survives_beside_a_promoted_file(settings: Settings) -> None:
    promote(settings, ID, stage(settings), fingerprint_of(settings))
    for name in NAMES:
        for suffix in ("-wal", "-shm", "-journal"):
            assert not Path(f"{settings.file(name).path}{suffix}").exists()
    assert state(settings) == "new"


def test_failure_4_the_parked_set_goes_back_byte_for_byte(settings: Settings) -> None:
    family = [Path(f"{settings.file(n).path}{s}") for n in NAMES for s in ("", "-wal")]
    before = {path: path.read_bytes() for path in family}
    parked = promote(settings, ID, stage(settings), fingerprint_of(settings))
    promote_parked(settings, parked, "promote-2", fingerprint_of(settings))
    assert {path: path.read_bytes() for path in family} == before
    assert [one.id for one in list_parked(settings)] == ["promote-2"]
    discard_parked(settings, "promote-2")
    assert state(settings) == "old"
    assert not (settings.file("a").path.parent / AREA).exists()


def test_failure_8_refuses_while_another_process_holds_a_file(settings: Settings) -> None:
    replacements = stage(settings)
    code = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); "
        "c.execute('SELECT * FROM log').fetchone(); print('open', flush=True); input()"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", code, settings.file("b").path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    assert other.stdout and other.stdout.readline() == "open\n"
    try:
        with pytest.raises(OperationError, match="open" if os.name == "nt" else str(other.pid)):
            promote(settings, ID, replacements, fingerprint_of(settings))
    finally:
        other.communicate("\n")
    assert state(settings) == "old"


def test_refuses_when_the_live_files_changed_since_they_were_saved(settings: Settings) -> None:
    replacements = stage(settings)
    expected = fingerprint_of(settings)
    database = create(settings.file("a").path, "wal")
    write(database, 31)
    database.close()
    with pytest.raises(OperationError, match="changed"):
        promote(settings, ID, replacements, expected)


def test_failure_9_a_missing_staged_file_is_refused_before_anything_moves(
    settings: Settings,
) -> None:
    replacements = stage(settings)
    (staging_folder(settings.file("b").path, ID) / "b.sqlite3").unlink()
    with pytest.raises(OperationError, match="not there"):
        promote(settings, ID, replacements, fingerprint_of(settings))
    assert state(settings) == "old"


def reset(settings: Settings) -> None:
    for file in settings.files:
        for suffix in ("", "-wal", "-shm"):
            Path(f"{file.path}{suffix}").unlink(missing_ok=True)
        if file.kind == "paired":
            file.path.write_text("old", encoding="utf-8")
        else:
            make(file.path, 30)
    for parked in list_parked(settings):
        discard_parked(settings, parked.id)


def test_sigkill_at_every_step_of_promote_is_recovered_to_old_or_new(settings: Settings) -> None:
    outcomes = set()
    step = 0
    while True:
        stage(settings)
        died = die_at(settings, step, "promote", ID)
        if not died:
            break
        recovered = recover(settings)
        outcome = state(settings)
        if recovered:
            assert recovered[0].outcome == {"old": "undone", "new": "finished"}[outcome]
        outcomes.add(outcome)
        assert recover(settings) == ()
        reset(settings)
        step += 1
    assert outcomes == {"old", "new"}
    assert step > 20


@pytest.mark.parametrize("first", [12, 24, 36])
def test_sigkill_in_every_step_of_recovery_is_recovered_too(settings: Settings, first: int) -> None:
    step = 0
    while True:
        stage(settings)
        assert die_at(settings, first, "promote", ID)
        if not die_at(settings, step, "recover", ID):
            break
        recover(settings)
        state(settings)
        reset(settings)
        step += 1


def killed_at(root: Path, step: int) -> Settings:
    """Return a set in *root*, made anew, whose promote died before its change number *step*."""
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir()
    settings = make_set(root)
    stage(settings)
    assert die_at(settings, step, "promote", ID)
    return settings


def test_no_main_file_has_its_name_before_its_wal_whatever_dies(tmp_path: Path) -> None:
    """SQLite would open it without the rows in the -wal, and begin a new one."""
    root = tmp_path / "root"
    first = 0
    while not all(file.path.is_dir() for file in killed_at(root, first).files):
        first += 1  # until all names are free and nothing is committed
    step, died = 0, True
    while died:
        settings = killed_at(root, first)
        died = die_at(settings, step, "recover", ID)
        for name in NAMES:
            live = settings.file(name).path
            assert not live.is_file() or Path(f"{live}-wal").is_file(), f"{name}, step {step}"
        recover(settings)
        assert state(settings) == "old"
        step += 1
    assert step > 10


def test_a_database_that_appeared_meanwhile_is_kept_aside(settings: Settings) -> None:
    stage(settings)
    step = 0
    while settings.file("a").path.exists():
        assert die_at(settings, step, "promote", ID)
        if settings.file("a").path.exists():
            recover(settings)
            stage(settings)
        step += 1
    stray = sqlite3.connect(settings.file("a").path)
    stray.execute("CREATE TABLE fresh (x)")
    stray.commit()
    stray.close()
    for file in settings.files:
        if file.path.is_dir():
            file.path.rmdir()
    assert not is_whole(settings), "whoever makes a file of the name does not make the set whole"
    (recovery,) = recover(settings)
    assert state(settings) in {"old", "new"}
    (kept,) = recovery.stray
    assert kept in str(recovery.what), "whoever made it is told where it is"
    assert sqlite3.connect(kept).execute("SELECT name FROM sqlite_schema").fetchone() == ("fresh",)


@pytest.mark.parametrize("number", [28, 5, 13])
def test_an_error_of_the_system_leaves_the_live_files_as_they_were(
    settings: Settings, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    replacements = stage(settings)
    real = Path.hardlink_to

    def failing(target: Path, source: Path) -> None:
        if source == settings.file("b").path:
            raise OSError(number, os.strerror(number))
        real(target, source)

    monkeypatch.setattr(Path, "hardlink_to", failing)
    with pytest.raises(OperationError):
        promote(settings, ID, replacements, fingerprint_of(settings))
    monkeypatch.undo()
    assert recover(settings) == ()
    assert state(settings) == "old"


def test_a_hostile_intent_is_set_aside_and_moves_nothing(settings: Settings) -> None:
    folder = settings.home / "promote"
    folder.mkdir(parents=True)
    (folder / "promote-1.json").write_text(
        '{"id": "promote-1", "begun": "2026-01-01T00:00:00Z", "state": "committed", "members": '
        '[{"name": "x", "live": "/tmp/../etc/passwd", "staged": [""]}]}',
        encoding="utf-8",
    )
    (found,) = recover(settings)
    assert found.outcome == "set_aside"
    assert state(settings) == "old"
    assert recover(settings) == ()


KILLED = """
import sys
from pathlib import Path
from core.base.config.models import Settings
from core.promote.engine import Replacement, fingerprint_of, promote

settings = Settings.model_validate_json(Path(sys.argv[1]).read_bytes())
print("begun", flush=True)
promote(settings, "promote-1",
        [Replacement(name=file.name, live=file.path) for file in settings.files],
        fingerprint_of(settings))
"""


def test_sigkill_at_random_instants_leaves_old_or_new(settings: Settings) -> None:
    instants = random.Random(5)
    configuration = settings.app / "settings.json"
    configuration.write_text(settings.model_dump_json(), encoding="utf-8")
    for _ in range(10 * SCALE):
        stage(settings)
        child = subprocess.Popen(
            [sys.executable, "-c", KILLED, configuration], stdout=subprocess.PIPE, encoding="utf-8"
        )
        assert child.stdout and child.stdout.readline() == "begun\n"
        try:
            child.wait(timeout=instants.uniform(0.0, 0.03))
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        recover(settings)
        assert state(settings) in {"old", "new"}
        reset(settings)
